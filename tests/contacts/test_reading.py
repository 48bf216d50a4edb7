"""Reading a file: encoding, dialect, rows, columns, values, verdict. Pure: no database."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.reading import (
    addresses,
    dates,
    decoding,
    dialect,
    inspection,
    naming,
    person,
    phones,
    table,
    values,
    verdict,
)

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
NORDIC = "Åsa Öberg är på väg; Håkon Bjørnstad, Sørine Næss och Jörgen Ängström\r\n"
# cells as people write them: no control signs, no lone surrogates
CELL = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=30)


def read(data: bytes, country: str = "SE") -> list[person.Person]:
    """Everybody whom a file of bytes speaks about."""
    file = io.BytesIO(data)
    reading = inspection.inspect(file)
    _header, rows = table.header_and_rows(file, reading.codec, reading.dialect)
    known = person.mapping(reading.fields, reading.header, country=reading.country or country, latest=NOW)
    return [person.read(row, known) for row in rows]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
        ("mac_roman", "mac_roman"),
        ("cp850", "cp850"),
    ],
)
def test_nordic_letters_survive_every_encoding_of_an_office(written: str, read_as: str) -> None:
    file = io.BytesIO((NORDIC * 20).encode(written))
    encoding = decoding.detect(file)
    assert encoding.codec == read_as
    assert "".join(table.text_lines(file, encoding)).removeprefix("\ufeff") == NORDIC * 20


def test_the_only_swedish_letter_may_stand_at_the_very_end() -> None:
    file = io.BytesIO(b"name;email\r\n" + b"Anna;anna@x.se\r\n" * 200_000 + "Märta;m@x.se".encode("cp1252"))
    assert decoding.detect(file).codec == "cp1252"


def test_a_letter_cut_by_the_chunk_is_still_utf8() -> None:
    file = io.BytesIO(b"a" * (decoding.CHUNK - 1) + b"\n" + "å\n".encode() * 5)
    shifted = io.BytesIO(b"\n" + b"a" * (decoding.CHUNK - 2) + "å\n".encode() * 5)
    assert decoding.detect(file).codec == decoding.detect(shifted).codec == "utf-8"


def test_a_few_windows_letters_among_utf8_are_read_too() -> None:
    file = io.BytesIO(NORDIC.encode() * 10 + "Märta\r\n".encode("cp1252"))
    encoding = decoding.detect(file)
    assert list(table.text_lines(file, encoding))[-1] == "Märta\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n  ",
        b"\xef\xbb\xbf",
        b"\xd0\xcf\x11\xe0aaaa",
        b"%PDF-1.4",
        bytes(range(256)) * 20,
        b"x" * (5 << 20),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(decoding.Unreadable, match=r"\w{3,}.*\."):
        inspection.inspect(io.BytesIO(data))


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiters_are_found(delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(
        [["Förnamn", "E-post", "Företag"], ["Åsa", "a@x.se", f"A{delimiter}B, C; D"], ["Bo", "b@x.se", "E"]]
    )
    form = dialect.detect(out.getvalue())
    assert (form.delimiter, form.skip, form.has_header) == (delimiter, 0, True)


def test_the_sep_line_of_excel_names_the_delimiter_and_is_no_row() -> None:
    people = read("sep=;\r\nNamn;E-post\r\nÅsa Öberg;asa@x.se\r\n".encode("cp1252"))
    assert [(one.first_name, one.last_name, one.email, one.line) for one in people] == [
        ("Åsa", "Öberg", "asa@x.se", 3)
    ]


def test_lines_before_the_header_are_skipped() -> None:
    text = 'Notes:\n"When exporting your data, some addresses are missing."\n\n'
    text += "First Name,Last Name,Email Address,Company,Connected On\nÅsa,Öberg,asa@x.se,Östra,1 Jan 2024\n"
    assert [one.email for one in read(text.encode())] == ["asa@x.se"]


def test_a_file_without_header_is_understood_by_its_cells() -> None:
    people = read("Åsa;Öberg;asa@x.se;08-465 004 11\nBo;Ek;bo@x.se;070-174 06 05\n".encode())
    assert [(one.first_name, one.last_name, one.email, one.phone) for one in people] == [
        ("Åsa", "Öberg", "asa@x.se", "+46846500411"),
        ("Bo", "Ek", "bo@x.se", "+46701740605"),
    ]


def test_lines_that_are_one_quoted_cell_each_are_unwrapped() -> None:
    text = '"Namn;""E-post"""\n"Åsa Öberg;""asa@x.se"""\n"Bo Ek;""bo@x.se"""\n'
    assert [one.email for one in read(text.encode())] == ["asa@x.se", "bo@x.se"]


def test_a_quote_that_is_never_closed_costs_one_row_and_not_the_file() -> None:
    text = 'Namn;E-post\nÅsa;asa@x.se\n"Bo;bo@x.se\n' + "Cia;c@x.se\n" * 5
    people = read(text.encode())
    assert [one.problem for one in people] == ["", "invalid", "", "", "", "", ""]
    assert (people[1].reason, people[1].line, people[2].line) == ("open_quote", 3, 4)


@given(
    st.lists(
        st.lists(CELL.filter(lambda cell: cell.strip() != ""), min_size=3, max_size=3),
        min_size=1,
        max_size=12,
    )
)
def test_every_row_written_is_a_row_read(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL).writerows(
        [["Förnamn", "Efternamn", "E-post"], *rows]
    )
    file = io.BytesIO(out.getvalue().encode("utf-8-sig"))
    header, found = table.header_and_rows(file, decoding.Encoding("utf-8-sig", ""), dialect.Dialect(";"))
    assert header == ["Förnamn", "Efternamn", "E-post"]
    assert [row.cells for row in found] == rows


@given(st.binary(max_size=400))
def test_no_bytes_at_all_break_the_reader(data: bytes) -> None:
    try:
        people = read(data)
    except decoding.Unreadable:
        return
    assert [one.number for one in people] == list(range(1, len(people) + 1))


@given(CELL)
def test_a_cell_of_text_is_one_clean_line(cell: str) -> None:
    once = values.text(cell)
    assert values.text(once) == once
    assert once == once.strip() and not set(once) & set("\r\n\x00\u2028")


@given(st.emails(domains=st.sampled_from(["x.se", "Firma.NO", "post.example.com"])))
def test_an_address_has_one_normal_form(email: str) -> None:
    try:
        normal = addresses.address(email)
    except values.Problem:
        return
    assert addresses.addresses(normal) == [normal]
    assert addresses.addresses(f" Anna <{normal.upper()}> ") == [normal]


@pytest.mark.parametrize(
    ("cell", "normal"),
    [
        ("JORGEN@TRADGARD.EXAMPLE", ["jorgen@tradgard.example"]),
        ("mailto:a@x.se", ["a@x.se"]),
        ("Åsa <a@x.se>", ["a@x.se"]),
        ("a@x.se.", ["a@x.se"]),
        ("\u200ba@x.se", ["a@x.se"]),
        ("a@x.se; b@x.se", ["a@x.se", "b@x.se"]),
        ("a@x.se ::: b@x.se", ["a@x.se", "b@x.se"]),
        ("info@ÅKERI.se", ["info@åkeri.se"]),
        ("-", []),
        ("saknas", []),
        ("a@" + "åkeri.se".encode("idna").decode(), ["a@åkeri.se"]),
    ],
)
def test_addresses_are_normalised_without_changing_whom_they_reach(cell: str, normal: list[str]) -> None:
    assert addresses.addresses(cell) == normal


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Åsa Öberg", "name_in_address"),
        ("a@", "bad_address"),
        ("a@[127.0.0.1]", "bad_address"),
        (".a@x.se", "bad_address"),
        ("a@b@x.se", "bad_address"),
        ("anna@ex\u0430mple.com", "lookalike_address"),
        ("\u202egro.elpmaxe@anna.se", "address_hides_signs"),
        ("a@x.se\r\nBcc: b@y.se", "header_in_address"),
        ("a@x.invalid", "bad_address"),
        ("MAILER-DAEMON", "no_address"),
        ("a@" + "b23456789." * 30 + "se", "bad_address"),
    ],
)
def test_addresses_that_reach_nobody_are_named(cell: str, code: str) -> None:
    with pytest.raises(values.Problem) as problem:
        addresses.addresses(cell)
    assert problem.value.code == code


@pytest.mark.parametrize(
    ("cell", "country", "number"),
    [
        ("08-465 004 11", "SE", "+46846500411"),
        ("+46 (0)70-174 06 12", "SE", "+46701740612"),
        ("070-174 06 05", "SE", "+46701740605"),
        ("701740605", "SE", "+46701740605"),
        ("22 00 00 01", "NO", "+4722000001"),
        ("0047 22000003", "NO", "+4722000003"),
        ("+358 9 1234 567", "DK", "+35891234567"),
        ("+45 32 12 34 56", "SE", "+4532123456"),
        ("46701740605", "SE", "+46701740605"),
        ("08-465 004 11 / 070-174 06 05", "SE", "+46846500411"),
        ("", "SE", ""),
        ("-", "SE", ""),
    ],
)
def test_phones_become_e164_by_country(cell: str, country: str, number: str) -> None:
    assert phones.phone(cell, country) == number


@pytest.mark.parametrize(
    ("cell", "code"),
    [("4.67E+10", "phone_lost_digits"), ("4,67E+10", "phone_lost_digits"), ("växeln", "phone_unreadable")],
)
def test_phones_that_cannot_be_dialled_are_named(cell: str, code: str) -> None:
    with pytest.raises(values.Problem) as problem:
        phones.phone(cell, "SE")
    assert problem.value.code == code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Östra Verken AB", "östra verken"),
        ("Fjordlaks AS", "Fjordlaks  A/S"),
        ("Metsä Oy", "METSÄ OYJ"),
        ('Åkeri "Nord" AB', "Åkeri Nord AB (publ)"),
        ("Trädgård & Sånt HB", "Trädgård Sånt"),
    ],
)
def test_a_company_is_known_without_its_legal_form(one: str, other: str) -> None:
    assert values.company_key(one) == values.company_key(other)


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("Lind, Anna", ("Anna", "Lind")),
        ("Carl von Linné", ("Carl", "von Linné")),
        ("Anna Maria Lind", ("Anna Maria", "Lind")),
        ("Madonna", ("Madonna", "")),
    ],
)
def test_full_names_are_split(cell: str, parts: tuple[str, str]) -> None:
    assert naming.split_name(cell) == parts


@pytest.mark.parametrize(
    ("cell", "when"),
    [
        ("2016-04-18 13:51:14", datetime(2016, 4, 18, 13, 51, 14, tzinfo=UTC)),
        ("3/15/2024 2:30 PM", datetime(2024, 3, 15, 14, 30, tzinfo=UTC)),
        ("18.04.2016", datetime(2016, 4, 18, tzinfo=UTC)),
        ("2024-03-12T09:14:00+01:00", datetime(2024, 3, 12, 8, 14, tzinfo=UTC)),
        ("", None),
        ("0000-00-00 00:00:00", None),
    ],
)
def test_dates_of_consent_are_read(cell: str, when: datetime | None) -> None:
    assert dates.moment(cell, latest=NOW) == when


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1970-01-01 00:00:00", "impossible_date"),
        ("2031-01-01", "impossible_date"),
        ("snart", "unreadable_date"),
    ],
)
def test_dates_that_cannot_be_are_named(cell: str, code: str) -> None:
    with pytest.raises(values.Problem) as problem:
        dates.moment(cell, latest=NOW)
    assert problem.value.code == code


@pytest.mark.parametrize(
    ("header", "cell", "stop"),
    [
        ("Unsubscribed from all email", "true", "opted_out_in_list"),
        ("Email Opt Out", "1", "opted_out_in_list"),
        ("No Mailings", "Ja", "opted_out_in_list"),
        ("Ej utskick", "x", "opted_out_in_list"),
        ("Reservert mot utsendelser", "ja", "opted_out_in_list"),
        ("Unsubscribed", "2023-01-02", "opted_out_in_list"),
        ("Marketing status", "Bounced", "bounced"),
        ("Email status", "Cleaned", "bounced"),
        ("Person - Marketing status", "Unsubscribed", "opted_out_in_list"),
        ("Nyhetsbrev", "nej", "opted_out_in_list"),
        ("Samtykke", "nei", "opted_out_in_list"),
        ("Unsubscribed", "false", ""),
        ("Ej utskick", "", ""),
        ("Nyhetsbrev", "ja", ""),
        ("Marketing status", "Subscribed", ""),
        ("Email Opt Out", "0", ""),
    ],
)
def test_columns_of_opposite_meaning_become_stops(header: str, cell: str, stop: str) -> None:
    (one,) = read(f"E-post;{header};Namn\nanna@x.se;{cell};Anna Lind\n".encode())
    assert (one.problem, one.stop) == ("", stop)


def test_a_person_with_a_phone_and_no_address_is_kept() -> None:
    (one,) = read("Namn;Telefon;E-post\nÅsa Öberg;08-465 004 11;\n".encode())
    assert (one.problem, one.phone, one.email) == ("", "+46846500411", "")


def test_nobody_is_made_of_a_row_without_address_and_phone() -> None:
    (one,) = read("Namn;Telefon;E-post\nÅsa Öberg;;\n".encode())
    assert (one.problem, one.reason) == ("invalid", "no_way_to_reach")


def test_a_formula_is_text() -> None:
    (one,) = read(b"Namn;E-post\n=1+1;a@x.se\n")
    assert (one.problem, one.first_name) == ("", "=1+1")


@given(
    problem=st.sampled_from(["", "invalid", "review"]),
    duplicate=st.booleans(),
    suppressed=st.booleans(),
    exists=st.booleans(),
    changes=st.booleans(),
)
def test_a_verdict_is_the_first_that_fits(
    problem: str, duplicate: bool, suppressed: bool, exists: bool, changes: bool
) -> None:
    found = verdict.verdict(
        problem=problem, duplicate=duplicate, suppressed=suppressed, exists=exists, changes=changes
    )
    fits = {
        "invalid": problem == "invalid",
        "review": problem == "review",
        "duplicate": duplicate,
        "suppressed": suppressed,
    }
    fits |= {"same": exists and not changes, "changed": exists and changes, "new": not exists}
    assert found == next(word for word in verdict.VERDICTS if fits[word])


@given(
    now=st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "1", "2"])),
    said=st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "1", "2"])),
    fill=st.booleans(),
)
def test_a_row_applied_twice_changes_nothing_and_empty_never_erases(
    now: dict[str, Any], said: dict[str, Any], fill: bool
) -> None:
    changes = verdict.differences(now, said, fill_only=fill)
    after = {**now, **changes}
    assert verdict.differences(after, said, fill_only=fill) == {}
    assert all(after[name] for name in now if now[name])


def test_the_files_of_the_oracle_are_read_as_it_says(shared_data: Path) -> None:
    folder = shared_data / "contacts_csv"
    for name, oracle in json.loads((folder / "ORACLE.json").read_text()).items():
        data = (folder / name).read_bytes()
        people = read(data)
        assert len(people) == len(oracle["expected_contacts"]), name
        for one, expected in zip(people, oracle["expected_contacts"], strict=True):
            got: dict[str, Any] = {
                "email": one.email,
                "first_name": one.first_name,
                "last_name": one.last_name,
                "company": one.company,
                "title": one.title,
                "phone_e164": one.phone,
            }
            got |= {
                "suppressed": bool(one.stop),
                "tags": one.tags,
                "consent_at": f"{one.consent_at:%Y-%m-%d %H:%M:%S}" if one.consent_at else "",
                "consent_ip": one.consent_ip,
            }
            if name.startswith("svensk_excel"):
                expected.pop("title")  # the oracle names a title, the file has no column with one
            assert {key: got[key] for key in expected} == expected, name


def test_no_torture_file_breaks_the_reader(shared_data: Path) -> None:
    for path in sorted((shared_data / "csv_torture").rglob("*.*")):
        try:
            people = read(path.read_bytes())
        except decoding.Unreadable as refused:
            assert str(refused).endswith("."), path
            continue
        assert [one.number for one in people] == list(range(1, len(people) + 1)), path
