import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0006_segment"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("action", models.CharField(help_text="a name in contacts.bulk", max_length=40)),
                ("params", models.JSONField(default=dict)),
                ("selection", models.JSONField(default=dict, help_text="see contacts.queries.selection")),
                ("meant", models.TextField(help_text="who was meant, in words")),
                ("what", models.CharField(help_text="what is done, in words", max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "under way"),
                            ("done", "done"),
                            ("cancelled", "stopped half way"),
                            ("failed", "stopped by an error"),
                            ("undoing", "being undone"),
                            ("undone", "undone"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("total", models.IntegerField(default=0)),
                ("counts", models.JSONField(default=dict, help_text="outcome to number of people")),
                ("undo_counts", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("undo_began_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
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
                "verbose_name": "bulk change",
                "verbose_name_plural": "bulk changes",
            },
        ),
        migrations.CreateModel(
            name="BulkRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "change_id",
                        "contact_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("contact_id", models.BigIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "waits"),
                            ("changed", "changed"),
                            ("same", "was so already"),
                            ("refused", "left out"),
                            ("gone", "no longer in the silo"),
                            ("undone", "taken back"),
                            ("kept", "kept: changed since"),
                        ],
                        db_default="",
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "before",
                    models.JSONField(
                        blank=True,
                        help_text="ids and figures that the undo needs; no personal data",
                        null=True,
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="contacts.bulkchange",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("excel_csv", "CSV that Excel opens by a double click (semicolons)"),
                            ("csv", "CSV with commas"),
                            ("xlsx", "Excel workbook (XLSX)"),
                        ],
                        default="excel_csv",
                        max_length=10,
                        verbose_name="kind of file",
                    ),
                ),
                ("columns", models.JSONField(default=list)),
                ("selection", models.JSONField(default=dict, help_text="see contacts.queries.selection")),
                ("meant", models.TextField(help_text="who was meant, in words")),
                (
                    "language",
                    models.CharField(
                        blank=True, default="", help_text="of the headings and words", max_length=5
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "being written"),
                            ("done", "ready"),
                            ("failed", "stopped by an error"),
                            ("deleted", "deleted"),
                        ],
                        default="running",
                        max_length=8,
                    ),
                ),
                ("total", models.IntegerField(default=0)),
                ("rows", models.IntegerField(default=0)),
                (
                    "file",
                    models.FileField(blank=True, default="", max_length=300, upload_to="exports/%Y/%m/"),
                ),
                ("error", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("delete_at", models.DateTimeField()),
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
                "verbose_name": "export",
                "verbose_name_plural": "exports",
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("asked", models.JSONField(default=dict, help_text="search and filters, field by field")),
                ("order", models.CharField(blank=True, default="", max_length=20)),
                (
                    "columns",
                    models.JSONField(
                        default=list, help_text="names of columns, in their order; empty: the usual ones"
                    ),
                ),
                ("shared", models.BooleanField(default=False, verbose_name="for everybody")),
                ("created_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
            },
        ),
        migrations.CreateModel(
            name="ListLayout",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="list_layout",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("columns", models.JSONField(default=list)),
                (
                    "opens_with",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contacts.savedview",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="bulkchange",
            index=models.Index(fields=["-created_at"], name="bulk_change_newest_first"),
        ),
        migrations.AddIndex(
            model_name="bulkchange",
            index=models.Index(
                condition=models.Q(("state__in", ["running", "undoing"])),
                fields=["id"],
                name="bulk_change_moving",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkrow",
            index=models.Index(fields=["change", "outcome", "contact_id"], name="bulk_row_by_outcome"),
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(
                condition=models.Q(("state", "deleted"), _negated=True),
                fields=["delete_at"],
                name="export_to_delete",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None)),
                fields=("by", "name"),
                name="one_view_of_a_name_per_colleague",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("way_in__in", ["list", "other"]), _negated=True),
                fields=["way_in"],
                name="contact_by_rare_way_in",
            ),
        ),
        migrations.AddIndex(
            model_name="legalground",
            index=models.Index(
                condition=models.Q(("ground__in", ["legitimate_interest", "none"]), _negated=True),
                fields=["ground", "contact"],
                name="ground_by_rare_kind",
            ),
        ),
    ]
