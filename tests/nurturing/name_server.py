"""A name server on loopback for the tests: it answers from a zone in words, says nothing, or that it is broken."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """What it knows, and what it was asked."""

    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], list[str]] = {}
        self.broken: set[str] = set()
        self.silent: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def add(self, name: str, kind: str, *values: str) -> None:
        """Records, as they stand in a zone file; a text gets its quotes, in pieces of 250."""
        told = self.zone.setdefault((name.lower().rstrip(".") + ".", kind), [])
        told += [_quoted(value) if kind == "TXT" else value for value in values]

    def answer(self, raw: bytes) -> bytes | None:
        """The answer to one question; None: none."""
        asked = dns.message.from_wire(raw)
        (question,) = asked.question
        name, kind = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked[name] += 1
        if name.rstrip(".") in self.silent:
            return None
        reply = dns.message.make_response(asked, recursion_available=True)
        if name.rstrip(".") in self.broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
            return reply.to_wire()
        alias = self.zone.get((name, "CNAME"))
        if alias and kind != "CNAME":
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", alias[0]))
            name = alias[0].lower()
        values = self.zone.get((name, kind))
        if values:
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *values))
        elif not any(known == name for known, _kind in self.zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()


def _quoted(text: str) -> str:
    pieces = [text[at : at + 250] for at in range(0, len(text), 250)] or [""]
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)


@contextmanager
def opened() -> Iterator[NameServer]:
    """A server on a free port of this machine, gone afterwards."""
    server = NameServer()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(0.1)
        server.port = line.getsockname()[1]
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    raw, who = line.recvfrom(4096)
                except TimeoutError:
                    continue
                reply = server.answer(raw)
                if reply is not None:
                    line.sendto(reply, who)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            thread.join()
