"""Presses links as fast as they are answered, and costs little itself: for `bench/hits.py`, in a process of its own.

    python bench/load.py REQUESTS PORT CONNECTIONS STATUS

REQUESTS holds `NUMBER LENGTH\\n` and the bytes, again and again. One request at a time on each line, and a new line where
one broke: then the same request once more. Prints JSON: answered (the numbers whose answer had the STATUS), seconds,
per_second, p50_ms, p99_ms, broken, other, cpu.
"""

import json
import select
import socket
import sys
import time
from pathlib import Path

PATIENCE = 30  # seconds without any answer


def main() -> int:
    """Press everything once."""
    path, port, connections, status = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    waiting = read(path)[::-1]
    ready(port)
    load = Load(port, waiting, b"HTTP/1.1 " + status.encode())
    report = load.run(connections)
    print(json.dumps(report))
    return 0


def read(path: Path) -> list[tuple[int, bytes]]:
    """All requests, in memory before the watch starts."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        end = data.index(b"\n", at)
        number, length = map(int, data[at:end].split())
        found.append((number, data[end + 1 : end + 1 + length]))
        at = end + 1 + length
    return found


def ready(port: int) -> None:
    """The server takes lines."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if b" 200 " in line.recv(200):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError("The web server did not answer.")


class Load:
    """All lines, in one loop over epoll."""

    def __init__(self, port: int, waiting: list[tuple[int, bytes]], good: bytes) -> None:
        self.port, self.waiting, self.good = port, waiting, good
        self.lines: dict[int, socket.socket] = {}
        self.pressed: dict[int, tuple[int, bytes, float]] = {}
        self.heard: dict[int, bytes] = {}
        self.answered: list[int] = []
        self.times: list[float] = []
        self.broken = self.other = 0
        self.samples: list[str] = []  # of answers that were not the one that was expected
        self.poll = select.epoll()

    def run(self, connections: int) -> dict[str, object]:
        """Until every request has its answer."""
        used, began = time.process_time(), time.perf_counter()
        for _ in range(connections):
            self._open()
        while self.pressed:
            events = self.poll.poll(PATIENCE)
            if not events:
                raise TimeoutError(f"{len(self.pressed)} requests got no answer within {PATIENCE} s.")
            for number, _what in events:
                self._hear(number)
        seconds = time.perf_counter() - began
        self.times.sort()
        return {
            "answered": self.answered,
            "seconds": round(seconds, 3),
            "per_second": round(len(self.answered) / seconds),
            "p50_ms": self._at(0.5),
            "p99_ms": self._at(0.99),
            "broken": self.broken,
            "other": self.other,
            "samples": self.samples,
            "cpu": time.process_time() - used,
        }

    def _at(self, share: float) -> float:
        return round(self.times[int(len(self.times) * share)] * 1000, 2) if self.times else 0.0

    def _open(self) -> None:
        if not self.waiting:
            return
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                line = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = line.fileno()
        self.lines[number] = line
        self.poll.register(number, select.EPOLLIN)
        self._press(number)

    def _press(self, number: int) -> None:
        if not self.waiting:
            self._close(number)
            return
        one, raw = self.waiting.pop()
        self.pressed[number] = one, raw, time.perf_counter()
        self.heard[number] = b""
        try:
            self.lines[number].sendall(raw)
        except OSError:
            self._broke(number)

    def _hear(self, number: int) -> None:
        try:
            more = self.lines[number].recv(65536)
        except OSError:
            more = b""
        if not more:
            self._broke(number)
            return
        heard = self.heard[number] + more
        if not _is_whole(heard):
            self.heard[number] = heard
            return
        one, _raw, began = self.pressed.pop(number)
        if heard.startswith(self.good):
            self.times.append(time.perf_counter() - began)
            self.answered.append(one)
        else:
            self.other += 1
            self.samples = [*self.samples, heard[:300].decode("latin-1")][:3]
        self._press(number)

    def _broke(self, number: int) -> None:
        one, raw, _began = self.pressed.pop(number)
        self.broken += 1
        self.waiting.append((one, raw))
        self._close(number)
        self._open()

    def _close(self, number: int) -> None:
        self.poll.unregister(number)
        self.lines.pop(number).close()
        self.heard.pop(number, None)


def _is_whole(heard: bytes) -> bool:
    """Head and body are there."""
    head, there, body = heard.partition(b"\r\n\r\n")
    if not there:
        return False
    low = head.lower()
    at = low.find(b"content-length:")
    if at < 0:
        return True
    return len(body) >= int(low[at + 15 :].split(b"\r\n", 1)[0])


if __name__ == "__main__":
    sys.exit(main())
