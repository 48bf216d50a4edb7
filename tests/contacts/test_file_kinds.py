"""Files as offices make them, of every kind and with every fault, written here byte by byte. Pure: no database."""

import csv
import io
import os
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.reading import (
    addresses,
    archive,
    columns,
    decoding,
    grounding,
    inspection,
    mojibake,
    person,
    table,
    vcard,
    workbook,
)

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PEOPLE = [
    ["Namn", "E-post", "Telefon"],
    ["Åsa Öberg", "asa@ostra.example", "08-465 004 11"],
    ["Bo Ek", "bo@ek.example", ""],
]

# --- workbooks, as small as they can be

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    "</Types>"
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'


def cell(ref: str, value: str) -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{value}</t></is></c>'


def sheet(rows: Sequence[Sequence[str]]) -> str:
    body = "".join(
        f'<row r="{at}">'
        + "".join(cell(f"{chr(65 + i)}{at}", one) for i, one in enumerate(row) if one)
        + "</row>"
        for at, row in enumerate(rows, 1)
    )
    return f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'


def xlsx(*sheets: tuple[str, str] | tuple[str, str, str], extra: Iterable[tuple[str, bytes]] = ()) -> bytes:
    """A workbook of (name, XML[, state])."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", _TYPES)
        book.writestr(
            "_rels/.rels",
            f'{_RELS}<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        named = "".join(
            f'<sheet name="{one[0]}" sheetId="{at}" r:id="rId{at}"{" state=" + chr(34) + one[2] + chr(34) if len(one) > 2 else ""}/>'
            for at, one in enumerate(sheets, 1)
        )
        book.writestr(
            "xl/workbook.xml",
            f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
        )
        related = "".join(
            f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
            for at in range(1, len(sheets) + 1)
        )
        book.writestr("xl/_rels/workbook.xml.rels", f"{_RELS}{related}</Relationships>")
        for at, one in enumerate(sheets, 1):
            book.writestr(f"xl/worksheets/sheet{at}.xml", one[1])
        for name, data in extra:
            book.writestr(name, data)
    return out.getvalue()


def ods(rows: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        book.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        book.writestr(
            "content.xml",
            '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
            ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
            ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
            ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="Blad1">{rows}</table:table></office:spreadsheet></office:body></office:document-content>',
        )
    return out.getvalue()


def ods_row(*cells: str) -> str:
    body = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{one}</text:p></table:table-cell>'
        for one in cells
    )
    return f"<table:table-row>{body}</table:table-row>"


def text(rows: Sequence[Sequence[str]], delimiter: str = ";", end: str = "\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


def page(rows: Sequence[Sequence[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{one}</td>" for one in row) + "</tr>" for row in rows)
    return f"<html><meta charset=utf-8><table>{body}</table></html>"


def look(data: bytes | str, **chosen: object) -> tuple[inspection.Reading, list[list[str]]]:
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    reading = inspection.inspect(file, **chosen)  # type: ignore[arg-type]
    _header, rows = table.header_and_rows(file, reading.codec, reading.dialect)
    return reading, [row.cells for row in rows]


def people(data: bytes | str) -> list[person.Person]:
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    reading = inspection.inspect(file)
    known = person.mapping(reading.fields, reading.labels(), country=reading.country or "SE", latest=NOW)
    return [person.read(row, known) for row in table.header_and_rows(file, reading.codec, reading.dialect)[1]]


# --- kinds


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("text", text(PEOPLE).encode("cp1252")),
        ("xlsx", xlsx(("Blad1", sheet(PEOPLE)))),
        ("ods", ods("".join(ods_row(*row) for row in PEOPLE))),
        ("html", page(PEOPLE)),
        (
            "xml",
            '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
            ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="A"><Table>'
            + "".join("<Row>" + "".join(f'<Cell><Data ss:Type="String">{one}</Data></Cell>' for one in row) + "</Row>" for row in PEOPLE)
            + "</Table></Worksheet></Workbook>",
        ),
    ],
)  # fmt: skip
def test_the_same_people_come_out_of_every_kind_of_file(kind: str, data: bytes | str) -> None:
    reading, rows = look(data)
    assert reading.dialect.kind == kind
    assert reading.header == PEOPLE[0]
    assert [row + [""] * (3 - len(row)) for row in rows] == PEOPLE[1:]
    assert reading.fields == ["full_name", "email", "phone"]


def test_a_real_old_workbook_is_read(shared_data: Path) -> None:
    """Written by Excel itself, in the format of 1997."""
    reading, rows = look((shared_data / "csv_torture" / "frictionless" / "sheet2.xls").read_bytes())
    assert (reading.dialect.kind, reading.header, len(rows)) == ("xls", ["id", "name"], 2)


def test_a_locked_workbook_says_so(shared_data: Path) -> None:
    data = (shared_data / "csv_torture" / "messytables" / "encrypted_no_password.xls").read_bytes()
    with pytest.raises(decoding.Unreadable, match="password"):
        look(data)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"%PDF-1.7 ...", "document"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\x1f\x8b\x08", "packed"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "damaged"),
        (b'{"people": [{"email": "a@x.se"}]}', "JSON"),
        (b"<?xml version='1.0'?><feed><entry/></feed>", "XML"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n", "MHTML"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR", "calendar"),
        (b"", "empty"),
        (b"\xff\xfe\x00\x00", "empty"),
        (b"Namn;E-post\r\n", "no rows"),
    ],
)
def test_what_is_no_list_is_refused_by_its_name(data: bytes, word: str) -> None:
    with pytest.raises(decoding.Unreadable, match=word):
        look(data)


def test_other_zip_files_are_told_apart() -> None:
    for name, word in (
        ("word/document.xml", "presentation"),
        ("Index/Document.iwa", "Numbers"),
        ("xl/workbook.bin", "binary"),
        ("lista.csv", "packed"),
    ):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as book:
            book.writestr(name, "x")
        with pytest.raises(decoding.Unreadable, match=word):
            look(out.getvalue())


# --- workbooks: limits before they are opened


def test_a_bomb_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "UNPACKED", 8 << 20)
    out = io.BytesIO(xlsx(("A", sheet(PEOPLE))))
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as book,
        book.open("xl/sharedStrings.xml", "w") as part,
    ):
        for _piece in range(10):
            part.write(b" " * (1 << 20))
    assert len(out.getvalue()) < 1 << 20
    with pytest.raises(decoding.Unreadable, match="larger than a list"):
        look(out.getvalue())


def test_a_bomb_that_lies_about_its_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "UNPACKED", 1 << 20)
    out = io.BytesIO(xlsx(("A", sheet(PEOPLE)), extra=[("xl/styles.xml", b" " * (3 << 20))]))
    data = bytearray(out.getvalue())
    central = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/styles.xml"))
    data[central + 24 : central + 28] = (10).to_bytes(4, "little")  # the size that the directory claims
    with pytest.raises(decoding.Unreadable):
        look(bytes(data))


def test_one_cell_far_out_does_not_make_a_sheet_of_millions() -> None:
    far = sheet(PEOPLE).replace(
        "</sheetData>", f'<row r="1048576">{cell("XFD1048576", "x")}</row></sheetData>'
    )
    with pytest.raises(decoding.Unreadable, match="million cells"):
        look(xlsx(("A", far)))


def test_a_repeated_row_of_opendocument_does_not_make_millions() -> None:
    row = ods_row("E-post") + ods_row("a@x.se").replace(
        "<table:table-row>", '<table:table-row table:number-rows-repeated="9000000">'
    )
    with pytest.raises(decoding.Unreadable, match="million cells"):
        look(ods(row))


def test_empty_rows_at_the_end_of_opendocument_do_no_harm() -> None:
    end = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
    _reading, rows = look(ods("".join(ods_row(*row) for row in PEOPLE if all(row)) + end))
    assert len(rows) == 1


def test_entities_in_a_workbook_are_not_expanded() -> None:
    bomb = sheet([["E-post"], ["&a;@x.se"]]).replace("?>", '?><!DOCTYPE x [<!ENTITY a "aaaa">]>', 1)
    try:
        _reading, rows = look(xlsx(("A", bomb)))
    except decoding.Unreadable:
        return
    assert "aaaa@x.se" not in [cell for row in rows for cell in row]


def test_macros_are_said_and_never_kept() -> None:
    reading, rows = look(xlsx(("A", sheet(PEOPLE)), extra=[("xl/vbaProject.bin", b"\x00")]))
    assert reading.macros and len(rows) == 2


def test_the_sheet_with_the_people_is_chosen_and_another_can_be() -> None:
    notes = sheet([["Om listan"], ["Läs detta först"]])
    other = sheet([["Namn", "E-post"], ["Cia", "cia@x.se"]])
    data = xlsx(("Info", notes), ("Kunder", sheet(PEOPLE)), ("Gömd", other, "hidden"))
    reading, rows = look(data)
    assert (reading.dialect.sheet, len(rows)) == ("Kunder", 2)
    assert [one["name"] for one in reading.sheets] == ["Info", "Kunder", "Gömd"]
    assert look(data, sheet="Gömd")[1] == [["Cia", "cia@x.se"]]


def test_values_of_a_sheet_are_what_one_sees() -> None:
    assert workbook.said(46701740605.0) == "46701740605"
    assert workbook.said(1.5) == "1.5"
    assert workbook.said(True) == "true"
    assert workbook.said(datetime(2026, 11, 21)) == "2026-11-21"  # noqa: DTZ001 - Excel knows no zones
    assert workbook.said(datetime(2026, 11, 21, 8, 5)) == "2026-11-21 08:05:00"  # noqa: DTZ001


def test_a_formula_of_a_sheet_is_its_saved_value() -> None:
    body = sheet(PEOPLE).replace(
        cell("A3", "Bo Ek"), '<c r="A3" t="str"><f>HYPERLINK("http://x.example","Bo")</f><v>Bo</v></c>'
    )
    assert look(xlsx(("A", body)))[1][1][0] == "Bo"


# --- letters


BEGINNINGS = [
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\x09\x08\x10\x00",
    b"BEGIN:VCARD\n",
    b"<html><table>",
    b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>",
    b"\xff\xfe",
    b"sep=;\n",
]


@given(start=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=300))
def test_no_bytes_after_a_known_beginning_break_a_reader(start: bytes, rest: bytes) -> None:
    try:
        _reading, rows = look(start + rest)
    except decoding.Unreadable as refused:
        assert str(refused).endswith(".")
        return
    assert rows


@pytest.mark.parametrize(
    "codec",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman", "cp850"],
)
def test_people_come_out_of_every_encoding(codec: str) -> None:
    rows = [["Namn", "E-post"], *([f"Åsa Ängström-Øvrebø {at}", f"p{at}@x.example"] for at in range(30))]
    _reading, found = look(text(rows).encode(codec))
    assert found == rows[1:]


@pytest.mark.parametrize("codec", ["cp1252", "latin-1", "mac_roman", "cp850", "cp437"])
@pytest.mark.parametrize("times", [1, 2])
def test_text_encoded_twice_is_seen_and_put_back_when_asked(codec: str, times: int) -> None:
    garbled = text([["Namn", "E-post"], ["Åsa Öberg på Sørøya", "a@x.se"], ["Bo Ek", "b@x.se"]])
    for _round in range(times):
        garbled = garbled.encode().decode(codec)
    reading, rows = look(garbled)
    assert reading.garbled == 1
    assert "Åsa" not in rows[0][0]
    reading, rows = look(garbled, repair=True)
    assert rows == [["Åsa Öberg på Sørøya", "a@x.se"], ["Bo Ek", "b@x.se"]]
    assert reading.garbled == 0 and reading.dialect.repair


def test_good_text_is_never_taken_for_garbled() -> None:
    for good in (
        "Åsa Öberg",
        "Ægir Næss",
        "Ãngela São",
        "naïve café",
        "Zoë",
        "ÅÄÖ ÆØÅ",
        "Señor Muñoz",
        "½ à la carte",
    ):
        assert mojibake.recognised([good]) == ("", 0)
        assert mojibake.repaired(good, "cp1252") == good


def test_a_byte_order_mark_in_the_middle_is_no_letter() -> None:
    one = "Namn;E-post\r\nÅsa;a@x.se\r\n".encode("utf-8-sig")
    two = "Namn;E-post\r\nBo;b@x.se\r\n".encode("utf-8-sig")
    found = people(one + two)
    assert [(who.first_name, who.email) for who in found] == [("Åsa", "a@x.se"), ("Bo", "b@x.se")]


def test_broken_bytes_behind_a_mark_are_read_as_windows_letters() -> None:
    data = "Namn;E-post\r\nÅsa;a@x.se\r\nMärta;m@x.se\r\n".encode("utf-8-sig") + "Åke;o@x.se\r\n".encode(
        "cp1252"
    )
    assert look(data)[1][-1] == ["Åke", "o@x.se"]


# --- lines and cells


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|", "^"])
def test_every_line_end_and_delimiter(end: str, delimiter: str) -> None:
    assert look(text(PEOPLE, delimiter, end))[1] == PEOPLE[1:]


@pytest.mark.parametrize(
    ("written", "rows"),
    [
        ("Namn;E-post\r\nÅsa;a@x.se\nBo;b@x.se\rCia;c@x.se", [["Åsa", "a@x.se"], ["Bo", "b@x.se"], ["Cia", "c@x.se"]]),
        ('Namn;E-post\n"Åsa\nÖberg";a@x.se\n', [["Åsa\nÖberg", "a@x.se"]]),
        ('Namn;E-post\n"Åsa ""Nord"" Öberg";a@x.se\n', [['Åsa "Nord" Öberg', "a@x.se"]]),
        (
            'Namn,E-post,Företag\n"Åsa \\"Nord\\", Öberg",a@x.se,A\n"Bo","b@x.se","B \\"C\\", D"\n',
            [['Åsa "Nord", Öberg', "a@x.se", "A"], ["Bo", "b@x.se", 'B "C", D']],
        ),
        ("'Namn','E-post'\n'Åsa, Öberg','a@x.se'\n'Bo','b@x.se'\n", [["Åsa, Öberg", "a@x.se"], ["Bo", "b@x.se"]]),
        ('Namn;E-post\nÅsa 5" Öberg;a@x.se\n', [['Åsa 5" Öberg', "a@x.se"]]),
        ("Namn;E-post;\nÅsa;a@x.se;\n", [["Åsa", "a@x.se", ""]]),
        ("Namn;E-post\nÅs\x00a;a@x.se\n", [["Åsa", "a@x.se"]]),
        ("sep=;\nNamn;E-post\nÅsa, Bo;a@x.se\n", [["Åsa, Bo", "a@x.se"]]),
        ('Namn, "E-post"\n"Åsa", "a@x.se"\n', [["Åsa", "a@x.se"]]),
        ("E-post\na@x.se\nb@x.se\n", [["a@x.se"], ["b@x.se"]]),
        ("a@x.se\nb@x.se\n", [["a@x.se"], ["b@x.se"]]),
        ("Namn;E-post\n\n\nÅsa;a@x.se\n;\n", [["Åsa", "a@x.se"]]),
        ("Namn;E-post\nÅsa\x0bÖberg;a@x.se\nBo\x85Ek;b@x.se\n", [["Åsa\x0bÖberg", "a@x.se"], ["Bo\x85Ek", "b@x.se"]]),
    ],
)  # fmt: skip
def test_oddities_of_lines_and_quotes(written: str, rows: list[list[str]]) -> None:
    assert look(written)[1] == rows


def test_lone_quotes_cost_their_own_rows_and_join_nobody() -> None:
    written = 'Namn;E-post;Ort\n"Bo;b@x.se;Lund\n"Cia;c@x.se;Malmö\nDan;d@x.se;Växjö\n'
    found = people(written)
    assert [(one.reason, one.email) for one in found] == [
        ("open_quote", ""),
        ("open_quote", ""),
        ("", "d@x.se"),
    ]
    many = "Namn;E-post;Ort\n" + '"Bo;b@x.se;Lund\n' * 30_000 + "Dan;d@x.se;Växjö\n"
    assert len(look(many)[1]) == 30_001


def test_a_cell_of_several_lines_stays_one_cell() -> None:
    written = 'Namn;E-post;Ort\nBo;b@x.se;"Lund;\nMalmö; Växjö\n\nYstad"\nCia;c@x.se;"a;b\nc"\n'
    assert [row[2] for row in look(written)[1]] == ["Lund;\nMalmö; Växjö\n\nYstad", "a;b\nc"]


def test_lines_that_are_no_rows_are_left_out_and_shown() -> None:
    lines = ["Kundlista 2026;;", "Utskriven av Ada;;", "", "Namn;E-post;Telefon", "Åsa;a@x.se;08-465 004 11"]
    lines += ["Namn;E-post;Telefon", "Bo;b@x.se;", "", "Totalt: 2 rader;;", "Exporterad 2026-11-21;;"]
    reading, rows = look("\r\n".join(lines))
    assert [row[0] for row in rows] == ["Åsa", "Bo"]
    assert [(one["line"], one["why"]) for one in reading.left_out] == [
        (1, "before"), (2, "before"), (6, "again"), (9, "after"), (10, "after"),
    ]  # fmt: skip


def test_a_person_at_the_end_is_never_taken_for_a_closing_line() -> None:
    for last in ("Total Energi;info@total.example;", "Summa;;08-465 004 11", "Report Anna;a2@x.se;"):
        assert len(look(f"Namn;E-post;Telefon\nÅsa;a@x.se;\n{last}")[1]) == 2
    assert len(look("Namn;E-post;Telefon\nÅsa;a@x.se;\nTotalt;;\nBo;b@x.se;\n")[1]) == 3


def test_the_owner_may_say_which_line_names_the_columns() -> None:
    written = "Lista\nNamn;Mail\nÅsa;a@x.se\nBo;b@x.se\n"
    assert look(written, header="2")[0].header == ["Namn", "Mail"]
    reading, rows = look(written, header="none")
    assert reading.header == [] and rows[0] == ["Lista"]
    assert look(written, delimiter=",")[1][-1] == ["Bo;b@x.se"]
    book = xlsx(("A", sheet([["Lista", ""], ["Namn", "E-post"], ["Åsa", "a@x.se"]])))
    assert look(book, header="2")[0].header == ["Namn", "E-post"]


def test_far_too_many_columns_are_refused() -> None:
    wide = ";".join(["E-post", *(f"k{at}" for at in range(10_000))])
    with pytest.raises(decoding.Unreadable, match="10001 columns"):
        look(f"{wide}\na@x.se\n")


def test_fifty_columns_named_alike_are_read() -> None:
    reading, rows = look(
        ";".join(["E-post", *["Namn"] * 50]) + "\n" + ";".join(["a@x.se", *["Åsa"] * 50]) + "\n"
    )
    assert reading.fields.count("full_name") == 1 and len(rows[0]) == 51


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_line_of_a_hundred_megabytes_is_refused_without_being_held(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    with path.open("wb") as file:
        file.write("Namn;E-post\n".encode(codec))
        for _piece in range(20):
            file.write(("a" * (1 << 20)).encode(codec))
    with path.open("rb") as file, pytest.raises(decoding.Unreadable, match="4 million"):
        inspection.inspect(file)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lista.csv"
    path.write_text("Namn;E-post\n" + "Åsa;a@x.se\n" * 50_000)
    with path.open("rb") as file:
        reading = inspection.inspect(file)
        _header, rows = table.header_and_rows(file, reading.codec, reading.dialect)
        next(rows)
        with path.open("a") as other:
            other.write("Bo;b@x.se\n")
        os.utime(path, ns=(1, 1))
        with pytest.raises(decoding.Unreadable, match="changed while"):
            list(rows)


# --- cells


@pytest.mark.parametrize(
    ("written", "email"),
    [
        ("mailto:a@x.se", "a@x.se"),
        ("Åsa Öberg <a@x.se>", "a@x.se"),
        ("'a@x.se'", "a@x.se"),
        ("\u00a0a@x.se\u00a0", "a@x.se"),
        ("a\u200b@x.se", "a@x.se"),
        ("a＠x.se", "a@x.se"),
        ("info@a\u030akeri.se", "info@åkeri.se"),
        ("a@x.se; b@x.se", "a@x.se"),
        ("a@x.se ::: b@x.se", "a@x.se"),
        ("A@X.SE", "a@x.se"),
    ],
)
def test_addresses_are_found_in_their_cells(written: str, email: str) -> None:
    (one,) = people(text([["Namn", "E-post"], ["Bo Ek", written]]))
    assert (one.problem, one.email) == ("", email)


def test_formulas_are_text_and_cut_phones_are_named() -> None:
    found = people(
        text(
            [
                ["Namn", "E-post", "Telefon"],
                ['=HYPERLINK("http://x")', "a@x.se", ""],
                ["Bo", "b@x.se", "4,67E+10"],
            ]
        )
    )
    assert found[0].problem == "" and found[0].first_name.startswith("=HYPERLINK")
    assert (found[1].problem, found[1].reason) == ("review", "phone_lost_digits")


# --- vCards

CARDS = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=96berg;=C3=85sa;;;\r\n"
    "ORG;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:=D6stra Verken AB;In=\r\nk=F6p\r\nTEL;CELL:+46 70-174 06 05\r\n"
    "EMAIL;INTERNET;PREF:asa@ostra.example\r\nEMAIL;HOME:asa@hem.example\r\n"
    "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\r\n SkZJRg==\r\n\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\nVERSION:3.0\nFN:Håkon Bjørnstad\nN:Bjørnstad;Håkon;;;\nitem1.EMAIL;type=INTERNET:hakon@fjordlaks.ex\n ample\n"
    "item1.X-ABLabel:_$!<Work>!$_\nORG:Fjordlaks\\, Nord AS;Salg\nTITLE:Daglig leder\nCATEGORIES:VIP,Messe\\, Oslo\n"
    "ADR;TYPE=WORK:;;Gate 1;Bergen;;5003;Norge\n"
    "TEL;TYPE=WORK,VOICE:+47 22 00 00 01\nTEL;TYPE=FAX:+47 22 00 00 02\nNOTE:En linje\\nto linjer\nEND:VCARD\n"
    "BEGIN:VCARD\nVERSION:4.0\nFN:Ægir Næss\nEMAIL;PREF=2:andre@x.example\nEMAIL;PREF=1:forste@x.example\n"
    'TEL;VALUE=uri;TYPE="cell,voice":tel:+47-22-00-00-03\nEND:VCARD\n'
)


def test_cards_of_all_three_versions_are_people() -> None:
    found = people(CARDS)
    assert [(one.first_name, one.last_name, one.email, one.company, one.phone) for one in found] == [
        ("Åsa", "Öberg", "asa@ostra.example", "Östra Verken AB", "+46701740605"),
        ("Håkon", "Bjørnstad", "hakon@fjordlaks.example", "Fjordlaks, Nord AS", "+4722000001"),
        ("Ægir", "Næss", "forste@x.example", "", "+4722000003"),
    ]
    assert found[0].further == ["asa@hem.example"]
    assert (found[1].title, found[1].city, found[1].country) == ("Daglig leder", "Bergen", "NO")
    assert "VIP" in found[1].tags


def test_a_card_that_never_ends_costs_itself_alone() -> None:
    written = "BEGIN:VCARD\nFN:Åsa\nEMAIL:a@x.se\nBEGIN:VCARD\nFN:Bo\nEMAIL:b@x.se\nEND:VCARD\n"
    assert [(one.reason, one.email) for one in people(written)] == [("open_card", ""), ("", "b@x.se")]


def test_a_card_in_utf16_is_read() -> None:
    assert len(people(CARDS.encode("utf-16"))) == 3


def test_a_photograph_of_many_lines_is_not_held() -> None:
    lines = iter(
        [
            "BEGIN:VCARD\n",
            "FN:Åsa\n",
            "PHOTO;ENCODING=b:AAAA\n",
            *[" " + "A" * 75 + "\n"] * 10_000,
            "EMAIL:a@x.se\n",
            "END:VCARD\n",
        ]
    )
    ((_line, cells, broken),) = list(vcard.rows(lines))
    assert (cells[vcard.HEADER.index("E-mail")], broken) == ("a@x.se", "")


# --- what the columns are


@pytest.mark.parametrize(
    ("program", "header"),
    [
        ("HubSpot", "Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage"),
        ("Mailchimp", "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME"),
        ("Pipedrive", "Person - Name,Person - Organization,Person - Email - Work"),
        ("Salesforce", "First Name,Last Name,Account Name,Email,Email Opt Out"),
        ("SuperOffice", "Contact - First name,Contact - Last name,Contact - E-mail,Contact - No Mailings,Contact - Former employee"),
        ("Outlook", "First Name,Last Name,Business Street,Business Phone,E-mail Address"),
        ("Outlook", "Etunimi,Sukunimi,Työpuhelin,Sähköpostiosoite"),
        ("Google", "First Name,Last Name,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Value"),
        ("LinkedIn", "First Name,Last Name,URL,Email Address,Company,Position,Connected On"),
        ("Fortnox", "Kundnr,Namn,Organisationsnummer,E-post,Betalningsvillkor"),
        ("Upsales", "Upsales ID,Company name,Contact first name,Contact email"),
        ("Severa", "Customer name,Business ID,Contact first name,Contact last name,E-mail"),
        ("Puzzel", "Externt ID,Förnamn,Efternamn,E-post 1,E-post 2"),
        ("Puzzel", "Ekstern ID,Fornavn,Etternavn,E-post 1,E-post 2"),
    ],
)  # fmt: skip
def test_the_layouts_of_programs_are_known(program: str, header: str) -> None:
    suggestion = columns.suggest(header.split(","))
    assert suggestion.layout == program
    assert "email" in suggestion.fields


def test_names_that_mean_something_else_in_some_programs() -> None:
    assert (
        columns.suggest(
            ["First Name", "Last Name", "URL", "Email Address", "Company", "Connected On"]
        ).fields[2]
        == ""
    )
    assert columns.suggest(
        ["Kundnr", "Namn", "Organisationsnummer", "Er referens", "E-post", "Betalningsvillkor"]
    ).fields[1:4] == ["company", "org_number", "full_name"]
    assert columns.suggest(
        ["Email Address", "OPTIN_TIME", "CONFIRM_TIME", "UNSUB_TIME", "CLEAN_TIME"]
    ).fields[3:] == ["opt_out", "opt_out"]


def test_a_column_called_email_without_an_address_is_no_address() -> None:
    assert columns.suggest(["email_id", "Namn"], [[str(at), "Åsa"] for at in range(20)]).fields[0] == ""


def test_two_address_columns_are_one_and_a_further_one() -> None:
    assert columns.suggest(["E-post", "E-post 2", "E-post privat"]).fields == [
        "email",
        "email_further",
        "email_further",
    ]


def test_a_header_is_known_again_whatever_its_spelling() -> None:
    assert columns.fingerprint(["E-post", "Förnamn"]) == columns.fingerprint(["e-post ", "FÖRNAMN", ""]) != ""
    assert columns.fingerprint(["E-post", "Namn"]) != columns.fingerprint(["Namn", "E-post"])
    assert columns.fingerprint([]) == columns.fingerprint(["", " "]) == ""


@pytest.mark.parametrize(
    ("header", "domain", "country", "ground"),
    [
        (["E-post", "CONFIRM_TIME"], "a.se", "SE", ("consent", "proof")),
        (["E-post", "Kundnr"], "a.se", "SE", ("existing_customer", "customers")),
        (["E-post"], "gmail.com", "SE", ("none", "private")),
        (["E-post"], "a.no", "NO", ("legitimate_interest", "norway")),
        (["E-post"], "a.se", "SE", ("legitimate_interest", "companies")),
        (["E-post"], "a.dk", "DK", ("none", "strict")),
    ],
)
def test_the_file_speaks_for_a_ground(
    header: list[str], domain: str, country: str, ground: tuple[str, str]
) -> None:
    sample = [[f"anna.{at}@{domain}", "2024-01-01"] for at in range(10)]
    fields = columns.suggest(header, sample).fields
    assert grounding.suggest(header, fields, sample, layout="", country=country) == ground


def test_mailboxes_of_companies_speak_for_themselves() -> None:
    sample = [
        [f"{name}@a{at}.no"] for at, name in enumerate(["post", "info", "kontakt", "firmapost", "order"])
    ]
    assert grounding.suggest(["E-post"], ["email"], sample, layout="", country="NO") == (
        "role_address",
        "roles",
    )
    assert addresses.is_role_address("post@a.no")


def test_a_cell_over_several_rows_stands_beside_each_of_them() -> None:
    body = sheet([["Företag", "E-post"], ["Ek AB", "bo@ek.example"], ["", "asa@ek.example"]])
    merged = body.replace(
        "</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
    )
    assert [one.company for one in people(xlsx(("A", merged)))] == ["Ek AB", "Ek AB"]
