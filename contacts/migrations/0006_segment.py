from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contacts", "0005_import_layout")]
    operations: list[migrations.operations.base.Operation] = []
