from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0006_send")]
    operations: list[migrations.operations.base.Operation] = []
