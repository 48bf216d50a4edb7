from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("silo", "0003_instance")]
    operations = [
        migrations.CreateModel(
            name="BrokerAbsence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                (
                    "seen_at",
                    models.DateTimeField(
                        help_text="when the stand-in last looked: an old one says that it is gone too"
                    ),
                ),
                ("until", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "absence of the broker",
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("until", None)),
                        name="one_broker_absence_at_a_time",
                    )
                ],
            },
        ),
    ]
