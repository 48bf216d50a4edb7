"""The first rules for rhythm and temperature: every standing is judged by a numbered rule from the first day."""

from datetime import UTC, datetime

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BEGINNING = datetime(
    2000, 1, 1, tzinfo=UTC
)  # older than any event, so that a replay of any year finds a rule


def make_rules(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("nurturing", "RhythmRule").objects.create(number=1, at=BEGINNING)
    # empty points: the defaults of nurturing.temperature.points hold
    apps.get_model("nurturing", "TemperatureRule").objects.create(number=1, at=BEGINNING, points={})


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0002_standing_trigger_and_partitions")]
    operations = [migrations.RunPython(make_rules, migrations.RunPython.noop)]
