"""How often one network may press a public button: counted in the cache by a keyed hash, never by the address itself."""

from django.core.cache import cache
from django.http import HttpRequest

from contacts import keys
from nurturing.views import public

HOUR = 3600


def too_often(request: HttpRequest, what: str, *, an_hour: int) -> bool:
    """Count this press. The limit says nothing about any address that was typed."""
    key = f"pressed:{what}:{keys.address_hash(public.address_of(request))[:32]}"
    cache.add(key, 0, HOUR)
    try:
        return int(cache.incr(key)) > an_hour
    except ValueError:  # ran out between the two lines
        return False
