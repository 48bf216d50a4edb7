"""What leaves finds its way back: by the number in the address, whatever the mail that comes back says. And a way out
that is shut loses nothing, and says so.
"""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from contacts import keys
from contacts.models import Contact, Suppression
from nurturing.inbound import parsing
from nurturing.models import EngagementEvent, Handoff, Reply, Send, Sender
from nurturing.sending import transport
from nurturing.sending.outcome import Fate, Outcome
from nurturing.services import delivery, incoming, trial
from nurturing.services import sender as sender_rows
from silo.models import User
from tests import cast
from tests.cast import NOW, client_of
from tests.nurturing import post_office, posting
from tests.nurturing.post_office import PostOffice

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office.opened() as office:
        yield office
        transport.close_all()


def due(*people: Contact) -> list[Send]:
    return posting.due(*people, of=posting.piece(posting.published()), sandbox=False)


def people(number: int) -> list[Contact]:
    return [cast.contact("Liv", f"Moe{one}", email=f"liv{one}@fjordmek.example") for one in range(number)]


def deliver(now: Any = NOW) -> delivery.Delivered:
    return delivery.deliver_due(now=now, worker="test")


def received(raw: str) -> incoming.Received:
    return incoming.receive(parsing.parse(raw.encode()), source="imap", now=LATER)


class TestPlusAddresses:
    @pytest.fixture(autouse=True)
    def _sender(self, office: PostOffice) -> Sender:
        posting.live()
        return posting.smtp_sender(
            office.port,
            plus_addresses=True,
            reply_to="svar@nordvik.example",
            bounces_to="studs@nordvik.example",
        )

    def test_a_bounce_without_any_other_sign_is_about_the_mail(
        self, office: PostOffice, anna: Contact
    ) -> None:
        """The server said 250, and then sent it back: from a forwarder, in lower case, without the returned mail."""
        (mail,) = due(anna)
        assert deliver().accepted == 1
        (returns,) = office.returns
        assert returns.startswith("studs+") and returns.endswith("@nordvik.example")
        report = (
            f"From: MAILER-DAEMON@mx.example\r\nTo: {returns.upper()}\r\nSubject: Undelivered\r\n"
            "Message-ID: <1@mx.example>\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
            "Final-Recipient: rfc822; somebody@else.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b--\r\n"
        )
        assert received(report).send_id == mail.pk
        mail.refresh_from_db()
        assert (mail.state, mail.bounced_at) == (Send.State.ACCEPTED, LATER)
        assert Suppression.objects.get().address == anna.email

    def test_an_answer_by_a_colleague_is_an_answer_to_the_mail(self, office: PostOffice, sam: User) -> None:
        anna = cast.contact("Anna", "Lind", email="anna@fjordmek.example", owner=sam)
        (mail,) = due(anna)
        deliver()
        answers = message_from_bytes(office.raw_to(str(anna.email)), policy=policy.default)["Reply-To"]
        ours, sams = (box.addr_spec for box in answers.addresses)
        assert sams == sam.email and ours.startswith("svar+")
        raw = f"From: Per <per@annat.example>\r\nTo: {ours}, {sams}\r\nSubject: Priser\r\n\r\nVad kostar tio?\r\n"
        got = received(raw)
        assert (got.what, got.contact_id, got.send_id) == ("human", anna.pk, mail.pk)
        assert Handoff.objects.get().contact_id == anna.pk

    def test_our_own_responder_is_no_person(self, anna: Contact) -> None:
        (_mail,) = due(anna)
        deliver()
        for number, ours in enumerate(
            ("svar+x@nordvik.example", "studs@nordvik.example", "ASA@nordvik.example")
        ):
            raw = f"From: {ours}\r\nTo: svar@nordvik.example\r\nSubject: Re: Hej {number}\r\n\r\nTack, vi hör av oss.\r\n"
            assert received(raw).what == "automatic"
        assert not Handoff.objects.exists() and Send.objects.count() == 1

    def test_a_test_mail_goes_the_same_way(self, office: PostOffice) -> None:
        assert trial.send(to="ada@ours.example", now=NOW).reply.startswith("250")
        assert office.returns[0].startswith("studs+")


def test_without_plus_addresses_bounces_go_where_the_sender_says(office: PostOffice, anna: Contact) -> None:
    posting.live()
    sender = posting.smtp_sender(office.port)
    due(anna)
    deliver()
    Sender.objects.update(bounces_to="studs@nordvik.example")
    due(*people(1))
    deliver()
    assert office.returns == [sender.email, "studs@nordvik.example"]


class TestACredentialThatIsRevokedInTheMiddle:
    def test_of_a_mail_server(self, office: PostOffice, ada: User) -> None:
        posting.live()
        posting.smtp_sender(office.port)
        sends = due(*people(8))

        def revoke(_to: str) -> None:
            if len(office.mails) == 3:
                office.at_mail = "530 5.7.0 Authentication required"

        office.on_mail = revoke
        assert deliver() == delivery.Delivered(claimed=8, accepted=3, later=5)
        states = [Send.objects.values_list("state", "reason").get(pk=one.pk) for one in sends]
        assert sorted(set(states)) == [("accepted", ""), ("planned", "login")]
        sender = Sender.objects.get()
        assert (sender.trouble, sender.trouble_since is not None) == ("login", True)
        shown = client_of(ada).get("/sending/").content.decode()
        assert "The way out is shut since" in shown and "Authentication required" in shown
        assert "Nothing is lost" in shown

        office.at_mail, office.on_mail = "", None
        assert deliver(LATER + timedelta(hours=1)).accepted == 5
        assert office.twice() == {} and len(office.mails) == 8
        assert Sender.objects.get().trouble == ""
        assert "The way out is shut" not in client_of(ada).get("/sending/").content.decode()

    def test_of_a_provider(self, ada: User) -> None:
        taken: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                is_open = len(taken) < 3
                if is_open:
                    taken.append(asked["to"][0])
                to = asked["to"][0].partition("<")[2].rstrip(">")
                messages = {to: {"id": len(taken), "token": "t"}}
                answer = {"status": "success", "data": {"message_id": "m", "messages": messages}}
                self.send_response(200 if is_open else 401)
                self.end_headers()
                self.wfile.write(json.dumps(answer if is_open else {"error": "key revoked"}).encode())

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            posting.live()
            posting.sender(
                transport="postal",
                transport_settings={"api_url": f"http://127.0.0.1:{server.server_port}/"},
                secret=keys.encrypt("key"),
                inside_allowed=True,
            )
            due(*people(8))
            assert deliver() == delivery.Delivered(claimed=8, accepted=3, later=5)
            assert deliver() == delivery.Delivered()
        finally:
            transport.close_all()
            server.shutdown()
            server.server_close()
        shown = client_of(ada).get("/sending/").content.decode()
        assert "Postal does not accept the key" in shown or "does not accept the key" in shown
        assert "key revoked" in shown


def test_no_address_is_kept_among_a_servers_words(office: PostOffice) -> None:
    """They are about the way out, and outlive an erasure."""
    sender = posting.smtp_sender(office.port)
    said = "421 <liv0@fjordmek.example>: asa@nordvik.example sends too much to 'Liv@Fjordmek.example'\x00"
    sender_rows.note(sender_id=sender.pk, shut=Outcome(Fate.LATER, "server_busy", said), now=NOW)
    sender.refresh_from_db()
    assert sender.trouble_reply == "421 <…@…>: asa@nordvik.example sends too much to '…@…'"


def test_two_responders_that_answer_each_other_end(office: PostOffice, anna: Contact) -> None:
    """What looks like a person writes thirty times within an hour; we send nothing, and soon believe nothing."""
    posting.live()
    posting.smtp_sender(office.port)
    due(anna)
    deliver()
    for number in range(30):
        received(
            f"From: {anna.email}\r\nTo: asa@nordvik.example\r\nSubject: Re: Hej\r\n\r\nTack för ditt mejl {number}.\r\n"
        )
    assert Reply.objects.filter(kind="human").count() <= 6 and Handoff.objects.count() == 1
    assert EngagementEvent.objects.filter(type="replied").count() <= 6
    assert len(office.mails) == 1
