"""An index for the tick, which ends waiting enrollments every half minute and would read every open one to find them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0003_first_rules")]

    operations = [
        migrations.AddIndex(
            model_name="enrollment",
            index=models.Index(
                condition=models.Q(("ended_at", None), ("started_at", None)),
                fields=["expires_at"],
                name="enrollment_waiting",
            ),
        ),
    ]
