"""What a person said about being written to or called: it holds for them, whichever address they said it from."""

from django.db.models import QuerySet

from contacts import keys, spelling
from contacts.models import Suppression

# That an address is dead says nothing of another one.
OF_THE_ADDRESS = (Suppression.Reason.BOUNCED, Suppression.Reason.LEFT_COMPANY)


def on(*ways: str) -> QuerySet[Suppression]:
    """The wishes in force on these addresses and numbers, in any spelling; a stop on a whole domain is not a person's wish."""
    known = [
        form
        for way in ways
        for form in (spelling.lookups(way, "") if "@" in way else [way])
        if not form.startswith("@")
    ]
    hashes = [digest for form in known for digest in keys.address_hashes(form)]
    rows = Suppression.objects.in_force().filter(address_hash__in=hashes)
    return rows.exclude(reason__in=OF_THE_ADDRESS).order_by("pk")
