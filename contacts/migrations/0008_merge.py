import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Two spellings of one name or address are alike: accents, å/aa, ä/ae, ö/ø/oe, hyphens and blanks do not count.
FORWARD = """
CREATE FUNCTION silo_alike(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT replace(replace(replace(replace(translate(silo_plain($1), ' -', ''), 'ae', 'a'), 'aa', 'a'), 'oe', 'o'), 'ue', 'u')
$$;
"""
BACKWARD = "DROP FUNCTION silo_alike(text)"


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0007_selection"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.CreateModel(
            name="MergeRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "merging"),
                            ("done", "done"),
                            ("undoing", "being undone"),
                            ("undone", "undone"),
                        ],
                        default="running",
                        max_length=8,
                    ),
                ),
                ("pairs", models.JSONField(default=list, help_text="[first id, second id] of each proposal")),
                ("done", models.IntegerField(default=0, help_text="how many of them were looked at")),
                ("merged", models.IntegerField(default=0)),
                ("left", models.IntegerField(default=0, help_text="no longer safe, or no longer there")),
                ("parted", models.IntegerField(default=0)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "noun",
                    models.CharField(
                        choices=[("contact", "person"), ("company", "company")],
                        default="contact",
                        max_length=7,
                    ),
                ),
                ("kept_id", models.BigIntegerField()),
                ("dropped_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "image",
                    models.JSONField(
                        default=dict,
                        help_text="see contacts.services.image; empty once it is no longer needed",
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merges",
                        to="contacts.mergerun",
                    ),
                ),
                (
                    "undone_by",
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
                "verbose_name": "merge",
                "indexes": [models.Index(fields=["noun", "kept_id"], name="merge_by_kept")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)),
                        fields=("noun", "dropped_id"),
                        name="merged_into_one_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CarriedStop",
            fields=[
                (
                    "suppression",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="contacts.suppression",
                    ),
                ),
                (
                    "merge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stops", to="contacts.merge"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DetailsChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("company_id", models.BigIntegerField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["at"], name="details_change_oldest_first")]},
        ),
        migrations.CreateModel(
            name="DuplicatePair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "signs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("phone", "same phone"),
                                ("name_company", "same name and company"),
                                ("address", "the address in another spelling"),
                            ],
                            max_length=12,
                        ),
                        size=None,
                    ),
                ),
                (
                    "safe",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="nothing that they say contradicts: may be merged in bulk",
                    ),
                ),
                ("found_at", models.DateTimeField()),
                ("dismissed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "dismissed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contacts.contact"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contacts.contact"
                    ),
                ),
            ],
            options={
                "verbose_name": "possible duplicate",
                "indexes": [
                    models.Index(
                        condition=models.Q(("dismissed_at", None)),
                        fields=["-safe", "id"],
                        name="duplicate_to_decide",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="one_proposal_per_pair"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="duplicate_pair_in_order"
                    ),
                ],
            },
        ),
    ]
