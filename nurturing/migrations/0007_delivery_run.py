from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0006_send")]
    operations = [
        migrations.CreateModel(
            name="DeliveryRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(help_text="when the batch was done")),
                ("worker", models.CharField(max_length=80)),
                ("seconds", models.FloatField()),
                ("claimed", models.IntegerField()),
                ("accepted", models.IntegerField()),
                ("skipped", models.IntegerField()),
                ("failed", models.IntegerField()),
                ("unknown", models.IntegerField()),
                ("later", models.IntegerField()),
            ],
            options={"indexes": [models.Index(fields=["-at"], name="delivery_run_newest_first")]},
        ),
    ]
