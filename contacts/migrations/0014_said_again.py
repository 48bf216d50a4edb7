"""A stop keeps whether anything else said so, too: then no undo lifts it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0013_import")]
    operations = [
        migrations.AddField(
            model_name="suppression",
            name="again_at",
            field=models.DateTimeField(
                blank=True,
                help_text="when something or somebody else said so, too: no undo lifts it any more",
                null=True,
            ),
        ),
    ]
