"""Every file that was collected to break readers: the oracle's rows, or a sentence why not. The table of docs/importing.md
is written by this test's own reader (`python -m tests.contacts.torture_table`), and compared here.
"""

import json
from pathlib import Path

import pytest

from contacts.reading import decoding, headers, inspection, table
from tests.contacts import torture_table

HERE = Path(__file__).resolve().parent.parent.parent


def rows_of(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open("rb") as file:
        reading = inspection.inspect(file)
        header, rows = table.header_and_rows(file, reading.codec, reading.dialect)
        return header, [row.cells for row in rows]


def test_the_rows_are_those_of_the_oracle(shared_data: Path) -> None:
    oracles = sorted((shared_data / "csv_torture" / "csv-spectrum").glob("*.json"))
    assert oracles
    for oracle in oracles:
        expected = json.loads(oracle.read_text())
        header, rows = rows_of(oracle.with_suffix(".csv"))
        assert [dict(zip(header, row, strict=True)) for row in rows] == expected, oracle.name


def test_every_file_gives_rows_or_a_sentence(shared_data: Path) -> None:
    for path in torture_table.files(shared_data):
        try:
            header, rows = rows_of(path)
        except decoding.Unreadable as refused:
            assert len(str(refused)) > 20 and str(refused).endswith("."), path.name
            continue
        assert rows, path.name
        assert all("\x00" not in cell for row in [header, *rows] for cell in row), path.name


def test_vcards_say_what_their_tables_say(shared_data: Path) -> None:
    """Roundcube's own oracle: the same people as CSV and as vCard."""
    for path in sorted((shared_data / "contacts_csv" / "roundcube").glob("*.vcf")):
        header, rows = rows_of(path)
        (cells,) = [dict(zip(header, row, strict=True)) for row in rows]
        said = " ".join(" ".join(row) for row in rows_of(path.with_suffix(".csv"))[1])
        for name in ("First name", "Last name", "E-mail", "Company"):
            assert not cells[name] or cells[name].casefold() in said.casefold(), (path.name, name)


def test_the_table_in_the_docs_is_what_happens(shared_data: Path) -> None:
    written = (HERE / "docs" / "importing.md").read_text()
    for line in torture_table.lines(shared_data):
        assert line in written, (
            f"docs/importing.md is behind: run python -m tests.contacts.torture_table\n{line}"
        )


@pytest.mark.parametrize("name", ["header_map_de_DE.tsv", "header_map_en_US.tsv", "header_map_fi_FI.tsv"])
def test_header_names_of_other_programs_are_known(shared_data: Path, name: str) -> None:
    """What Roundcube knows about the headers of address books, we know too, for the fields that a silo has."""

    ours = {
        "email:main": {"email", "email_further"}, "email:work": {"email", "email_further"},
        "email:home": {"email_further", "email"}, "email:other": {"email_further", "email"},
        "firstname": {"first_name"}, "surname": {"last_name"}, "middlename": {"middle_name"},
        "phone:work": {"phone"}, "phone:cell": {"mobile"}, "phone:mobile": {"mobile"}, "jobtitle": {"title"},
        "organization": {"company"}, "notes": {"note"}, "website:homepage": {"website"},
    }  # fmt: skip
    path = shared_data / "contacts_csv" / "roundcube" / name
    asked = [line.split("\t")[:2] for line in path.read_text().splitlines() if "\t" in line]
    wrong = [
        (header, field, headers.field_of(header))
        for header, field in asked
        if field in ours and headers.field_of(header) not in ours[field]
    ]
    assert not wrong
