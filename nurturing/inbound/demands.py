"""What a person demands of us by law in an answer: to be erased, or to see what we have and where it is from."""

import re

from nurturing.inbound.words import demand as words

READ_LENGTH = 2_000
ERASE, EXPORT = "erase", "export"  # as the page of a person's rights calls them
_ERASE = re.compile(rf"(?i)\b(?:{words.ERASE})")
_EXPORT = re.compile(rf"(?i)\b(?:{words.EXPORT})")
_NOT = re.compile(r"(?i)\b(?:not|\w+n['’]t|inte|ej|ikke|nicht|älkää)\s+(?:\w+\s+)?\Z")


def made(text: str) -> str:
    """ERASE, EXPORT or nothing. A demand has no form: it counts in a long letter, too."""
    said = text[:READ_LENGTH]
    if any(not _NOT.search(said[: found.start()]) for found in _ERASE.finditer(said)):
        return ERASE
    return EXPORT if _EXPORT.search(said) else ""
