"""Mailboxes are read over IMAP: each mail once, nothing touched, and no stranger's mail kept."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from contacts import clock, keys, network
from contacts.models import AuditEvent, Contact, Suppression
from nurturing.inbound import parsing
from nurturing.models import EngagementEvent, Handoff, Mailbox, ProviderEvent, Reply
from nurturing.sending import tokens
from nurturing.services import mailbox
from silo.models import User
from tests import cast
from tests.cast import NOW
from tests.nurturing import imap_server, mailing

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def box() -> Iterator[imap_server.Box]:
    with imap_server.running() as made:
        yield made


def made(box: imap_server.Box, **more: object) -> Mailbox:
    fields = {
        "address": "svar@ours.example",
        "host": "127.0.0.1",
        "port": box.port,
        "security": "none",
        "username": "svar@ours.example",
        "inside_allowed": True,
        "secret": keys.encrypt("right"),
        "made_at": NOW,
    }
    return Mailbox.objects.create(**fields | more)


def letter(sender: str, text: str = "Vad kostar tio?", number: str = "1", **headers: str) -> str:
    lines = {
        "From": sender,
        "To": "svar@ours.example",
        "Subject": "Re: Priser",
        "Message-ID": f"<{number}@x.example>",
        "Content-Type": "text/plain; charset=utf-8",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    return "\r\n".join(f"{name}: {value}" for name, value in lines.items()) + f"\r\n\r\n{text}\r\n"


def read(row: Mailbox, at: object = NOW) -> mailbox.Looked:
    return mailbox.read(mailbox_id=row.pk, now=at)


def test_an_answer_reaches_the_queue_and_the_mailbox_is_untouched(
    box: imap_server.Box, anna: Contact
) -> None:
    mailing.sent(anna, at=NOW - timedelta(days=1))
    box.add(letter(f"Anna <{anna.email}>"))
    row = made(box)
    assert read(row) == mailbox.Looked(seen=1, kept=1)
    assert Reply.objects.get().contact_id == anna.pk
    assert Handoff.objects.open().get().kind == "replied"
    commands = {one.split(" ")[0].upper() for one in box.asked}
    assert commands <= {"CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT"}
    assert not any("STORE" in one or "BODY[" in one or "DELETE" in one for one in box.asked)


def test_each_mail_is_handled_once_however_often_we_look(box: imap_server.Box, anna: Contact) -> None:
    row = made(box)
    box.add(letter(str(anna.email)))
    assert read(row).seen == 1
    assert read(row, LATER).seen == 0
    box.add(letter(str(anna.email), "Och tjugo?", "2"))
    assert read(row, LATER).seen == 1
    row.refresh_from_db()
    assert (row.last_uid, row.seen, row.kept, Reply.objects.count()) == (2, 2, 2, 2)


def test_a_folder_that_counts_anew_doubles_nothing(box: imap_server.Box, anna: Contact) -> None:
    row = made(box)
    box.add(letter(str(anna.email)))
    read(row)
    box.uid_validity = 2
    assert read(row, LATER).seen == 1
    assert Reply.objects.count() == 1
    assert EngagementEvent.objects.filter(type="replied").count() == 1


def test_a_strangers_mail_leaves_no_trace(box: imap_server.Box, anna: Contact) -> None:
    box.add(letter("Mamma <mamma@hem.example>", "Kommer du på söndag?"))
    box.add(bounce("nobody@elsewhere.example"))
    row = made(box)
    assert read(row) == mailbox.Looked(seen=2, kept=0)
    assert not Reply.objects.exists()
    assert not ProviderEvent.objects.exists()


def bounce(
    address: str, status: str = "5.1.1", said: str = "user unknown", number: str = "", to: str = ""
) -> str:
    returned = f"Message-ID: <{number}>\r\nTo: {address}\r\n" if number else f"To: {address}\r\n"
    return (
        "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\n"
        f"To: {to or 'svar@ours.example'}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <{status}{address}>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} {said}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{returned}\r\n--b--\r\n"
    )


def test_a_bounce_stops_the_address_that_we_wrote_to(box: imap_server.Box, anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(days=1), state="unknown")
    number = tokens.message_id(mail.pk, "ours.example")
    # A forwarder names an address that we never wrote to: the number of our mail knows better.
    box.add(bounce("anna.private@hem.example", number=number))
    assert read(made(box)).kept == 1
    mail.refresh_from_db()
    assert (mail.state, mail.bounced_at) == ("accepted", NOW)
    stop = Suppression.objects.get()
    assert (stop.reason, stop.address) == ("bounced", anna.email)


def test_a_made_up_bounce_about_somebody_we_never_wrote_to_changes_nothing(
    box: imap_server.Box, anna: Contact
) -> None:
    box.add(bounce(str(anna.email)))
    assert read(made(box)).kept == 0
    assert not Suppression.objects.exists()


def test_a_server_that_hangs_up_loses_nothing_and_doubles_nothing(
    box: imap_server.Box, anna: Contact
) -> None:
    for number in range(1, 6):
        box.add(letter(str(anna.email), f"Fråga {number}", str(number)))
    box.drops_at = 3
    row = made(box)
    first = read(row)
    assert first.seen == 2
    assert "broke" in first.trouble
    row.refresh_from_db()
    assert (row.last_uid, row.trouble_since, row.taken_until) == (2, NOW, None)
    assert read(row, LATER) == mailbox.Looked(seen=3, kept=3)
    row.refresh_from_db()
    assert (row.trouble, row.trouble_since, Reply.objects.count()) == ("", None, 5)


def test_a_password_that_is_no_longer_right_is_told_in_words(box: imap_server.Box) -> None:
    box.password = "changed"
    row = made(box)
    said = read(row).trouble
    assert "does not let us in" in said
    assert "Invalid credentials" in said
    assert "right" not in said.split("It said")[0].replace("Look at user name", "")
    row.refresh_from_db()
    assert row.trouble == said


def test_a_mail_that_no_parser_takes_is_noted_and_passed_over(box: imap_server.Box, anna: Contact) -> None:
    box.add("\x00\x01 no mail at all")
    box.add(letter(str(anna.email)))
    right = parsing.parse
    answers = iter([ZeroDivisionError])

    def parse(raw: bytes) -> object:
        for trouble in answers:
            raise trouble
        return right(raw)

    with mock.patch.object(parsing, "parse", parse):
        assert read(made(box)).seen == 2
    noted = ProviderEvent.objects.get(type="unread")
    # It lies in the mailbox still: only where it is, is written down.
    assert (noted.provider, noted.payload["body"]) == ("imap", "mail number 1 of INBOX in svar@ours.example")
    assert Reply.objects.count() == 1


def test_ten_megabytes_are_read_from_their_beginning_only(box: imap_server.Box, anna: Contact) -> None:
    box.add(letter(str(anna.email), "Hej!\r\n" + "x" * 10_000_000))
    assert read(made(box)).kept == 1
    assert len(Reply.objects.get().whole) == 200_000


def test_two_workers_do_not_look_at_once(box: imap_server.Box) -> None:
    row = made(box, taken_until=NOW + timedelta(minutes=3))
    box.add(letter("x@x.example"))
    assert read(row) == mailbox.Looked()
    assert box.asked == []
    assert read(row, NOW + timedelta(minutes=4)).seen == 1


# OAuth 2


def test_a_refresh_token_opens_and_a_new_one_is_kept(box: imap_server.Box) -> None:
    box.access_token = "fresh"
    row = made(box, sign_in="microsoft", client_id="app", tenant="firma", secret=keys.encrypt("old"))
    said = (200, {"access_token": "fresh", "refresh_token": "newer"})
    with mock.patch.object(network, "post_form", return_value=said) as asked:
        assert read(row).trouble == ""
    url, form = asked.call_args.args
    assert url == "https://login.microsoftonline.com/firma/oauth2/v2.0/token"
    assert (form["refresh_token"], form["grant_type"]) == ("old", "refresh_token")
    row.refresh_from_db()
    assert keys.decrypt(row.secret) == "newer"


def test_a_consent_that_was_taken_back_is_told_in_words(box: imap_server.Box) -> None:
    row = made(box, sign_in="google", client_id="app", secret=keys.encrypt("old"))
    with mock.patch.object(network, "post_form", return_value=(400, {"error": "invalid_grant"})):
        assert "invalid_grant" in read(row).trouble
    with mock.patch.object(network, "post_form", return_value=(503, {})):
        assert "broke" in read(row, LATER).trouble


def test_signing_in_leads_to_the_provider_and_the_answer_is_kept_by_a_button(
    box: imap_server.Box, ada: User
) -> None:
    row = made(box, sign_in="microsoft", client_id="app", tenant="firma", secret="")
    client = cast.client_of(ada)
    url = urlsplit(client.get(f"/mailboxes/{row.pk}/sign-in/").headers["Location"])
    asked = parse_qs(url.query)
    assert (url.hostname, asked["client_id"], asked["code_challenge_method"]) == (
        "login.microsoftonline.com",
        ["app"],
        ["S256"],
    )
    back = {"state": asked["state"][0], "code": "the code"}
    said = (200, {"access_token": "a", "refresh_token": "kept"})
    with mock.patch.object(network, "post_form", return_value=said) as told:
        assert client.get("/mailboxes/signed-in/", back).status_code == 200
        assert told.call_count == 0
        assert client.post("/mailboxes/signed-in/", back).status_code == 302
    form = told.call_args.args[1]
    made_from = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
    assert made_from.rstrip(b"=").decode() == asked["code_challenge"][0]
    row.refresh_from_db()
    assert keys.decrypt(row.secret) == "kept"


def test_a_sign_in_that_somebody_else_began_or_made_up_is_refused(
    box: imap_server.Box, ada: User, mira: User
) -> None:
    row = made(box, sign_in="google", client_id="app", secret="")
    other = cast.colleague("Other", "admin")
    location = cast.client_of(other).get(f"/mailboxes/{row.pk}/sign-in/").headers["Location"]
    state = parse_qs(urlsplit(location).query)["state"][0]
    with mock.patch.object(network, "post_form") as told:
        for given in (state, state[:-2] + "xx", ""):
            answer = cast.client_of(ada).post("/mailboxes/signed-in/", {"state": given, "code": "x"})
            assert answer.headers["Location"] == "/mailboxes/"
        assert told.call_count == 0
    assert cast.client_of(mira).get(f"/mailboxes/{row.pk}/sign-in/").status_code == 403


# The page


FORM = {
    "address": "svar@ours.example",
    "host": "127.0.0.1",
    "port": "993",
    "security": "tls",
    "sign_in": "password",
    "folder": "INBOX",
    "secret": "hemligt",
}


def test_a_server_inside_is_refused_unless_the_admin_says_so(ada: User) -> None:
    client = cast.client_of(ada)
    answer = client.post("/mailboxes/new/", FORM)
    assert answer.status_code == 422
    assert "own network" in answer.content.decode()
    assert client.post("/mailboxes/new/", FORM | {"inside_allowed": "on"}).status_code == 302
    row = Mailbox.objects.get()
    assert (row.username, keys.decrypt(row.secret)) == ("svar@ours.example", "hemligt")
    assert AuditEvent.objects.get(verb="mailbox.added").detail["fields"]


def test_the_password_is_never_shown_and_never_goes_to_another_server(ada: User) -> None:
    client = cast.client_of(ada)
    client.post("/mailboxes/new/", FORM | {"inside_allowed": "on"})
    row = Mailbox.objects.get()
    page = client.get(f"/mailboxes/{row.pk}/").content.decode()
    assert "hemligt" not in page
    assert row.secret not in page
    same = FORM | {"inside_allowed": "on", "secret": ""}
    assert client.post(f"/mailboxes/{row.pk}/", same | {"folder": "Svar"}).status_code == 302
    row.refresh_from_db()
    assert keys.decrypt(row.secret) == "hemligt"
    client.post(f"/mailboxes/{row.pk}/", same | {"host": "127.0.0.2"})
    row.refresh_from_db()
    assert (row.host, row.secret) == ("127.0.0.2", "")


@pytest.mark.parametrize("field", ["username", "secret", "folder", "host"])
def test_a_line_break_cannot_smuggle_a_command(ada: User, field: str) -> None:
    answer = cast.client_of(ada).post(
        "/mailboxes/new/", FORM | {"inside_allowed": "on", field: 'x\r\nA1 DELETE "y'}
    )
    assert answer.status_code == 422
    assert not Mailbox.objects.exists()


def test_trying_it_out_counts_and_reads_nothing(box: imap_server.Box, ada: User, anna: Contact) -> None:
    row = made(box)
    box.add(letter(str(anna.email)))
    client: Client = cast.client_of(ada)
    with clock.at(NOW):
        page = client.post(f"/mailboxes/{row.pk}/test/", follow=True).content.decode()
    assert "1 mail lies there" in page
    assert not Reply.objects.exists()
    assert not any("FETCH" in one for one in box.asked)


def test_stopping_forgets_the_password(box: imap_server.Box, ada: User) -> None:
    row = made(box)
    assert cast.client_of(ada).post(f"/mailboxes/{row.pk}/stop/").status_code == 302
    row.refresh_from_db()
    assert row.secret == ""
    assert read(row) == mailbox.Looked()
    assert cast.client_of(ada).get(f"/mailboxes/{row.pk}/").status_code == 404
