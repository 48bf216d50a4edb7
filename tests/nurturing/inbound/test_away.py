"""Absence notes and farewells in six languages: the day of return, whether they have left, and who is there instead."""

from datetime import date

import pytest

from nurturing.inbound import away, parsing, reading, stops, successor
from nurturing.inbound.reading import Kind

TODAY = date(2026, 11, 17)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("Jag är på semester till och med 28 november och läser inte e-post.", date(2026, 11, 29)),
        ("Jag är tillbaka den 1 december.", date(2026, 12, 1)),
        ("Jag är tillbaka på kontoret måndag 30 november", date(2026, 11, 30)),
        ("Jag är föräldraledig t.o.m. 2027-03-01.", date(2027, 3, 2)),
        ("Semester v. 48-49, åter den 7/12", date(2026, 12, 7)),
        ("Hei! Jeg er på ferie og tilbake mandag uke 48.", date(2026, 11, 23)),
        ("Ute av kontoret fra 16. november til og med 27. november 2026", date(2026, 11, 28)),
        ("Jeg er tilbake 30.11.", date(2026, 11, 30)),
        (
            "Jeg holder ferie til og med den 25. november og er tilbage torsdag den 26. november.",
            date(2026, 11, 26),
        ),
        ("Jeg er på barselsorlov og er tilbage igen den 1. maj 2027", date(2027, 5, 1)),
        ("Olen lomalla 16.11.-29.11.2026. Palaan töihin 30.11.2026.", date(2026, 11, 30)),
        ("Olen poissa toimistolta 20.11. asti.", date(2026, 11, 21)),
        ("Olen vuosilomalla 4.12.2026 saakka.", date(2026, 12, 5)),
        ("Palaan toimistolle maanantaina 23. marraskuuta", date(2026, 11, 23)),
        ("I am out of the office until 28 November with limited access to email.", date(2026, 11, 29)),
        ("I will be back on Monday, November 30th.", date(2026, 11, 30)),
        ("I'm away from Nov 12 through Nov 20, returning Nov 23, 2026", date(2026, 11, 23)),
        ("I will return on Monday.", date(2026, 11, 23)),
        ("Back tomorrow", date(2026, 11, 18)),
        ("Thank you for your mail of 17 November. I am on leave until 5 January 2027.", date(2027, 1, 6)),
        ("Ich bin bis einschließlich 27.11.2026 nicht im Büro.", date(2026, 11, 28)),
        ("Ich bin ab dem 30. November wieder erreichbar.", date(2026, 11, 30)),
        ("Ich bin vom 16.11. bis zum 27.11. im Urlaub.", date(2026, 11, 28)),
        ("Ab Montag, 23.11., bin ich wieder im Büro.", date(2026, 11, 23)),
        # a weekday is the one after the last day away
        ("Jag är ledig till och med söndag 6 december och åter måndag.", date(2026, 12, 7)),
        ("I am away until Friday 4 December and back on Monday.", date(2026, 12, 7)),
        ("Jeg er borte til og med søndag 29. november og svarer mandag 30.", date(2026, 11, 30)),
    ],
)
def test_the_day_of_return_is_read(text: str, back: date) -> None:
    assert away.back_on(text, today=TODAY) == back


@pytest.mark.parametrize(
    "text",
    [
        "Jag är på semester.",
        "I was away until 3 August.",
        "Vid brådskande ärenden ring 070-123 45 67 eller 08-12 34 56.",
        "Tillbaka 2031-01-01",
        "Back on 31 February",
        "",
    ],
)
def test_where_no_day_lies_ahead_there_is_none(text: str) -> None:
    assert away.back_on(text, today=TODAY) is None


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Jag har slutat på Fjordmek. Kontakta Lars Berg, lars@f.example.", "Lars Berg", "lars@f.example"),
        ("Anna arbetar inte längre hos oss. Vänd dig till Per Olsson, per@x.example", "Per Olsson", "per@x.example"),
        ("Jag är inte längre anställd på Bolaget", "", ""),
        ("Kari har sluttet hos oss. Ta kontakt med Ola Nordmann på ola@x.example", "Ola Nordmann", "ola@x.example"),
        ("Jeg jobber ikke lenger i Bedriften AS. Vennligst kontakt Ole Hansen", "Ole Hansen", ""),
        ("Jeg er fratrådt min stilling. Kontakt venligst Mette Jensen på mj@x.example", "Mette Jensen", "mj@x.example"),
        ("Jens arbejder ikke længere hos os", "", ""),
        ("En ole enää yrityksen palveluksessa. Ota yhteyttä Matti Meikäläinen, m@x.example", "Matti Meikäläinen", "m@x.example"),
        ("Liisa ei työskentele enää meillä", "", ""),
        ("I no longer work at Acme. Please contact John Smith at john@a.example.", "John Smith", "john@a.example"),
        ("John has left the company. Please contact Jane Doe (jane@a.example)", "Jane Doe", "jane@a.example"),
        ("Ich bin nicht mehr bei der Firma tätig. Bitte wenden Sie sich an Frau Erika Muster", "Erika Muster", ""),
        ("Herr Meier ist aus unserem Unternehmen ausgeschieden. Ihr Ansprechpartner ist Hans Schulz", "Hans Schulz", ""),
    ],
)  # fmt: skip
def test_who_has_left_and_who_is_there_instead(text: str, name: str, address: str) -> None:
    assert away.has_left(text)
    found = successor.named(text)
    assert (found.name, found.address) == (name, address)


@pytest.mark.parametrize(
    "text",
    [
        "I have left the office for today, back tomorrow",
        "Jag har slutat röka",
        "Jag är på semester till 3 juli",
        "Ich bin bis Montag nicht im Büro",
        "I left my notes at home",
        "Olen lomalla",
        "Jeg er ikke på kontoret",
        "Vi har slutat med papperspost",
    ],
)
def test_who_is_only_out_has_not_left(text: str) -> None:
    assert not away.has_left(text)


def test_a_note_without_any_header_is_known_by_its_tone() -> None:
    note = "Tack för ditt mail! Jag är på semester till 28 november. Vid brådskande ärenden kontakta inkop@x.example."
    person = "Hej! Jag är på semester till 28 november, men ring mig gärna efter det. Vad kostar tio?"
    assert reading.read(reading.Incoming({}, "Re: Priser", note)).kind == Kind.OUT_OF_OFFICE
    thanks = "Tack för ditt mail! Jag är på semester nu, men boka gärna ett möte vecka 49."
    assert reading.read(reading.Incoming({}, "Re: Priser", person)).kind == Kind.HUMAN
    assert reading.read(reading.Incoming({}, "Re: Priser", thanks)).kind == Kind.HUMAN


@pytest.mark.parametrize(
    "text",
    [
        "Hej,\nTa bort mig från listan tack.\n\nMvh\nAnna Lind",
        "Sluta skicka mejl till mig!",
        "Jag vill inte ha fler mejl",
        "Hei!\n\nVennligst fjern meg fra listen.\n\nMed vennlig hilsen\nKari",
        "Vi ønsker ikke å motta flere mailer",
        "Afmeld mig venligst",
        "Slet mig fra jeres liste",
        "Poistakaa minut listalta",
        "En halua enää viestejä",
        "Please remove me from your list.\n\nBest regards\nJohn",
        "Bitte melden Sie mich ab",
        "Bitte keine weiteren E-Mails",
        "Nej tack",
    ],
)
def test_a_no_in_an_answer_is_a_stop(text: str) -> None:
    assert stops.asks_to_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "Nej, men ring mig i mars",
        "Inte nu, återkom i höst",
        "Not right now, thanks. Try me again in September.",
        "Ikke nå, kanskje neste år",
        "Ei kiinnosta juuri nyt, mutta palataan keväällä",
        "Skicka inte offerten förrän på torsdag",
        "Please don't stop sending these, we like them",
    ],
)
def test_a_no_to_now_is_none(text: str) -> None:
    assert not stops.asks_to_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hva koster det?\n\ntir. 17. nov. 2026 kl. 09:30 skrev Mira <mira@ours.example>:\n\n> Hei",
        "Hva koster det?\n\n17. marrask. 2026 klo 9.30 Mira (mira@ours.example) kirjoitti:\n> Hei",
        "Hva koster det?\n\nLähettäjä: Mira <m@x.example>\nLähetetty: tiistai 17. marraskuuta 2026\nAihe: Hinnat\n\nHei",
        "Hva koster det?\n\nVon: Mira <m@x.example>\nGesendet: Dienstag\nAn: Anna\nBetreff: Preise",
    ],
)
def test_quotations_are_cut_in_languages_that_the_parser_does_not_know(text: str) -> None:
    assert reading.written(reading.Incoming({}, "Re: x", text)) == "Hva koster det?"


def test_broken_mail_is_read_without_an_error() -> None:
    for raw in (
        b"",
        b"\x00\xff\xfe",
        b"Subject: =?utf-8?b?%%%?=\r\n\r\nx",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xe5\xe4\xf6",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" * 500,
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed",
        b"From: " + b"a" * 100_000 + b"\r\n\r\nx",
        b"Content-Transfer-Encoding: base64\r\n\r\n\xff!!",
    ):
        mail = parsing.parse(raw)
        reading.read(mail)
    assert parsing.parse(b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xe5\xe4\xf6").text == "åäö"
