"""SPF (RFC 7208): which servers a domain lets send for it, read as a receiving server reads it."""

import re
from dataclasses import dataclass, field

from nurturing.names.asking import Names

MOST_LOOKUPS = 10  # RFC 7208 4.6.4: with more, the whole record counts as broken
_STOP_AT = 40
_ASKS = ("include", "a", "mx", "ptr", "exists")
_KNOWN = (*_ASKS, "ip4", "ip6", "all")
_TERM = re.compile(r"([+?~-]?)([a-z0-9]+)(?:[:/]|\Z)(.*)", re.IGNORECASE | re.DOTALL)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)\Z", re.IGNORECASE | re.DOTALL)


@dataclass(slots=True)
class Read:
    """What became of reading one record and all that it includes."""

    lookups: int = 0
    included: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)  # terms that no server understands
    empty: list[str] = field(default_factory=list)  # included domains without a record of their own
    last: str = ""  # the qualifier of `all`: + ? ~ -; nothing when the record says nothing about the rest


def is_spf(text: str) -> bool:
    """A TXT record that is one of SPF."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def records(names: Names, domain: str) -> list[str]:
    """Raises Unanswered."""
    return [text for text in names.texts(domain) if is_spf(text)]


def read(record: str, names: Names) -> Read:
    """Follow every include and redirect. Raises Unanswered."""
    found = Read()
    _read(record, names, found, own=True)
    return found


def _read(record: str, names: Names, found: Read, *, own: bool) -> None:
    redirect = ""
    for term in record.split()[1:]:
        modifier = _MODIFIER.match(term)
        if modifier is not None:
            redirect = modifier[2] if modifier[1].lower() == "redirect" else redirect
            continue
        matched = _TERM.match(term)
        kind = matched[2].lower() if matched else ""
        if matched is None or kind not in _KNOWN or (kind in ("include", "exists") and not matched[3]):
            found.unknown.append(term[:100])
            continue
        if kind == "all":
            if own:
                found.last = matched[1] or "+"
            return
        if kind in _ASKS:
            found.lookups += 1
        if kind == "include":
            _follow(matched[3], names, found, own=False)
    if redirect:
        found.lookups += 1
        _follow(redirect, names, found, own=own)


def _follow(domain: str, names: Names, found: Read, *, own: bool) -> None:
    domain = domain.lower().rstrip(".")
    if "%" in domain or found.lookups > _STOP_AT:
        return  # a macro differs per mail, and nobody needs the exact number of too many
    found.included.add(domain)
    theirs = records(names, domain)
    if len(theirs) != 1:
        found.empty.append(domain)
    else:
        _read(theirs[0], names, found, own=own)


def with_include(record: str, domain: str) -> str:
    """The record with one more include, before what it says about the rest."""
    terms = record.split()
    place = next(
        (
            number
            for number, term in enumerate(terms)
            if term.lower().lstrip("+?~-") == "all" or term.lower().startswith("redirect=")
        ),
        len(terms),
    )
    return " ".join([*terms[:place], f"include:{domain}", *terms[place:]])


def merged(several: list[str]) -> str:
    """One record out of many; the strictest word about the rest that is not a refusal of ours."""
    terms = [term for record in several for term in record.split()[1:]]
    kept = [term for term in dict.fromkeys(terms) if term.lower().lstrip("+?~-") != "all"]
    ends = [term for term in kept if term.lower().startswith("redirect=")]
    others = [term for term in kept if term not in ends]
    return " ".join(["v=spf1", *others, "~all"])
