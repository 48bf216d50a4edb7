"""docker-compose.yml cannot be run here: these tests hold it against its schema and against our own settings."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests import production

CHECKOUT = production.CHECKOUT
OURS = ("migrate", "web", "worker", "beat", "stand-in")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(
        (CHECKOUT / "tests/fixtures/compose.schema.json").read_text(encoding="utf-8")
    )
    return read


def test_the_file_fits_the_schema(compose: dict[str, Any], schema: dict[str, Any]) -> None:
    jsonschema.validate(compose, schema)


def test_the_schema_refuses_a_misspelt_key(compose: dict[str, Any], schema: dict[str, Any]) -> None:
    wrong = json.loads(json.dumps(compose))
    wrong["services"]["web"]["health_check"] = wrong["services"]["web"].pop("healthcheck")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


def test_every_name_that_is_referred_to_exists(compose: dict[str, Any]) -> None:
    services, secrets, volumes = compose["services"], compose["secrets"], compose["volumes"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        assert set(service.get("secrets", [])) <= set(secrets)
        assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(volumes)


def test_our_containers_set_everything_that_production_demands(compose: dict[str, Any]) -> None:
    demanded = set(production.environment())
    for name in OURS:
        given = {key.removesuffix("_FILE") for key in compose["services"][name]["environment"]}
        assert demanded <= given, name


def test_no_secret_stands_in_the_file(compose: dict[str, Any]) -> None:
    secret = re.compile(r"PASSWORD|SECRET_KEY|_KEYS|DATABASE_URL")
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert not secret.search(name) or value.startswith("/run/secrets/"), name


def test_only_the_web_server_is_reachable_and_only_from_its_own_host(compose: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:8000:8000"], "mailpit": ["127.0.0.1:8025:8025"]}
    assert compose["services"]["mailpit"]["profiles"] == ["mailpit"], "only who asks for it gets it"


def test_every_service_that_stays_says_how_it_is(compose: dict[str, Any]) -> None:
    without = {name for name, service in compose["services"].items() if "healthcheck" not in service}
    assert without == {"migrate"}, "which ends by itself"


def test_who_stands_in_for_the_broker_does_not_wait_for_it(compose: dict[str, Any]) -> None:
    assert "broker" not in compose["services"]["stand-in"]["depends_on"]


def test_our_containers_run_as_an_ordinary_user_without_the_powers_of_root(compose: dict[str, Any]) -> None:
    for name in (*OURS, "mailpit"):
        service = compose["services"][name]
        assert service["user"].split(":")[0] not in ("0", "root"), name
        assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"], name


def test_whatever_must_outlive_a_container_is_on_a_volume(compose: dict[str, Any]) -> None:
    mounted = {name: service.get("volumes", []) for name, service in compose["services"].items()}
    for name in OURS:
        assert mounted[name] == ["media:/data/media", "backups:/data/backups"]
    assert mounted["database"] and mounted["broker"]


def test_the_web_server_starts_processes_again_that_die() -> None:
    words = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
    assert "--respawn-failed-workers" in words


def test_the_image_is_built_with_everything_that_production_demands() -> None:
    words = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
    assert not [name for name in production.environment() if f"{name}=" not in words]


def test_the_image_does_not_run_as_root() -> None:
    words = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (\w+)$", words, re.M)[-1] == "silo"


@pytest.mark.slow
def test_static_files_can_be_collected_for_production(tmp_path: Path) -> None:
    """The manifest storage follows every @import, url() and module import: a broken one would stop the image's build."""
    done = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        cwd=CHECKOUT,
        env=production.environment() | {"STATIC_ROOT": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "staticfiles.json").exists()
