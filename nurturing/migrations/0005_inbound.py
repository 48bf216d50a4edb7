from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0004_enrollment_waiting")]
    operations: list[migrations.operations.base.Operation] = []
