"""Who is meant when people are brought into a sequence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from contacts.models import Contact
from contacts.queries import gate
from nurturing.models import Enrollment, Standing

NAMED = 8


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known about the people before anything happens to them."""

    total: int
    stopped: int
    without_mail: int  # not stopped, but no mail may go to them as things are
    in_another: int
    with_sales: int
    named: Sequence[Contact]

    @property
    def others(self) -> int:
        """How many more there are than those named."""
        return self.total - len(self.named)


def outlook(contact_ids: Collection[int]) -> Outlook:
    """How many of these people are there, stopped, in a sequence, or with sales; and the first few by
    name.
    """
    ids = list(contact_ids)
    people = Contact.objects.present().filter(pk__in=ids)
    barred = {pk for pk, verdict in gate.verdicts(ids).items() if not verdict.allowed}
    standings = Standing.objects.filter(contact_id__in=ids)
    stopped = set(standings.filter(state=Standing.State.STOPPED).values_list("contact_id", flat=True))
    away = (Standing.State.HOT, Standing.State.WITH_SALES)
    return Outlook(
        total=people.count(),
        stopped=len(stopped),
        without_mail=len(barred - stopped),
        in_another=Enrollment.objects.active().filter(contact_id__in=ids).count(),
        with_sales=standings.filter(state__in=away).count(),
        named=list(people.select_related("company").order_by("last_name", "first_name", "pk")[:NAMED]),
    )


def brought_in_by(batch_id: int, colleague_id: int | None) -> bool:
    """Whether nobody else brought in any of these people together. Also true where there is nobody."""
    return not Enrollment.objects.filter(batch_id=batch_id).exclude(by_id=colleague_id).exists()
