"""Lines of a list that are no rows: totals, the feet and heads of pages, rules, the header once more."""

import re
from collections.abc import Container


def letters(words: str) -> str:
    return "".join(sign for sign in words if sign.isalnum())


def is_rule(cells: list[str]) -> bool:
    signs = "".join(cells).strip()
    return len(signs) > 2 and not signs.strip("-=:+_| ")


def same(cells: list[str], titles: list[str]) -> bool:
    found = [cell.strip("\ufeff \t") for cell in cells]
    while len(found) > len(titles) and not found[-1]:
        found.pop()
    return found == titles


_CLOSING = re.compile(
    r"(?i)[-=*_#\s]*((?:grand |sub)?total|totalt|totals|summa|summe|sum|antal|antall|anzahl|gesamtanzahl|lukumäärä|count|yhteensä|"
    r"insgesamt|gesamt|i alt|rows?\b|rader\b|exported|exporter|eksporter|export date|generated|generer|genererad|skapad|opprettet|"
    r"created by|utskriv|utskrift|printed|source:|källa:|kilde:|end of|slut på|slutt på|copyright|©|page \d|sida \d|side \d|sivu \d|"
    r"seite \d|filter|report|rapport|confidential|konfidentiell|fortrolig|\(c\)|"
    r"(?:stand|per den|as of|updated|uppdaterad|oppdatert|opdateret)\b|"
    r"\(?\d+ (rows?|rader|records|poster|contacts|kontakter|personer)\b|[-=*_#]{3,}\s*$)"
)
_REACHES = re.compile(r"@|\+\d{6}|^[\d\s()+./-]{7,}$")


def closes(cells: list[str], above: Container[str]) -> bool:
    """A total or a note under the table, or a page's title: at most two cells filled, no way to reach anybody, and it speaks
    like one, stood above the table, or stands alone on a line that is too short.
    """
    filled = [cell for cell in cells if cell and not cell.isspace()]
    if is_rule(filled):
        return True
    if len(filled) > 2 or any(_REACHES.search(cell) for cell in filled):
        return False
    if _CLOSING.match(filled[0].strip()) or (filled[0][0] == "#" and len(cells) < 3):
        return True
    if letters("".join(filled)) in above:
        return True
    return len(filled) == 1 and len(cells) == 1 and len(filled[0].split()) > 3


def is_a_word(cells: list[str]) -> bool:
    """One cell alone, by which nobody is reached: the title of what comes, perhaps."""
    filled = [cell for cell in cells if cell and not cell.isspace()]
    return len(filled) == 1 and not _REACHES.search(filled[0])
