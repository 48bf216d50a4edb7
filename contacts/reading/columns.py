"""What each column is: from its header, and where that says nothing from what its cells look like."""

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.reading import contents, layouts, names, origin, permission
from contacts.reading.headers import LEAVE_OUT as LEAVE_OUT
from contacts.reading.headers import field_of, is_the_persons_own, is_weak_title, loosely
from contacts.reading.headers import squeeze as squeeze

CUSTOM = "custom"
OWN = "custom:"  # followed by the key of a field of the company's own

# Order is the order in the page's drop-down list. Fields of the second tuple may be given to several columns.
SINGLE = (
    "email",
    "first_name",
    "middle_name",
    "last_name",
    "full_name",
    "company",
    "org_number",
    "title",
    "city",
    "country",
    "language",
    "website",
    "note",
    "external_id",
    "recipient",
    "ground",
    "consent_at",
    "optin_at",
    "consent_ip",
    "optin_ip",
    "consent_wording",
    "consent_source",
    "double_opt_in",
)
SEVERAL = (
    "email_further",
    "phone",
    "mobile",
    "phone_other",
    "tags",
    "opt_out",
    "do_not_call",
    "may_call",
    "opt_in",
    "mail_status",
    CUSTOM,
)
FIELDS = SINGLE + SEVERAL


def is_known(field: str) -> bool:
    """True for a field of ours and for one of the company's own."""
    return field in FIELDS or (field.startswith(OWN) and len(field) > len(OWN))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How a file's columns are understood."""

    fields: list[str]
    layout: str = ""
    country: str = ""


def suggest(header: Sequence[str], sample: Sequence[Sequence[str]] = ()) -> Suggestion:
    """One field per column. `sample` is a few rows, for columns without a telling name."""
    rows, keys = sample[:200], [squeeze(cell) for cell in header]
    width = _width(header, rows)
    filled = [[row[at] for row in rows if at < len(row) and row[at].strip()] for at in range(width)]
    fields = [_named(header[at], filled[at]) if at < len(header) else None for at in range(width)]
    _title_or_prefix(header, fields)
    contents.contradicted(fields, filled)
    _by_program(header, fields)
    contents.by_content(header, fields, filled)
    contents.last_name(keys, fields, rows)
    contents.dates_of_consent(fields, filled)
    _empty_ones_step_back(fields, filled)
    _one_of_each(header, fields)
    return Suggestion(
        [name or LEAVE_OUT for name in fields], layout_of(header), origin.country_of(keys, sample)
    )


def _width(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """The columns of the header, and those beyond it in which something stands in most rows: fewer are torn rows."""
    widest = max([len(header), *(len(row) for row in rows)], default=0)
    if not header:
        return widest
    return max(
        (at + 1 for at in range(len(header), widest)
         if sum(1 for row in rows if at < len(row) and row[at].strip()) >= 0.6 * len(rows)),
        default=len(header),
    )  # fmt: skip


def _named(header: str, filled: list[str]) -> str | None:
    """The field that a header names: by the table, by its words about permission, by the table without what stands around it."""
    found = field_of(header)
    if found in permission.FIELDS:
        return found if permission.fits(permission.OPT_OUT, "unsubscribed", filled) else None
    if found is None and (wish := permission.field_of(header)):
        return wish if permission.fits(wish, header, filled) else None
    return loosely(header) if found is None else found


def _title_or_prefix(header: Sequence[str], fields: list[str | None]) -> None:
    """ "Titel" beside "Befattning" is Mr or Dr, not a job."""
    titles = [at for at, name in enumerate(fields) if name == "title"]
    clear = [at for at in titles if not is_weak_title(header[at])]
    if clear and len(titles) > 1:
        for at in titles:
            if at not in clear:
                fields[at] = LEAVE_OUT


def _by_program(header: Sequence[str], fields: list[str | None]) -> None:
    """Names that mean something else where a certain program wrote them, or beside certain others."""
    keys = [squeeze(cell) for cell in header]
    program = layout_of(header)
    if any(key in names.SUBSCRIBED.split() for key in keys):  # elsewhere it is a ticket that was given back
        _swap(
            fields,
            keys,
            {
                "cancelled",
                "canceled",
                "cancelledat",
                "canceledat",
                "avslutad",
                "ended",
                "deaktiviert",
                "deactivated",
            },
            permission.OPT_OUT,
        )
    if program == "LinkedIn":  # its URL is the person's page there, not the company's
        _swap(fields, keys, {"url"}, LEAVE_OUT)
    if "company" not in fields:
        if program in ("Fortnox", "Severa") or ("first_name" in fields and "last_name" in fields):
            _swap(
                fields,
                keys,
                {"customername", "kundnamn", "kundensnamn", "kundenavn", "kundensnavn"},
                "company",
            )
        if program == "Fortnox":
            _swap(fields, keys, {"namn", "kundnamn", "foretagsnamn"}, "company")


def _swap(fields: list[str | None], keys: Sequence[str], named: set[str], field: str) -> None:
    for at, key in enumerate(keys):
        if key in named:
            fields[at] = field


def _empty_ones_step_back(fields: list[str | None], filled: Sequence[list[str]]) -> None:
    """Of two columns for one field, the one in which nothing stands leaves it to the other."""
    for at, name in enumerate(fields):
        if (
            name in SINGLE
            and not filled[at]
            and any(other == name and filled[where] for where, other in enumerate(fields))
        ):
            fields[at] = LEAVE_OUT


def _one_of_each(header: Sequence[str], fields: list[str | None]) -> None:
    """A field that only one column may be: the first has it; a second address is a further one."""
    seen: set[str] = set()
    for reach in ("email", "phone"):  # the contact person's, where a column of the company stands before it
        places = [at for at, known in enumerate(fields) if known == reach and at < len(header)]
        own = [at for at in places if is_the_persons_own(header[at])]
        if own and len(own) < len(places):
            for at in places:
                if at not in own:
                    fields[at] = "email_further" if reach == "email" else "phone_other"
    for at, name in enumerate(fields):
        if name not in SINGLE:
            continue
        if name in seen:
            fields[at] = "email_further" if name == "email" else None
        else:
            seen.add(name)
    if "email" not in seen and "email_further" in fields:
        fields[fields.index("email_further")] = "email"


def layout_of(header: Sequence[str]) -> str:
    """The program that wrote the file, or ""."""
    return layouts.program_of(header, squeeze)


def fingerprint(header: Sequence[str]) -> str:
    """The mark by which the same header is known again, or ""."""
    return layouts.fingerprint(header, squeeze)
