"""Text that was encoded twice: "Ã…sa Ã–berg" for "Åsa Öberg". It is recognised, and repaired when its owner asks for it.

A program read UTF-8 as Windows, Mac or DOS letters and saved what it saw. Every letter has its one garbled form, so
that putting it back touches nothing else.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

PROGRAMS = ("cp1252", "mac_roman", "cp850", "cp437")  # what they took UTF-8 for; Latin-1 is in the first
LETTERS = "".join(map(chr, range(0xA0, 0x180))) + "’‘“”„–—…€•™šžŠŽ\u00a0\ufeff"
ROUNDS = 3  # some lists have been through it three times
TELLING = "åäöÅÄÖæøÆØéüÉÜß"


def _garbled(letter: str, codec: str) -> str:
    data = letter.encode()
    try:
        return data.decode(codec)
    except UnicodeDecodeError:  # cp1252 has five holes; programs leave those bytes as they are
        return "".join(
            chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode(codec)
            for byte in data
        )


@lru_cache(maxsize=8)
def _table(codec: str) -> tuple[re.Pattern[str], dict[str, str]]:
    letters = LETTERS + bytes(range(0x80, 0x100)).decode(codec, "ignore")
    back = {_garbled(letter, codec): letter for letter in letters}
    if codec == "cp1252":
        controls = "".join(map(chr, range(0x80, 0xA0)))
        back |= {_garbled(letter, "latin-1"): letter for letter in letters + controls}
        back |= {"Ã ": "à"}  # its second sign is a hard blank, which many programs make a plain one
    forms = sorted(back, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, forms))), back


def repaired(text: str, codec: str) -> str:
    """The text as it was before it was read with `codec` and saved."""
    if text.isascii() or not codec:
        return text
    pattern, back = _table(codec)
    for _round in range(ROUNDS):
        better = pattern.sub(lambda found: back[found[0]], text)
        if better == text:
            break
        text = better
    return text


def recognised(cells: Iterable[str]) -> tuple[str, int]:
    """(the codec it was read with, how many cells show it), or ("", 0) when the text is as it should be."""
    votes: Counter[str] = Counter()
    for cell in cells:
        if cell.isascii():
            continue
        gains = {codec: _gain(cell, codec) for codec in PROGRAMS}
        best = max(PROGRAMS, key=lambda codec: gains[codec])
        if gains[best] > 0:
            votes[best] += 1
    if not votes:
        return "", 0
    codec, _count = votes.most_common(1)[0]
    return codec, sum(votes.values())


def _gain(cell: str, codec: str) -> int:
    """How much shorter the text becomes, less what is still strange in it; 0 when no letter of ours comes to light."""
    better = repaired(cell, codec)
    if better == cell or not any(letter in better for letter in TELLING):
        return 0
    return 10 * (len(cell) - len(better)) - sum(1 for sign in better if sign > "\x7f" and not sign.isalpha())
