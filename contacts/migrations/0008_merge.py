from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contacts", "0007_selection")]
    operations: list[migrations.operations.base.Operation] = []
