"""vCards (2.1, 3.0, 4.0) as rows: one person each, under a header of our own, in constant memory."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

SEVERAL = " ::: "  # as Google joins several values in one cell
HEADER = [
    "First name", "Middle name", "Last name", "Full name", "Company", "Job title", "E-mail", "E-mail 2", "Phone",
    "Mobile phone", "Other phone", "City", "Country", "Website", "Categories", "Note", "Language", "External ID",
]  # fmt: skip
LONGEST = 200_000  # characters of one property; photographs are longer, and nobody wants them
LONGEST_CARD = 5_000  # lines
_UNESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LEFT_OUT = {"PHOTO", "LOGO", "SOUND", "KEY", "AGENT"}


@dataclass(slots=True)
class _Card:
    line: int
    properties: list[tuple[str, dict[str, str], str]] = field(default_factory=list)


def rows(lines: Iterator[str]) -> Iterator[tuple[int, list[str], str]]:
    """(line of its BEGIN, cells under HEADER, what is wrong) for each card."""
    card: _Card | None = None
    depth = 0
    for at, line in _unfolded(lines):
        word = line.strip().upper().replace(" ", "")
        if word == "BEGIN:VCARD":
            depth += 1
            if card is None:
                card = _Card(at)
            elif depth > 1 and len(card.properties) and not _in_agent(card):
                yield card.line, _cells(card), "open_card"  # the card before was never closed
                card, depth = _Card(at), 1
        elif word == "END:VCARD" and card is not None:
            depth -= 1
            if depth <= 0:
                yield card.line, _cells(card), ""
                card, depth = None, 0
        elif (
            card is not None
            and depth == 1
            and len(card.properties) < LONGEST_CARD
            and (one := _property(line))
        ):
            card.properties.append(one)
    if card is not None:
        yield card.line, _cells(card), "open_card"


def _in_agent(card: _Card) -> bool:
    return card.properties[-1][0] == "AGENT" and not card.properties[-1][2]


def _unfolded(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Logical lines: continued by a leading blank (3.0), or by = at the end in quoted-printable (2.1)."""
    start, parts, size, soft = 1, [""], 0, False
    for at, physical in enumerate(lines, 1):
        line = physical.rstrip("\r\n").removeprefix("\ufeff")
        if soft or (line[:1] in (" ", "\t") and at > 1):
            size += len(line)
            if size < LONGEST:
                parts.append(line if soft else line[1:])
        else:
            yield start, "".join(parts)
            start, parts, size = at, [line], len(line)
        head = parts[0].upper()
        soft = line.endswith("=") and "QUOTED-PRINTABLE" in head.partition(":")[0]
        if soft and parts[-1].endswith("="):
            parts[-1] = parts[-1][:-1] + "=\n"
    yield start, "".join(parts)


def _property(line: str) -> tuple[str, dict[str, str], str] | None:
    """(name without its group, parameters, decoded value)"""
    head, value = _parted(line)
    if not head:
        return None
    words = head.split(";")
    name = words[0].rpartition(".")[2].upper()
    if name in _LEFT_OUT:
        return (name, {}, value.strip()) if name == "AGENT" else None
    said: dict[str, str] = {}
    for word in words[1:]:
        key, equals, what = word.partition("=")
        key = key.upper() if equals else "TYPE"
        what = (what if equals else word).strip('"').upper()
        said[key] = f"{said[key]},{what}" if key in said else what
    return name, said, _decoded(value, said)


def _parted(line: str) -> tuple[str, str]:
    quoted = False
    for at, sign in enumerate(line[:2000]):
        if sign == '"':
            quoted = not quoted
        elif sign == ":" and not quoted:
            return line[:at], line[at + 1 :]
    return "", ""


def _decoded(value: str, said: dict[str, str]) -> str:
    coding = said.get("ENCODING", said.get("TYPE", ""))
    charset = said.get("CHARSET", "UTF-8").strip()
    data: bytes | None = None
    if "QUOTED-PRINTABLE" in coding:
        data = quopri.decodestring(value.encode("utf-8", "surrogateescape"))
    elif coding in ("B", "BASE64") or coding.endswith(",BASE64"):
        try:
            data = base64.b64decode(value, validate=False)
        except (binascii.Error, ValueError):
            return ""
    if data is None:
        return value
    for codec in (charset, "utf-8", "cp1252"):
        try:
            return data.decode(codec)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("cp1252", "replace")


def _plain(value: str) -> str:
    return _UNESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _parts(value: str, separator: str = ";") -> list[str]:
    return [_plain(part) for part in re.split(rf"(?<!\\){separator}", value)]


def _cells(card: _Card) -> list[str]:
    found = dict.fromkeys(HEADER, "")
    emails: list[tuple[int, str]] = []
    phones: dict[str, list[str]] = {"Phone": [], "Mobile phone": [], "Other phone": []}
    for name, said, value in card.properties:
        kinds = said.get("TYPE", "")
        if name == "N":
            parts = [*_parts(value), "", "", ""]
            found["Last name"], found["First name"], found["Middle name"] = (
                part.replace(",", " ") for part in parts[:3]
            )
        elif name == "EMAIL" and value.strip():
            preferred = "PREF" in kinds or said.get("PREF") == "1"
            emails.append((0 if preferred else 2 if "HOME" in kinds else 1, _plain(value)))
        elif name == "TEL" and value.strip():
            number = _plain(value).removeprefix("tel:").removeprefix("TEL:")
            if any(word in kinds for word in ("FAX", "PAGER", "MODEM", "BBS")):
                continue
            which = "Mobile phone" if "CELL" in kinds else "Other phone" if "HOME" in kinds else "Phone"
            phones[which].append(number)
        elif name == "ADR" and (not found["City"] or "WORK" in kinds):
            parts = [*_parts(value), *[""] * 7]
            found["City"], found["Country"] = parts[3] or found["City"], parts[6] or found["Country"]
        elif name == "ORG" and not found["Company"]:
            found["Company"] = _parts(value)[0]
        elif name == "CATEGORIES":
            found["Categories"] = ", ".join(filter(None, [found["Categories"], *_parts(value, ",")]))
        elif (column := _ONE.get(name)) and not found[column]:
            found[column] = _plain(value)
    if found["Full name"] == found["Company"]:  # the card of a company
        found["Full name"] = ""
    ordered = [address for _rank, address in sorted(emails, key=lambda one: one[0])]
    found["E-mail"], found["E-mail 2"] = "".join(ordered[:1]), SEVERAL.join(ordered[1:])
    found |= {column: SEVERAL.join(numbers) for column, numbers in phones.items()}
    return [found[column] for column in HEADER]


_ONE = {
    "FN": "Full name", "TITLE": "Job title", "URL": "Website", "NOTE": "Note", "LANG": "Language",
    "UID": "External ID", "ROLE": "Job title",
}  # fmt: skip
