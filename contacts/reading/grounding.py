"""Which legal ground a file itself speaks for. A suggestion with its reason: the choice is its owner's."""

from collections.abc import Callable, Sequence

from contacts.reading import addresses, columns

CUSTOMER_NUMBERS = {
    "kundnr",
    "kundnummer",
    "kundenr",
    "kundenummer",
    "customernumber",
    "customerno",
    "customerid",
    "kundeid",
    "kundid",
    "asiakasnumero",
    "kundennummer",
}
PROOF = {"consent_at", "consent_ip", "consent_wording", "double_opt_in", "optin_at", "optin_ip"}
CUSTOMER_PROGRAMS = {"Fortnox"}
STRICT = {"DK", "DE"}
ENOUGH = 5  # addresses; fewer say nothing about the others


def suggest(
    header: Sequence[str],
    fields: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    layout: str,
    country: str,
) -> tuple[str, str]:
    """(ground, code of the reason), both "" when nothing speaks for one."""
    if PROOF.intersection(fields):
        return "consent", "proof"
    if layout in CUSTOMER_PROGRAMS or any(columns.squeeze(cell) in CUSTOMER_NUMBERS for cell in header):
        return "existing_customer", "customers"
    emails = _addresses(fields, sample)
    if len(emails) >= ENOUGH and _share(emails, addresses.is_role_address) >= 0.8:
        return "role_address", "roles"
    if len(emails) >= ENOUGH and _share(emails, addresses.is_free_mail) >= 0.5:
        return "none", "private"
    if country in STRICT:
        return "none", "strict"
    if country == "NO":
        return "legitimate_interest", "norway"
    return ("legitimate_interest", "companies") if emails else ("", "")


def _addresses(fields: Sequence[str], sample: Sequence[Sequence[str]]) -> list[str]:
    at = next((at for at, name in enumerate(fields) if name == "email"), None)
    if at is None:
        return []
    return [row[at].strip().lower() for row in sample if at < len(row) and "@" in row[at]]


def _share(emails: Sequence[str], question: Callable[[str], bool]) -> float:
    return sum(1 for email in emails if question(email)) / len(emails)
