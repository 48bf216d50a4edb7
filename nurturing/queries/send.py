"""The sending equation, and the mails of the outbox."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from contacts.queries import gate
from nurturing.models import Decision, SandboxMail, Send, SendDetail
from nurturing.queries import kept, live
from nurturing.sending import words

PAGE = 50


@dataclass(frozen=True, slots=True)
class Equation:
    """due = accepted + skipped + failed + unknown + waiting, over all that the planner ever decided in this
    mode.
    """

    due: int
    accepted: int
    skipped: int
    failed: int
    unknown: int
    waiting: int

    @property
    def difference(self) -> int:
        """Zero, or mails were lost or made up."""
        return self.due - (self.accepted + self.skipped + self.failed + self.unknown + self.waiting)

    @property
    def holds(self) -> bool:
        return self.difference == 0

    def parts(self) -> Iterator[tuple[str, int]]:
        """Name and number of each part; the name is also the `state` filter of the outbox."""
        for name in ("waiting", "accepted", "skipped", "failed", "unknown"):
            yield name, getattr(self, name)


def equation_for_a_page(*, now: datetime) -> Equation:
    """The equation; in a large silo the one of a minute ago. The doctor counts each time."""
    return kept.a_minute(f"equation:{live.is_live()}", lambda: equation(now=now))


def equation(*, now: datetime) -> Equation:
    """Count both sides: `due` from the planner's decisions, the rest from the ledger."""
    sandbox = not live.is_live()
    states = dict(
        Send.objects.lane()
        .filter(sandbox=sandbox, planned_at__lte=now)
        .order_by()
        .values_list("state")
        .annotate(number=Count("pk"))
    )
    return Equation(
        due=Decision.objects.filter(sandbox=sandbox, at__lte=now).count(),
        accepted=states.get(Send.State.ACCEPTED, 0),
        skipped=states.get(Send.State.SKIPPED, 0),
        failed=states.get(Send.State.FAILED, 0),
        unknown=states.get(Send.State.UNKNOWN, 0),
        waiting=sum(states.get(state, 0) for state in Send.WAITING),
    )


@dataclass(frozen=True, slots=True)
class Page:
    """Some mails, newest first; `older` is where the next page begins (0: there is none)."""

    rows: list[Send]
    older: int


FILTERS: dict[str, Q] = {
    "": Q(),
    "waiting": Q(state__in=Send.WAITING),
    "accepted": Q(state=Send.State.ACCEPTED),
    "skipped": Q(state=Send.State.SKIPPED),
    "failed": Q(state=Send.State.FAILED),
    "unknown": Q(state=Send.State.UNKNOWN),
}


def outbox(*, state: str = "", before: int = 0, contact_id: int = 0, size: int = PAGE) -> Page:
    """The mails of this mode, by keyset: as quick on the thousandth page as on the first."""
    found = Send.objects.filter(FILTERS.get(state, Q()), sandbox=not live.is_live())
    if contact_id:
        found = found.filter(contact_id=contact_id)
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("contact", "mail", "sender").order_by("-pk")[: size + 1])
    return Page(rows[:size], rows[size - 1].pk if len(rows) > size else 0)


def details(send_id: int) -> list[SendDetail]:
    """What servers answered and what went wrong, newest first."""
    return list(SendDetail.objects.filter(send_id=send_id).exclude(response="").order_by("-at", "-pk")[:20])


def test_mails(*, size: int = 10) -> list[SandboxMail]:
    """Test mails to colleagues that stayed in the sandbox, newest first."""
    return list(SandboxMail.objects.filter(send=None).defer("raw").order_by("-at", "-pk")[:size])


def waiting_number() -> int:
    """How many mails wait, for the strip over a hold."""
    return Send.objects.filter(sandbox=not live.is_live(), state__in=Send.WAITING).count()


def reason_words(reason: str) -> str:
    """The sentence for a reason, ours or the gate's; an unknown one comes back as it is."""
    code, _sep, what = reason.partition(":")
    if not reason:
        return ""
    if code in words.REASONS:
        return str(words.REASONS[code]) % {"what": what} if what else str(words.REASONS[code])
    if code in gate.WORDS or code == "suppressed":
        return gate.Verdict(reason).words
    return reason
