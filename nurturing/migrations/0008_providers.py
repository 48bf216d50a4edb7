from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0007_faults")]
    operations: list[migrations.operations.base.Operation] = []
