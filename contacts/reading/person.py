"""From the cells of one row to what it says about one person, or to the reason why nobody can be made of
it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contacts.reading import (
    addresses,
    columns,
    custom_values,
    dates,
    naming,
    permission,
    phones,
    remarks,
    values,
)
from contacts.reading.table import Row

INVALID, REVIEW = "invalid", "review"
# A cell with one of these needs a person's eye; every other problem makes the row unusable.
NEEDS_A_LOOK = {
    "name_in_address",
    "lookalike_address",
    "header_in_name",
    "too_long",
    "phone_lost_digits",
    "unreadable_date",
    "impossible_date",
    "unknown_ground",
    "more_cells",
    "all_capitals",
    "letters_lost",
    "several_people",
    "custom_unreadable",
}
TLD_COUNTRIES = {"se": "SE", "no": "NO", "dk": "DK", "fi": "FI", "is": "IS", "de": "DE"}
PHONE_COUNTRIES = {"+46": "SE", "+47": "NO", "+45": "DK", "+358": "FI", "+354": "IS", "+49": "DE"}
BY_COUNTRY = {"SE": "sv", "NO": "nb", "DK": "da", "FI": "fi", "DE": "de"}
MAX_FURTHER = 10


@dataclass(slots=True)
class Person:
    """What a row says. Empty means that the file says nothing, never that something is to be erased."""

    number: int
    line: int
    cells: list[str]
    problem: str = ""  # verdict "invalid" or "review", "" when the row can be used
    reason: str = ""
    detail: str = ""
    email: str = ""
    further: list[str] = field(default_factory=list)
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    company_key: str = ""
    domain: str = ""
    org_number: str = ""
    title: str = ""
    phone: str = ""
    city: str = ""
    country: str = ""
    language: str = ""
    recipient: str = ""
    said: frozenset[str] = (
        frozenset()
    )  # which of country and recipient stand in the row; the others are guessed
    tags: list[str] = field(default_factory=list)
    custom: dict[str, Any] = field(default_factory=dict)
    stop: str = ""  # suppression reason the row itself gives for mail
    no_calls: bool = False
    ground: str = ""
    consent_at: datetime | None = None
    consent_ip: str = ""
    consent_words: str = ""
    note: str = ""  # stored reason that does not stop the row

    @property
    def name_key(self) -> str:
        return values.person_key(self.first_name, self.last_name)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, worked out once per file."""

    at: Mapping[str, tuple[int, ...]]
    labels: Sequence[str]
    width: int
    country: str
    latest: datetime
    typed: Mapping[str, tuple[str, str, tuple[str, ...]]] = field(default_factory=dict)
    capitals: str = "look"  # names in capitals: look (a person decides), write (as names are written), keep
    tags: tuple[str, ...] = ()  # for everybody in the file

    def cells(self, row: Sequence[str], name: str) -> list[str]:
        return [row[at] for at in self.at.get(name, ()) if at < len(row) and row[at]]

    def cell(self, row: Sequence[str], name: str) -> str:
        for at in self.at.get(name, ()):
            if at < len(row) and row[at]:
                return row[at]
        return ""


def mapping(
    fields: Sequence[str],
    labels: Sequence[str],
    *,
    country: str,
    latest: datetime,
    typed: Mapping[str, tuple[str, str, tuple[str, ...]]] | None = None,
    capitals: str = "look",
    tags: Sequence[str] = (),
) -> Columns:
    """Prepare a file's columns for `read`. `latest` is the last moment at which a consent can have been
    given: now. `typed` are the custom fields: key → name, kind, choices.
    """
    at: dict[str, tuple[int, ...]] = {}
    for number, name in enumerate(fields):
        if name:
            at[name] = (*at.get(name, ()), number)
    shown = [values.text(label)[:60] for label in labels]
    return Columns(at, shown, len(fields), country, latest, dict(typed or {}), capitals, tuple(tags))


def read(row: Row, known: Columns) -> Person:
    """What the row says about a person."""
    found = Person(row.number, row.line, row.cells)
    if row.broken:
        found.problem, found.reason = INVALID, row.broken
        return found
    try:
        _fill(found, row.cells, known)
    except values.Problem as problem:
        found.problem = REVIEW if problem.code in NEEDS_A_LOOK else INVALID
        found.reason, found.detail = problem.code, problem.detail
    return found


def _fill(found: Person, cells: Sequence[str], at: Columns) -> None:
    _reach(found, cells, at)
    if any(cell.strip() for cell in cells[at.width :]):
        raise values.Problem(
            "more_cells", " · ".join(values.text(cell) for cell in cells[at.width :] if cell.strip())
        )
    _who(found, cells, at)
    _may_we(found, cells, at)


def _reach(found: Person, cells: Sequence[str], at: Columns) -> None:
    emails: list[str] = []
    for name in ("email", "email_further"):
        for cell in at.cells(cells, name):
            emails += [one for one in addresses.addresses(cell) if one not in emails]
    if emails:
        found.email, found.further = emails[0], emails[1 : MAX_FURTHER + 1]
    found.country = values.country(at.cell(cells, "country"))
    unreadable: values.Problem | None = None
    for name in ("phone", "mobile", "phone_other"):
        for cell in at.cells(cells, name):
            try:
                number = phones.phone(cell, found.country or at.country)
            except values.Problem as problem:
                unreadable = unreadable or problem
                continue
            if number and not found.phone:
                found.phone = number
            elif number and number != found.phone:
                found.custom.setdefault("phone_2", number)
    if unreadable and not found.phone:
        if unreadable.code == "phone_lost_digits" or not found.email:
            raise unreadable
        found.note = f"phone_left_out|{unreadable.detail}"
        found.custom["phone_as_written"] = unreadable.detail
    if not found.email and not found.phone:
        raise values.Problem("no_way_to_reach")


def _who(found: Person, cells: Sequence[str], at: Columns) -> None:
    found.first_name = naming.name(at.cell(cells, "first_name"), 120, field="first name")
    found.last_name = naming.name(at.cell(cells, "last_name"), 120, field="last name")
    middle = naming.name(at.cell(cells, "middle_name"), 60, field="middle name")
    full = naming.name(at.cell(cells, "full_name") or _beside_the_address(cells, at), 240, field="name")
    if found.further and len(several := naming.several(at.cell(cells, "full_name"))) > 1:
        raise values.Problem("several_people", ", ".join(several))
    full, firm = naming.without_firm(full)
    if full and not (found.first_name or found.last_name):
        first, last = naming.split_name(full)
        found.first_name, found.last_name = (
            values.limited(first, 120, field="name"),
            values.limited(last, 120, field="name"),
        )
    elif middle and found.first_name and len(found.first_name) + len(middle) < 120:
        found.first_name = f"{found.first_name} {middle}"
    found.company = values.limited(at.cell(cells, "company") or firm, 300, field="company")
    found.company_key = values.company_key(found.company)[:300] if found.company else ""
    found.title = values.limited(at.cell(cells, "title"), 200, field="title")
    found.city = values.city(at.cell(cells, "city"))
    found.org_number = values.text(at.cell(cells, "org_number"))[:40]
    found.domain = values.domain(at.cell(cells, "website"))
    if not found.domain and found.email and not addresses.is_free_mail(found.email):
        found.domain = found.email.rpartition("@")[2]
    if lost := next(
        (said for said in (found.first_name, found.last_name, found.company) if "\ufffd" in said), ""
    ):
        raise values.Problem("letters_lost", lost)
    if at.capitals != "keep":
        _capitals(found, at.capitals)
    for cell in at.cells(cells, "tags"):
        found.tags += [tag for tag in values.tags(cell) if tag not in found.tags]
    found.tags += [tag for tag in at.tags if tag not in found.tags]
    for name in ("note", "external_id"):
        if said := values.text(at.cell(cells, name))[:2000]:
            found.custom[name] = said
    for number in at.at.get(columns.CUSTOM, ()):
        if number < len(cells) and (said := values.text(cells[number])[:2000]):
            found.custom[
                at.labels[number] if number < len(at.labels) and at.labels[number] else f"column {number + 1}"
            ] = said
    _typed(found, cells, at)
    found.language = values.language(at.cell(cells, "language"))
    recipient = values.recipient(at.cell(cells, "recipient"))
    guessed = (("country", found.country), ("recipient", recipient))
    found.said = frozenset(name for name, value in guessed if value)
    found.country = found.country or country_by(found.phone, found.email) or at.country
    found.recipient = recipient or recipient_of(found.email, found.company)


def _beside_the_address(cells: Sequence[str], at: Columns) -> str:
    cell = at.cell(cells, "email")
    return addresses.named(cell) if "<" in cell else ""


def _capitals(found: Person, how: str) -> None:
    """A name in capitals is proposed as names are written; nobody likes to be shouted at in a mail."""
    first, last = found.first_name, found.last_name
    if not (first.isupper() and last.isupper()):
        return
    shouted = naming.shouted(first), naming.shouted(last)
    written = naming.unshouted(first), naming.unshouted(last)
    if how == "look" and all(shouted):
        raise values.Problem("all_capitals", " ".join(written))
    if how == "write" and any(shouted):  # also BO EKLUND, of whom nobody would be asked
        found.first_name, found.last_name = written


def _typed(found: Person, cells: Sequence[str], at: Columns) -> None:
    for key, (name, kind, choices) in at.typed.items():
        if cell := at.cell(cells, f"custom:{key}"):
            try:
                value = custom_values.typed(kind, cell, choices)
            except custom_values.NotThat as refused:
                raise values.Problem("custom_unreadable", f"{name}: {refused.text}") from refused
            if value is not None:
                found.custom[key] = value


def country_by(phone: str, email: str) -> str:
    """The country that a number or the end of an address suggests."""
    if phone:
        for prefix, country in PHONE_COUNTRIES.items():
            if phone.startswith(prefix):
                return country
    return TLD_COUNTRIES.get(email.rpartition(".")[2], "") if email else ""


def recipient_of(email: str, company: str) -> str:
    """The recipient type that an address and a company suggest; a private address without a company is a
    private person's.
    """
    if email and addresses.is_role_address(email):
        return "role_address"
    folded = f" {company.casefold()} "
    if " enk " in folded or "enskild firma" in folded or "enkeltpersonforetak" in folded or " tmi " in folded:
        return "sole_trader"
    if email and addresses.is_free_mail(email) and not company:
        return "natural_person"
    return "company_role"


def _may_we(found: Person, cells: Sequence[str], at: Columns) -> None:
    for cell in at.cells(cells, "mail_status"):
        found.stop = found.stop or values.mail_status(cell)
    for number in at.at.get("opt_out", ()):
        if number < len(cells) and values.opted_out(cells[number]):
            found.stop = found.stop or permission.reason_of(
                at.labels[number] if number < len(at.labels) else ""
            )
    if any(values.refused(cell) for cell in at.cells(cells, "opt_in")):
        found.stop = found.stop or "opted_out_in_list"
    found.no_calls = any(values.opted_out(cell) for cell in at.cells(cells, "do_not_call"))
    found.no_calls = found.no_calls or any(values.refused(cell) for cell in at.cells(cells, "may_call"))
    said = remarks.refusal(at.cell(cells, "note"))
    found.no_calls = found.no_calls or said == permission.DO_NOT_CALL
    if said in (permission.OPT_OUT, remarks.LEFT):
        found.stop = found.stop or ("opted_out_in_list" if said == permission.OPT_OUT else said)
    found.ground = values.ground(at.cell(cells, "ground"))
    confirmed = dates.moment(at.cell(cells, "consent_at"), latest=at.latest)
    given = confirmed or dates.moment(at.cell(cells, "optin_at"), latest=at.latest)
    found.consent_at = given
    if not found.ground and not found.stop and confirmed and any(map(values.yes, at.cells(cells, "opt_in"))):
        found.ground = "consent"  # they said yes, and when
    found.consent_ip = values.text(at.cell(cells, "consent_ip") or at.cell(cells, "optin_ip"))[:45]
    parts = (at.cell(cells, "consent_wording"), at.cell(cells, "consent_source"))
    found.consent_words = " · ".join(values.text(part)[:1000] for part in parts if part)
    if (
        values.text(at.cell(cells, "double_opt_in"))
        .casefold()
        .startswith(("confirm", "bekräft", "bekreft", "ja", "yes", "true"))
    ):
        found.consent_words = " · ".join(filter(None, (found.consent_words, "double opt-in confirmed")))


def contact_fields(person: Person) -> dict[str, Any]:
    """The contact's own columns that the row speaks about."""
    said = {
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "title": person.title,
        "phone": person.phone,
        "city": person.city,
        "country": person.country,
        "language": person.language,
    }
    return {name: value for name, value in said.items() if value}
