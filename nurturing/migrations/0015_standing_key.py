"""A standing belongs to a contact by triggers, not by a key that is looked up for every row of an import.

Standings are made by the database itself when contacts come in (0002), so there is nothing to look up; whoever writes one
by hand is asked. A standing goes with its contact.
"""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
CREATE FUNCTION nurturing_standing_has_contact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE missing bigint;
BEGIN
    PERFORM 1 FROM contacts_contact c JOIN added a ON a.contact_id = c.id
      WHERE c.xmin <> pg_current_xact_id()::xid FOR KEY SHARE OF c;
    SELECT a.contact_id INTO missing FROM added a
      LEFT JOIN contacts_contact c ON c.id = a.contact_id WHERE c.id IS NULL LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE foreign_key_violation USING MESSAGE = format('contact %s of a standing is not there', missing);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER nurturing_standing_has_contact AFTER INSERT ON nurturing_standing
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION nurturing_standing_has_contact();

CREATE FUNCTION nurturing_contact_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM nurturing_standing s USING gone g WHERE s.contact_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER nurturing_contact_gone AFTER DELETE ON contacts_contact
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION nurturing_contact_gone();
"""
BACKWARD = """
DROP TRIGGER nurturing_contact_gone ON contacts_contact;
DROP TRIGGER nurturing_standing_has_contact ON nurturing_standing;
DROP FUNCTION nurturing_contact_gone, nurturing_standing_has_contact;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0010_import"), ("nurturing", "0011_flow")]
    operations = [
        migrations.AlterField(
            "standing",
            "contact",
            models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="standing",
                serialize=False,
                to="contacts.contact",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
