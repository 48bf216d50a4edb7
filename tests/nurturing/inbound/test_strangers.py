"""What servers, machines and people of the North write, in words that nobody gave us: reports, absences, noes, quotations."""

from datetime import date

import pytest

from nurturing.inbound import away, bounce, demands, parsing, provider, reading, report, stops, successor
from nurturing.inbound.reading import Kind

MONDAY = date(2026, 11, 23)


def mail(
    subject: str, text: str, sender: str = "postmaster@ostra.example", headers: str = ""
) -> reading.Incoming:
    raw = f"From: {sender}\r\nSubject: {subject}\r\n{headers}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    return parsing.parse(raw.encode())


# --- reports in the words of a server


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Kan inte levereras: Priser", "Det gick inte att leverera till:\r\n\r\na@x.example\r\nAdressen du angav kunde inte hittas."),
        ("Kan ikke leveres: Priser", "Levering mislyktes til:\r\n\r\na@x.example\r\nE-postadressen du skrev inn, ble ikke funnet."),
        ("Kan ikke leveres: Priser", "Det var ikke muligt at levere til:\r\n\r\na@x.example\r\nDen angivne adresse blev ikke fundet."),
        ("Ei voi toimittaa: Hinnat", "Viestiä ei voitu toimittaa:\r\n\r\na@x.example\r\nAntamaasi sähköpostiosoitetta ei löytynyt."),
        ("Unzustellbar: Preise", "Fehler bei der Zustellung:\r\n\r\na@x.example\r\nDie E-Mail-Adresse konnte nicht gefunden werden."),
        ("Delivery Status Notification (Failure)", "Ditt meddelande levererades inte till a@x.example eftersom adressen inte hittades."),
    ],
)  # fmt: skip
def test_an_address_that_is_not_there_is_told_in_six_languages(subject: str, text: str) -> None:
    found = report.read(mail(subject, text))
    assert found is not None and found.kind is report.Kind.BOUNCED
    assert found.failures[0].hard and found.failures[0].address == "a@x.example"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Kan inte levereras: Priser", "Det gick inte att leverera till:\r\n\r\na@x.example\r\nMottagarens postlåda är full."),
        ("Kan ikke leveres: Priser", "Levering mislyktes til:\r\n\r\na@x.example\r\nMottakerens postboks er full."),
        ("Kan ikke leveres: Priser", "Det var ikke muligt at levere til:\r\n\r\na@x.example\r\nModtagerens postkasse er fuld."),
        ("Ei voi toimittaa: Hinnat", "Viestiä ei voitu toimittaa:\r\n\r\na@x.example\r\nVastaanottajan postilaatikko on täynnä."),
        ("Unzustellbar: Preise", "Fehler bei der Zustellung:\r\n\r\na@x.example\r\nDas Postfach des Empfängers ist zurzeit voll."),
    ],
)  # fmt: skip
def test_a_full_mailbox_is_not_for_ever_in_any_language(subject: str, text: str) -> None:
    found = report.read(mail(subject, text))
    assert found is not None and found.kind is report.Kind.BOUNCED and not found.failures[0].hard


@pytest.mark.parametrize(
    ("said", "hard"),
    [
        ("550 5.2.1 This account has been closed", True),
        ("550 5.1.1 Empfänger unbekannt", True),
        ("550 #5.1.0 Address rejected.", True),
        (
            "554 delivery error: dd Sorry your message cannot be delivered. This mailbox is disabled (554.30).",
            False,
        ),
        ("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", False),
        ("550 5.4.312 Message expired, DNS query failed(ServerFailure)", False),
        ("554 5.2.122 The recipient's mailbox is temporarily unable to receive messages", False),
        ("550 permanent failure for one or more recipients (a@x.example:blocked)", False),
        ("550 Rejected by header based Anti-Spoofing policy", False),
        ("550 mailbox unavailable, rejected for policy reasons", False),
        ("550 Avsändaren nekas: domänen finns inte", False),
        ("550 Kontoen er midlertidig sperret", False),
        ("550 Innboksen har ikke plass", False),
        ("550 Kontot är stängt", True),
        ("550 Mottageren findes ikke", True),
        ("550 Käyttäjää ei löydy", True),
        ("550 Das Postfach wurde gelöscht", True),
        ("550 Our colleague has left the company", True),
        ("450 4.1.1 Recipient address rejected: unverified address: Address verification in progress", False),
    ],
)
def test_what_servers_say_is_for_ever_or_for_now(said: str, hard: bool) -> None:
    assert bounce.is_hard(bounce.Bounce(said)) is hard


def test_a_complaint_that_somebody_hands_on_is_one() -> None:
    inner = (
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: message/feedback-report\r\n\r\n"
        "Feedback-Type: abuse\r\nOriginal-Rcpt-To: a@x.example\r\n\r\n--b--\r\n"
    )
    whole = (
        "Subject: VB: complaint\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
        f"Content-Type: message/rfc822\r\n\r\n{inner}--o--\r\n"
    )
    found = report.read(parsing.parse(whole.encode()))
    assert found is not None and found.kind is report.Kind.COMPLAINED


def test_microsoft_complains_in_a_form_of_its_own() -> None:
    found = report.read(
        mail("complaint about message", "x", headers="X-HmXmrOriginalRecipient: a@x.example\r\n")
    )
    assert found is not None and (found.kind, found.failures[0].address) == (
        report.Kind.COMPLAINED,
        "a@x.example",
    )


def test_a_subject_in_bare_bytes_is_read() -> None:
    assert parsing.parse("Subject: Frånvarande: Priser\r\n\r\nx".encode()).subject == "Frånvarande: Priser"
    assert (
        parsing.parse("Subject: Frånvarande: Priser\r\n\r\nx".encode("latin-1")).subject
        == "Frånvarande: Priser"
    )


@pytest.mark.parametrize(
    ("payload", "hard", "machine"),
    [
        (
            {
                "event-data": {
                    "severity": "permanent",
                    "reason": "suppress-unsubscribe",
                    "delivery-status": {"code": 606},
                }
            },
            False,
            False,
        ),
        (
            {
                "event-data": {
                    "severity": "permanent",
                    "reason": "suppress-bounce",
                    "delivery-status": {"code": 605},
                }
            },
            True,
            False,
        ),
        ({"event": "loadedByProxy"}, False, True),
        ({"event": None, "bounce": [], "data": "x", "msys": {}}, False, False),
        ({"Type": {"a": 1}, "reason": ["x"], "event-data": [1, 2]}, False, False),
    ],
)
def test_payloads_that_are_rare_or_strange(payload: dict[str, object], hard: bool, machine: bool) -> None:
    assert bounce.is_hard(provider.told(payload)) is hard
    assert provider.is_machine(payload) is machine


def test_a_report_with_letters_in_bare_bytes_is_read() -> None:
    raw = (
        "Subject: Undelivered\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@x.example\r\n"
        "Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 550 Käyttäjää ei löydy\r\n\r\n--b--\r\n"
    )
    found = report.read(parsing.parse(raw.encode()))
    assert found is not None and found.failures[0].hard


def test_a_delay_is_no_bounce_in_any_language() -> None:
    found = report.read(
        mail("Fördröjt meddelande", "Du behöver inte skicka om meddelandet.\r\n\r\n<a@x.example>: timed out")
    )
    assert found is not None and found.kind is report.Kind.DEFERRED


# --- absences


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("Jag är åter i tjänst fr.o.m. den 7 december", date(2026, 12, 7)),
        ("Kontoret är stängt över jul, vi öppnar igen den 7 januari.", date(2027, 1, 7)),
        ("Jag är föräldraledig till augusti 2027.", date(2027, 8, 2)),
        ("Jeg er tilbake f.o.m. mandag 7. desember.", date(2026, 12, 7)),
        ("Jeg er på ferie og er tilbage mandag d. 7. december.", date(2026, 12, 7)),
        ("I will be out from 11/23/2026 through 12/04/2026.", date(2026, 12, 5)),
        ("I am on parental leave until the end of June 2027.", date(2027, 7, 1)),
        ("Jag är ledig till slutet av januari.", date(2027, 2, 1)),
        ("Ledig 23/11–4/12.", date(2026, 12, 5)),
        ("Jag har semester v. 48-49", date(2026, 12, 7)),
        ("Lomailen viikot 48–49.", date(2026, 12, 7)),
        ("Jeg leser ikke e-post før mandag 30. november, jeg er bortreist.", date(2026, 11, 30)),
        ("Jag är upptagen i möten till kl 15.00 idag.", None),
        ("Jag är ledig resten av året.", date(2027, 1, 1)),
        ("Jeg er bortreist ut måneden.", date(2026, 12, 1)),
        ("Ich bin bis Mitte Februar nicht im Büro.", date(2027, 2, 16)),
        ("Olen lomalla tammikuun loppuun.", date(2027, 2, 1)),
        ("Ferie i veke 49.", date(2026, 12, 7)),
        ("I'm out Tue 24 – Thu 26 Nov.", date(2026, 11, 27)),
        ("I am on leave from 12/18/26 to 1/8/27.", date(2027, 1, 9)),
        ("Jeg har fri fredag, og er at træffe igen mandag.", date(2026, 11, 30)),
        ("Olen poissa torstaihin asti.", date(2026, 11, 27)),
    ],
)
def test_a_return_is_read_in_more_notations(text: str, back: date | None) -> None:
    assert away.back_on(text, today=MONDAY) == back


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("Frånvarande: Priser", "Jag är borta.", Kind.OUT_OF_OFFICE),
        ("Ikke til stede: Priser", "Jeg er på ferie.", Kind.OUT_OF_OFFICE),
        ("Semester Re: Priser", "Jag är på semester till måndag.", Kind.OUT_OF_OFFICE),
        ("Ferie: Re: Priser", "Jeg er på ferie.", Kind.OUT_OF_OFFICE),
        ("Semester: när kan ni?", "Vi är på semester i juli. Kan ni leverera i augusti?", Kind.HUMAN),
        ("Absence of prices", "Your list has no prices", Kind.HUMAN),
        ("Bekräftelse", "Det här är ett autosvar.", Kind.AUTOMATIC),
        ("SV: Priser", "En ole enää Salo Oy:n palveluksessa. Tämä on automaattinen viesti.", Kind.LEFT),
    ],
)
def test_machines_and_people_are_told_apart_by_what_they_say(subject: str, text: str, kind: Kind) -> None:
    assert reading.read(mail(subject, text, "anna@ostra.example")).kind == kind


# --- a no


@pytest.mark.parametrize(
    "text",
    """
    Bitte aus dem Verteiler nehmen|Remove|Ei kiitos, poistakaa listalta|Lopettakaa lähettely|Haluan perua uutiskirjeen|Delete all my data
    Jeg ønsker ikke flere henvendelser|Hör inte av er igen|Hur avregistrerar jag mig? Ta bort mig tack|Spam! Sluta!
    Kan ni ta bort mig från listan?|Could you please remove me from the list?|Kan dere slette meg fra listen?
    Kan ni plocka bort mig från utskicket?|Ønsker ikke nyhetsbrev|Kein Interesse, bitte löschen|Never email me again|pls remove
    Vær så snill å stoppe disse mailene|Gidder dere slutte å sende meg dette?
    """.replace("\n", "|").split("|"),
)  # fmt: skip
def test_more_ways_to_say_no(text: str) -> None:
    assert not text.strip() or stops.asks_to_stop(text.strip())


@pytest.mark.parametrize(
    "text",
    """
    Bitte löschen Sie die Datei|Ich möchte mich nicht abmelden|Vi vill inte kontakta er chef
    avsluta inte|Ta bort mig inte!|ta inte bort mig|Abmelden müssen wir uns noch nicht|Please remove my colleague Bo but keep me
    Poistakaa minut listalta mutta lähettäkää tarjous|Kan ni ta bort rad 3 i offerten?|Nej tack till fika men ja till demo
    Stoppa inte leveransen|How do I unsubscribe my old colleague?|Can we stop by on Tuesday?|Nej tack. Ring mig i mars
    """.replace("\n", "|").split("|"),
)  # fmt: skip
def test_what_only_sounds_like_a_no(text: str) -> None:
    assert not stops.asks_to_stop(text.strip())


@pytest.mark.parametrize(
    "text",
    """
    Jag vill slippa era reklammejl|Ni får stryka oss ur registret|Inga fler utskick hit tack|Vill inte bli kontaktad igen
    Stopp denne reklamen, ikke send flere mailer|Ta meg bort fra listen deres|Vi ønsker ikke disse utsendelsene
    Tag min adresse af listen|Gider du stoppe med at skrive til mig?|Ingen flere nyhedsbreve tak
    Emme halua enää näitä mainoksia|Poistakaa osoitteeni listoilta|Get us off your mailing list|I don't want any more of these
    Please discontinue these messages|Bitte keine Werbung mehr|Wir möchten diese Nachrichten nicht|Streichen Sie uns bitte
    """.replace("\n", "|").split("|"),
)  # fmt: skip
def test_a_no_is_put_together_from_few_words(text: str) -> None:
    assert not text.strip() or stops.asks_to_stop(text.strip())


@pytest.mark.parametrize(
    "text",
    """
    Jag har inte läst mejlet än|Mejlet kom aldrig fram, skicka igen|Jag får inga mejl från er längre|Sätt mig på listan!
    Ikke send fakturaen ennå|Jeg finner ikke mailen|Ta med oss på listen|Jeg mangler jeres mail
    En löydä sähköpostia|Älkää lähettäkö tarjousta vielä|I can't open your mail|Don't send the order to Bo|No more questions!
    Nicht übel! Senden Sie mir den Vertrag|Ich finde Ihre Mail nicht|Nehmen Sie mich in den Verteiler auf
    """.replace("\n", "|").split("|"),
)  # fmt: skip
def test_a_letter_about_mails_is_no_stop(text: str) -> None:
    assert not stops.asks_to_stop(text.strip())


@pytest.mark.parametrize(
    ("text", "demand"),
    [
        ("Jag kräver att ni tar bort alla mina personuppgifter.", "erase"),
        ("Slett alle opplysninger dere har om meg.", "erase"),
        ("Bitte löschen Sie alle meine Daten.", "erase"),
        ("Vilka uppgifter har ni om mig?", "export"),
        ("Mistä olette saaneet yhteystietoni?", "export"),
        ("Please do not delete my data, I log in weekly.", ""),
        ("Vi raderar våra uppgifter själva.", ""),
    ],
)
def test_what_the_law_gives_is_told_from_a_mere_no(text: str, demand: str) -> None:
    assert demands.made(text) == demand


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Jag har bytt jobb. Eva Sten, eva@x.example, tar över.", "Eva Sten", "eva@x.example"),
        ("Bo has retired from Acme Inc. Ida B. Lund (ida@x.example) is there instead.", "Ida B. Lund", "ida@x.example"),
        ("Min ansættelse er ophørt. Jeg er fratrådt. Henvendelser kan rettes til Per Juul på tlf. 33 12 34 56", "Per Juul", ""),
    ],
)  # fmt: skip
def test_a_name_beside_an_address_needs_no_introduction(text: str, name: str, address: str) -> None:
    found = successor.named(text)
    assert away.has_left(text) and (found.name, found.address) == (name, address)


# --- quotations


@pytest.mark.parametrize(
    "text",
    [
        "Ja tack!\n\nSkickat från min iPhone\n\n17 nov. 2026 kl. 09:30 skrev Mira <m@x.example>:\n\n> Hej",
        "Ja tack!\n\nHämta Outlook för iOS\n________________________________\nFrån: Mira\nSkickat: tisdag\nTill: A\nÄmne: x\n\nHej",
        "Ja tack!\n\nSent from my iPhone",
        "Ja tack!\n\nLähetetty iPhonesta",
        "Den tis 17 nov. 2026 kl 09:30 skrev Mira <m@x.example>:\n> Hej Anna\n> Priser\n\nJa tack!",
        "> Hej Anna\n> Priser\n\nJa tack!",
        "> Vill du ha en demo?\nJa tack!\n> Mvh Mira",
        "Ja tack!\n\n--\nAnna\nSmedjan AB",
        "Ja tack!\n\nFå Outlook til Android",
    ],
)
def test_only_what_the_person_wrote_is_left(text: str) -> None:
    assert reading.written(reading.Incoming({}, "SV: x", text)) == "Ja tack!"
