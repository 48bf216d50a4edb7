"""The cache in the broker: what it holds can be made again, so a broker that is away only makes pages slower."""

from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

log = structlog.get_logger(__name__)


class ForgetfulCache(RedisCache):
    """Django's, which knows nothing and keeps nothing while the server does not answer."""

    def _or(self, otherwise: Any, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except RedisError as error:
            log.debug("cache_away", error=str(error)[:200])
            return otherwise

    def add(self, *arguments: Any, **named: Any) -> Any:
        return self._or(True, lambda: RedisCache.add(self, *arguments, **named))

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return self._or(default, lambda: RedisCache.get(self, key, default, version))

    def set(self, *arguments: Any, **named: Any) -> None:
        self._or(None, lambda: RedisCache.set(self, *arguments, **named))

    def touch(self, *arguments: Any, **named: Any) -> Any:
        return self._or(False, lambda: RedisCache.touch(self, *arguments, **named))

    def delete(self, *arguments: Any, **named: Any) -> Any:
        return self._or(False, lambda: RedisCache.delete(self, *arguments, **named))

    def get_many(self, *arguments: Any, **named: Any) -> Any:
        return self._or({}, lambda: RedisCache.get_many(self, *arguments, **named))

    def has_key(self, *arguments: Any, **named: Any) -> Any:
        return self._or(False, lambda: RedisCache.has_key(self, *arguments, **named))

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> Any:
        # Whoever counts presses counts this one only: a limit is not worth a page that fails.
        return self._or(delta, lambda: RedisCache.incr(self, key, delta, version))

    def set_many(self, *arguments: Any, **named: Any) -> Any:
        return self._or([], lambda: RedisCache.set_many(self, *arguments, **named))

    def delete_many(self, *arguments: Any, **named: Any) -> None:
        self._or(None, lambda: RedisCache.delete_many(self, *arguments, **named))

    def clear(self) -> Any:
        return self._or(False, lambda: RedisCache.clear(self))
