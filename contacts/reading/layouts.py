"""The header lines of programs that offices export from. When all words of a signature stand in the header, the program
is known; `a|b` is one or the other.
"""

import hashlib
from collections.abc import Callable, Sequence

FORTNOX = (
    "kundnr|kundnummer organisationsnummer|orgnr|orgpersonnr betalningsvillkor|erreferens|vartreferens|varreferens"
    "|prislista|leveranssatt|fakturaepost|epostfaktura|momsregnr|vatnummer"
)
LAYOUTS = (
    ("HubSpot", "recordid lifecyclestage|leadstatus|contactowner|marketingcontactstatus|createdate"),
    ("Mailchimp", "emailaddress optintime confirmtime"),
    ("Mailchimp", "emailaddress memberrating"),
    ("Pipedrive", "personname personorganization|personorganisation|personemailwork"),
    ("Outlook", "businessphone businessstreet|businesscity emailaddress"),
    ("Outlook", "typavepostadress gatuadressarbete|telefonarbete"),
    ("Outlook", "eposttyp|eposttype|mailtype telefonarbete|telefonarbeid|telefonarbejde"),
    ("Outlook", "epostadresse telefonarbeid|telefonjobb"),
    ("Outlook", "emailadresse strassegeschaftlich|telefongeschaftlich"),
    ("Outlook", "sahkopostiosoite tyopuhelin"),
    ("Google", "email1value phone1value|givenname|firstname|name"),
    ("LinkedIn", "connectedon emailaddress|company|url"),
    ("SuperOffice", "nomailings formeremployee"),
    ("SuperOffice", "useasmailingaddress position|email"),
    ("Salesforce", "hasoptedoutofemail accountname|accountid"),
    ("Salesforce", "emailoptout accountname|accountid|contactid"),
    ("Salesforce", "contactid accountname"),
    ("Fortnox", FORTNOX),
    ("Upsales", "upsalesid"),
    ("Severa", "customername|asiakas|asiakkaannimi businessid|ytunnus|vatnumber contactfirstname|firstname|etunimi"),
    ("Puzzel", "externtid|eksternid|externalid epost1|email1 epost2|email2"),
    ("Thunderbird", "primaryemail screenname"),
    ("Klaviyo", "emailmarketingconsent"),
    ("Dynamics 365", "donotmodifycontact|donotmodifylead|donotmodifyaccount"),
    ("Shopify", "acceptsemailmarketing customerid|totalspent"),
    ("Brevo", "email contactid|addedtime|doubleoptin"),
)  # fmt: skip

PREFIXES = ("contact", "person", "company")


def program_of(header: Sequence[str], squeeze: Callable[[str], str]) -> str:
    """The program that wrote the file, or ""."""
    keys = {squeeze(cell) for cell in header}
    keys |= {key.removeprefix(prefix) for key in keys for prefix in PREFIXES}
    for name, signature in LAYOUTS:
        if all(keys.intersection(word.split("|")) for word in signature.split()):
            return name
    return ""


def fingerprint(header: Sequence[str], squeeze: Callable[[str], str]) -> str:
    """The mark by which the same header is known again; "" for a file without one."""
    names = [squeeze(cell) or cell.strip().casefold() for cell in header]
    while names and not names[-1]:
        names.pop()
    if not any(names):
        return ""
    return hashlib.sha256("\x1f".join(names).encode("utf-8", "replace")).hexdigest()
