"""Server names that an admin types in do not lead into our own network, by whatever spelling; and what a server that
cannot prove who it is gets: nothing.
"""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from contacts import keys
from nurturing.sending import advice, message, transport
from nurturing.sending.message import Mail, Mailbox
from nurturing.sending.outcome import Fate
from tests.nurturing import post_office, posting
from tests.nurturing.post_office import PostOffice

pytestmark = pytest.mark.django_db
SPELLINGS = [
    "127.0.0.1",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
]
MAIL = Mail(
    "abc@nordvik.example",
    datetime(2026, 11, 24, 12, tzinfo=UTC),
    Mailbox("Åsa", "asa@nordvik.example"),
    Mailbox("Anna", "anna@fjordmek.example"),
    "Hej",
    "Hej",
    "<p>Hej</p>",
)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office.opened() as opened:
        yield opened


@contextmanager
def leading_to(*addresses: str) -> Iterator[Any]:
    """Every name has these addresses, one after the other."""
    asked = [[(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 587))] for one in addresses]
    with mock.patch("socket.getaddrinfo", side_effect=asked) as looked_up:
        yield looked_up


class TestMailServers:
    @pytest.mark.parametrize("host", SPELLINGS)
    def test_this_machine_is_refused_by_every_spelling(self, office: PostOffice, host: str) -> None:
        given = {"host": host, "port": office.port, "security": "none"}
        sender = posting.smtp_sender(office.port, transport_settings=given, inside_allowed=False)
        outcome = transport.make(sender).deliver(message.wire(MAIL))
        assert outcome.fate is Fate.LATER and outcome.provider_down
        assert outcome.reason in ("inside", "no_server")
        assert office.connections == 0 and office.mails == []

    def test_a_name_that_leads_inside_is_refused(self, office: PostOffice) -> None:
        given = {"host": "smtp.evil.example", "port": office.port, "security": "none"}
        sender = posting.smtp_sender(office.port, transport_settings=given, inside_allowed=False)
        with leading_to("127.0.0.1"):
            assert transport.make(sender).deliver(message.wire(MAIL)).reason == "inside"
        assert office.connections == 0

    def test_a_name_is_asked_once_and_the_connection_goes_where_it_pointed(self, office: PostOffice) -> None:
        """It would point to this machine when asked a second time (DNS rebinding)."""
        given = {"host": "smtp.evil.example", "port": office.port, "security": "none"}
        sender = posting.smtp_sender(office.port, transport_settings=given, inside_allowed=False)
        refused = ConnectionRefusedError(111, "Connection refused")
        with leading_to("8.8.8.8", "127.0.0.1") as asked, mock.patch("socket.create_connection") as made:
            made.side_effect = refused
            assert transport.make(sender).deliver(message.wire(MAIL)).reason == "unreachable"
        assert asked.call_count == 1
        assert [call.args[0] for call in made.call_args_list] == [("8.8.8.8", office.port)]
        assert office.connections == 0

    def test_an_admin_may_allow_it(self, office: PostOffice) -> None:
        sender = posting.smtp_sender(office.port)
        assert transport.make(sender).deliver(message.wire(MAIL)).fate is Fate.ACCEPTED

    def test_taking_the_permission_back_counts_at_once(self, office: PostOffice) -> None:
        sender = posting.smtp_sender(office.port)
        try:
            assert transport.of(sender).deliver(message.wire(MAIL)).fate is Fate.ACCEPTED
            sender.inside_allowed = False
            assert transport.of(sender).deliver(message.wire(MAIL)).reason == "inside"
        finally:
            transport.close_all()


class Web:
    """A provider that answers as told, and keeps which paths were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.elsewhere = ""
        self.port = 0


@pytest.fixture
def web() -> Iterator[Web]:
    told = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(302 if told.elsewhere else 200)
            if told.elsewhere:
                self.send_header("Location", told.elsewhere)
            self.end_headers()
            taken = {"status": "success", "data": {"message_id": "m", "messages": {}}}
            self.wfile.write(json.dumps(taken).encode())

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def postal(host: str, web: Web, **fields: Any) -> transport.Way:
    given = {"api_url": f"http://{host}:{web.port}/"}
    return transport.make(
        posting.sender(transport="postal", transport_settings=given, secret=keys.encrypt("key"), **fields)
    )


class TestProviders:
    @pytest.mark.parametrize(
        "host", [*SPELLINGS[:-2], "[::1]", "[::ffff:127.0.0.1]", "127.0.0.1.", "①27.0.0.1"]
    )
    def test_this_machine_is_refused_by_every_spelling(self, web: Web, host: str) -> None:
        outcome = postal(host, web).deliver(MAIL)
        assert outcome.fate is Fate.LATER and outcome.provider_down and web.asked == []
        assert outcome.reason in ("inside", "no_server", "unreachable")

    def test_a_redirect_is_not_followed_and_the_key_not_handed_on(self, web: Web) -> None:
        web.elsewhere = f"http://127.0.0.1:{web.port}/metadata"
        outcome = postal("127.0.0.1", web, inside_allowed=True).deliver(MAIL)
        assert (outcome.fate, outcome.reason, outcome.provider_down) == (Fate.LATER, "unreachable", True)
        assert len(web.asked) == 1

    def test_a_name_is_asked_once(self, web: Web) -> None:
        way = postal("api.evil.example", web)
        with leading_to("8.8.8.8", "127.0.0.1") as asked, mock.patch("socket.create_connection") as made:
            made.side_effect = ConnectionRefusedError(111, "Connection refused")
            assert way.deliver(MAIL).reason == "unreachable"
        assert asked.call_count == 1 and web.asked == []

    def test_a_proxy_does_not_lead_inside_either(self, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{web.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert postal("127.1", web).deliver(MAIL).reason == "inside"
        assert web.asked == []

    def test_an_admin_may_allow_it(self, web: Web) -> None:
        postal("127.0.0.1", web, inside_allowed=True).deliver(MAIL)
        assert len(web.asked) == 1


# Who a server is


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS with a certificate for a name, and the file that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name[0].isdigit():
        names = [x509.IPAddress(ip_address(name))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / f"{name}.pem", folder / f"{name}.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, pem


@contextmanager
def encrypted(context: ssl.SSLContext, *, at_once: bool) -> Iterator[PostOffice]:
    """A mail server with TLS from the first byte, or after STARTTLS."""
    office = PostOffice()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        office.port = free.getsockname()[1]
    more: dict[str, Any] = {"ssl_context": context} if at_once else {"tls_context": context}
    controller = Controller(office, hostname="127.0.0.1", port=office.port, **more)
    # aiosmtpd knocks without knowing the certificate
    with mock.patch("ssl.create_default_context", side_effect=ssl._create_unverified_context):
        controller.start()
    try:
        yield office
    finally:
        controller.stop()


def knock(port: int, security: str, **fields: Any) -> tuple[str, str]:
    """The outcome's reason, and our advice."""
    given = {"host": "127.0.0.1", "port": port, "security": security} | fields
    sender = posting.smtp_sender(port, transport_settings=given)
    way = transport.make(sender)
    outcome = way.deliver(message.wire(MAIL))
    way.close()
    sender.delete()
    return outcome.reason, advice.of(sender, outcome.reason, outcome.reply)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_proves_who_it_is_or_gets_no_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    right, vouches = certificate(tmp_path, "127.0.0.1")
    with encrypted(right, at_once=security == "tls") as office:
        reason, words = knock(office.port, security)
        assert reason == "tls" and "Nobody that this machine trusts vouches" in words
        assert office.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(vouches))
        assert knock(office.port, security)[0] == "" and len(office.mails) == 1
    wrong, vouches = certificate(tmp_path, "smtp.other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(vouches))
    with encrypted(wrong, at_once=security == "tls") as office:
        reason, words = knock(office.port, security)
        assert reason == "tls" and "for another name than 127.0.0.1" in words
        assert office.mails == []


def test_the_wrong_kind_of_encryption_is_named(office: PostOffice) -> None:
    reason, words = knock(office.port, "starttls")
    assert reason == "tls" and "offers no encryption at port" in words
    reason, words = knock(office.port, "tls")
    assert reason == "tls" and "does not speak TLS from the first byte" in words


def test_a_port_where_nobody_listens_is_named() -> None:
    reason, words = knock(1, "starttls")
    assert reason == "unreachable" and "Nothing listens at port 1 of 127.0.0.1" in words


def test_a_from_address_that_the_server_refuses_is_named(office: PostOffice) -> None:
    office.at_mail = "553 5.7.1 Sender address rejected: not owned by user asa"
    reason, words = knock(office.port, "none")
    assert reason == "sender_refused" and "does not let us send as asa@nordvik.example" in words


@pytest.mark.parametrize(
    ("given", "secret", "words"),
    [
        ({"host": "smtp.x.example"}, "", "asks for a user name"),
        ({"host": "smtp.x.example", "username": "asa"}, "", "No password is stored for asa"),
        (
            {"host": "100%smtp.x.example", "username": "a%sa"},
            "locked",
            "100%smtp.x.example does not accept a%sa",
        ),
    ],
)
def test_a_login_that_is_refused_is_told_apart(given: Any, secret: str, words: str) -> None:
    sender = posting.sender(transport="smtp", transport_settings=given, secret=secret)
    assert words in advice.of(sender, "login", "535 5.7.8 no")


def test_every_reason_has_words() -> None:
    sender = posting.sender(transport="postmark")
    for reason in (*advice.REASONS, "something new, 100%"):
        assert advice.of(sender, reason, "")
