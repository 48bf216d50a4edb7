"""Lists as offices keep them: several people in a row, blocks of lines, a second table, remarks, headers of many words. Pure."""

import pytest

from contacts.reading import columns, further, headers, inspection, remarks, repeats
from tests.contacts.test_strangers_files import people, who

ASA, BO, EVA = (
    ("asa@ostra.example", "Åsa", "Öberg"),
    ("bo@ek.example", "Bo", "Ek"),
    ("eva@alm.example", "Eva", "Alm"),
)


@pytest.mark.parametrize(
    "data",
    [
        "Företag;Kontakt 1 Namn;Kontakt 1 E-post;Kontakt 2 Namn;Kontakt 2 E-post\r\nX;Åsa Öberg;asa@ostra.example;Bo Ek;bo@ek.example\r\n",
        "Företag;Namn;E-post;Namn 2;E-post 2\r\nX;Åsa Öberg;asa@ostra.example;Bo Ek;bo@ek.example\r\n",
        "Namn;E-post;Namn;E-post\r\nÅsa Öberg;asa@ostra.example;Bo Ek;bo@ek.example\r\n",
        "Namn: Åsa Öberg\r\nE-post: asa@ostra.example\r\n\r\nNamn: Bo Ek\r\nE-post: bo@ek.example\r\n",
        "Namn: Åsa Öberg\r\nE-post: asa@ostra.example\r\nNamn: Bo Ek\r\nE-post: bo@ek.example\r\n",
        (
            "dn: cn=x\r\nobjectclass: person\r\ngivenName:: w4VzYQ==\r\nsn:: w5ZiZXJn\r\nmail: asa@ostra.example\r\n\r\n"
            "dn: cn=y\r\ngivenName: Bo\r\nsn: Ek\r\nmail: bo@ek.example\r\n"
        ),
        "Kunder;;\r\nNamn;E-post;Ort\r\nÅsa Öberg;asa@ostra.example;\r\n;;\r\nNya;;\r\nOrt;E-post;Namn\r\nLund;bo@ek.example;Bo Ek\r\n",
        "Värd\r\nNamn,E-post\r\nÅsa Öberg,asa@ostra.example\r\nDeltagare\r\nFörnamn,Efternamn,E-post\r\nBo,Ek,bo@ek.example\r\n",
        "Namn;E-post;Ort\r\nÅsa Öberg;asa@ostra.example;\r\nBo Ek;bo@ek.example;\r\n;;\r\n;Värd: Sam;\r\n",
        "Deltagare;Ort\r\nÅsa Öberg <asa@ostra.example>;Lund\r\nBo Ek <bo@ek.example>;Lund\r\n",
        "“Namn”;“E-post”\r\n“Åsa Öberg”;“asa@ostra.example”\r\n“Bo Ek”;“bo@ek.example”\r\n",
    ],
    ids=["numbered", "a second one", "the same titles", "blocks", "blocks without a gap", "LDIF", "a second table", "further columns",
         "a word under it", "beside the name", "curly quotes"],
)  # fmt: skip
def test_everybody_in_the_list_is_a_person(data: str) -> None:
    assert who(data) == [ASA, BO]
    assert not any(one.problem for one in people(data))


@pytest.mark.parametrize(
    "header",
    [
        ["Namn", "E-post", "E-post 2", "Telefon 1", "Telefon 2"],
        ["Name 1", "Name 2", "Telefon 1", "Telefon 2", "E-Mail"],
        ["Name", "E-mail 1 - Value", "E-mail 2 - Value", "Organization 1 - Name"],
        ["Kontakt 1 Namn", "Kontakt 1 E-post"],
        ["E-post"] * 50,
    ],
)
def test_a_second_address_is_no_second_person(header: list[str]) -> None:
    assert repeats.people(header) is None


def test_what_people_in_a_row_have_in_common_stays_with_each() -> None:
    found = repeats.people(["Företag", "Namn 1", "E-post 1", "Namn 2", "E-post 2"])
    assert found is not None and found.header == ["Företag", "Namn", "E-post"]
    assert list(found.split(["Ek AB", "Bo", "b@x", "", ""])) == [["Ek AB", "Bo", "b@x"]]
    assert list(found.split(["Ek AB", "", "", "Åsa", "a@x", "mer"])) == [["Ek AB", "Åsa", "a@x", "mer"]]
    assert list(found.split(["Ek AB"])) == [["Ek AB", "", ""]]


def test_a_row_of_a_person_is_no_header() -> None:
    assert further.is_header(["Namn", "E-post", "Företag"])
    for cells in (["Bo Ek", "bo@ek.example"], ["Ort", "Stad"], ["Telefon", "08465004"], ["E-post", ""]):
        assert not further.is_header(cells)


def test_a_title_between_the_rows_costs_nobody_their_place() -> None:
    data = "Namn;E-post\r\nÅsa Öberg;asa@ostra.example\r\nPROSPEKT;\r\nBo Ek;bo@ek.example\r\nSkickas till Eva;\r\n"
    found = people(data)
    assert [(one.email, one.reason) for one in found] == [
        ("asa@ostra.example", ""), ("", "no_way_to_reach"), ("bo@ek.example", ""), ("", "no_way_to_reach"),
    ]  # fmt: skip


def test_several_people_in_a_cell_are_looked_at() -> None:
    (one,) = people('Namn;E-post\r\n"Åsa Öberg\nBo Ek";"asa@ostra.example\nbo@ek.example"\r\n')
    assert (one.problem, one.reason, one.detail) == ("review", "several_people", "Åsa Öberg, Bo Ek")


def test_a_name_with_its_company_is_parted() -> None:
    (one, two) = people("Kontakt;E-post\r\nÅsa Öberg, Östra AB;asa@ostra.example\r\nEk, Bo;bo@ek.example\r\n")
    assert (one.first_name, one.last_name, one.company) == ("Åsa", "Öberg", "Östra AB")
    assert (two.first_name, two.last_name, two.company) == ("Bo", "Ek", "")


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Deltagare förnamn", "first_name"), ("Fornavn på deltaker", "first_name"), ("Kontaktpersonens namn", "full_name"),
        ("Kontaktperson: E-post", "email"), ("attendee_email", "email"), ("Persons direkte telefon", "phone"), ("WorkPhoneNumber", "phone"),
        ("Privat e-post", "email_further"), ("Associerat företag", "company"), ("Medlemsbedrift", "company"), ("Mässbesökare", "full_name"),
        ("Jobbmejl", "email"), ("Job Title1", "title"), ("POCity", "city"),
        ("Säljarens e-post", ""), ("Kjøper e-post", ""), ("Invoice e-mail", ""), ("Host Email", ""),
        ("Last contacted", None), ("Event name", None), ("Company2", None), ("Kontaktad via", None),
        ("Namn 2", None), ("Listans namn", None),
    ],
)  # fmt: skip
def test_a_header_is_read_word_by_word(header: str, field: str | None) -> None:
    found = headers.field_of(header)
    assert (headers.loosely(header) if found is None else found) == field


def test_the_contact_persons_own_address_comes_before_the_companys() -> None:
    fields = columns.suggest(["Företag", "E-post", "Kontaktperson", "Kontaktperson e-post"]).fields
    assert fields == ["company", "email_further", "full_name", "email"]


@pytest.mark.parametrize(
    ("header", "cells", "field"),
    [
        ("Tila", ["Aktiivinen", "Estetty"], "mail_status"),
        ("Abo", ["Angemeldet", "Abgemeldet"], "mail_status"),
        ("Postadress", ["211 34 Malmö", "903 26 Umeå"], "city"),
        ("Faktura e-post", ["a@x.example", "b@x.example"], "email"),
        ("Bransch", ["Bygg", "Handel"], ""),
    ],
)
def test_a_column_is_known_by_its_cells(header: str, cells: list[str], field: str) -> None:
    assert columns.suggest(["Namn", header], [["Bo Ek", cell] for cell in cells]).fields[1] == field


@pytest.mark.parametrize(
    ("remark", "said"),
    [
        ("Ring ej!", "do_not_call"), ("vill ej bli uppringd", "do_not_call"), ("Kontakta ej via telefon", "do_not_call"),
        ("ikke ring", "do_not_call"), ("vill ej ha mail", "opt_out"), ("Skicka inga fler utskick tack", "opt_out"),
        ("Mail ikke mere", "opt_out"), ("Do not contact", "opt_out"), ("keine Werbung", "opt_out"), ("har slutat", "left_company"),
        ("Slutat 2023-05-01", "left_company"), ("jobbar inte kvar", "left_company"),
        ("Ringde ej tillbaka", ""), ("Fick inget svar på mail", ""), ("ring efter kl. 13\nvill ha offert", ""), ("Ej kund", ""),
        ("Har slutat svara", ""), ("Vill inte ha gluten", ""),
    ],
)  # fmt: skip
def test_a_no_in_a_remark_is_heard(remark: str, said: str) -> None:
    assert remarks.refusal(remark) == said


@pytest.mark.parametrize(
    ("header", "cell", "stop"),
    [
        ("Har sluttet", "Ja", "left_company"),
        ("Former employee", "true", "left_company"),
        ("Har sluttet", "Nei", ""),
        ("Email Bounced", "true", "bounced"),
        ("CLEAN_TIME", "2018-01-01 10:00:00", "bounced"),
        ("Marked email as spam", "true", "complained"),
        ("Avregistrerad", "2018-01-01", "opted_out_in_list"),
    ],
)
def test_a_stop_has_the_reason_that_its_column_is_about(header: str, cell: str, stop: str) -> None:
    assert people(f"E-post;{header}\r\na@x.example;{cell}\r\n")[0].stop == stop


def test_a_no_to_a_question_about_calls_is_one() -> None:
    (one, two) = people("E-post;Kan kontaktes på telefon\r\na@x.example;Nei\r\nb@x.example;Ja\r\n")
    assert (one.no_calls, two.no_calls, one.stop) == (True, False, "")


def test_who_said_yes_and_when_has_agreed() -> None:
    (one, two) = people(
        "E-post;Samtycke;Samtycke inhämtat\r\na@x.example;Ja;2024-03-14\r\nb@x.example;Nej;2024-03-14\r\n"
    )
    assert (one.ground, one.stop, f"{one.consent_at:%Y-%m-%d}") == ("consent", "", "2024-03-14")
    assert (two.ground, two.stop) == ("", "opted_out_in_list")


def test_a_switchboard_is_dialled_last() -> None:
    (one,) = people("E-post;Växel;Mobil\r\na@x.example;08-465 004 00;070-174 06 05\r\n")
    assert (one.phone, one.custom["phone_2"]) == ("+46701740605", "+46846500400")


def test_a_file_that_was_cut_within_a_letter_loses_that_letter_only() -> None:
    data = b"\xff\xfe" + "Namn;E-post\r\nBo Ek;bo@ek.example\r\n".encode("utf-16-le")[:-3]
    assert who(data) == [BO]


def test_the_form_of_a_file_survives_being_stored() -> None:
    import io
    import json

    data = "Namn;E-post;Namn 2;E-post 2\r\nÅsa Öberg;asa@ostra.example;Bo Ek;bo@ek.example\r\n"
    reading = inspection.inspect(io.BytesIO(data.encode()))
    kept = inspection.Reading(**json.loads(json.dumps(reading.as_json())))
    assert kept.dialect.several and kept.header == ["Namn", "E-post"]


def test_headers_in_short_are_the_words_that_begin_so() -> None:
    fields = columns.suggest(
        ["Förn.", "Eftern.", "Ftg", "Befattn.", "Tfn arb.", "Tfn mob.", "Mejladr."]
    ).fields
    assert fields == ["first_name", "last_name", "company", "title", "phone", "mobile", "email"]


def test_a_column_of_companies_is_one_whatever_it_is_called() -> None:
    assert columns.suggest(["Kund", "E-post"], [["Ek AB", "bo@ek.example"]]).fields[0] == "company"


def test_beside_a_last_name_a_name_is_the_first_one() -> None:
    fields = columns.suggest(["Name", "Last name"], [["Bo", "Ek"], ["Åsa", "Öberg"]]).fields
    assert fields == ["first_name", "last_name"]
