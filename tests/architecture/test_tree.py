"""The tree holds nothing of the machine it was written on, and its templates keep their form."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
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


def test_the_product_imports_only_what_is_installed_with_it() -> None:
    """`make test` has more packages than production: an import of one of those would only fail there."""
    locked = "\n".join(
        (rooms.CHECKOUT / "requirements" / name).read_text(encoding="utf-8")
        for name in ("app.txt", "local.txt")
    )
    known = {
        canonical(name) for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==", locked, flags=re.MULTILINE)
    }
    distributions = packages_distributions()
    foreign = [
        f"{path}:{node.lineno}: {module}"
        for room in rooms.ROOMS
        for path, tree in rooms.sources(room)
        for node, module in imports_when_run(tree)
        if module not in (*rooms.ROOMS, *sys.stdlib_module_names)
        and not known & {canonical(name) for name in distributions.get(module, [])}
    ]
    assert foreign == []


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imports_when_run(tree: ast.AST) -> list[tuple[ast.stmt, str]]:
    """The top package of every import that is not for the type checker only."""
    found: list[tuple[ast.stmt, str]] = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(node, ast.Import):
            found += [(node, alias.name.split(".")[0]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node, node.module.split(".")[0]))
        found += imports_when_run(node)
    return found
