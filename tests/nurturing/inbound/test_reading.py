"""Telling people from machines in what comes back, and cutting the quotation away."""

import email
import email.policy
import json
from pathlib import Path

import pytest

from nurturing.inbound import reading
from nurturing.inbound.reading import Kind


def mail(subject: str = "Re: Priser 2027", text: str = "Vad kostar det?", **headers: str) -> reading.Incoming:
    kept = {name.replace("_", "-"): (value,) for name, value in headers.items()}
    return reading.Incoming(headers=kept, subject=subject, text=text, from_address="anna@fjordmek.example")


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"},
        {"auto_submitted": "auto-generated; type=vacation"},
        {"precedence": "auto_reply"},
        {"precedence": "bulk"},
        {"x_autoreply": "yes"},
        {"return_path": "<>"},
        {"list_id": "<news.example>"},
    ],
)
def test_a_machine_says_so_in_its_headers(headers: dict[str, str]) -> None:
    assert reading.read(mail(**headers)).kind in (Kind.AUTOMATIC, Kind.OUT_OF_OFFICE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"auto_submitted": "no"},
        {"x_auto_response_suppress": "All"},
        {"return_path": "<anna@fjordmek.example>"},
    ],
)
def test_a_person_does_not(headers: dict[str, str]) -> None:
    assert reading.read(mail(**headers)).kind == Kind.HUMAN


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Priser 2027",
        "Out of Office: Priser",
        "Autosvar: Priser 2027",
        "Automatiskt svar: Priser 2027",
        "SV: Automatiskt svar: Priser 2027",
        "Automatisk svar: Priser 2027",
        "Ute av kontoret: Priser",
        "Fraværende: Priser",
        "Frånvaromeddelande",
        "Automaattinen vastaus: Hinnat",
        "Abwesenheitsnotiz: Preise",
        "Automatische Antwort: Preise",
        "Réponse automatique : Prix",
    ],
)
def test_some_machines_say_so_only_in_the_subject(subject: str) -> None:
    assert reading.read(mail(subject)).kind == Kind.OUT_OF_OFFICE


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Semester i juli?",
        "SV: Priser – vi är på semester nästa vecka",
        "VS: Ute på tur",
        "Question about automatic replies",
        "Re: Re: Out there",
        "",
    ],
)
def test_a_person_who_writes_about_holidays_is_a_person(subject: str) -> None:
    assert reading.read(mail(subject)).kind == Kind.HUMAN


def test_a_receipt_and_a_report_are_no_replies() -> None:
    assert reading.read(mail("Läst: Priser 2027")).kind == Kind.AUTOMATIC
    report = reading.Incoming(
        {}, "Undelivered", "…", content_type="multipart/report; report-type=delivery-status"
    )
    assert reading.read(report).kind == Kind.AUTOMATIC


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stopp!",
        "Avregistrera mig tack.",
        "Please unsubscribe me",
        "Meld meg av",
        "Ta bort mig från listan",
    ],
)
def test_a_short_no_is_a_stop(text: str) -> None:
    assert reading.read(mail(text=text)).kind == Kind.STOP


@pytest.mark.parametrize(
    "text",
    [
        "Can we stop by on Tuesday?",
        "Please don't stop sending these, we like them",
        "Nonstop busy until March, call me then",
        "How do I unsubscribe my old colleague but stay on the list myself?",
        "Vi vill inte avsluta vårt avtal, tvärtom: vad kostar tio till? Ring mig gärna på torsdag efter lunch så pratar vi.",
    ],
)
def test_a_letter_with_such_a_word_in_it_is_for_a_person_to_read(text: str) -> None:
    assert reading.read(mail(text=text)).kind == Kind.HUMAN


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "Vad kostar det?\n\nDen tis 17 nov. 2026 kl 09:30 skrev Mira <mira@ours.example>:\n> Hej!\n> Priser\n",
            "Vad kostar det?",
        ),
        ("How much?\n\nOn Tue, Nov 17, 2026 at 9:30 AM Mira <mira@ours.example> wrote:\n> Hi\n", "How much?"),
        (
            (
                "Hva koster det?\n\nFra: Mira <mira@ours.example>\nSendt: tirsdag 17. november 2026 09:30\n"
                "Til: Anna\nEmne: Priser 2027\n\nHei Anna"
            ),
            "Hva koster det?",
        ),
        ("Vad kostar det?", "Vad kostar det?"),
        ("> bara citat", "> bara citat"),
    ],
)
def test_what_they_quote_is_cut_away(text: str, left: str) -> None:
    assert reading.read(mail(text=text)).text == left


def test_a_reply_in_html_alone_is_read_as_text() -> None:
    markup = (
        "<style>p{color:red}</style><p>Vad kostar <b>tio</b>?</p><script>alert(1)</script>"
        "<div class='gmail_quote'>On Tue Mira wrote: <blockquote>Hej</blockquote></div>"
    )
    found = reading.read(reading.Incoming({}, "Re: x", "", html=markup))
    assert found.text == "Vad kostar tio?"


def test_a_mail_of_ten_megabytes_is_read_in_no_time() -> None:
    for text in (
        "a " * 5_000_000,
        "> " * 3_000_000,
        "<" * 5_000_000,
        "\n\n-- \n" * 500_000,
        "From: x\n" * 500_000,
    ):
        found = reading.read(mail(text=text))
        assert len(found.text) <= reading.READ_LENGTH
    assert len(reading.plain("<p " * 3_000_000)) <= reading.READ_LENGTH


def test_first_words_are_one_line() -> None:
    assert reading.first_words("Hej!\n\n  Vad   kostar det?") == "Hej! Vad kostar det?"
    assert reading.first_words("ord " * 100).endswith("…")
    assert len(reading.first_words("ord " * 100)) <= 120


def test_references_come_nearest_first() -> None:
    answer = mail(in_reply_to="<c@x>", references="<a@x> <b@x> <c@x>")
    assert reading.references(answer) == ["c@x", "b@x", "a@x"]


def test_plus_and_stop_tokens_are_read_as_written() -> None:
    assert reading.plus_tokens(["reply+AbC-_9@svar.example", "plain@x.example", "@", ""]) == ["AbC-_9"]
    token = "A" * 30
    assert reading.stop_token(f" stop {token} ") == token
    assert reading.stop_token("stop the press, this is a long and human subject") == ""


def test_nordic_samples_are_told_apart(shared_data: Path) -> None:
    folder = shared_data / "replies" / "nordic"
    cases = json.loads((folder / "ORACLE.json").read_text())["cases"]
    for name, expected in cases.items():
        found = reading.read(parsed(folder / name))
        if expected["class"] == "human_reply":
            wanted = {Kind.STOP} if expected.get("unsubscribe_request") else {Kind.HUMAN}
        else:
            wanted = {Kind.AUTOMATIC, Kind.OUT_OF_OFFICE}
        assert found.kind in wanted, name


def parsed(path: Path) -> reading.Incoming:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in message.items():
        headers[name.lower()] = (*headers.get(name.lower(), ()), str(value))
    body = message.get_body(("plain",))
    return reading.Incoming(
        headers=headers,
        subject=str(message["subject"]),
        text=body.get_content() if body is not None else "",
        content_type=message.get_content_type(),
    )
