from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("silo", "0002_roles")]
    operations = [
        migrations.CreateModel(
            name="Instance",
            fields=[
                (
                    "only",
                    models.BooleanField(default=True, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "place",
                    models.CharField(
                        help_text="PostgreSQL's own number of the cluster, and of the database in it",
                        max_length=80,
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
            options={
                "verbose_name": "instance",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("only", True)), name="one_instance")
                ],
            },
        ),
    ]
