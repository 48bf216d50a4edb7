from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0005_inbound")]
    operations: list[migrations.operations.base.Operation] = []
