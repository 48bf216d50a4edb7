"""The text of one cell as the silo keeps it: companies, yes and no, statuses, countries, tags. Addresses, phones, names and
dates have a module each.

A cell is always text: one that begins with = is never worked out. Whatever cannot be read raises `Problem`
with a code of `reasons`.
"""

import html
import re
import unicodedata
from functools import lru_cache

from contacts.reading import countries, words


class Problem(Exception):
    """A cell that cannot be taken as it is: `code` is one of `reasons.WORDS`, `detail` names the cell."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail[:120]


# Zero-width signs and direction overrides: nobody types them, and they hide what a text says.
INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x206A)]
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
BLANK = re.compile(r"\s+")
ENTITY = re.compile(
    r"&(?:[A-Za-z]{2,8}|#\d{2,6}|#x[0-9A-Fa-f]{2,5});"
)  # "&aring;", as programs of the web export
AS_TEXT = re.compile(r'="([^"]*)"')  # ="0701740605", by which a CSV keeps Excel from counting
HEADER_LIKE = re.compile(r"[\r\n\u2028\u2029\x85]\s*[A-Za-z-]{1,30}\s*:")
NOTHING = {"", "-", "--", "n/a", "#n/a", "(null)", "[null]", "\\n", "#saknas!", "#i/t"}
NO_VALUE = NOTHING | {
    "null",
    "none",
    "nil",
    "undefined",
    "saknas",
    "ingen",
    "ingen e-post",
    "mangler",
    "ei ole",
    "unknown",
    "okänd",
    "ukjent",
    "0",
    "x",
    "?",
}


def text(cell: str) -> str:
    """A cell on one line: no control signs, no invisible signs, blanks collapsed, letters composed."""
    if cell.isascii() and cell.isalnum():
        return cell
    if "&" in cell and ENTITY.search(cell):
        cell = html.unescape(cell)
    # printable: no control signs, no invisible ones, and no blank but the plain one
    if not cell.isprintable():
        cell = CONTROL.sub(" ", cell)
        if not cell.isascii():
            cell = cell.translate(INVISIBLE)
    if not cell.isascii():
        cell = unicodedata.normalize("NFC", cell)
        if cell[0] in "“„”" and cell[-1] in "“”" and len(cell) > 1:  # a word processor's quotes
            cell = cell[1:-1]
    cell = BLANK.sub(" ", cell).strip() if "  " in cell or not cell.isprintable() else cell.strip()
    if (
        len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@"
    ):  # the mark that our own downloads put before a formula
        cell = cell[1:]
    if cell.startswith('="') and (shielded := AS_TEXT.fullmatch(cell)):
        cell = shielded[1].strip()
    return "" if cell.casefold() in NOTHING else cell


def limited(cell: str, limit: int, *, field: str) -> str:
    """`text`, refused when longer than the field. Raises Problem, because half a name is a wrong name."""
    found = text(cell)
    if len(found) > limit:
        raise Problem("too_long", f"{field}, {len(found)} > {limit}")
    return found


# --- companies

# As they are written behind a name, without dots and brackets: "A.B.", "(publ)".
_BEHIND = """
ab hb kb abp as a/s asa aps i/s k/s p/s oy oyj ky tmi ekför ekfor enk ans da ba sa nuf ivs gmbh ag kg ug ltd limited llc inc plc bv publ
aktiebolag aktiebolaget handelsbolag handelsbolaget kommanditbolag kommanditbolaget aksjeselskap aksjeselskapet allmennaksjeselskap
allmennaksjeselskapet enkeltpersonforetak aktieselskab aktieselskabet anpartsselskab anpartsselskabet interessentskab interessentskabet
kommanditselskab kommanditselskabet osakeyhtiö osakeyhtio kommandiittiyhtiö toiminimi
"""
FORMS_BEHIND = frozenset(_BEHIND.split())
FORMS_OF_TWO_WORDS = frozenset(
    {
        *(("ek", "för"), ("ek", "for"), ("ekonomisk", "förening"), ("enskild", "firma"), ("ansvarlig", "selskap")),
        *(("julkinen", "osakeyhtiö"), ("avoin", "yhtiö")),
    }
)  # fmt: skip
# In front of a name: "AB Fjord", "Oy Fjord Ab", "Handelsbolaget Fjord". None that is a word or a name as well: Da Vinci, Inc.
_IN_FRONT = """
ab hb kb abp as a/s aps i/s k/s p/s oy oyj tmi aktiebolag aktiebolaget handelsbolag handelsbolaget kommanditbolag kommanditbolaget
aksjeselskap aksjeselskapet aktieselskab aktieselskabet anpartsselskab anpartsselskabet interessentskab interessentskabet
kommanditselskabet osakeyhtiö osakeyhtio toiminimi
"""
FORMS_IN_FRONT = frozenset(_IN_FRONT.split())
AFTER_INITIALS = frozenset({"och", "og", "and", "und", "ja", "o"})  # "KB och Söner", "HB & Partners"
TWO_LETTERS = re.compile(r"[^\W\d_]{2}")


@lru_cache(maxsize=8192)
def company_key(company: str) -> str:
    """The company without its legal form, accents, case and signs: "Östra Verken AB", "AB Östra Verken" and "ostra verken
    aktiebolag" are one. A form alone is a name.

    Where this rule changes, the keys that are stored must be made again: see migration 0015_company_key.
    """
    parts = company.replace(",", " ").replace("(", " (").split()
    start, end = 0, len(parts)
    while end > 1:
        last = _form(parts[end - 1])
        if last in FORMS_BEHIND:
            end -= 1
        elif end > 2 and (_form(parts[end - 2]), last) in FORMS_OF_TWO_WORDS:
            end -= 2
        else:
            break
    while end - start > 1 and _is_form_in_front(parts[start:end]):
        start += 1
    return _folded(" ".join(parts[start:end])) or _folded(company) or company.casefold().strip()[:300]


def _form(part: str) -> str:
    return part.strip("().").replace(".", "").casefold()


def _is_form_in_front(parts: list[str]) -> bool:
    first, following = _form(parts[0]), _form(parts[1])
    if first == "asa":  # Åsa without her ring, unless in capitals where the rest is not
        known = parts[0] == "ASA" and not " ".join(parts[1:]).isupper()
    else:  # "As Oy Fjord" is a house in Finland
        known = first in FORMS_IN_FRONT and (first, following) != ("as", "oy")
    return (
        known
        and following not in AFTER_INITIALS
        and (following[:1].isalnum() or following[:1] in "\"'“”„«»")
        and TWO_LETTERS.search(" ".join(parts[1:])) is not None
    )


_FIRM = re.compile(
    r"(?:^AB\s|\s(?:AB|HB|KB|AS|ASA|ANS|ENK|A/S|ApS|APS|I/S|P/S|Oy|OY|Oyj|OYJ|Abp|Ky|KY|Tmi|GmbH|AG|KG|UG|Ltd\.?|Limited|LLC|Inc\.?|PLC"
    r"|B\.?V\.?)(?:\s*\(publ\))?$)"
)


def is_firm(cell: str) -> bool:
    """Whether a name ends as companies' names do."""
    return _FIRM.search(cell.strip()) is not None


SIGNS = re.compile(r"[^\W_]+")


def _folded(value: str) -> str:
    value = value.casefold().replace("&", " ")
    if not value.isascii():
        value = value.replace("ø", "o").replace("æ", "ae").replace("ß", "ss")
        value = unicodedata.normalize("NFKD", value)
        value = "".join(sign for sign in value if not unicodedata.combining(sign))
    return " ".join(SIGNS.findall(value))


@lru_cache(maxsize=8192)
def person_key(first: str, last: str) -> str:
    """Two spellings of one name: accents, case and signs do not count."""
    return _folded(f"{first} {last}")


def domain(cell: str) -> str:
    """The bare domain of a web address, "" when there is none."""
    found = (
        re.sub(r"^[a-z]+://", "", text(cell).lower())
        .split("/")[0]
        .split("?")[0]
        .removeprefix("www.")
        .split(":")[0]
    )
    return found if re.fullmatch(r"[\w-]+(\.[\w-]+)+", found) and len(found) <= 255 else ""


# --- small words


THANKS = re.compile(
    r"[, ]+(?:tack|takk|tak|kiitos|danke|bitte|gärna|gjerne|gerne|thanks|thank you|please)\W*$"
)


def yes(cell: str) -> bool | None:
    """Yes, no, or None when the cell says neither."""
    word = THANKS.sub("", text(cell).casefold()).strip(" .!")
    if word in words.YES:
        return True
    return False if word in words.NO else None


def opted_out(cell: str) -> bool:
    """The cell of a column in which yes means "never write". In doubt, and for a date, the answer is yes."""
    word = text(cell).casefold()
    return bool(word) and yes(cell) is not False and word not in words.STILL_IN


def refused(cell: str) -> bool:
    """The cell of a column in which no means "never write": no, unsubscribed, never subscribed, forbidden."""
    return yes(cell) is False or bool(mail_status(cell)) or text(cell).casefold() in words.FORBIDDEN


def mail_status(cell: str) -> str:
    """The reason for a stop that a status like "Bounced" names, or ""."""
    key = re.sub(r"[^a-zåäöæøü]", "", text(cell).casefold())
    for reason, known, stems in words.STATUS_STOPS:
        if key in known or key.startswith(stems):
            return reason
    return ""


def country(cell: str) -> str:
    """ISO 3166 code of a country as offices write it, or ""."""
    return countries.code(text(cell))


POSTCODE = re.compile(r"(?:[A-Z]{1,3}[- ])?(?:\d{3} ?\d{2}|\d{4,5})\s+(?=[^\W\d])")


def city(cell: str) -> str:
    """A town without the postcode that may stand before it: "903 26 Umeå". Raises Problem when it is too long."""
    found = limited(cell, 140, field="city")
    return limited(POSTCODE.sub("", found, count=1) if POSTCODE.match(found) else found, 120, field="city")


def language(cell: str) -> str:
    """Code of a language as offices write it, or ""."""
    word = text(cell).casefold()
    return words.LANGUAGES.get(word) or words.LANGUAGES.get(re.split(r"[-_ ]", word)[0], "")


def ground(cell: str) -> str:
    """One of our grounds as a column may write it, or "" for an empty cell. Raises Problem for anything
    else.
    """
    word = text(cell).casefold()
    if not word:
        return ""
    for code, signs in words.GROUNDS.items():
        if word == code or word.replace(" ", "_") == code or any(sign in word for sign in signs):
            return code
    raise Problem("unknown_ground", word)


def recipient(cell: str) -> str:
    """One of our recipient types, or ""."""
    word = text(cell).casefold()
    for code, signs in words.RECIPIENTS.items():
        if word == code or word.replace(" ", "_") == code or word in signs:
            return code
    return ""


def tags(cell: str) -> list[str]:
    """The labels in a cell: Mailchimp's quoted list, Google's " ::: ", or a plain list."""
    found: list[str] = []
    for part in re.split(r"\s*:::\s*|[;,|]", CONTROL.sub(",", cell)):
        tag = text(part.strip(" \"'*"))[:60].strip()
        if tag and tag not in found:
            found.append(tag)
    return found
