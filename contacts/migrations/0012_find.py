"""Segments are counted over a narrow list of who lives where; nothing asks for people in the order of their moment any more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0011_find")]
    operations = [
        migrations.RemoveIndex(model_name="contact", name="contact_newest_first"),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["country", "id"], name="contact_by_country", condition=models.Q(("erased_at", None))
            ),
        ),
        migrations.RemoveIndex(model_name="legalground", name="ground_by_rare_kind"),
        migrations.AddIndex(
            model_name="legalground",
            index=models.Index(
                fields=["ground", "contact"],
                include=("purpose",),
                name="ground_by_rare_kind",
                condition=models.Q(("ground__in", ["legitimate_interest", "none"]), _negated=True),
            ),
        ),
    ]
