"""Whom a farewell or an absence note names instead: "kontakta Lars Berg, lars@firma.example"."""

import re
from dataclasses import dataclass

from nurturing.inbound.words import away as words

READ_LENGTH = 4_000
NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Successor:
    """Who is to be asked instead, as far as the note names them."""

    name: str = ""
    address: str = ""
    phone: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.address or self.phone)


_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_PHONE = re.compile(r"(?<![\w@.])(?:\+|00)?\d[\d\s()/-]{6,18}\d(?!\w)")
_NAME = r"(?P<name>[A-ZÅÄÖÆØÜÉ][\w'’-]{1,30}(?:\s+(?:[A-ZÅÄÖÆØÜÉ]\.|[A-ZÅÄÖÆØÜÉ][\w'’-]{0,30}|von|van|de|af)){1,3})"
_ASKED = re.compile(rf"(?:{words.ASK})[\s,:]*(?:(?:{words.WHOM})[\s,:]+){{0,4}}{_NAME}")
_ANY_NAME = re.compile(_NAME)
# Capitals stand before other words, too; none of these is a name.
_NO_NAME = frozenset(words.NO_NAME.split())
BESIDE = 45  # letters between a name and its address: "på 08-123 45 67 eller"


def named(text: str, *, not_these: frozenset[str] = frozenset()) -> Successor:
    """Whom the note names. `not_these` are addresses that are known already (lower case)."""
    said = text[:READ_LENGTH]
    asked = next((one for one in _ASKED.finditer(said) if _name(one)), None)
    start, near = (asked.start(), said[asked.start() :][:400]) if asked else (0, said)
    found = (one for one in _ADDRESS.finditer(near) if one[0].lower().rstrip(".") not in not_these)
    address = next(found, None)
    name = _name(asked) if asked else _before(said, start + address.start()) if address else ""
    phones = (" ".join(one.split()) for one in _PHONE.findall(near))
    phone = next((one for one in phones if 7 <= sum(map(str.isdigit, one)) <= 15), "")
    return Successor(name, address[0].rstrip(".") if address else "", phone if name or address else "")


def _name(found: re.Match[str]) -> str:
    """The name without the title before it, and nothing where only one word is left."""
    parts = found["name"].split()
    while parts and parts[0] in _NO_NAME:
        parts = parts[1:]
    return " ".join(parts).rstrip(".,")[:NAME_LENGTH] if len(parts) > 1 else ""


def _before(said: str, place: int) -> str:
    """The name that stands right before an address: "her work is done by Amy Stone, amy@…"."""
    near = said[max(0, place - 120) : place]
    for found in reversed(list(_ANY_NAME.finditer(near))):
        between = near[found.end() :]
        if len(between) > BESIDE or re.search(r"[.!?]\s", between):
            return ""
        if name := _name(found):
            return name
    return ""
