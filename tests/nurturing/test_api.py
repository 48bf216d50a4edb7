"""A provider's API through anymail, against a real HTTP server: what each answer means for the mail."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from contacts import keys
from nurturing.sending import transport
from nurturing.sending.message import Mail, Mailbox, Unmailable
from nurturing.sending.outcome import Fate
from tests.nurturing import posting

TAKEN = {
    "status": "success",
    "data": {"message_id": "m-1", "messages": {"anna@fjordmek.example": {"id": 7, "token": "t"}}},
}


class Provider:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.answer: tuple[int, str] = (200, json.dumps(TAKEN))
        self.hang_up = False
        self.port = 0


@pytest.fixture
def provider() -> Iterator[Provider]:
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            told.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            told.keys.append(self.headers.get("X-Server-API-Key", ""))
            if told.hang_up:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            status, body = told.answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def way(db: None, provider: Provider) -> Iterator[transport.Way]:
    sender = posting.sender(
        transport="postal",
        transport_settings={"api_url": f"http://127.0.0.1:{provider.port}/"},
        inside_allowed=True,
        secret=keys.encrypt("the key"),
    )
    way = transport.make(sender)
    yield way
    way.close()


def mail(**changes: Any) -> Mail:
    fields: dict[str, Any] = {
        "message_id": "abc@nordvik.example",
        "date": datetime(2026, 11, 24, 12, tzinfo=UTC),
        "sender": Mailbox("Åsa på Nordvik", "asa@nordvik.example"),
        "recipient": Mailbox('Anna "Ann" Lind', "anna@fjordmek.example"),
        "subject": "Så gjorde Fjordmek",
        "text": "Hej",
        "html": "<p>Hej</p>",
        "reply_to": (Mailbox("Åsa", "svar@nordvik.example"), Mailbox("Sam", "sam@nordvik.example")),
        "stop_url": "https://silo.example/u/TOKEN",
        "stop_address": "asa@nordvik.example",
    }
    return Mail(**(fields | changes))


def test_it_gets_the_whole_mail_with_our_headers_and_the_decrypted_key(
    way: transport.Way, provider: Provider
) -> None:
    outcome = way.deliver(mail())

    assert outcome.fate is Fate.ACCEPTED and outcome.provider_id
    (asked,) = provider.asked
    assert provider.keys == ["the key"]
    assert asked["subject"] == "Så gjorde Fjordmek"
    assert asked["plain_body"] == "Hej" and asked["html_body"] == "<p>Hej</p>"
    assert asked["to"] == ['"Anna \\"Ann\\" Lind" <anna@fjordmek.example>']
    assert asked["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert asked["headers"]["Message-ID"] == "<abc@nordvik.example>"
    assert "\n" not in asked["headers"]["List-Unsubscribe"]


@pytest.mark.parametrize(
    ("status", "fate", "reason", "down"),
    [
        (401, Fate.LATER, "login", True),
        (403, Fate.LATER, "login", True),
        (429, Fate.LATER, "server_busy", True),
        (503, Fate.LATER, "server_busy", True),
        (400, Fate.REFUSED, "refused", False),
        (422, Fate.REFUSED, "refused", False),
        (500, Fate.UNKNOWN, "no_answer", False),
        (502, Fate.UNKNOWN, "no_answer", False),
    ],
)
def test_what_a_status_means(
    way: transport.Way, provider: Provider, status: int, fate: Fate, reason: str, down: bool
) -> None:
    provider.answer = (status, '{"status": "error"}')
    outcome = way.deliver(mail())
    assert (outcome.fate, outcome.reason, outcome.provider_down) == (fate, reason, down)
    assert len(provider.asked) == 1


def test_an_answer_that_nobody_can_read_may_be_a_yes(way: transport.Way, provider: Provider) -> None:
    provider.answer = (200, "<html>")
    assert way.deliver(mail()).fate is Fate.UNKNOWN


def test_a_line_that_breaks_before_the_answer_leaves_it_unknown(
    way: transport.Way, provider: Provider
) -> None:
    provider.hang_up = True
    assert way.deliver(mail()).fate is Fate.UNKNOWN
    provider.hang_up = False
    assert way.deliver(mail()).fate is Fate.ACCEPTED


def test_a_shut_door_is_later(db: None) -> None:
    sender = posting.sender(
        transport="postal",
        transport_settings={"api_url": "http://127.0.0.1:1/"},
        secret=keys.encrypt("k"),
        inside_allowed=True,
    )
    outcome = transport.make(sender).deliver(mail())
    assert (outcome.fate, outcome.reason, outcome.provider_down) == (Fate.LATER, "unreachable", True)


def test_a_key_that_cannot_be_decrypted_any_more_keeps_mails_back(db: None) -> None:
    sender = posting.sender(transport="postmark", secret="junk")
    outcome = transport.make(sender).deliver(mail())
    assert (outcome.fate, outcome.reason) == (Fate.LATER, "login")


def test_a_forged_header_is_refused_before_anything_leaves(way: transport.Way, provider: Provider) -> None:
    with pytest.raises(Unmailable):
        way.deliver(mail(recipient=Mailbox("Anna\r\nBcc: all@evil.example", "anna@fjordmek.example")))
    assert provider.asked == []


@pytest.mark.parametrize("name", sorted(transport.providers.PROVIDERS))
def test_every_provider_on_offer_can_be_opened_with_what_the_page_asks_for(db: None, name: str) -> None:
    provider = transport.providers.PROVIDERS[name]
    settings = {
        need: "https://api.provider.example/" if need == "api_url" else "x" for need in provider.needs
    }
    sender = posting.sender(transport=name, transport_settings=settings, secret=keys.encrypt("k"))
    assert transport.providers.missing(sender) == []
    way = transport.make(sender)
    way._open()  # type: ignore[attr-defined]
    way.close()
