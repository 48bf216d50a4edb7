"""What a verdict's code means, in a sentence for the person who has the file. Rows keep the code, so that
it is read in any language.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "no_way_to_reach": _("Neither an e-mail address nor a phone number stands in this row."),
    "no_address": _("The address column holds no address: %(detail)s"),
    "bad_address": _("This address cannot work: %(detail)s"),
    "name_in_address": _("A name stands in the address column: %(detail)s"),
    "lookalike_address": _("The address mixes letters of two alphabets that look alike: %(detail)s"),
    "address_hides_signs": _("The address holds invisible signs that change its direction: %(detail)s"),
    "header_in_address": _(
        "The address holds a line break followed by something like a mail header: %(detail)s"
    ),
    "header_in_name": _("A name holds a line break followed by something like a mail header (%(detail)s)."),
    "too_long": _("The text is too long for its field: %(detail)s characters."),
    "phone_lost_digits": _("Excel has cut digits off this phone number: %(detail)s"),
    "phone_unreadable": _("This phone number cannot be read: %(detail)s"),
    "unreadable_date": _("The date of consent cannot be read: %(detail)s"),
    "impossible_date": _("The date of consent cannot be right: %(detail)s"),
    "unknown_ground": _("This legal ground is not known: %(detail)s"),
    "all_capitals": _(
        "The name stands in capitals. Choose under “Names in capitals” that they are written as names, or correct this row to: %(detail)s"
    ),
    "several_people": _("Several people stand in this row: %(detail)s. Give each of them a row."),
    "letters_lost": _("The program that wrote the file lost letters: %(detail)s"),
    "custom_unreadable": _("The cell does not fit its field. %(detail)s"),
    "open_quote": _("A quotation mark is opened on this line and never closed."),
    "open_card": _("This card is begun on this line and never ended."),
    "more_cells": _("The row has more cells than the file has columns: %(detail)s"),
    "same_address": _("The same address as row %(detail)s of this file."),
    "same_phone_and_name": _("The same phone and name as row %(detail)s of this file."),
    "same_person": _("The same person as in an earlier row of this file."),
    "opted_out_in_list": _("The list says: no mail to this person."),
    "bounced": _("The list says: mail to this address came back."),
    "left_company": _("The list says: this person has left the company."),
    "complained": _("The list says: this person reported mail as spam."),
    "do_not_call": _("The list says: do not call."),
    "stopped_before": _("This address was stopped earlier: %(detail)s"),
    "fields": _("Changes: %(detail)s"),
    "phone_left_out": _("Comes in without the phone number, which cannot be read: %(detail)s"),
}


def join(code: str, detail: str = "") -> str:
    """The form in which a row keeps its reason."""
    return f"{code}|{detail}"[:300] if detail else code


def words(stored: str) -> str:
    """The sentence for a stored reason; a code nobody knows is shown as it is."""
    code, _bar, detail = stored.partition("|")
    sentence = WORDS.get(code)
    if sentence is None:
        return stored
    return str(sentence) % {"detail": detail} if "%(detail)s" in str(sentence) else str(sentence)
