"""The quick way of an import's reader gives what the long way gives; a number it settles is what the library says."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.reading import person, phones, quick, staged

FIELDS = [
    "first_name",
    "last_name",
    "email",
    "company",
    "title",
    "phone",
    "city",
    "country",
    "external_id",
    "custom",
    "opt_out",
]
NAMES = [
    "Anna",
    "ÅSA",
    "Åsa",
    "O'Brien",
    " Bo ",
    "",
    "-",
    "n/a",
    "von der Leyen",
    "ANNA",
    "=1+1",
    "a\tb",
    "x" * 130,
    "Li\\n",
    "B\u00a0C",
    "é",
    "ß",
]
ADDRESSES = [
    "a.b@x.se",
    "A.B@X.SE",
    "post@firma.no",
    "info2@firma.dk",
    "x@gmail.com",
    " y@z.fi ",
    "",
    "Anna Lind",
    "a@b",
    "å@x.se",
    "a..b@x.se",
    "a@x.se; b@x.se",
    "a.@x.se",
    "<c@x.se>",
    "a+b@xn--x.se",
]
COMPANIES = [
    "Östra Verken AB",
    "ostra verken",
    "",
    "Firma AS",
    "Enskild firma Bo",
    "A&B Oy",
    "x" * 310,
    "Tab\tAB",
]
PHONES = [
    "070-174 06 05",
    "+46 70 174 06 05",
    "08-465 004 11",
    "+47 22 12 34 56",
    "22123456",
    "",
    "4,67E+10",
    "0",
    "112",
    "(08) 123 45 67",
    "+46 (0)70-174 06 05",
    "0046701740605",
    "070-1740605 / 08-123",
]
COUNTRIES = ["", "SE", "Sverige", "Norge", "no", "Danmark", "Atlantis", "US"]
OTHERS = ["", "K1", "tab\there", 'quote " and \\ back', "ja", "-", "\u200bx", "a\nb"]


@st.composite
def rows(draw: st.DrawFn) -> list[str]:
    """Cells of every kind, ordinary and not, and now and then too few or too many of them."""
    pools = [
        NAMES,
        NAMES,
        ADDRESSES,
        COMPANIES,
        NAMES,
        PHONES,
        NAMES,
        COUNTRIES,
        OTHERS,
        OTHERS,
        ["", "", "", "ja", " "],
    ]
    cells = [draw(st.one_of(st.sampled_from(pool), st.text(max_size=12))) for pool in pools]
    return cells[: draw(st.sampled_from([11, 11, 11, 9, 4]))] + draw(
        st.sampled_from([[], [], [""], ["more"]])
    )


@pytest.mark.parametrize("tags", [(), ("fair", 'a"b')])
@settings(max_examples=80)
@given(row=rows())
def test_the_quick_way_is_the_long_way(row: list[str], tags: tuple[str, ...]) -> None:
    latest = datetime(2026, 11, 17, tzinfo=UTC)
    labels = [
        "Förnamn",
        "Efternamn",
        "E-post",
        "Företag",
        "Titel",
        "Telefon",
        "Ort",
        "Land",
        "Nr",
        "Eget",
        "Ej",
    ]
    known = person.mapping(FIELDS, labels, country="SE", latest=latest, tags=tags)
    reader = staged.Reader(known, policy={"": "fill", "Eget": "keep"}, stops=staged.Stops([], []))
    said = reader.quick.line(1, 2, row, reader.stops.maybe)
    assert said is None or said == reader.long_line((1, 2, row, ""))


def test_an_ordinary_row_goes_the_quick_way() -> None:
    known = person.mapping(FIELDS, FIELDS, country="SE", latest=datetime(2026, 11, 17, tzinfo=UTC))
    reader = staged.Reader(known, policy={"": "fill"}, stops=staged.Stops([], []))
    row = [
        "Åsa",
        "Öberg",
        "Asa@ostra.example",
        "Östra Verken AB",
        "VD",
        "070-174 06 05",
        "Lund",
        "Sverige",
        "K1",
        "",
        "",
    ]
    assert reader.quick.line(1, 2, row, reader.stops.maybe) == reader.long_line((1, 2, row, ""))


@pytest.mark.parametrize("region", ["SE", "NO", "DK", "FI", "DE", "IS", "GB", "US"])
@settings(max_examples=120)
@given(cell=st.one_of(
    st.from_regex(re.compile(r"\+?[0-9][0-9 ()-]{4,16}"), fullmatch=True),
    st.from_regex(re.compile(r"(\+4[5-9]|\+358|\+354|0|00)[0-9]{4,12}"), fullmatch=True),
))  # fmt: skip
def test_a_number_that_the_quick_way_settles_is_what_the_library_says(cell: str, region: str) -> None:
    try:
        quickly = quick.phone(cell, region)
    except quick.Unusual:
        return
    assert quickly == phones.phone(cell, region)


def test_the_plan_settles_the_numbers_of_the_north() -> None:
    assert quick.phone("070-174 06 05", "SE") == "+46701740605"
    assert quick.phone("+47 22 12 34 56", "NO") == "+4722123456"
    assert quick.phone("32 12 34 56", "DK") == "+4532123456"


def test_no_stop_is_missed_by_the_guess() -> None:
    stops = staged.Stops(["anna@x.se", "@stopped.se", "+46701740605"], [])
    assert (
        stops.maybe("anna@x.se", "") and stops.maybe("anna+list@x.se", "") and stops.maybe("b@stopped.se", "")
    )
    assert stops.maybe("", "+46701740605") and not stops.maybe("bo@x.se", "+46701740606")
