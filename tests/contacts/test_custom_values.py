"""What a cell or a field means in a custom field of each kind."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.reading import custom_values as custom
from contacts.reading.custom_values import NotThat


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42),
        ("1 234,50", 1234.5),
        ("1\u00a0234\u00a0567", 1234567),
        ("1\u202f234,5", 1234.5),
        ("1.234,50", 1234.5),
        ("1,234.50", 1234.5),
        ("1.234.567", 1234567),
        ("1'234'567.89", 1234567.89),
        ("12,5", 12.5),
        ("0.125", 0.125),
        ("0,125", 0.125),
        ("1234.567", 1234.567),
        (".5", 0.5),
        ("-3", -3),
        ("\u22123,5", -3.5),
        ("(500)", -500),
        ("+7", 7),
        ("kr 500", 500),
        ("500 kr", 500),
        ("499:-", 499),
        ("SEK 12 000", 12000),
        ("12 %", 12),
        ("007", 7),
    ],
)
def test_numbers_as_offices_write_them(text: str, value: float) -> None:
    found = custom.typed("number", text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("many", "not_a_number"),
        ("1.234", "number_in_two_ways"),
        ("12,500", "number_in_two_ways"),
        ("4.67E+10", "number_lost_digits"),
        ("nan", "not_a_number"),
        ("inf", "not_a_number"),
        ("1,2,3", "not_a_number"),
        ("1.23.456", "not_a_number"),
        ("١٢", "not_a_number"),
        ("1234567890123456", "number_too_long"),
        ("12 34", "not_a_number"),
        ("12-34", "not_a_number"),
        ("9" * 10_000, "number_too_long"),
    ],
)
def test_what_is_no_number_is_refused(text: str, code: str) -> None:
    with pytest.raises(NotThat) as refused:
        custom.typed("number", text)
    assert refused.value.code == code
    assert len(refused.value.words) < 300


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21", "21.11.2026", "21. 11. 2026", "21/11/2026", "21-11-2026", "20261121", "2026/11/21", "21.11.26", "11/21/2026",
        "21 november 2026", "21. nov. 2026", "den 21 november 2026", "21 marraskuuta 2026", "Nov 21, 2026", "November 21st, 2026",
        "2026-11-21 08:30", "2026-11-21T08:30:00Z", "21.11.2026 08:30",
    ],
)  # fmt: skip
def test_dates_as_offices_write_them(text: str) -> None:
    assert custom.typed("date", text) == "2026-11-21"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tomorrow", "not_a_date"),
        ("2026-13-01", "not_a_date"),
        ("30.02.2026", "not_a_date"),
        ("46347", "not_a_date"),
        ("1066-10-14", "date_far_away"),
        ("21 brumaire 2026", "not_a_date"),
        ("2026", "not_a_date"),
    ],
)
def test_what_is_no_date_is_refused(text: str, code: str) -> None:
    with pytest.raises(NotThat) as refused:
        custom.typed("date", text)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["ja", "Yes", "x", "1", "J", "true", "✓"])
def test_yes_in_many_words(text: str) -> None:
    assert custom.typed("yes_no", text) is True


@pytest.mark.parametrize("text", ["nei", "Nej", "no", "0", "false"])
def test_no_in_many_words(text: str) -> None:
    assert custom.typed("yes_no", text) is False


def test_a_choice_gets_the_fields_own_spelling() -> None:
    assert custom.typed("choice", " gULD ", ["Guld", "Silver"]) == "Guld"
    with pytest.raises(NotThat) as refused:
        custom.typed("choice", "Brons", ["Guld", "Silver"])
    assert refused.value.words == "“Brons” is not among the choices: Guld, Silver."
    with pytest.raises(NotThat):
        custom.typed("yes_no", "perhaps")


def test_text_stays_on_one_line_and_within_its_length() -> None:
    assert custom.typed("text", "  two\n lines ") == "two lines"
    with pytest.raises(NotThat):
        custom.typed("text", "A" * 1_001)


@pytest.mark.parametrize("kind", ["text", "number", "date", "choice", "yes_no"])
def test_nothing_is_no_value(kind: str) -> None:
    assert custom.typed(kind, "  ") is None
    assert custom.typed(kind, "-") is None


def round_trips(kind: str, value: Any, choices: tuple[str, ...] = ()) -> None:
    again = custom.typed(kind, custom.written(value), choices)
    assert again == value
    assert custom.fits(kind, again, choices)


@given(st.integers(-(10**15) + 1, 10**15 - 1) | st.decimals(-(10**6), 10**6, places=4).map(float))
def test_a_number_in_a_form_is_read_again_as_the_same(value: float) -> None:
    round_trips("number", int(value) if value == int(value) else value)


@given(st.dates(date(1800, 1, 1), date(2199, 12, 31)))
def test_a_date_in_a_form_is_read_again_as_the_same(value: date) -> None:
    round_trips("date", value.isoformat())


@given(st.booleans())
def test_yes_and_no_are_read_again_as_the_same(value: bool) -> None:
    round_trips("yes_no", value)


@given(st.sampled_from(["text", "number", "date", "choice", "yes_no"]), st.text(max_size=60))
def test_any_text_gives_a_value_that_fits_or_a_sentence(kind: str, text: str) -> None:
    try:
        value = custom.typed(kind, text, ("Guld", "Silver"))
    except NotThat as refused:
        assert refused.words
        return
    assert value is None or custom.fits(kind, value, ("Guld", "Silver"))
