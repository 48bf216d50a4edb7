"""Two indexes by which segments count who was written to, and who did what, without looking at the wide rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0008_law")]
    operations = [
        migrations.AddIndex(
            model_name="send",
            index=models.Index(
                condition=models.Q(("kind__in", ["step", "piece"]), ("state__in", ["accepted", "unknown"])),
                fields=["finished_at", "contact"],
                include=("sandbox",),
                name="send_left",
            ),
        ),
        migrations.AddIndex(
            model_name="engagementevent",
            index=models.Index(
                condition=models.Q(("human__gte", 0.5)),
                fields=["type", "at", "contact"],
                include=("topic",),
                name="engagement_human",
            ),
        ),
    ]
