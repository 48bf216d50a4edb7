"""Write the table of docs/importing.md: every file of the collection, what became of it, and how many rows.

    python -m tests.contacts.torture_table

Names and counts only: no text of those files is copied.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from contacts.reading import decoding, inspection, table

HERE = Path(__file__).resolve().parent.parent.parent
DOCS = HERE / "docs" / "importing.md"
BEGIN, END = "<!-- the table: begin -->", "<!-- the table: end -->"
HEAD = ["| File | Read as | Rows | Verdict |", "|---|---|---:|---|"]
NAMES = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars"}


def files(shared_data: Path) -> list[Path]:
    """The collected files, without their oracles and notes."""
    found: list[Path] = []
    for folder in ("csv_torture", "contacts_csv"):
        found += [
            path
            for path in sorted((shared_data / folder).rglob("*"))
            if path.is_file() and path.suffix not in (".json", ".md")
        ]
    return found


def lines(shared_data: Path) -> Iterator[str]:
    """One line of the table for each file."""
    for path in files(shared_data):
        yield f"| {path.relative_to(shared_data)} | " + " | ".join(verdict(path)) + " |"


def verdict(path: Path) -> tuple[str, str, str]:
    """How the file was read, how many rows it has, and what is said about it."""
    with path.open("rb") as file:
        try:
            reading = inspection.inspect(file)
            rows = sum(1 for _row in table.header_and_rows(file, reading.codec, reading.dialect)[1])
        except decoding.Unreadable as refused:
            return "–", "0", f"refused: {refused}"
        try:
            inspection.require_reachable(reading)
        except decoding.Unreadable:
            said = "read; no column of addresses or phones: its owner says which, or it brings nobody in"
        else:
            said = "read" + (f"; the columns of {reading.layout}" if reading.layout else "")
    if reading.left_out:
        said += f"; {len(reading.left_out)} lines are no rows"
    form = reading.dialect
    kind = (
        f"{reading.encoding}, {NAMES.get(form.delimiter, form.delimiter)}"
        if form.kind == "text"
        else form.kind
    )
    return kind + ("" if form.has_header else ", no header"), f"{rows:,}", said


def write(shared_data: Path) -> None:
    """Put the table into the docs."""
    body = "\n".join([BEGIN, "", *HEAD, *lines(shared_data), "", END])
    text = DOCS.read_text()
    DOCS.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _found: body, text, flags=re.DOTALL))


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")
    django.setup()
    write(HERE.parent / "shared" / "data")
