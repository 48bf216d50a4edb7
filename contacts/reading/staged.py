"""A row of a file as one line of COPY into the staging table: what `person.read` found, and a guess whether a stop may
lie on it. Pure: no Django, no database, so that a process of its own can do it beside others.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from typing import Any

from contacts import spelling
from contacts.reading import person, quick, reasons
from contacts.reading.table import Row

COLUMNS = {
    "number": "integer",
    "line": "integer",
    "raw": "text",
    "verdict": "text",  # empty: to be judged against the silo
    "reason": "text",
    "email": "text",
    "further": "text[]",
    "first_name": "text",
    "last_name": "text",
    "name_key": "text",
    "title": "text",
    "phone": "text",
    "city": "text",
    "country": "text",
    "country_said": "boolean",
    "language": "text",
    "recipient": "text",
    "recipient_said": "boolean",
    "company": "text",
    "company_key": "text",
    "domain": "text",
    "org_number": "text",
    "tags": "text[]",
    "custom_over": "jsonb",  # replaces what is known
    "custom_fill": "jsonb",  # fills a gap
    "custom_keep": "jsonb",  # only for people who are new
    "stop": "text",
    "no_calls": "boolean",
    "ground": "text",
    "consent_at": "timestamptz",
    "consent_ip": "text",
    "consent_words": "text",
    "maybe_stopped": "boolean",
}
BITS = 27
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
TO_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
CELL = json.encoder.encode_basestring


def copy_statement(table: str) -> str:
    """COPY for the lines of `Reader.lines`."""
    return f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN WITH (NULL '')"


class Stops:
    """A guess, in 16 MB for any number of stops, whether one lies on an address. It never misses one; a wrong "maybe" is
    looked up exactly later.
    """

    def __init__(self, addresses: Iterable[str], hashes: Iterable[str], keys: Sequence[bytes] = ()) -> None:
        self.keys = list(keys)
        self.plain: bytearray | None = None
        self.hashed: bytearray | None = None
        for address in addresses:
            if self.plain is None:
                self.plain = bytearray(1 << (BITS - 3))
            at = _place(address)
            self.plain[at >> 3] |= 1 << (at & 7)
        for found in hashes:
            if self.hashed is None:
                self.hashed = bytearray(1 << (BITS - 3))
            at = int(found[:8], 16) >> (32 - BITS)
            self.hashed[at >> 3] |= 1 << (at & 7)

    def maybe(self, email: str, phone: str) -> bool:
        """False when surely no stop lies on the person."""
        if self.plain is None and self.hashed is None:
            return False
        for spelled in spelling.lookups(email, phone):
            if self.plain is not None:
                at = _place(spelled)
                if self.plain[at >> 3] >> (at & 7) & 1:
                    return True
            if self.hashed is not None:
                for key in self.keys:
                    digest = hmac.digest(key, spelled.encode(), "sha256")
                    at = int.from_bytes(digest[:4]) >> (32 - BITS)
                    if self.hashed[at >> 3] >> (at & 7) & 1:
                        return True
        return False


def _place(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).digest()) >> (
        32 - BITS
    )


class Reader:
    """Reads the rows of one file into lines."""

    def __init__(self, columns: person.Columns, *, policy: dict[str, str], stops: Stops) -> None:
        self.columns = columns
        self.policy = policy
        self.stops = stops
        self.quick = quick.Quick(columns, policy)

    def __getstate__(self) -> dict[str, Any]:
        """For another process, which makes the quick way anew."""
        return {"columns": self.columns, "policy": self.policy, "stops": self.stops}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["columns"], policy=state["policy"], stops=state["stops"])  # type: ignore[misc]

    def lines(self, rows: Iterable[tuple[int, int, list[str], str]]) -> str:
        """The text for COPY."""
        quick, maybe, found = self.quick.line, self.stops.maybe, []
        for row in rows:
            number, line, cells, broken = row
            said = None if broken else quick(number, line, cells, maybe)
            found.append(said or self.long_line(row))
        return "".join(found)

    def long_line(self, row: tuple[int, int, list[str], str]) -> str:
        """The long way, which every row can go."""
        return self._line(person.read(Row(*row), self.columns))

    def _line(self, one: person.Person) -> str:
        raw = "[" + ",".join(map(CELL, one.cells)) + "]"
        if "\\u0000" in raw:  # no database keeps a NUL
            raw = TO_JSON([cell.replace("\x00", "") for cell in one.cells])
        if one.problem:
            values: list[Any] = [None] * len(COLUMNS)
            values[:5] = [one.number, one.line, raw, one.problem, reasons.join(one.reason, one.detail)]
        else:
            over, fill, keep = self._custom(one.custom) if one.custom else (None, None, None)
            values = [
                one.number, one.line, raw, None, one.note, one.email, _array(one.further), one.first_name,
                one.last_name, one.name_key, one.title, one.phone, one.city, one.country,
                "t" if "country" in one.said else "f", one.language, one.recipient,
                "t" if "recipient" in one.said else "f", one.company, one.company_key, one.domain, one.org_number,
                _array(one.tags), over, fill, keep, one.stop, "t" if one.no_calls else None, one.ground,
                one.consent_at.isoformat() if one.consent_at else None, one.consent_ip, one.consent_words,
                "t" if self.stops.maybe(one.email, one.phone) else None,
            ]  # fmt: skip
        text = "\t".join([str(value) if value else "" for value in values])
        if "\\" in text or "\n" in text or "\r" in text or text.count("\t") != len(values) - 1:
            text = "\t".join([str(value).translate(ESCAPES) if value else "" for value in values])
        return text + "\n"

    def _custom(self, custom: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
        parts: dict[str, dict[str, Any]] = {"overwrite": {}, "fill": {}, "keep": {}}
        for key, value in custom.items():
            parts[self.policy.get(key, self.policy[""])][key] = value
        return tuple(TO_JSON(part) if part else None for part in parts.values())  # type: ignore[return-value]


def _array(items: Sequence[str]) -> str | None:
    """A PostgreSQL array; every item is quoted."""
    if not items:
        return None
    return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items) + "}"
