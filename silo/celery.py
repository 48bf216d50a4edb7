"""The Celery application: `celery -A silo worker`. What runs by itself is listed in `silo/schedule.py`."""

import importlib.util
import os
import pkgutil

from celery import Celery

from silo import schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")

ROOMS = ("contacts", "nurturing", "sales", "silo")


def task_modules() -> list[str]:
    """Every module below the `tasks` package of an app: one noun, one file."""
    found = []
    for room in ROOMS:
        spec = importlib.util.find_spec(f"{room}.tasks")
        if spec is None or spec.submodule_search_locations is None:
            continue
        found += [
            f"{room}.tasks.{module.name}" for module in pkgutil.iter_modules(spec.submodule_search_locations)
        ]
    return found


app = Celery("silo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = schedule.EVERYTHING
app.autodiscover_tasks(task_modules, related_name=None)  # type: ignore[arg-type]
