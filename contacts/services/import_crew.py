"""Processes that read a file's rows beside one another: this one cuts the file, each of them normalises and copies.

They are plain interpreters without Django, so they start in a moment and stay small; all they know comes through
their standard input, which no list of processes shows.
"""

import marshal
import os
import pickle
import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, connection

from contacts.reading import staged

MODULE = "contacts.services.import_reader"
ROOT = Path(__file__).resolve().parent.parent.parent
AHEAD = 3  # parts that wait for each process: enough to keep it busy, few enough to stay small


class Crew:
    """Use as a context manager: `give` parts of rows; on leaving, all of them lie in the table, or an error is raised."""

    def __init__(self, reader: staged.Reader, table: str) -> None:
        self.order = pickle.dumps((reader, table, _address()))
        self.size = max(1, min(4, os.cpu_count() or 1))
        self.waiting: queue.Queue[list[Any] | None] = queue.Queue(self.size * AHEAD)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.threads: list[threading.Thread] = []
        self.broken = threading.Event()

    def __enter__(self) -> Self:
        for _number in range(self.size):
            process = subprocess.Popen(
                [sys.executable, "-m", MODULE],
                stdin=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=ROOT,
            )
            self.processes.append(process)
            thread = threading.Thread(target=self._feed, args=[process], daemon=True)
            thread.start()
            self.threads.append(thread)
        return self

    def give(self, part: list[Any]) -> None:
        """Hand rows to whoever is free. Raises DatabaseError when a process has ended."""
        while not self.broken.is_set():
            try:
                return self.waiting.put(part, timeout=1)
            except queue.Full:
                continue
        raise DatabaseError(self._complaint())

    def _feed(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101 - tells mypy what PIPE means
        try:
            process.stdin.write(len(self.order).to_bytes(8) + self.order)
            while (part := self.waiting.get()) is not None:
                said = marshal.dumps(part)
                process.stdin.write(len(said).to_bytes(8) + said)
            process.stdin.write(bytes(8))  # all of it was given: only then may the process commit
            process.stdin.close()
        except OSError:
            self.broken.set()

    def _complaint(self) -> str:
        said = [
            process.stderr.read().decode(errors="replace").strip().rpartition("\n")[2]
            for process in self.processes
            if process.poll() not in (None, 0) and process.stderr is not None
        ]
        return "; ".join(filter(None, said)) or "A reading process ended before its work was done."

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self.broken.is_set():
            for _thread in self.threads:
                self.waiting.put(None)
            for thread in self.threads:
                thread.join()
            ended = [process.wait() for process in self.processes]
            failed = any(ended)
        else:
            failed = True
        complaint = self._complaint() if failed and kind is None else ""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stderr is not None:
                process.stderr.close()
        if complaint:
            raise DatabaseError(complaint)


def _address() -> dict[str, Any]:
    """How to reach our database, without what only Django understands."""
    known = connection.get_connection_params()
    return {name: value for name, value in known.items() if isinstance(value, str | int)}
