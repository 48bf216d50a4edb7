from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contacts", "0003_custom_field")]
    operations: list[migrations.operations.base.Operation] = []
