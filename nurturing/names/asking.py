"""Questions to name servers: those named in the settings, else the machine's own. Short time-outs, and a limit over all."""

import time
from collections.abc import Sequence
from typing import Any

import dns.exception
import dns.name
import dns.resolver
import dns.reversename

PER_QUESTION = 3.0
ALTOGETHER = 25.0


class Unanswered(Exception):
    """No name server gave an answer in time: nobody knows whether the record is there."""


class Names:
    """One round of questions."""

    def __init__(self, servers: Sequence[str] = (), *, seconds: float = ALTOGETHER) -> None:
        self._resolver = dns.resolver.Resolver(configure=not servers)
        self._until = time.monotonic() + seconds
        self._known: dict[tuple[str, str], list[Any]] = {}
        if servers:
            told = [_split(one) for one in servers]
            self._resolver.nameservers = [host for host, _port in told]
            self._resolver.nameserver_ports = dict(told)

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name, each as one text."""
        return [b"".join(one.strings).decode("utf-8", "replace") for one in self._ask(name, "TXT")]

    def mail_servers(self, name: str) -> list[tuple[int, str]]:
        """Who takes mail for a domain: rank and name, the first first. A lone dot means nobody."""
        return sorted((int(one.preference), _plain(one.exchange)) for one in self._ask(name, "MX"))

    def addresses(self, name: str) -> list[str]:
        """The addresses of a server."""
        return [str(one.address) for kind in ("A", "AAAA") for one in self._ask(name, kind)]

    def names_of(self, address: str) -> list[str]:
        """The names that an address has (reverse DNS)."""
        where = dns.reversename.from_address(address).to_text()
        return [_plain(one.target) for one in self._ask(where, "PTR")]

    def _ask(self, name: str, kind: str) -> list[Any]:
        """Raises Unanswered; a name that is not there has no records."""
        key = (name.lower().rstrip("."), kind)
        if key not in self._known:
            self._known[key] = self._answer(*key)
        return self._known[key]

    def _answer(self, name: str, kind: str) -> list[Any]:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Unanswered(name)
        try:
            answer = self._resolver.resolve(
                name, kind, search=False, raise_on_no_answer=False, lifetime=min(PER_QUESTION, left)
            )
        except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel):
            return []
        except dns.exception.DNSException as error:
            raise Unanswered(name) from error
        return list(answer) if answer.rrset is not None else []


def _plain(name: Any) -> str:
    text: str = name.to_text(omit_final_dot=True)
    return text.lower()


def _split(server: str) -> tuple[str, int]:
    """`9.9.9.9`, `127.0.0.1:5353` or `[2620:fe::9]:53`."""
    if server.startswith("["):
        host, _bracket, port = server[1:].partition("]")
        return host, int(port.removeprefix(":") or 53)
    if server.count(":") == 1:
        host, _colon, port = server.partition(":")
        return host, int(port)
    return server, 53
