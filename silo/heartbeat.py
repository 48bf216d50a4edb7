"""Which workers live, as they tell it themselves: one field each in the broker, written with Celery's own heartbeat.

No question goes round to the workers: a page that waits a second for answers is a page that nobody opens.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import redis
import structlog
from django.conf import settings

KEY = "silo:workers"
ALIVE_FOR = timedelta(seconds=20)  # a heart beats every 2 s
FORGOTTEN_AFTER = timedelta(days=1)
# A page must not wait for a broker that is away.
PATIENCE = 0.5  # seconds

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker as it was last heard."""

    name: str
    heard: datetime

    def is_alive(self, now: datetime) -> bool:
        return now - self.heard <= ALIVE_FOR


def _broker() -> "redis.Redis":
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, decode_responses=True
    )


def beat(sender: Any = None, **_unknown: object) -> None:
    """Celery calls this in each worker's main process (see silo.celery)."""
    name = getattr(getattr(sender, "eventer", None), "hostname", None) or "worker"
    try:
        with _broker() as broker:
            broker.hset(KEY, name, datetime.now(UTC).isoformat())
    except redis.RedisError as error:
        log.debug("heartbeat not written", error=str(error))


def workers() -> list[Worker]:
    """Everybody heard within a day, by name. Raises redis.RedisError when the broker is away."""
    now = datetime.now(UTC)
    with _broker() as broker:
        heard: dict[str, str] = broker.hgetall(KEY)
        found = [Worker(name, datetime.fromisoformat(at)) for name, at in sorted(heard.items())]
        gone = [one.name for one in found if now - one.heard > FORGOTTEN_AFTER]
        if gone:
            broker.hdel(KEY, *gone)
    return [one for one in found if one.name not in gone]


def hints() -> int:
    """How many hints wait in the queue. Raises redis.RedisError when the broker is away."""
    with _broker() as broker:
        return int(broker.llen(settings.CELERY_TASK_DEFAULT_QUEUE))


def ping() -> float:
    """Seconds that the broker took to answer. Raises redis.RedisError when it is away."""
    began = datetime.now(UTC)
    with _broker() as broker:
        broker.ping()
    return (datetime.now(UTC) - began).total_seconds()
