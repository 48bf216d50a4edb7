"""A sequence says what its mails are for the law; and an index of how far people have read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0013_recovery")]
    operations = [
        migrations.AddField(
            model_name="sequence",
            name="mail_purpose",
            field=models.CharField(
                choices=[
                    ("marketing", "news and offers"),
                    ("invitation", "invitations to events"),
                    ("service", "information to customers"),
                ],
                db_default="marketing",
                default="marketing",
                help_text="what the gate is asked about each of them",
                max_length=20,
                verbose_name="what the mails are",
            ),
        ),
        migrations.AddIndex(
            model_name="engagementevent",
            index=models.Index(
                condition=models.Q(
                    ("human__gte", 0.5),
                    ("type__in", ["clicked", "replied"]),
                    models.Q(("level", ""), _negated=True),
                ),
                fields=["level", "contact"],
                name="engagement_by_level",
            ),
        ),
    ]
