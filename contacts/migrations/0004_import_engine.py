"""Room for a million rows at a time: what an import keeps, and no look-up or index that a row pays for in vain.

A foreign key of PostgreSQL asks for every row by itself (17 µs a row and key, measured: three of them cost an import
more than all its indexes). Where a million rows arrive in one statement the same promise is kept by statement
triggers, which ask once: nobody gets a ground who is not there, and what hangs on a contact goes with the contact.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = r"""
-- As a foreign key does: a ground for somebody who is not in the silo is an error. One question for all rows of a statement.
-- People of this very transaction need no lock, because nobody else sees them yet.
CREATE FUNCTION contacts_ground_has_contact() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER contacts_ground_has_contact AFTER INSERT ON contacts_legalground
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION contacts_ground_has_contact();

CREATE FUNCTION contacts_contact_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contacts_contactsearch s USING gone g WHERE s.contact_id = g.id;
    DELETE FROM contacts_legalground l USING gone g WHERE l.contact_id = g.id;
    UPDATE contacts_importrow r SET contact_id = NULL FROM gone g WHERE r.contact_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER contacts_contact_gone AFTER DELETE ON contacts_contact
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contacts_contact_gone();
"""
BACKWARD = """
DROP TRIGGER contacts_contact_gone ON contacts_contact;
DROP TRIGGER contacts_ground_has_contact ON contacts_legalground;
DROP FUNCTION contacts_contact_gone, contacts_ground_has_contact;
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("contacts", "0003_custom_field"),
    ]
    operations = [
        migrations.AlterField(
            "importbatch",
            "state",
            models.CharField(
                choices=[
                    ("uploaded", "uploaded"),
                    ("checked", "checked, nothing written yet"),
                    ("running", "coming in"),
                    ("paused", "paused"),
                    ("done", "in the silo"),
                    ("failed", "stopped by an error"),
                    ("cancelled", "cancelled"),
                    ("undoing", "being undone"),
                    ("undone", "undone"),
                ],
                default="uploaded",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "importbatch",
            "progress",
            models.JSONField(
                blank=True,
                default=dict,
                help_text='how far the work in hand is: {"phase", "done", "of", "since", "from"}',
            ),
        ),
        migrations.CreateModel(
            name="ImportCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField(help_text="1 for the first corrected file of an import")),
                ("name", models.CharField(max_length=255)),
                ("file", models.FileField(max_length=300, upload_to="imports/%Y/%m/")),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("reading", models.JSONField(default=dict)),
                ("mapping", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("counts", models.JSONField(default=dict)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="contacts.importbatch",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "correction of an import",
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "number"), name="one_correction_per_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportCompany",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "company_id",
                    models.BigIntegerField(help_text="no foreign key: the company may be merged or removed"),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="companies_made",
                        to="contacts.importbatch",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "company_id"), name="one_maker_per_company")
                ],
            },
        ),
        migrations.AlterField(
            "importrow",
            "batch",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="import_rows",
                to="contacts.importbatch",
            ),
        ),
        migrations.AlterField(
            "importrow",
            "contact",
            models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="contacts.contact",
            ),
        ),
        migrations.AlterField(
            "contactsearch",
            "contact",
            models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="search",
                serialize=False,
                to="contacts.contact",
            ),
        ),
        migrations.AlterField(
            "contact",
            "company",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contacts",
                to="contacts.company",
            ),
        ),
        migrations.AlterField(
            "contact",
            "owner",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "legalground",
            "contact",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="grounds",
                to="contacts.contact",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
