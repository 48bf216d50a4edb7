"""Read settings from the environment, loudly: a bad value stops the start with a sentence that names the variable.

Every value may also come from a file: `SECRET_KEY_FILE=/run/secrets/key` gives `SECRET_KEY`, the way containers hand
out secrets.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_environment = environ.Env()


def text(name: str, default: str = "") -> str:
    """The value of `name`, else the content of the file that `name_FILE` names, else the default."""
    path = os.environ.get(f"{name}_FILE", "")
    if path and os.environ.get(name):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one of the two.")
    if not path:
        return os.environ.get(name, "").strip() or default
    try:
        return Path(path).read_text(encoding="utf-8").strip() or default
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"{name}_FILE={path} cannot be read ({error}): it must name a text file with the value."
        ) from error


def flag(name: str, *, default: bool) -> bool:
    """True or false, written as 1/0, true/false, yes/no or on/off."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={value} is neither yes nor no: write 1 or 0.")


def number(name: str, *, default: int, least: int, most: int) -> int:
    """A whole number within its bounds."""
    value = text(name, str(default))
    try:
        read = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value} is not a whole number.") from None
    if not least <= read <= most:
        raise ImproperlyConfigured(f"{name}={value} is out of bounds: it must be {least} to {most}.")
    return read


def choice(name: str, *, default: str, among: Sequence[str]) -> str:
    """One of the named words."""
    value = text(name, default).lower()
    if value not in among:
        raise ImproperlyConfigured(f"{name}={value} is unknown: it must be one of {', '.join(among)}.")
    return value


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """A list, separated by commas."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else list(default)


def base_address(name: str, default: str = "") -> str:
    """The address under which people reach the product, without a path: `https://silo.example`."""
    value = text(name, default).rstrip("/")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        parts, host = None, None
    if parts is None or parts.scheme not in {"http", "https"} or not host or parts.path or parts.query:
        raise ImproperlyConfigured(
            f"{name}={value} is not a base address: it must look like https://silo.example, without a path."
        )
    return value


def database(name: str) -> dict[str, object]:
    """A PostgreSQL database: `postgres://user:password@host:5432/name`, a folder of sockets percent-encoded."""
    value = text(name)
    shape = f"{name} must look like postgres://user:password@host:5432/name"
    if urlsplit(value).scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{shape}: PostgreSQL is the only database that the silo speaks.")
    try:
        read = _environment.db_url_config(value)
    except Exception as error:
        raise ImproperlyConfigured(f"{shape} ({error}).") from error
    if not read.get("NAME"):
        raise ImproperlyConfigured(f"{shape}: the name of the database is missing.")
    return dict(read) | {"HOST": unquote(read["HOST"])}


def broker(name: str) -> str:
    """A Redis-protocol server: `redis://host:6379/0`, `rediss://…` or `unix:///path/to.sock?db=0`."""
    value = text(name)
    if urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(f"{name} must look like redis://host:6379/0 or unix:///path/to.sock?db=0.")
    return value


def broker_for_celery(url: str) -> str:
    """The same server in Celery's spelling of a socket."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = parts.query.removeprefix("db=") or "0"
    return f"redis+socket://{parts.path}?virtual_host={number}"


def demand_secret(name: str, keys: Sequence[str]) -> None:
    """Refuse keys that are missing, short or known to everybody."""
    if not keys or not keys[0]:
        raise ImproperlyConfigured(
            f"{name} is missing: production needs a random value of at least 40 characters."
        )
    for key in keys:
        if len(key) < 40 or len(set(key)) < 10 or "insecure" in key or "change" in key.lower():
            raise ImproperlyConfigured(
                f"{name} holds a weak key: use random values of at least 40 characters."
            )


def mail(name: str, default: str) -> dict[str, object]:
    """Django's mail settings from one address: `smtp+tls://user:password@host:587` or `consolemail://`."""
    value = text(name, default)
    try:
        return dict(_environment.email_url_config(value))
    except Exception as error:
        raise ImproperlyConfigured(
            f"{name} must look like smtp+tls://user:password@host:587 ({error})."
        ) from error
