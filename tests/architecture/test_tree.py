"""The tree holds nothing of the machine it was written on, and its templates keep their form."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture import rooms

# Written apart, so that this file does not find itself.
INDEX = "|".join(
    (
        "py" + "pi\\.org",
        "files\\.python" + "hosted",
        "--index" + "-url ",
        "--find" + "-links ",
        "--extra" + "-index",
    )
)
MACHINE = "|".join(("/wo" + "rk/", "/ro" + "ot/", "/home/[a-z]+/", "/opt/wh" + "eels"))
FORBIDDEN = re.compile(f"({INDEX}|{MACHINE})")
TEXTS = {
    ".py",
    ".txt",
    ".in",
    ".toml",
    ".md",
    ".html",
    ".css",
    ".js",
    ".yml",
    ".yaml",
    ".json",
    ".sh",
    ".cfg",
    ".po",
    "",
}


def tracked() -> list[Path]:
    """Every text file that git knows."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=rooms.CHECKOUT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    paths = [rooms.CHECKOUT / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in paths if path.suffix in TEXTS and path.is_file() and "vendor" not in path.parts]


def test_no_address_of_an_index_and_no_path_of_a_machine() -> None:
    found = [
        f"{path.relative_to(rooms.CHECKOUT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


def test_locks_carry_hashes_and_no_address() -> None:
    for path in sorted((rooms.CHECKOUT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        pinned = re.findall(r"^[a-z0-9][\w.\[\],-]*==", text, flags=re.MULTILINE | re.IGNORECASE)
        assert len(pinned) > 3, path
        assert "://" not in text, path
        assert text.count("--hash=sha256:") >= len(pinned), path


def test_templates_are_indented_by_two_spaces_and_end_cleanly() -> None:
    wrong = []
    for path in sorted((rooms.CHECKOUT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(rooms.CHECKOUT)
        if "\r" in text or not text.endswith("\n") or text.endswith("\n\n"):
            wrong.append(f"{name}: ends of lines")
        for number, line in enumerate(text.splitlines(), 1):
            indent = len(line) - len(line.lstrip())
            if "\t" in line or line != line.rstrip() or (line.strip() and indent % 2):
                wrong.append(f"{name}:{number}: white space")
    assert wrong == []
