"""Single cells as people and programs write them: addresses, phones, names, dates, countries, towns. Pure."""

from datetime import UTC, datetime

import pytest

from contacts.reading import addresses, countries, dates, naming, phones, values

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        "mailto:bo@ek.se?subject=Hej", "Mailto:Bo@Ek.se", "bo @ek.se", "bo@ ek.se", "bo@ek. se",
        "[bo@ek.se](mailto:bo@ek.se)", "bo@ek.se <mailto:bo@ek.se>", "E-post: bo@ek.se", "SMTP:bo@ek.se", "bo@ek.se?", "bo@ek.se (jobb)",
        '="bo@ek.se"', "bo\u00ad@ek.se", "'bo@ek.se'", "bo@ek.se,,",
    ],
)  # fmt: skip
def test_an_address_is_found_among_what_stands_around_it(cell: str) -> None:
    assert addresses.addresses(cell) == ["bo@ek.se"]


@pytest.mark.parametrize(
    "cell",
    [
        "bo@ek.se/bo@x.no",
        "bo@ek.se bo@x.no",
        "bo@ek.se och bo@x.no",
        "bo@ek.se (jobb), bo@x.no (privat)",
    ],
)
def test_two_addresses_in_a_cell_are_two(cell: str) -> None:
    assert addresses.addresses(cell) == ["bo@ek.se", "bo@x.no"]


@pytest.mark.parametrize(
    "cell", ["bo@ek.se (slutat)", "bo@ek.se ej aktiv", "test@test", "bo@ek,se", "bo@@ek.se", "bo.ek.se"]
)
def test_words_that_may_mean_something_are_not_thrown_away(cell: str) -> None:
    with pytest.raises(values.Problem):
        addresses.addresses(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "070-1740605/08-46500411", "070-174 06 05 (mobil)", "Mob: 070-174 06 05", "070-174 06 05 anknytning: 12", "701740605.0",
        "46701740605.0", "070-174 06 05 / 08-465 004 11", "070-174 06 05 el. 08-465 004 11", "070 174 06 05 vx 08-465 004 11",
        "070/1740605", '="0701740605"', "+46-70-174 06 05", "46 (0)70 174 06 05",
    ],
)  # fmt: skip
def test_the_first_number_of_a_cell_is_dialled(cell: str) -> None:
    assert phones.phone(cell, "SE") == "+46701740605"


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("von der Leyen, Dr. Anna", ("Anna", "von der Leyen")),
        ("Frau Dr. Erika Muster", ("Erika", "Muster")),
        ("Anna Lind, VD", ("Anna", "Lind")),
        ("Bo Ek (Ek AB)", ("Bo", "Ek")),
        ("Mr John Smith Jr.", ("John", "Smith Jr.")),
        ("Drude Berg", ("Drude", "Berg")),
        ("Frank Herrman", ("Frank", "Herrman")),
        ("(Bo)", ("(Bo)", "")),
    ],
)
def test_a_name_is_told_from_its_titles(cell: str, parts: tuple[str, str]) -> None:
    assert naming.split_name(cell) == parts


@pytest.mark.parametrize(
    "cell",
    [
        "14.3.2024", "14/3/2024", "3/14/2024", "14-03-24", "14 mars 2024", "14. maaliskuuta 2024", "14. März 2024", "den 14 mars 2024",
        "March 14, 2024", "14 mar. 2024", "20240314", "45365", "1710403200", "1710403200000", "14.03.2024 kl. 09:15",
        "14.3.2024 klo 9.15", "2024/03/14 09:15", "Thu, 14 Mar 2024 09:15:00 +0100", "2024-03-14 09:15:00.000",
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_notation(cell: str) -> None:
    found = dates.moment(cell, latest=NOW)
    assert found is not None and f"{found:%Y-%m-%d}" == "2024-03-14"


@pytest.mark.parametrize("cell", ["31.2.2024", "14. snart 2024", "2024", "17", "99999", "kl. 09:15"])
def test_what_is_no_day_is_none(cell: str) -> None:
    with pytest.raises(values.Problem):
        dates.moment(cell, latest=NOW)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Norge (NO)", "NO"), ("Norway / Norge", "NO"), ("SE - Sverige", "SE"), ("Kongeriket Norge", "NO"), ("U.S.A.", "US"), ("D", "DE"),
        ("Tsjekkia", "CZ"), ("Iso-Britannia", "GB"), ("Grekland", "GR"), ("Færøyene", "FO"), ("Ahvenanmaa", "AX"), ("Storbritannia", "GB"),
        ("dnk", "DK"), ("Atlantis", ""), ("", ""),
    ],
)  # fmt: skip
def test_countries_are_known_in_six_languages(cell: str, code: str) -> None:
    assert countries.code(cell) == code


@pytest.mark.parametrize(
    ("cell", "city"),
    [
        ("903 26 Umeå", "Umeå"),
        ("SE-903 26 UMEÅ", "UMEÅ"),
        ("0150 Oslo", "Oslo"),
        ("Umeå", "Umeå"),
        ("8000", "8000"),
    ],
)
def test_a_town_is_told_from_its_postcode(cell: str, city: str) -> None:
    assert values.city(cell) == city


def test_letters_that_the_web_wrote_as_words_are_letters() -> None:
    assert values.text("&Aring;s &amp; S&ouml;ner AB") == "Ås & Söner AB"
    assert values.text("AT&T; Ek") == "AT&T; Ek"
