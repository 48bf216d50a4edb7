"""The quick way for ordinary rows: the same line of COPY as `person.read` and `staged.Reader` give, for a fraction of the work.

A row is ordinary when each of its cells is: a plain address, a number that the country's plan settles, texts without
surprises. Words that stand in many rows (towns, titles, first names, companies) are normalised once. For every other
row `line` answers None, and the row takes the long way. A test holds the two to the same answer.
"""

import re
from collections.abc import Callable
from functools import cache
from json.encoder import encode_basestring

import phonenumbers

from contacts.reading import addresses, columns, naming, person, remarks, values, words

# Fields that the quick way knows; a row with a word in any other column takes the long way.
KNOWN = {
    *(
        "email",
        "first_name",
        "last_name",
        "company",
        "title",
        "city",
        "country",
        "language",
        "website",
        "org_number",
    ),
    *("phone", "mobile", "phone_other", "tags", "note", "external_id", columns.CUSTOM),
}
PHONES = ("phone", "mobile", "phone_other")
REMEMBERED = 20_000  # words of each column
DIALLED = re.compile(r"\+?[0-9][0-9 ()-]{4,24}")
NOT_DIGITS = str.maketrans("", "", " ()-+")


class Unusual(Exception):
    """Not for the quick way."""


class Memo(dict[str, str]):
    """What a function makes of a word, for the words that come often."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self.make = make

    def __missing__(self, cell: str) -> str:
        try:
            found = self.make(cell)
        except values.Problem as problem:
            raise Unusual from problem
        if len(self) >= REMEMBERED:
            self.clear()
        self[cell] = found
        return found


@cache
def national(region: str) -> tuple[str, str, re.Pattern[str]] | None:
    """(country code, what stands before a number at home, pattern of every valid number) of a region, or None where the
    library's rules are more than a pattern.
    """
    known = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    if (
        known is None
        or known.national_prefix_for_parsing not in (None, "0")
        or known.national_prefix_transform_rule
    ):
        return None
    code = known.country_code or 0
    patterns = []
    for one in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
        plan = phonenumbers.PhoneMetadata.metadata_for_region(one, None)
        if plan is None or plan.national_prefix_for_parsing != known.national_prefix_for_parsing:
            return None
        begins = f"(?={plan.leading_digits})" if plan.leading_digits else ""  # Svalbard in Norway's plan
        kinds = (
            *(plan.fixed_line, plan.mobile, plan.toll_free, plan.premium_rate, plan.shared_cost, plan.voip),
            *(plan.personal_number, plan.pager, plan.uan, plan.voicemail),
        )
        general = plan.general_desc.national_number_pattern if plan.general_desc else None
        if general is None:
            return None
        patterns += [
            f"{begins}(?={general}$){kind.national_number_pattern}"
            for kind in kinds
            if kind is not None and kind.national_number_pattern
        ]
        lengths = {
            length for kind in kinds if kind is not None for length in kind.possible_length if length > 0
        }
        if not lengths:
            return None
    pattern = re.compile("|".join(f"(?:{one})" for one in patterns), re.ASCII)
    return str(code), known.national_prefix_for_parsing or "", pattern


def phone(cell: str, region: str) -> str:
    """The number as E.164. Raises Unusual where the library must look."""
    plan = national(region)
    if plan is None or DIALLED.fullmatch(cell) is None:
        raise Unusual
    digits = cell.translate(NOT_DIGITS)
    code, prefix, pattern = plan
    if cell[0] == "+":
        if not digits.startswith(code):
            raise Unusual
        number = digits[len(code) :]
    elif prefix:
        if digits[0] != prefix or digits[1:2] == "0":
            raise Unusual
        number = digits[1:]
    else:
        number = digits
    if (
        len(digits) < 5
        or number[:1] == "0"
        or pattern.fullmatch(number) is None
        or not _right_length(number, region)
    ):
        raise Unusual
    return f"+{code}{number}"


@cache
def _lengths(region: str) -> frozenset[int]:
    known = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    return frozenset(known.general_desc.possible_length) if known and known.general_desc else frozenset()


def _right_length(number: str, region: str) -> bool:
    return len(number) in _lengths(region)


def _said(field: str, limit: int) -> Callable[[str], str]:
    return lambda cell: values.limited(cell, limit, field=field)


class Quick:
    """Made once per file; `line` is asked for every row."""

    def __init__(self, known: person.Columns, policy: dict[str, str]) -> None:
        self.width = known.width
        self.home = known.country
        single = {name: at[0] for name, at in known.at.items() if len(at) == 1 and name in KNOWN}
        self.possible = all(
            len(at) == 1 for name, at in known.at.items() if name in KNOWN and name != columns.CUSTOM
        ) and set(known.at) >= {"email"}
        end = known.width  # an empty cell is put there: a column that is not in the file
        self.email, self.first, self.last = (
            single.get(name, end) for name in ("email", "first_name", "last_name")
        )
        self.company, self.title, self.city = (single.get(name, end) for name in ("company", "title", "city"))
        self.country, self.language = single.get("country", end), single.get("language", end)
        self.website, self.org_number = single.get("website", end), single.get("org_number", end)
        self.tags, self.note = single.get("tags", end), single.get("note", end)
        self.phones = [single[name] for name in PHONES if name in single]
        self.others = [at for name, places in known.at.items() if name not in KNOWN for at in places]
        self.own = self._own(known, policy)
        self.always = [tag for tag in dict.fromkeys(known.tags) if tag]
        self.always_array = _array(self.always)
        self.firsts = Memo(lambda cell: naming.name(cell, 120, field="first name"))
        self.lasts = Memo(lambda cell: naming.name(cell, 120, field="last name"))
        self.keys = Memo(lambda part: values.person_key(part, ""))
        self.companies = Memo(_said("company", 300))
        self.company_keys = Memo(lambda name: values.company_key(name)[:300] if name else "")
        self.traders = Memo(lambda name: person.recipient_of("", name))
        self.titles, self.cities = Memo(_said("title", 200)), Memo(values.city)
        self.countries, self.languages = Memo(values.country), Memo(values.language)
        self.websites = Memo(values.domain)
        self.tag_arrays = Memo(self._tags)

    def _own(self, known: person.Columns, policy: dict[str, str]) -> list[tuple[int, str, int]]:
        places = {"overwrite": 0, "fill": 1, "keep": 2}
        found = [
            (at, name, places[policy.get(name, policy[""])])
            for name in ("note", "external_id")
            for at in known.at.get(name, ())
        ]
        for at in known.at.get(columns.CUSTOM, ()):
            key = known.labels[at] if at < len(known.labels) and known.labels[at] else f"column {at + 1}"
            found.append((at, key, places[policy.get(key, policy[""])]))
        if len({key for _at, key, _place in found}) < len(
            found
        ):  # one key twice: the later one wins, the long way
            self.possible = False
        return [(at, encode_basestring(key) + ":", place) for at, key, place in found]

    def _tags(self, cell: str) -> str:
        found = values.tags(cell)
        return _array([*found, *(tag for tag in self.always if tag not in found)])

    def line(
        self, number: int, line: int, cells: list[str], maybe_stopped: Callable[[str, str], bool]
    ) -> str | None:
        """The line for COPY, or None."""
        if not self.possible:
            return None
        short = self.width - len(cells)
        row = [*cells, *[""] * (short + 1)] if short >= 0 else None
        if row is None:
            return None
        for at in self.others:
            if row[at]:
                return None
        try:
            return self._line(number, line, cells, row, maybe_stopped)
        except Unusual:
            return None

    def _line(
        self,
        number: int,
        line: int,
        cells: list[str],
        row: list[str],
        maybe_stopped: Callable[[str, str], bool],
    ) -> str:
        cell = row[self.email]
        email = addresses.plain_address(cell)
        if not email:
            raise Unusual
        said = self.countries[row[self.country]]
        called = ""
        for at in self.phones:
            if row[at]:
                if called:
                    raise Unusual
                called = phone(row[at], said or self.home)
        first, last = self.firsts[row[self.first]], self.lasts[row[self.last]]
        if first.isupper() and last.isupper():
            raise Unusual
        key = self.keys[first] + " " + self.keys[last]
        company = self.companies[row[self.company]]
        name, _at, domain = email.partition("@")
        free = domain in words.FREE_MAIL
        if name.partition("+")[0].rstrip("0123456789") in words.ROLE_LOCAL_PARTS:
            recipient = "role_address"
        else:
            recipient = self.traders[company]
            if recipient == "company_role" and free and not company:
                recipient = "natural_person"
        site = self.websites[row[self.website]]
        own = self._custom(row) if self.own else ("", "", "")
        tags = self.tag_arrays[row[self.tags]] if row[self.tags] else self.always_array
        number_said = values.text(row[self.org_number])[:40] if row[self.org_number] else ""
        country = said or person.country_by(called, email) or self.home
        raw = "[" + ",".join(map(encode_basestring, cells)) + "]"
        text = (
            f"{number}\t{line}\t{raw}\t\t\t{email}\t\t{first}\t{last}\t{key.strip()}\t{self.titles[row[self.title]]}\t{called}\t"
            f"{self.cities[row[self.city]]}\t{country}\t{'t' if said else 'f'}\t{self.languages[row[self.language]]}\t"
            f"{recipient}\tf\t{company}\t{self.company_keys[company]}\t{site or ('' if free else domain)}\t{number_said}\t"
            f"{tags}\t{own[0]}\t{own[1]}\t{own[2]}\t\t\t\t\t\t\t{'t' if maybe_stopped(email, called) else ''}"
        )
        if "\\" in text or "\ufffd" in text or "\n" in text or "\r" in text or text.count("\t") != 32:
            raise Unusual
        return text + "\n"

    def _custom(self, row: list[str]) -> tuple[str, str, str]:
        parts: tuple[list[str], list[str], list[str]] = ([], [], [])
        for at, key, place in self.own:
            if row[at] and (said := values.text(row[at])[:2000]):
                if at == self.note and remarks.refusal(said):
                    raise Unusual
                parts[place].append(key + encode_basestring(said))
        return tuple("{" + ",".join(part) + "}" if part else "" for part in parts)  # type: ignore[return-value]


def _array(items: list[str]) -> str:
    if not items:
        return ""
    return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items) + "}"
