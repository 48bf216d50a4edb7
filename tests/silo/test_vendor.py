"""What was copied into static/vendor is byte for byte what its README says."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
ROW = re.compile(r"^\| (\S+) \| \S+ \| [\d.]+ \| \S+ \| ([0-9a-f]{64}) \|$", re.MULTILINE)


def noted() -> dict[str, str]:
    return dict(ROW.findall((VENDOR / "README.md").read_text()))


def test_every_vendored_file_has_the_hash_its_readme_notes():
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "README.md"
    }
    assert found == noted()


def test_each_package_comes_with_its_licence():
    folders = {name.split("/")[0] for name in noted()}
    assert folders == {"htmx", "inter"}
    for folder in folders:
        assert (VENDOR / folder / "LICENSE").stat().st_size > 500
