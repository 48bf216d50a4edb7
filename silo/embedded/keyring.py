"""The keys of a laptop: made once, kept in `var/keys.json`, readable by their owner only."""

import json
import os
import secrets
from pathlib import Path

NAMES = ("secret_key", "links", "suppression", "secrets")


def kept(path: Path) -> dict[str, list[str]]:
    """The rings in the file; a first caller makes them, whoever came second reads the first one's."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({name: [secrets.token_urlsafe(48)] for name in NAMES}, file)
        try:
            os.link(made, path)  # Fails when somebody was faster; a rename would replace their keys.
        except FileExistsError:
            pass
        finally:
            made.unlink()
    rings: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return rings


def add(path: Path, others: dict[str, list[str]]) -> None:
    """Keep the keys of another silo behind our own, in each ring but the one that signs sessions."""
    rings = kept(path)
    for name in NAMES[1:]:
        rings[name] += [key for key in others.get(name, ()) if key not in rings[name]]
    part = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(rings, file)
    part.rename(path)
