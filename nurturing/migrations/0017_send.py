"""Two indexes that every move of a mail wrote: nobody read the one, and of the other only what is not accepted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0014_find")]
    operations = [
        migrations.RemoveIndex("send", "send_by_mail"),
        migrations.RemoveIndex("send", "send_by_state"),
        migrations.AddIndex(
            "send",
            models.Index(
                fields=["state", "-id"], name="send_by_state", condition=~models.Q(state="accepted")
            ),
        ),
    ]
