"""Reports about our mails, in the form of the standard and in the words of servers that never heard of it."""

import json
import time
import zlib
from pathlib import Path

import pytest

from nurturing.inbound import parsing, report
from nurturing.inbound.report import Kind

ABUSE = (
    "From: feedback@provider.example\r\nSubject: Abuse report\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n"
    "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nVersion: 1\r\n"
    "User-Agent: Provider/1\r\n\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <ours@silo.example>\r\nTo: redacted\r\n\r\nHej\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        ("abuse", Kind.COMPLAINED),
        ("fraud", Kind.COMPLAINED),
        ("opt-out", Kind.COMPLAINED),
        ("not-spam", Kind.NOT_SPAM),
        ("auth-failure", Kind.NOT_SPAM),
    ],
)
def test_a_complaint_stops_and_its_opposite_does_not(kind: str, means: Kind) -> None:
    found = report.read(parsing.parse(ABUSE.format(kind=kind).encode()))
    assert found is not None
    assert found.kind is means
    assert found.message_ids == ("ours@silo.example",)


def dsn(action: str, status: str, said: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; anna@x.example\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("action", "status", "said", "kind", "hard"),
    [
        ("failed", "5.1.1", "550 5.1.1 user unknown", Kind.BOUNCED, True),
        ("failed", "5.1.2", "550 host unknown", Kind.BOUNCED, True),
        ("failed", "5.2.2", "552 5.2.2 mailbox full", Kind.BOUNCED, False),
        ("failed", "5.1.1", "550 5.7.1 blocked using spamhaus", Kind.BOUNCED, False),
        ("failed", "5.7.515", "550 5.7.515 Access denied, sending domain", Kind.BOUNCED, False),
        ("failed", "5.1.8", "501 5.1.8 Sender address rejected: domain not found", Kind.BOUNCED, False),
        ("failed", "4.4.7", "timed out", Kind.BOUNCED, False),
        ("delayed", "4.1.1", "450 user unknown", Kind.DEFERRED, False),
        ("delivered", "2.0.0", "250 ok", Kind.DELIVERED, False),
    ],
)
def test_a_standard_report(action: str, status: str, said: str, kind: Kind, hard: bool) -> None:
    found = report.read(parsing.parse(dsn(action, status, said)))
    assert found is not None
    (failure,) = found.failures
    assert (found.kind, failure.hard, failure.address) == (kind, hard, "anna@x.example")


def test_a_server_without_any_form_is_understood() -> None:
    raw = (
        b"From: MAILER-DAEMON@mx.example\r\nSubject: failure notice\r\n\r\n"
        b"<anna@x.example>:\r\nRemote host said: 550 no such user here\r\n\r\n"
        b"--- Below this line is a copy of the message.\r\n\r\nMessage-ID: <ours@silo.example>\r\nSubject: quota exceeded\r\n"
    )
    found = report.read(parsing.parse(raw))
    assert found is not None
    assert (found.failures[0].address, found.failures[0].hard) == ("anna@x.example", True)
    assert found.message_ids == ("ours@silo.example",)


def test_letters_and_notes_are_no_reports() -> None:
    for subject, sender in (
        ("Re: Undelivered goods", "anna@x.example"),
        ("Autosvar: Priser", "anna@x.example"),
        ("Frånvaro", "postmaster@x.example"),
        ("Delivery on Tuesday?", "anna@x.example"),
    ):
        raw = f"From: {sender}\r\nSubject: {subject}\r\n\r\nHej! Tack, vi ses på torsdag.\r\n"
        assert report.read(parsing.parse(raw.encode())) is None, subject


def test_nine_of_ten_bounces_are_judged_as_the_oracle_does(shared_data: Path) -> None:
    folder = shared_data / "bounces"
    expected = json.loads((folder / "sisimai_expected.json").read_text())
    right = {0: 0, 1: 0}
    rows = {0: 0, 1: 0}
    for name, told in expected.items():
        found = report.read(parsing.parse((folder / "sisimai" / name).read_bytes()))
        failures = found.failures if found else ()
        for place, row in enumerate(told["expected"] or []):
            got = failures[min(place, len(failures) - 1)] if failures else None
            half = zlib.crc32(name.encode()) % 2
            rows[half] += 1
            right[half] += bool(got and got.hard) is bool(row["hard_bounce"])
    assert all(right[half] >= 0.9 * rows[half] for half in rows), (right, rows)


def test_broken_reports_are_read_without_an_error(shared_data: Path) -> None:
    for path in sorted((shared_data / "bounces" / "broken").iterdir()):
        raw = path.read_bytes()
        for cut in (len(raw), len(raw) // 2, len(raw) // 3):
            report.read(parsing.parse(raw[:cut]))


@pytest.mark.parametrize(
    "line", [b"<a@b.example>: no\r\n", b"Received: x\r\n", b"x", b"not deliver ", b"a@b.example "]
)
def test_a_hostile_report_of_two_megabytes_is_read_in_seconds(line: bytes) -> None:
    head = b"From: MAILER-DAEMON@x.example\r\nSubject: failure notice\r\nReturn-Path: <>\r\n\r\n"
    begun = time.process_time()
    report.read(parsing.parse(head + line * (2_000_000 // len(line))))
    assert time.process_time() - begun < 5
