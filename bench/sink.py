#!/usr/bin/env python3
"""A mail server that only counts: for benchmarks, in a process of its own, on loopback.

    python bench/sink.py [--plain]

Prints its port. Each line on its standard input is a command: `report` answers with one line of JSON, `reset` forgets. It takes every
mail, knows each recipient it has seen, and keeps the bytes of every 997th mail, so that a run can look at what really came. One thread
per line. `--plain` offers no PIPELINING.
"""

import argparse
import json
import resource
import socket
import sys
import threading
import time
from collections import Counter

KEEP_EVERY = 997
KEEP_MOST = 200


class Sink:
    """What came in."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget all."""
        self.recipients: Counter[bytes] = Counter()
        self.kept: list[str] = []
        self.number = self.bytes = self.lines = 0
        self.first = self.last = 0.0

    def take(self, recipient: bytes, body: bytes) -> int:
        """Count one mail; its number is the queue id."""
        with self.lock:
            now = time.time()
            self.first = self.first or now
            self.last = now
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
            "seconds": self.last - self.first,
            "last": self.last,
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

    def serve(self) -> None:
        """Until the client goes."""
        self.client.sendall(b"220 sink ESMTP\r\n")
        try:
            while more := self.client.recv(262_144):
                self.buffer = self.buffer + more if self.buffer else more
                answers = b"".join(self.step())
                if answers:
                    self.client.sendall(answers)
        except (ConnectionError, SystemExit):
            pass
        finally:
            self.client.close()

    def step(self):
        """Answer all that is complete."""
        while True:
            if self.in_data:
                end = self.buffer.find(b"\r\n.\r\n")
                if end < 0:
                    return
                number = self.sink.take(self.recipient, self.buffer[:end])
                self.buffer = self.buffer[end + 5 :]
                self.in_data = False
                yield b"250 2.0.0 Ok: queued as %08X\r\n" % number
                continue
            end = self.buffer.find(b"\r\n")
            if end < 0:
                return
            line, self.buffer = self.buffer[:end], self.buffer[end + 2 :]
            verb = line[:4].upper()
            if verb == b"RCPT":
                self.recipient = line[line.find(b"<") + 1 : line.find(b">")].lower()
                yield b"250 2.1.5 Ok\r\n"
            elif verb == b"DATA":
                self.in_data = True
                yield b"354 End data with <CR><LF>.<CR><LF>\r\n"
            elif verb == b"EHLO":
                yield self.offers
            elif verb == b"QUIT":
                yield b"221 2.0.0 Bye\r\n"
            else:
                yield b"250 2.0.0 Ok\r\n"


def main() -> None:
    """Listen until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plain", action="store_true")
    asked = parser.parse_args()
    offers = [b"sink", b"SIZE 50000000", b"8BITMIME"] + ([] if asked.plain else [b"PIPELINING"])
    greeting = b"".join(b"250%s%s\r\n" % (b"-" if one is not offers[-1] else b" ", one) for one in offers)
    sink = Sink()
    door = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(door.getsockname()[1], flush=True)

    def welcome() -> None:
        while True:
            client, _address = door.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sink.lines += 1
            threading.Thread(target=Line(sink, client, greeting).serve, daemon=True).start()

    threading.Thread(target=welcome, daemon=True).start()
    for command in sys.stdin:
        if command.strip() == "reset":
            with sink.lock:
                sink.reset()
            print("{}", flush=True)
        elif command.strip() == "report":
            with sink.lock:
                print(json.dumps(sink.report()), flush=True)


if __name__ == "__main__":
    main()
