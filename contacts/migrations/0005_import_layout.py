from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_import_engine")]
    operations: list[migrations.operations.base.Operation] = []
