"""A pipeline to start with; names, order and questions are the company's to change."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

STAGES = (
    ("Meeting", "open", "Is this really a lead?\nWho else decides?"),
    ("Need agreed", "open", "What does it cost them to do nothing?\nWhen do they have to decide?"),
    ("Offer sent", "open", "Is the offer about the buyer?\nWhat would make them say no?"),
    ("Deciding", "open", "What is left to settle, and with whom?"),
    ("Won", "won", ""),
    ("Lost", "lost", ""),
)


def make_stages(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    stage = apps.get_model("sales", "Stage")
    for position, (name, kind, questions) in enumerate(STAGES, start=1):
        stage.objects.create(name=name, position=position, kind=kind, questions=questions)


class Migration(migrations.Migration):
    dependencies = [("sales", "0001_initial")]
    operations = [migrations.RunPython(make_stages, migrations.RunPython.noop)]
