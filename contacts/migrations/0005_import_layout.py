import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0004_import_engine"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="ImportLayout",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "fingerprint",
                    models.CharField(
                        help_text="of the header's names, in their order", max_length=64, unique=True
                    ),
                ),
                ("name", models.CharField(help_text="the file in which it was seen last", max_length=255)),
                ("header", models.JSONField(default=list, help_text="the titles of the columns")),
                ("mapping", models.JSONField(default=dict, help_text="column number to field name")),
                (
                    "options",
                    models.JSONField(
                        default=dict, help_text="country, policy per field, ground of the last import"
                    ),
                ),
                ("times", models.IntegerField(default=1, help_text="how many imports had it")),
                ("used_at", models.DateTimeField()),
                (
                    "used_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "known layout",
                "verbose_name_plural": "known layouts",
                "ordering": ["-used_at"],
            },
        ),
    ]
