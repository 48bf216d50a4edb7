#!/usr/bin/env python3
"""A mail server that only counts: for benchmarks, in a process of its own, on loopback.

    python bench/sink.py [--plain]

Prints its port. Each line on its standard input is a command: `count` answers with how many mails came, `report` with one line of JSON,
`reset` forgets. It takes every mail, knows each recipient it has seen, and keeps the bytes of every 997th mail, so that a run can look at
what really came. One loop for all lines. `--plain` offers no PIPELINING.
"""

import argparse
import json
import resource
import selectors
import socket
import sys
from collections import Counter

KEEP_EVERY = 997
KEEP_MOST = 200
END = b"\r\n.\r\n"


class Sink:
    """What came in."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all."""
        self.recipients: Counter[bytes] = Counter()
        self.kept: list[str] = []
        self.number = self.bytes = self.lines = 0

    def take(self, recipient: bytes, body: bytes) -> int:
        """Count one mail; its number is the queue id."""
        self.recipients[recipient] += 1
        self.number += 1
        self.bytes += len(body)
        if self.number % KEEP_EVERY == 1 and len(self.kept) < KEEP_MOST:
            self.kept.append(body.decode("latin-1"))
        return self.number

    def report(self) -> dict[str, object]:
        """Accepted mails, how many came more than once, and what our work cost."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "accepted": self.recipients.total(),
            "recipients": len(self.recipients),
            "duplicates": sum(number - 1 for number in self.recipients.values()),
            "bytes": self.bytes,
            "lines": self.lines,
            "cpu": used.ru_utime + used.ru_stime,
            "kept": self.kept,
        }


class Line:
    """One client: a state machine over whatever has arrived, so that commands may come in groups (RFC 2920)."""

    def __init__(self, sink: Sink, client: socket.socket, offers: bytes) -> None:
        self.sink, self.client, self.offers = sink, client, offers
        self.buffer = b""
        self.recipient = b""
        self.in_data = False

    def hear(self) -> bool:
        """Answer all that is complete; False when the client has gone."""
        try:
            more = self.client.recv(262_144)
            if not more:
                return False
            self.buffer = self.buffer + more if self.buffer else more
            if answers := self.answers():
                self.client.sendall(answers)
        except ConnectionError:
            return False
        return True

    def answers(self) -> bytes:
        """To all that is complete."""
        said = b""
        while True:
            if self.in_data:
                body, end, rest = self.buffer.partition(END)
                if not end:
                    return said
                self.buffer, self.in_data = rest, False
                said += b"250 2.0.0 Ok: queued as %08X\r\n" % self.sink.take(self.recipient, body)
                continue
            line, end, rest = self.buffer.partition(b"\r\n")
            if not end:
                return said
            self.buffer = rest
            verb = line[:4].upper()
            if verb == b"RCPT":
                self.recipient = line[line.find(b"<") + 1 : line.find(b">")].lower()
                said += b"250 2.1.5 Ok\r\n"
            elif verb == b"DATA":
                self.in_data = True
                said += b"354 End data with <CR><LF>.<CR><LF>\r\n"
            elif verb == b"EHLO":
                said += self.offers
            elif verb == b"QUIT":
                said += b"221 2.0.0 Bye\r\n"
            else:
                said += b"250 2.0.0 Ok\r\n"


def main() -> None:
    """Listen until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plain", action="store_true")
    asked = parser.parse_args()
    offers = [b"sink", b"SIZE 50000000", b"8BITMIME"] + ([] if asked.plain else [b"PIPELINING"])
    greeting = b"".join(b"250%s%s\r\n" % (b"-" if one is not offers[-1] else b" ", one) for one in offers)
    sink = Sink()
    waiting = selectors.DefaultSelector()
    door = socket.create_server(("127.0.0.1", 0), backlog=128)
    waiting.register(door, selectors.EVENT_READ)
    waiting.register(sys.stdin, selectors.EVENT_READ)
    print(door.getsockname()[1], flush=True)
    while True:
        for key, _events in waiting.select():
            if key.data is not None:
                if not key.data.hear():
                    waiting.unregister(key.fileobj)
                    key.data.client.close()
            elif key.fileobj is door:
                client, _address = door.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.sendall(b"220 sink ESMTP\r\n")
                sink.lines += 1
                waiting.register(client, selectors.EVENT_READ, Line(sink, client, greeting))
            elif not (command := sys.stdin.readline()):
                return
            else:
                _obey(command.strip(), sink)


def _obey(command: str, sink: Sink) -> None:
    answer: dict[str, object] = {}
    if command == "reset":
        sink.reset()
    elif command == "count":
        answer = {"accepted": sink.number}
    elif command == "report":
        answer = sink.report()
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
