"""Two questions of an import made cheaper: who can be known by a number alone, and whose ground it is.

Grounds of people who came in by the same transaction are recognised in one pass; only others are locked and looked for.
"""

from django.db import migrations, models

FORWARD = r"""
CREATE OR REPLACE FUNCTION contacts_ground_has_contact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE missing bigint;
BEGIN
    PERFORM 1 FROM added a LEFT JOIN contacts_contact c ON c.id = a.contact_id
      WHERE c.id IS NULL OR c.xmin <> pg_current_xact_id()::xid LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM contacts_contact c JOIN added a ON a.contact_id = c.id
      WHERE c.xmin <> pg_current_xact_id()::xid FOR KEY SHARE OF c;
    SELECT a.contact_id INTO missing FROM added a
      LEFT JOIN contacts_contact c ON c.id = a.contact_id WHERE c.id IS NULL LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE foreign_key_violation USING MESSAGE = format('contact %s of a legal ground is not there', missing);
    END IF;
    RETURN NULL;
END $$;
"""
BACKWARD = r"""
CREATE OR REPLACE FUNCTION contacts_ground_has_contact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE missing bigint;
BEGIN
    PERFORM 1 FROM contacts_contact c JOIN added a ON a.contact_id = c.id
      WHERE c.xmin <> pg_current_xact_id()::xid FOR KEY SHARE OF c;
    SELECT a.contact_id INTO missing FROM added a
      LEFT JOIN contacts_contact c ON c.id = a.contact_id WHERE c.id IS NULL LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE foreign_key_violation USING MESSAGE = format('contact %s of a legal ground is not there', missing);
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0012_find")]
    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["phone"],
                name="contact_no_address_by_phone",
                condition=models.Q(("email", None), models.Q(("phone", ""), _negated=True)),
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
