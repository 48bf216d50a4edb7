"""The text of one cell as the silo keeps it: addresses, phones, names, companies, dates, yes and no.

A cell is always text: one that begins with = is never worked out. Whatever cannot be read raises `Problem`
with a code of `reasons`.
"""

import re
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache

import email_validator
import phonenumbers

from contacts.reading import words


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
FULL_WIDTH = {0xFF01 + at: 0x21 + at for at in range(94)}  # as East Asian keyboards write @ and letters
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
BLANK = re.compile(r"\s+")
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
    # printable: no control signs, no invisible ones, and no blank but the plain one
    if not cell.isprintable():
        cell = CONTROL.sub(" ", cell)
        if not cell.isascii():
            cell = cell.translate(INVISIBLE)
    if not cell.isascii():
        cell = unicodedata.normalize("NFC", cell)
    cell = BLANK.sub(" ", cell).strip() if "  " in cell or not cell.isprintable() else cell.strip()
    if (
        len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@"
    ):  # the mark that our own downloads put before a formula
        cell = cell[1:]
    return "" if cell.casefold() in NOTHING else cell


def limited(cell: str, limit: int, *, field: str) -> str:
    """`text`, refused when longer than the field. Raises Problem, because half a name is a wrong name."""
    found = text(cell)
    if len(found) > limit:
        raise Problem("too_long", f"{field}, {len(found)} > {limit}")
    return found


HEADER_LIKE = re.compile(r"[\r\n\u2028\u2029\x85]\s*[A-Za-z-]{1,30}\s*:")


def name(cell: str, limit: int, *, field: str) -> str:
    """Part of a person's name. Raises Problem for a line break followed by something like a mail header,
    and for a text too long to be a name.
    """
    if HEADER_LIKE.search(cell):
        raise Problem("header_in_name", field)
    return limited(cell, limit, field=field)


def shouted(part: str) -> bool:
    """True for a name of three letters or more in nothing but capitals; "Bo", "JP" and "AB" are not."""
    return part.isupper() and sum(map(str.isalpha, part)) > 2


def unshouted(part: str) -> str:
    """ANNA-KARIN O'BRIEN as names are written."""
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), part)


PARTICLES = {
    "von",
    "van",
    "af",
    "av",
    "de",
    "der",
    "den",
    "del",
    "di",
    "da",
    "du",
    "la",
    "le",
    "ter",
    "zu",
    "zur",
}


def split_name(full: str) -> tuple[str, str]:
    """First and last name of a full name: "Lind, Anna", "Anna Lind", "Carl von Linné"."""
    full = text(full)
    if full.count(",") == 1:
        last, first = (part.strip() for part in full.split(","))
        if first and last:
            return first, last
    parts = full.split(" ")
    if len(parts) == 1:
        return full, ""
    at = len(parts) - 1
    while at > 1 and parts[at - 1].lower() in PARTICLES:
        at -= 1
    return " ".join(parts[:at]), " ".join(parts[at:])


# --- addresses

PLAIN = re.compile(
    r"[a-z0-9](?:[a-z0-9_%+'-]|\.(?!\.)){0,62}[a-z0-9_+-]?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)
NAMED = re.compile(r"^\s*(?P<name>[^<>]*?)\s*<\s*(?P<address>[^<>\s]+@[^<>\s]+)\s*>\s*$", re.DOTALL)
LONGEST_ADDRESS = 254  # RFC 5321
RESERVED_ENDS = (".invalid", ".localhost", ".local", ".arpa", ".onion")


def plain_address(cell: str) -> str:
    """The address, in lower case, when it is an ordinary one that needs no second look; else ""."""
    lowered = cell.strip().lower()
    if (
        PLAIN.fullmatch(lowered) is None
        or len(lowered) > LONGEST_ADDRESS
        or ".@" in lowered
        or "xn--" in lowered
        or lowered.endswith(RESERVED_ENDS)
        or not cell.isascii()
    ):
        return ""
    return lowered


def addresses(cell: str) -> list[str]:
    """The addresses in a cell in their normal form, the first one first; [] for an empty cell.

    Several may stand in one cell ("a@x.se; b@x.se", Google's " ::: "). Raises Problem when one of them is
    none.
    """
    stripped = cell.strip()
    if not stripped or stripped.casefold() in NO_VALUE:
        return []
    if plain := plain_address(stripped):
        return [plain]
    if re.search(r"\S\s*[\r\n\x85\u2028\u2029\x00]", stripped) and HEADER_LIKE.search(stripped):
        raise Problem("header_in_address", text(stripped))
    found: list[str] = []
    for part in (
        re.split(r"\s*:::\s*|\s*[;,|]\s*|\s*/\s+|\s*\n\s*", stripped)
        if stripped.count("@") > 1
        else [stripped]
    ):
        if part and (one := address(part)) not in found:
            found.append(one)
    return found


@lru_cache(maxsize=8192)
def address(cell: str) -> str:
    """One address in its normal form: lower case, the domain as people write it (å stays å), nobody else
    reached.

    Raises Problem with the reason.
    """
    shown = text(cell) if cell.isascii() else text(cell).translate(FULL_WIDTH)
    named = NAMED.match(shown)
    bare = (
        (named["address"] if named else shown)
        .strip(" <>\"'()[]")
        .removeprefix("mailto:")
        .removeprefix("MAILTO:")
        .rstrip(".,;")
    )
    if any(ord(sign) in INVISIBLE and ord(sign) > 0x2029 for sign in cell):
        raise Problem("address_hides_signs", shown)
    if "@" not in bare:
        raise Problem(
            "name_in_address"
            if re.fullmatch(r"[^\W\d_]+([ .'-]+[^\W\d_]+)+", bare) and " " in bare
            else "no_address",
            bare,
        )
    try:
        found = email_validator.validate_email(bare, check_deliverability=False, test_environment=True)
    except email_validator.EmailNotValidError as error:
        raise Problem("bad_address", f"{bare[:80]}: {error}") from error
    if found.ascii_domain.endswith(RESERVED_ENDS):
        raise Problem("bad_address", bare)
    if _mixes_scripts(found.domain):
        raise Problem("lookalike_address", bare)
    normal = found.normalized.lower()
    if len(normal) > LONGEST_ADDRESS:
        raise Problem("bad_address", bare)
    return normal


def _mixes_scripts(domain: str) -> bool:
    if domain.isascii():
        return False
    scripts = {unicodedata.name(sign, "?").split()[0] for sign in domain if sign.isalpha()}
    return "LATIN" in scripts and len(scripts) > 1


def is_role_address(email: str) -> bool:
    """True for post@, info@ and the like, which belong to a company and to nobody by name."""
    local = email.partition("@")[0].partition("+")[0]
    return local.rstrip("0123456789") in words.ROLE_LOCAL_PARTS


def is_free_mail(email: str) -> bool:
    """True for an address at a provider for private people."""
    return email.rpartition("@")[2] in words.FREE_MAIL


# --- phones

SCIENTIFIC = re.compile(r"^\+?\d+([.,]\d+)?E\+?\d+$", re.IGNORECASE)
EXTENSION = re.compile(r"\s*(ext\.?|anknytning|ankn\.?|linje|x)\s*\d{1,6}\s*$", re.IGNORECASE)


@lru_cache(maxsize=8192)
def phone(cell: str, country: str) -> str:
    """A number as E.164, read as one dials it in `country`; "" for an empty cell. Raises Problem."""
    shown = text(cell)
    if not shown or shown.casefold() in NO_VALUE:
        return ""
    if SCIENTIFIC.match(shown):
        raise Problem("phone_lost_digits", shown)
    for part in re.split(r"\s*:::\s*|\s*[;,|]\s*|\s+/\s+|\s+(?:eller|or|och|og|tai)\s+", shown):
        number = _number(EXTENSION.sub("", part), country)
        if number:
            return number
    raise Problem("phone_unreadable", shown)


def _number(written: str, country: str) -> str:
    written = written.strip().removeprefix("tel:")
    digits = re.sub(r"\D", "", written)
    if len(digits) < 5:
        return ""
    local = _parsed_number(written, country or None)
    if local is not None and phonenumbers.is_valid_number(local):
        return phonenumbers.format_number(local, phonenumbers.PhoneNumberFormat.E164)
    if not written.startswith(("+", "00")):
        abroad = _parsed_number("+" + digits, None)  # "46701740605": Excel ate the plus
        if abroad is not None and phonenumbers.is_valid_number(abroad):
            return phonenumbers.format_number(abroad, phonenumbers.PhoneNumberFormat.E164)
    # numbers kept free for films and examples are possible, not "valid"
    if local is None or re.search(r"[A-Za-z]{2}", written) or not phonenumbers.is_possible_number(local):
        return ""
    return phonenumbers.format_number(local, phonenumbers.PhoneNumberFormat.E164)


def _parsed_number(written: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None


# --- companies

LEGAL_FORMS = re.compile(
    r"[\s,]+(ab|hb|kb|ek\.?\s?f[oö]r\.?|as|asa|ans|da|enk|ba|sa|a/s|aps|i/s|ivs|oy|oyj|abp|ky|tmi|gmbh|ag|kg|ug|ltd|limited|llc|inc|plc|bv|b\.v\.|\(publ\)|publ)\.?$",
    re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def company_key(company: str) -> str:
    """The company without its legal form, accents, case and signs: "Östra Verken AB" and "ostra verken" are
    one.
    """
    bare = company
    while (shorter := LEGAL_FORMS.sub("", bare).strip(" ,.")) != bare and shorter:
        bare = shorter
    return _folded(bare) or _folded(company) or company.casefold().strip()[:300]


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


def yes(cell: str) -> bool | None:
    """Yes, no, or None when the cell says neither."""
    word = text(cell).casefold().strip(" .!")
    if word in words.YES:
        return True
    return False if word in words.NO else None


def opted_out(cell: str) -> bool:
    """The cell of a column in which yes means "never write". In doubt, and for a date, the answer is yes."""
    word = text(cell).casefold()
    return bool(word) and yes(cell) is not False and word not in words.STILL_IN


def mail_status(cell: str) -> str:
    """The reason for a stop that a status like "Bounced" names, or ""."""
    key = re.sub(r"[^a-zåäöæø]", "", text(cell).casefold())
    for reason, known in words.STATUS_STOPS.items():
        if key in known:
            return reason
    return ""


def country(cell: str) -> str:
    """ISO 3166 code of a country as offices write it, or ""."""
    word = text(cell)
    if len(word) == 2 and word.upper() in phonenumbers.SUPPORTED_REGIONS:
        return word.upper()
    return words.COUNTRIES.get(word.casefold(), "")


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


FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d-%m-%Y",
    "%d-%m-%Y %H:%M",
    "%Y%m%d",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%d %b %Y",
    "%b %d, %Y",
    "%d.%m.%y",
)
AMERICAN = ("%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p")
FIRST_YEAR = 1995  # nobody gave consent to e-mail before; 1970-01-01 is a computer's word for "no date"


def moment(cell: str, *, latest: datetime) -> datetime | None:
    """A date or time, in UTC where no zone is given; None for an empty cell. Raises Problem for one that
    cannot be right.
    """
    word = text(cell).removesuffix(" UTC")
    if not word or word in ("0", "0000-00-00", "0000-00-00 00:00:00"):
        return None
    found = _parsed(word)
    if found is None:
        raise Problem("unreadable_date", word)
    if found.year < FIRST_YEAR or found > latest:
        raise Problem("impossible_date", word)
    return found


def _parsed(word: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(word)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    for form in AMERICAN if word[-2:].upper() in ("AM", "PM") else FORMATS:
        try:
            return datetime.strptime(word, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
