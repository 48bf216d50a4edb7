"""Files of kinds that offices send and nobody gave us: what comes out of each, by a small oracle of its own. Pure: no database."""

import csv
import io
from datetime import UTC, datetime

import pytest

from contacts.reading import addresslist, columns, decoding, inspection, permission, person, table

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ASA, BO = ("asa@ostra.example", "Åsa", "Öberg"), ("bo@ek.example", "Bo", "Ek")


def people(data: str | bytes) -> list[person.Person]:
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    reading = inspection.inspect(file)
    inspection.require_reachable(reading)
    known = person.mapping(reading.fields, reading.labels(), country=reading.country or "SE", latest=NOW)
    return [person.read(row, known) for row in table.header_and_rows(file, reading.codec, reading.dialect)[1]]


def who(data: str | bytes) -> list[tuple[str, str, str]]:
    return [(one.email, one.first_name, one.last_name) for one in people(data)]


LIST = "Förnamn;Efternamn;E-post;Företag\r\nÅsa;Öberg;asa@ostra.example;Östra AB\r\nBo;Ek;bo@ek.example;Ek HB\r\n"


@pytest.mark.parametrize(
    "data",
    [
        LIST.replace("\r\n", "\x85"),
        LIST.replace("\r\n", "\u2028"),
        LIST.encode("cp850") + b"\x1a",
        LIST.encode("cp1252") + b"\x00" * 3000,
        LIST.replace(";", ":"),
        "# export\r\n" + LIST + "# slut\r\n",
        LIST.replace("\r\nÅsa", "\r\n-------;---------;------;-------\r\nÅsa"),
        "Kundlista;;;\r\n" + LIST.replace("Bo;", "Sida 2;;;\r\nKundlista;;;\r\nFörnamn;Efternamn;E-post;Företag\r\nBo;"),
        "Kontakt;;;Företag\r\n" + LIST.replace("Företag\r", "Namn\r", 1),
        LIST.encode() + "".join(
            f"Örjan;Åsén;orjan{at}@x.example;Ås AB\r\n" for at in range(4)
        ).encode("cp1252"),
    ],
    ids=["NEL", "LS", "ctrl-Z", "NUL at the end", "colons", "comments", "rule", "pages", "two headers", "half UTF-8"],
)  # fmt: skip
def test_the_people_of_a_list_come_out_whatever_stands_around_them(data: str | bytes) -> None:
    assert who(data)[:2] == [ASA, BO]
    assert all(not one.problem for one in people(data))


def test_a_list_without_a_header_says_by_its_cells_which_are_the_companies() -> None:
    found = people("Ek AB;Bo Ek;bo@ek.example\r\nLind HB;Åsa Lind;asa@lind.example\r\n")
    assert [(one.company, one.last_name) for one in found] == [("Ek AB", "Ek"), ("Lind HB", "Lind")]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("bo@ek.example; asa@x.example", [["", "bo@ek.example"], ["", "asa@x.example"]]),
        ('"Ek, Bo" <bo@ek.example>, Åsa <asa@x.example>;', [["Ek, Bo", "bo@ek.example"], ["Åsa", "asa@x.example"]]),
        ("Öberg, Åsa <asa@x.example>; <bo@ek.example>", [["Öberg, Åsa", "asa@x.example"], ["", "bo@ek.example"]]),
        ("Bo Ek;bo@ek.example", []),
        ("Namn, E-post", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_stood_in_the_to_field_is_a_list(line: str, found: list[list[str]]) -> None:
    assert addresslist.entries(line) == found


def test_one_address_a_line_with_its_name_is_a_list() -> None:
    assert who('Bo Ek <bo@ek.example>\n"Öberg, Åsa" <asa@ostra.example>\n') == [BO, ASA]


def test_a_row_that_is_torn_is_looked_at_and_loses_nothing() -> None:
    found = people(
        "Namn,E-post,Företag\r\nBo Ek,bo@ek.example,Ek, Lind & Co AB\r\nÅsa,a@x.example,A\r\nO,o@x.example,O\r\n"
    )
    assert [one.reason for one in found] == ["more_cells", "", ""]


def test_a_row_whose_letters_are_lost_is_looked_at() -> None:
    (one,) = people("Namn;E-post\r\nBj\ufffdrn Lie;bjorn@lie.example\r\n")
    assert (one.problem, one.reason) == ("review", "letters_lost")


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (
            (
                "<table><tr><th>Företag</th><th>Namn</th><th>E-post</th></tr><tr><td rowspan=2>Ek AB</td><td>Bo Ek</td>"
                "<td>bo@ek.example</td></tr>"
                "<tr><td>Åsa Öberg</td><td>asa@ostra.example</td></tr></table>"
            ),
            [("bo@ek.example", "Ek AB"), ("asa@ostra.example", "Ek AB")],
        ),
        (
            (
                "<table><tr><td><table><tr><th>Företag</th><th>E-post</th></tr><tr><td>Ek AB</td>"
                "<td><a href='mailto:bo@ek.example?subject=x'>Skriv</a></td></tr></table></td></tr></table>"
            ),
            [("bo@ek.example", "Ek AB")],
        ),
    ],
    ids=["a cell over two rows", "a frame of layout, a link"],
)
def test_tables_of_the_web_are_read_as_they_look(page: str, found: list[tuple[str, str]]) -> None:
    assert [(one.email, one.company) for one in people(page)] == found


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ('ID;PWXL;N;E\r\nC;Y1;X1;K"E-post"\r\nE\r\n', "SYLK"),
        ('[\n  {"email": "bo@ek.example"}\n]', "JSON"),
        ("<!DOCTYPE html><html><body><form>Logga in</form></body></html>", "nobody"),
    ],
)
def test_what_is_no_list_is_named(data: str, word: str) -> None:
    with pytest.raises(decoding.Unreadable, match=word):
        people(data)


# --- permission: whole headers cannot all be known


@pytest.mark.parametrize(
    "header",
    """
    Reserverad mot utskick|Ingen reklam|Vill ej ha nyhetsbrev|Reservert mot e-post|Ønsker ikke nyhetsbrev|Suoramarkkinointikielto
    Kein Newsletter|Opt-out e-post|Spärrad för e-post|Frameldt nyhedsbrev|Avmeldt nyhetsbrev|Nej till utskick|Undanber sig reklam
    Kontakta ej|Må ikke kontaktes|Ei saa ottaa yhteyttä|Nicht kontaktieren|Avregistrerad datum|No newsletter|doNotEmail
    Opted out of email: Marketing Information|Prenumererar ej|Studsad
    """.replace("\n", "|").split("|"),
)  # fmt: skip
def test_a_no_in_a_header_is_heard(header: str) -> None:
    if header.strip():
        assert columns.suggest(["E-post", header.strip()], [["a@x.example", "Ja"]]).fields[1] == "opt_out"


@pytest.mark.parametrize(
    "header",
    ["Marknadsföring OK", "Får kontaktas via e-post", "Vill ha utskick", "OK att maila", "Newsletter-Einwilligung", "Tillåter utskick",
     "Får vi skicka nyhetsbrev till dig?", "May we contact you by e-mail?", "Werbung erlaubt", "Suoramarkkinointi",
     "Godkänner att kontaktas"],
)  # fmt: skip
def test_a_question_for_permission_is_heard(header: str) -> None:
    assert columns.suggest(["E-post", header], [["a@x.example", "Nej"]]).fields[1] == "opt_in"


@pytest.mark.parametrize(
    "header", ["Ring ej", "NIX-spärrad", "Do not phone", "Ei saa soittaa", "Nej till samtal"]
)
def test_a_no_to_calls_is_one(header: str) -> None:
    assert columns.suggest(["E-post", header], [["a@x.example", "Ja"]]).fields[1] == "do_not_call"


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Contact No", "0701740605"),
        ("Telefon (ej mobil)", "08-465 004 11"),
        ("Kreditspärr", "Ja"),
        ("Order blocked", "yes"),
        ("Unsubscribe link", "https://x.example/u/1"),
        ("Unsubscribe", "https://x.example/u/1"),
        ("Antal utskick", "3"),
        ("Bounce rate", "0"),
        ("Reservation number", "17"),
        ("SMS Marketing Consent", "no"),
        ("Kampanj", "Vår 2026"),
        ("Reklam", "Vår 2026"),
        ("Abonnemang startdatum", "2024-01-01"),
        ("Kontaktas via", "Telefon"),
        ("Vill du ha offert via e-post?", "Ring mig"),
        ("Contact notes", "Vill ha offert"),
        ("E-post", "a@y.example"),
    ],
)
def test_no_permission_is_read_into_other_columns(header: str, cell: str) -> None:
    assert columns.suggest(["E-postadress", header], [["a@x.example", cell]]).fields[1] not in (
        *permission.FIELDS, "consent_at",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("header", "cell", "stop"),
    [
        ("Do not allow Bulk Emails", "Do Not Allow", "opted_out_in_list"),
        ("Do not allow Bulk Emails", "Allow", ""),
        ("Email Marketing Consent", "NEVER_SUBSCRIBED", "opted_out_in_list"),
        ("Email Marketing Consent", "SUBSCRIBED", ""),
        ("Suoramarkkinointi", "Kielletty", "opted_out_in_list"),
        ("Reklamebeskyttet", "Ja", "opted_out_in_list"),
        ("Reklamebeskyttet", "Nej", ""),
        ("Vill du ha nyheter via e-post?", "Nej tack", "opted_out_in_list"),
        ("Vill du ha nyheter via e-post?", "Ja tack", ""),
        ("Suoramarkkinointi", "Sallittu", ""),
        ("Status", "Unsubscribed (admin)", "opted_out_in_list"),
        ("Status", "Avslutad prenumeration", "opted_out_in_list"),
        ("Status", "Peruttu", "opted_out_in_list"),
        ("Status", "unconfirmed", "opted_out_in_list"),
        ("Status", "Studsad", "bounced"),
        ("Status", "Ogiltig adress", "bounced"),
        ("Status", "junk", "complained"),
        ("Status", "Soft bounce", ""),
        ("Status", "Prospekt", ""),
        ("Status", "Ej aktiv", ""),
    ],
)
def test_words_of_other_programs_stop_or_do_not(header: str, cell: str, stop: str) -> None:
    assert people(f"E-post;{header}\r\na@x.example;{cell}\r\n")[0].stop == stop


@pytest.mark.parametrize(
    ("header", "cells", "fields"),
    [
        (
            "Förnamn (obligatorisk)|Efternamn*|Din e-postadress|Postadress: Ort",
            "",
            "first_name|last_name|email|city",
        ),
        ("Vad heter du?|Vilket företag arbetar du på?|Ditt telefonnummer", "", "full_name|company|phone"),
        ("Vorname|Name|E-Mail", "Jan|Groß|j@x.example", "first_name|last_name|email"),
        ("Förnamn|Namn|E-post", "Jan|Jan Groß|j@x.example", "first_name|full_name|email"),
        ("Kundenavn|Kontaktperson|E-post", "Lie AS|Kari Lie|k@x.example", "company|full_name|email"),
        ("billing_company|billing_city|user_email", "", "company|city|email"),
        ("Efternamn, Förnamn|E-post", "", "full_name|email"),
        ("Phone - work|City - home|Email", "", "phone|city|email"),
        ("Tittel|Stilling|E-postadresse", "", "|title|email"),
        ("Etunimi|Postitoimipaikka (työ)|Maa tai alue (työ)|Sähköposti", "", "first_name|city|country|email"),
    ],
)
def test_headers_that_say_more_than_a_name(header: str, cells: str, fields: str) -> None:
    sample = [cells.split("|")] if cells else []
    assert columns.suggest(header.split("|"), sample).fields == fields.split("|")


@pytest.mark.parametrize(
    "data",
    [
        " namn  | e-post        \n-------+---------------\n Bo Ek | bo@ek.example \n(1 row)\n",
        "+-------+-------+\n| namn  | epost |\n+-------+-------+\n| Bo Ek | bo@ek.example |\n+-------+-------+\n",
        "| Namn | E-post |\n|------|--------|\n| Bo Ek | bo@ek.example |\n",
    ],
)
def test_tables_as_databases_draw_them(data: str) -> None:
    assert who(data) == [BO]


def test_a_hard_blank_is_no_letter() -> None:
    assert who("Namn;E-post\r\nBo\u00a0Ek;bo@ek.example\r\n".encode("cp1252")) == [BO]


def test_a_card_of_a_company_names_no_person() -> None:
    (one,) = people(
        "BEGIN:VCARD\nVERSION:3.0\nN:;;;;\nFN:Öl AB\nORG:Öl AB;\nEMAIL:info@ol.example\nEND:VCARD\n"
    )
    assert (one.company, one.first_name, one.last_name) == ("Öl AB", "", "")


def test_every_cell_that_was_written_in_quotes_is_one_cell() -> None:
    out = io.StringIO()
    csv.writer(out, delimiter="|").writerows([["Namn", "E-post"], ["Ek | Bo", "bo@ek.example"]])
    assert [one.email for one in people(out.getvalue())] == ["bo@ek.example"]
