#!/usr/bin/env python3
"""A mail server and a provider's HTTP API that misbehave by seed, and know exactly what they took. A process of its own.

    python bench/faults/fakes.py

Prints two ports, SMTP and HTTP (the API of Mailgun). Each line on its standard input is a command: `reset SEED` forgets all and sets
the seed, `honest` ends all lies, `calm` the waiting too, `report` answers with one line of JSON. What is done to a mail depends on
the seed, the recipient and how often they came to us: the same seed does the same again.

For each recipient is counted: how many mails we answered with 250 or 200 (`accepted`); how many we had whole and then did not answer, or
answered by half (`unclear`: nobody outside can know); how many we cut off in the middle (`cut`: we have nothing, and the sender cannot know
whether we had it all); how many we put off (`later`), refused for good (`refused`), or dropped before the mail began (`dropped`).
"""

import contextlib
import json
import random
import re
import socket
import struct
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

SLEEPS_AT_MOST = 8.0  # a hang ends when the client goes; longer than this, nobody waits
USUAL_DELAY = 0.05
STOP = re.compile(rb"List-Unsubscribe: <[^>]*(/u/[^>\s]+)>")

# What happens to one mail in a hundred, in the order of the conversation. The rest is accepted.
AT_ENVELOPE = {
    "450 4.2.1 Mailbox busy": 0.7,
    "451 4.3.0 Try again": 0.7,
    "452 4.3.1 Insufficient storage": 0.6,
    "550 5.1.1 No such user": 1.0,
    "552 5.2.2 Mailbox full": 0.5,
    "554 5.7.1 Refused by policy": 0.5,
    "421 4.3.2 Shutting down": 0.3,
    "drop": 0.8,
    "half": 0.2,
    "hang": 0.2,
}
IN_DATA = {"drop": 0.8}
AT_DOT = {
    "450 4.7.1 Greylisted": 0.6,
    "451 4.3.0 Try again": 0.4,
    "452 4.3.1 Insufficient storage": 0.4,
    "550 5.7.1 Refused": 0.5,
    "552 5.3.4 Too big": 0.4,
    "554 5.6.0 Refused": 0.5,
    "421 4.3.2 Shutting down": 0.2,
    "drop": 1.0,
    "half": 0.6,
    "hang": 0.3,
    "slow": 2.0,
}
AT_REQUEST = {
    "400": 0.8,
    "429": 0.4,
    "503": 0.3,
    "401": 0.2,
    "500": 0.6,
    "502": 0.4,
    "drop": 1.0,
    "half": 0.6,
    "hang": 0.3,
    "slow": 2.0,
}
AT_GREETING = {"421 4.3.2 Too many of you": 2.0, "554 5.7.1 Not today": 1.0, "drop": 2.0}


class Book:
    """What came in, and what is to happen next."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reset("0")

    def reset(self, seed: str) -> None:
        """Forget all."""
        self.seed, self.honest, self.calm = seed, False, False
        self.seen: dict[str, Counter[str]] = defaultdict(Counter)
        self.tries: Counter[str] = Counter()
        self.did: Counter[str] = Counter()
        self.stops: dict[str, str] = {}
        self.lines = 0

    def chance(self, recipient: str, place: str, odds: dict[str, float]) -> str:
        """What happens to this try at this place; empty: nothing."""
        with self.lock:
            if self.honest or self.calm:
                return ""
            self.tries[f"{place}:{recipient}"] += 1
            rolled = random.Random(f"{self.seed}:{place}:{recipient}:{self.tries[f'{place}:{recipient}']}").random() * 100  # fmt: skip
            for what, part in odds.items():
                if rolled < part:
                    self.did[f"{place} {what[:3] if what[:3].isdigit() else what}"] += 1
                    return what
                rolled -= part
            return ""

    def note(self, recipient: str, what: str, stop: str = "") -> None:
        """Count it."""
        with self.lock:
            self.seen[recipient][what] += 1
            if what == "accepted" and stop:
                self.stops[recipient] = stop

    def report(self) -> dict[str, object]:
        with self.lock:
            return {"seen": self.seen, "did": self.did, "lines": self.lines, "stops": self.stops}


BOOK = Book()


class Gone(Exception):
    """The line is over."""


def wait_for_the_end(client: socket.socket) -> None:
    """Say nothing until the client has had enough."""
    until = time.monotonic() + SLEEPS_AT_MOST
    with contextlib.suppress(OSError):
        while (left := until - time.monotonic()) > 0:
            client.settimeout(left)
            if not client.recv(65_536):
                return


def hang_up(client: socket.socket) -> None:
    """At once, with a reset: what was not read yet is lost."""
    with contextlib.suppress(OSError):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


class Line:
    """One SMTP client: a state machine over whatever has arrived, so that commands may come in groups (RFC 2920)."""

    def __init__(self, client: socket.socket) -> None:
        self.client = client
        self.buffer = b""
        self.recipient = ""
        self.is_wanted = True

    def serve(self) -> None:
        with contextlib.suppress(OSError, Gone):
            with BOOK.lock:
                BOOK.lines += 1
                number = str(BOOK.lines)
            what = BOOK.chance(number, "greeting", AT_GREETING)
            if what == "drop":
                raise Gone
            self.say(what or "220 fake ESMTP")
            for verb, line in self.commands():
                self.answer(verb, line)
        hang_up(self.client)

    def say(self, text: str) -> None:
        self.client.sendall(f"{text}\r\n".encode())

    def more(self) -> None:
        arrived = self.client.recv(262_144)
        if not arrived:
            raise Gone
        self.buffer += arrived

    def commands(self) -> Iterator[tuple[str, bytes]]:
        while True:
            while (end := self.buffer.find(b"\r\n")) < 0:
                self.more()
            line, self.buffer = self.buffer[:end], self.buffer[end + 2 :]
            yield line[:4].decode("ascii", "replace").upper(), line

    def answer(self, verb: str, line: bytes) -> None:
        if verb == "EHLO":
            self.say("250-fake\r\n250-SIZE 50000000\r\n250-8BITMIME\r\n250 PIPELINING")
        elif verb == "RCPT":
            self.recipient = line[line.find(b"<") + 1 : line.find(b">")].decode().lower()
            self.is_wanted = self.envelope()
        elif verb == "DATA" and not self.is_wanted:
            self.say("503 5.5.1 No valid recipients")
        elif verb == "DATA":
            self.say("354 End data with <CR><LF>.<CR><LF>")
            self.take()
        elif verb == "QUIT":
            self.say("221 2.0.0 Bye")
            raise Gone
        else:
            self.say("250 2.0.0 Ok")

    def envelope(self) -> bool:
        what = BOOK.chance(self.recipient, "envelope", AT_ENVELOPE)
        if what in ("drop", "half", "hang"):
            BOOK.note(self.recipient, "dropped")
            if what == "half":
                self.client.sendall(b"25")
            if what == "hang":
                wait_for_the_end(self.client)
            raise Gone
        self.say(what or "250 2.1.5 Ok")
        if what:
            BOOK.note(self.recipient, "later" if what < "5" else "refused")
        if what.startswith("421"):
            raise Gone
        return not what

    def take(self) -> None:
        """The mail, and what became of it."""
        if BOOK.chance(self.recipient, "data", IN_DATA):
            # We have nothing of it; but the client's kernel may have taken all, dot and all, before it hears of this.
            BOOK.note(self.recipient, "cut")
            raise Gone
        while (end := self.buffer.find(b"\r\n.\r\n")) < 0:
            self.more()
        body, self.buffer = self.buffer[:end], self.buffer[end + 5 :]
        what = BOOK.chance(self.recipient, "dot", AT_DOT)
        if what in ("drop", "half", "hang"):
            BOOK.note(self.recipient, "unclear")
            if what == "half":
                self.client.sendall(b"25")
            if what == "hang":
                wait_for_the_end(self.client)
            raise Gone
        if what and what != "slow":
            BOOK.note(self.recipient, "later" if what < "5" else "refused")
            self.say(what)
            if what.startswith("421"):
                raise Gone
            return
        time.sleep(0.8 if what == "slow" else delay(self.recipient))
        found = STOP.search(body)
        BOOK.note(self.recipient, "accepted", found[1].decode() if found else "")
        self.say("250 2.0.0 Ok: queued as FAKE")


def delay(recipient: str) -> float:
    """Every server takes its time."""
    return 0.0 if BOOK.calm else random.Random(f"{BOOK.seed}:{recipient}").random() * USUAL_DELAY


class Provider(BaseHTTPRequestHandler):
    """Mailgun's `POST /v3/DOMAIN/messages`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size)
        if len(body) < size:
            self.close_connection = True
            return
        form = parse_qs(body.decode()) if b"name=" not in body[:200] else _multipart(body)
        recipient = form["to"][0].rpartition("<")[2].strip(" >").lower()
        what = BOOK.chance(recipient, "request", AT_REQUEST)
        if what in ("drop", "half", "hang"):
            BOOK.note(recipient, "unclear")
            self.close_connection = True
            if what == "half":
                self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{"id": "')  # fmt: skip
                self.wfile.flush()
            if what == "hang":
                wait_for_the_end(self.connection)
            hang_up(self.connection)
            return
        if what and what != "slow":
            kind = {"400": "refused", "500": "unclear", "502": "unclear"}.get(what, "later")
            BOOK.note(recipient, kind)
            self.respond(int(what), {"message": "as told"})
            return
        time.sleep(0.8 if what == "slow" else delay(recipient))
        BOOK.note(recipient, "accepted")
        self.respond(200, {"id": f"<{recipient}>", "message": "Queued. Thank you."})

    def respond(self, status: int, words: dict[str, str]) -> None:
        body = json.dumps(words).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Nothing: the book has it all."""


def _multipart(body: bytes) -> dict[str, list[str]]:
    found = re.findall(rb'name="([^"]+)"\r\n(?:[^\r\n]+\r\n)*\r\n(.*?)\r\n--', body, re.DOTALL)
    return {name.decode(): [value.decode()] for name, value in found}


class Quiet(ThreadingHTTPServer):
    """Clients that were killed in the middle of a request are no news here."""

    daemon_threads = True

    def handle_error(self, *_request: object) -> None:
        """Nothing."""


def main() -> None:
    """Serve until standard input ends."""
    door = socket.create_server(("127.0.0.1", 0), backlog=128)
    provider = Quiet(("127.0.0.1", 0), Provider)
    print(door.getsockname()[1], provider.server_address[1], flush=True)

    def welcome() -> None:
        while True:
            client, _address = door.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=Line(client).serve, daemon=True).start()

    threading.Thread(target=welcome, daemon=True).start()
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    for command in sys.stdin:
        word, _space, rest = command.strip().partition(" ")
        if word == "reset":
            with BOOK.lock:
                BOOK.reset(rest)
        elif word == "honest":
            BOOK.honest = True
        elif word == "calm":
            BOOK.calm = True
        print(json.dumps(BOOK.report() if word == "report" else {}), flush=True)


if __name__ == "__main__":
    main()
