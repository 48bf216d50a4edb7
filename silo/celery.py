"""The Celery application: `celery -A silo worker`. What runs by itself is listed in `silo/schedule.py`."""

import gc
import importlib.util
import os
import pkgutil
import signal

import structlog
from celery import Celery, signals

from silo import heartbeat, schedule
from silo.embedded import account

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


app = Celery("silo", task_cls="silo.hints:Hint")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = schedule.EVERYTHING
app.autodiscover_tasks(task_modules, related_name=None)  # type: ignore[arg-type]
signals.heartbeat_sent.connect(heartbeat.beat)


@signals.worker_init.connect
def _recognise(**_unknown: object) -> None:
    """Before the first task: a worker on a copy of a silo stops all sending and leaves it to a person."""
    import django

    django.setup()
    from contacts import clock
    from silo.services import instance

    instance.recognise(now=clock.now())


@signals.worker_init.connect
def _load_what_children_share(**_unknown: object) -> None:
    """The holidays of 250 countries, which each child would load for itself with its first person, in half a second; and
    nothing that is there by now is looked through again by the collector, nor copied for that into each child.
    """
    from contacts import clock
    from nurturing.planning import calendar

    calendar.quiet_days("SE", clock.now().year)
    gc.collect()
    gc.freeze()


@signals.worker_process_init.connect
def _end_in_order_with_the_parent(**_unknown: object) -> None:
    """Celery has the kernel kill a child with -9 when its parent is gone, whatever it has in hand; and a parent goes by itself
    when the broker breaks off at a bad moment. SIGTERM lets it finish the mail in hand and put back the rest.
    """
    account.ask_to_die_with_parent(signal.SIGTERM)


@signals.task_prerun.connect
def _name_the_task(task_id: str = "", task: object = None, **_unknown: object) -> None:
    """Every line that a task logs says which one it was."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=getattr(task, "name", ""), task_id=task_id)
