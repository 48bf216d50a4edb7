from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contacts", "0008_merge")]
    operations: list[migrations.operations.base.Operation] = []
