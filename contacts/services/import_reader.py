"""One process of `import_crew`: rows come in by standard input, go out as one COPY. Runs without Django's settings."""

import marshal
import pickle
import sys
from typing import Any, BinaryIO

import psycopg2

from contacts.reading import staged


class Broken(Exception):
    """The parent went away in the middle: nothing is kept."""


class Feed:
    """What psycopg2 reads the COPY from."""

    def __init__(self, source: BinaryIO, reader: staged.Reader) -> None:
        self.source = source
        self.reader = reader

    def read(self, _size: int = -1) -> bytes:
        """The next part as lines of COPY, b"" when the parent said that this was all."""
        size = int.from_bytes(exactly(self.source, 8))
        if not size:
            return b""
        part: list[Any] = marshal.loads(exactly(self.source, size))  # noqa: S302 - our own parent wrote it
        return self.reader.lines(part).encode("utf-8", "replace")


def exactly(source: BinaryIO, size: int) -> bytes:
    """So many bytes. Raises Broken when the parent died before."""
    said = source.read(size)
    if len(said) != size:
        raise Broken
    return said


def main() -> None:
    """Read the order, then the parts."""
    source = sys.stdin.buffer
    size = int.from_bytes(exactly(source, 8))
    reader, table, address = pickle.loads(exactly(source, size))  # noqa: S301 - our own parent wrote it
    connection = psycopg2.connect(**address)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.copy_expert(staged.copy_statement(table), Feed(source, reader), 1 << 20)
    finally:
        connection.close()


if __name__ == "__main__":
    try:
        main()
    except Broken:
        sys.exit(3)
