"""An environment like production's, of throw-away keys; run as a module it is `manage.py check --deploy` in it."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def environment() -> dict[str, str]:
    """What production has to set."""
    return {
        "SILO_ENV": "production",
        "PUBLIC_URL": "https://silo.example",
        "TRUSTED_PROXIES": "1",
        "DATABASE_URL": "postgres://silo:secret@db.example:5432/silo",
        "REDIS_URL": "redis://broker.example:6379/0",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "LINK_KEYS": secrets.token_urlsafe(48),
        "SUPPRESSION_KEYS": secrets.token_urlsafe(48),
        "STORED_SECRET_KEYS": secrets.token_urlsafe(48),
    }


def main() -> int:
    """Django's own look at a deployment; a warning is a failure."""
    words = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(words, cwd=CHECKOUT, env=kept | environment(), check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
