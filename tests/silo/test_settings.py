"""Settings are loud: a bad value stops the start with a sentence that names the variable."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests import production

SETTINGS = str(production.CHECKOUT / "silo" / "settings.py")


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Read the settings file in an environment like production's, changed by the words given (None removes)."""

    def reading(**changes: str | None) -> dict[str, Any]:
        for name, value in (production.environment() | changes).items():
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)
        return runpy.run_path(SETTINGS)

    return reading


def test_production_starts_with_what_it_needs(load: Any) -> None:
    settings = load()
    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["silo.example"]
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["DATABASES"]["default"]["HOST"] == "db.example"
    assert settings["CELERY_BROKER_URL"] == "redis://broker.example:6379/0"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "django-insecure-" + "abcdefghij" * 5}, "SECRET_KEY holds a weak key"),
        ({"LINK_KEYS": "short"}, "LINK_KEYS holds a weak key"),
        ({"SUPPRESSION_KEYS": None}, "SUPPRESSION_KEYS is missing"),
        ({"STORED_SECRET_KEYS": ","}, "STORED_SECRET_KEYS is missing"),
        ({"DEBUG": "1"}, "DEBUG is on in production"),
        ({"DEBUG": "maybe"}, "DEBUG=maybe is neither yes nor no"),
        ({"SILO_DEMO": "yes"}, "SILO_DEMO is on in production"),
        ({"PUBLIC_URL": None}, "PUBLIC_URL is missing"),
        ({"PUBLIC_URL": "http://silo.example"}, "needs an address that starts with https://"),
        ({"PUBLIC_URL": "silo.example"}, "PUBLIC_URL=silo.example is not a base address"),
        ({"PUBLIC_URL": "https://silo.example/app"}, "without a path"),
        ({"TRUSTED_PROXIES": None}, "TRUSTED_PROXIES is missing"),
        ({"TRUSTED_PROXIES": "9"}, "it must be 0 to 5"),
        ({"DATABASE_URL": None}, "DATABASE_URL is missing"),
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "PostgreSQL is the only database"),
        ({"DATABASE_URL": "postgres://silo@db.example"}, "DATABASE_URL must look like"),
        ({"REDIS_URL": None}, "REDIS_URL is missing"),
        ({"REDIS_URL": "amqp://host"}, "REDIS_URL must look like redis://"),
        ({"SILO_ENV": "prod"}, "SILO_ENV=prod is unknown"),
        ({"UPLOAD_LIMIT_MB": "many"}, "UPLOAD_LIMIT_MB=many is not a whole number"),
        ({"UPLOAD_LIMIT_MB": "0"}, "it must be 1 to 2000"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL=LOUD is unknown"),
        (
            {"SECRET_KEY": None, "SECRET_KEY_FILE": "/nowhere/key"},
            "SECRET_KEY_FILE=/nowhere/key cannot be read",
        ),
        ({"SECRET_KEY_FILE": "/nowhere/key"}, "SECRET_KEY and SECRET_KEY_FILE are both set"),
    ],
)
def test_a_bad_value_is_named(load: Any, changes: dict[str, str | None], words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        load(**changes)
    assert words in str(refusal.value)


def test_a_secret_may_come_from_a_file(load: Any, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"{'new-key-' * 4}0123456789,{'old-key-' * 4}0123456789\n")
    settings = load(LINK_KEYS=None, LINK_KEYS_FILE=str(tmp_path / "keys"))
    assert [key[:3] for key in settings["KEY_RINGS"]["links"]] == ["new", "old"]


def test_development_makes_its_keys_once_and_keeps_them_from_others(load: Any) -> None:
    nothing = {"SECRET_KEY": None, "LINK_KEYS": None, "SUPPRESSION_KEYS": None, "STORED_SECRET_KEYS": None}
    first = load(SILO_ENV="development", PUBLIC_URL=None, **nothing)
    second = load(SILO_ENV="development", PUBLIC_URL=None, **nothing)
    assert first["KEY_RINGS"] == second["KEY_RINGS"]
    assert first["SECRET_KEY"] not in first["KEY_RINGS"]["links"]
    assert first["place"].VAR.joinpath("keys.json").stat().st_mode & 0o077 == 0


def test_the_policy_allows_nothing_inline(load: Any) -> None:
    directives = load()["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert not [
        words for words in directives.values() if "'unsafe-inline'" in words or "'unsafe-eval'" in words
    ]
    assert directives["script-src"] == ["'self'"]
