"""Law: grounds per purpose with their history, erasures, retention, and an audit log that only grows."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = r"""
-- What a ground was before somebody changed it. A statement trigger, so that no way of writing can forget it,
-- and so that an import's inserts pay nothing.
CREATE FUNCTION contacts_ground_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contacts_formerground (contact_id, purpose, ground, at, source, wording, ip, batch_id, by_id, until)
    SELECT o.contact_id, o.purpose, o.ground, o.at, o.source, o.wording, o.ip, o.batch_id, o.by_id, now()
      FROM was o JOIN changed n ON n.id = o.id
     WHERE (n.contact_id, n.purpose, n.ground, n.at, n.source, n.wording, n.ip)
           IS DISTINCT FROM (o.contact_id, o.purpose, o.ground, o.at, o.source, o.wording, o.ip);
    RETURN NULL;
END $$;
CREATE TRIGGER contacts_ground_changed AFTER UPDATE ON contacts_legalground
    REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contacts_ground_changed();

-- The audit log only grows. A colleague's account may be removed (by_id becomes null), nothing else changes.
CREATE FUNCTION contacts_audit_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('silo.audit_retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.by_id IS NULL
       AND (NEW.id, NEW.at, NEW.verb, NEW.contact_id, NEW.object_type, NEW.object_id, NEW.detail)
           IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.verb, OLD.contact_id, OLD.object_type, OLD.object_id, OLD.detail) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The audit log is append-only.' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER contacts_audit_stands BEFORE UPDATE OR DELETE ON contacts_auditevent
    FOR EACH ROW EXECUTE FUNCTION contacts_audit_stands();

-- The retention rule's own way: lines older than a moment go, at most so many at a time.
CREATE FUNCTION silo_audit_forget(before timestamptz, most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    gone integer;
BEGIN
    PERFORM set_config('silo.audit_retention', 'on', true);
    DELETE FROM contacts_auditevent WHERE id IN
        (SELECT id FROM contacts_auditevent WHERE at < before ORDER BY at LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('silo.audit_retention', 'off', true);
    RETURN gone;
END $$;
"""
BACKWARD = """
DROP FUNCTION silo_audit_forget;
DROP TRIGGER contacts_audit_stands ON contacts_auditevent;
DROP FUNCTION contacts_audit_stands;
DROP TRIGGER contacts_ground_changed ON contacts_legalground;
DROP FUNCTION contacts_ground_changed;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0008_merge"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="BalancingText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="balancing text")),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "balancing text",
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contact_id",
                    models.BigIntegerField(help_text="no foreign key: outlives every row"),
                ),
                (
                    "made_at",
                    models.DateTimeField(
                        help_text="created_at of the contact: tells it from another with its number"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("person", "the person asked for it"),
                            ("colleague", "a colleague did it"),
                            ("retention", "a retention rule"),
                            ("unconfirmed", "never confirmed their address"),
                            ("restored", "erased again after a backup was restored"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "hashes",
                    models.JSONField(default=list, help_text="keyed hashes of their addresses and number"),
                ),
            ],
            options={
                "verbose_name": "erasure",
            },
        ),
        migrations.CreateModel(
            name="FormerGround",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("marketing", "news and offers"),
                            ("invitation", "invitations to events"),
                            ("service", "information to customers"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("consent", "consent"),
                            ("existing_customer", "existing customer, similar goods"),
                            ("role_address", "role address of a company"),
                            ("legitimate_interest", "legitimate interest (person in a company role)"),
                            ("none", "none: stored, never written to"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("source", models.CharField(blank=True, default="", max_length=200)),
                ("wording", models.TextField(blank=True, default="")),
                ("ip", models.CharField(blank=True, default="", max_length=45)),
                ("batch_id", models.BigIntegerField(blank=True, null=True)),
                ("until", models.DateTimeField(help_text="when it was replaced")),
            ],
            options={
                "verbose_name": "former ground",
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=30, unique=True)),
                (
                    "days",
                    models.PositiveIntegerField(help_text="how long things are kept", verbose_name="days"),
                ),
                ("on_since", models.DateTimeField(blank=True, null=True)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "retention rule",
            },
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=30)),
                ("at", models.DateTimeField()),
                ("days", models.PositiveIntegerField()),
                ("count", models.PositiveIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="legalground",
            name="by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="the colleague who stored it; nobody when the person themselves or an import did",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="suppression",
            name="lift_reason",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="the documented request of the person whose own stop it was",
                max_length=300,
            ),
        ),
        migrations.AlterField(
            model_name="legalground",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("marketing", "news and offers"),
                    ("invitation", "invitations to events"),
                    ("service", "information to customers"),
                ],
                db_default="marketing",
                default="marketing",
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["by", "-at"], name="audit_by_colleague"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["verb", "-at"], name="audit_by_verb"),
        ),
        migrations.AddField(
            model_name="balancingtext",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="erasure",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="formerground",
            name="by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="formerground",
            name="contact",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="former_grounds",
                to="contacts.contact",
            ),
        ),
        migrations.AddField(
            model_name="retentionrule",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="retentionrun",
            index=models.Index(fields=["kind", "-at"], name="retention_run_by_kind"),
        ),
        migrations.AddIndex(
            model_name="erasure",
            index=models.Index(fields=["-at", "-id"], name="erasure_newest_first"),
        ),
        migrations.AddIndex(
            model_name="formerground",
            index=models.Index(fields=["contact", "-until"], name="former_ground_by_contact"),
        ),
        migrations.AddConstraint(
            model_name="erasure",
            constraint=models.UniqueConstraint(
                fields=("contact_id", "made_at"), name="a_contact_is_erased_once"
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
