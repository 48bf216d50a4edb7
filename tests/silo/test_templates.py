"""Every template obeys the content security policy, and the first load stays small."""

import gzip
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = [path for path in ROOT.glob("templates/**/*.html") if "mail" not in path.parts]
FORBIDDEN = {
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle=", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "an inline style sheet": re.compile(r"<style", re.IGNORECASE),
    "an inline handler": re.compile(r"<[a-z][^>]*\s(on[a-z]+|hx-on[:\w-]*)=", re.IGNORECASE),
    "a script in an htmx attribute": re.compile(
        r"hx-(vals|confirm|headers|get|post)=[\"'](js|javascript):", re.IGNORECASE
    ),
    "a filter in an htmx trigger": re.compile(r"hx-trigger=[\"'][^\"']*\["),
    "another host": re.compile(r"<(script|link|img)[^>]*\s(src|href)=[\"'](https?:)?//", re.IGNORECASE),
}


def test_no_template_needs_more_than_the_policy_allows():
    broken = [
        f"{path.relative_to(ROOT)}: {what}"
        for path in TEMPLATES
        for what, pattern in FORBIDDEN.items()
        if pattern.search(path.read_text())
    ]
    assert broken == []


def test_every_style_and_script_of_the_first_load_exists_and_they_weigh_less_than_60_kb():
    listed = "".join(
        (ROOT / "templates/components" / name).read_text() for name in ("styles.html", "scripts.html")
    )
    names = re.findall(r"static '((?:css|js|vendor)/[^']+\.(?:css|js))'", listed)
    assert len(names) > 10
    weight = sum(len(gzip.compress((ROOT / "static" / name).read_bytes(), 9)) for name in names)
    assert weight < 60_000


def test_scripts_import_nothing_so_that_hashed_file_names_cannot_break_them():
    for path in (ROOT / "static/js").glob("*.js"):
        text = path.read_text()
        assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE), path.name
        assert len(text.splitlines()) <= 80, path.name
