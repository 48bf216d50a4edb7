"""A task is a hint: what is to be done is a row, and the clock finds it again. So a broker that is away is no error."""

from typing import Any

import structlog
from celery import Task
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


class Hint(Task):  # type: ignore[type-arg]  # not subscriptable at run time
    """A task whose call is lost with the broker, and logged; `is_a_hint = False` for one that carries what is nowhere else."""

    is_a_hint = True

    def apply_async(self, *arguments: Any, **named: Any) -> Any:
        """As Celery's; None when the broker is away."""
        try:
            return super().apply_async(*arguments, **named)
        except OperationalError as error:
            if not self.is_a_hint:
                raise
            log.warning("hint_lost", task=self.name, error=str(error)[:200])
            return None
