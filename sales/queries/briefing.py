"""What a salesperson should know before the call: read from the rows, and honest when there is nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts import spoken
from contacts.models import Contact
from contacts.queries import gate
from nurturing.models import EngagementEvent, Handoff, Level, Reply
from nurturing.queries import receipts, temperature
from nurturing.queries.receipts import Receipt
from sales import limits
from sales.models import Call, Claim, Opportunity, Purchase, Referral
from sales.queries import queue

HUMAN = 0.5
"""From this evidence on it was rather a person than a machine."""
WARM = 20.0
RECENT = timedelta(days=90)
QUOTED = 200
COLLEAGUES = 4
CASES = 5
"""Fewer calls than this are no experience."""
SPOKEN_OUTCOMES = (Call.Outcome.MEETING, Call.Outcome.OPPORTUNITY, Call.Outcome.BOUGHT)
INTRODUCED = (Contact.WayIn.REFERRAL_INTERNAL, Contact.WayIn.REFERRAL_EXTERNAL)


@dataclass(frozen=True, slots=True)
class Frozen:
    """A receipt as it was when the hand-off opened."""

    what: str
    at: datetime | None
    points: float
    now: float


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at the same company, and how warm they are."""

    contact: Contact
    degrees: float | None


@dataclass(frozen=True, slots=True)
class Read:
    """What they read themselves: how many pieces of each level, and the newest by name."""

    levels: list[tuple[str, int]]
    titles: list[str]


@dataclass(frozen=True, slots=True)
class Briefing:
    """All of one card."""

    contact: Contact
    degrees: float | None
    handoffs: list[Handoff]
    receipts: list[Receipt]
    evidence: list[Frozen]
    read: Read
    replies: list[Reply]
    calls: list[Call]
    colleagues: list[Colleague]
    claim: Claim | None
    purchase: Purchase | None
    opportunity: Opportunity | None
    way_in: str
    experience: str
    may_call: gate.Verdict
    open_with: list[str]
    ask: list[str]

    @property
    def handoff(self) -> Handoff | None:
        """The most urgent reason why they are in the queue."""
        return self.handoffs[0] if self.handoffs else None

    @property
    def within(self) -> timedelta | None:
        """What we promised them, when they got in touch by themselves."""
        return limits.ANSWER_WITHIN.get(self.handoff.kind) if self.handoff else None


def of(contact_id: int, *, now: datetime) -> Briefing:
    """The briefing for one person, in a constant number of statements.

    Raises Contact.DoesNotExist.
    """
    contact = Contact.objects.present().select_related("company", "standing").get(pk=contact_id)
    curve = temperature.in_force().rule.curve
    handoffs = sorted(
        Handoff.objects.open().filter(contact=contact),
        key=lambda one: queue.KINDS.index(Handoff.Kind(one.kind)),
    )
    calls = list(
        Call.objects.standing().filter(contact=contact).select_related("by").order_by("-at", "-pk")[:5]
    )
    replies = list(Reply.objects.filter(contact=contact, kind=Reply.Kind.HUMAN).order_by("-at", "-pk")[:3])
    clicks = _clicks(contact)
    colleagues = _colleagues(contact, now)
    purchase = Purchase.objects.filter(contact=contact, undone_at=None).order_by("-at", "-pk").first()
    opportunity = (
        Opportunity.objects.filter(contact=contact, closed_at=None)
        .select_related("stage", "owner")
        .order_by("-opened_at", "-pk")
        .first()
    )
    read = _read(clicks)
    return Briefing(
        contact=contact,
        degrees=curve.degrees(contact.standing.heat, now) or None,
        handoffs=handoffs,
        receipts=sorted(receipts.of(contact.pk, now=now), key=lambda one: (-one.now, -one.at.timestamp())),
        evidence=_frozen(handoffs),
        read=read,
        replies=replies,
        calls=calls,
        colleagues=colleagues,
        claim=Claim.objects.running(now).select_related("by").filter(contact=contact).first(),
        purchase=purchase,
        opportunity=opportunity,
        way_in=_way_in(contact),
        experience=_experience(contact),
        may_call=gate.verdict(contact.pk, channel=gate.PHONE),
        open_with=_open_with(contact, handoffs, replies, clicks, calls, now),
        ask=_ask(contact, handoffs, read, colleagues, purchase, opportunity, now),
    )


# What is known


def _clicks(contact: Contact) -> list[EngagementEvent]:
    rows = EngagementEvent.objects.filter(
        contact=contact, type=EngagementEvent.Type.CLICKED, human__gte=HUMAN
    ).exclude(what="")
    return list(rows.order_by("-at", "-pk")[:200])


def _read(clicks: Sequence[EngagementEvent]) -> Read:
    """Each piece counts once, however often they came back to it."""
    first: dict[str, EngagementEvent] = {}
    for click in clicks:
        first.setdefault(click.what, click)
    counts = Counter(click.level for click in first.values() if click.level)
    return Read(
        levels=[(level, counts[level]) for level in Level.values if counts[level]],
        titles=list(first)[:4],
    )


def _colleagues(contact: Contact, now: datetime) -> list[Colleague]:
    if contact.company_id is None:
        return []
    curve = temperature.in_force().rule.curve
    rows = (
        Contact.objects.present()
        .filter(company_id=contact.company_id, standing__heat__isnull=False)
        .exclude(pk=contact.pk)
        .select_related("standing")
        .order_by("-standing__heat", "pk")
    )
    warm = [Colleague(one, curve.degrees(one.standing.heat, now) or None) for one in rows[:COLLEAGUES]]
    return [one for one in warm if one.degrees and one.degrees >= 1]


def _frozen(handoffs: Sequence[Handoff]) -> list[Frozen]:
    kept: list[dict[str, Any]] = handoffs[0].evidence if handoffs else []
    return [
        Frozen(
            str(line.get("what", "")),
            parse_datetime(str(line.get("at", ""))),
            float(line.get("points", 0)),
            float(line.get("now", 0)),
        )
        for line in kept
        if isinstance(line, dict)
    ]


def _way_in(contact: Contact) -> str:
    """How they came to us, with the name of whoever recommended them."""
    referral = Referral.objects.filter(brought=contact).select_related("asked").first()
    if referral is not None:
        return _("%(name)s recommended them.") % {"name": referral.asked.name}
    known = contact.get_way_in_display() if contact.way_in != Contact.WayIn.OTHER else ""
    return ": ".join(part for part in (str(known).capitalize(), contact.way_in_note) if part)


def _experience(contact: Contact) -> str:
    """What this way in was worth here so far, once there are cases enough to say so."""
    if contact.way_in == Contact.WayIn.OTHER:
        return ""
    introduced = contact.way_in in INTRODUCED
    ways = INTRODUCED if introduced else (contact.way_in,)
    spoken_to = (
        Call.objects.standing().exclude(outcome=Call.Outcome.NO_ANSWER).filter(contact__way_in__in=ways)
    )
    figures = spoken_to.aggregate(
        cases=Count("contact", distinct=True),
        met=Count("contact", distinct=True, filter=Q(outcome__in=SPOKEN_OUTCOMES)),
    )
    if figures["cases"] < CASES:
        return ""
    if introduced:
        return _("An introduction led to a meeting in %(met)s of %(cases)s cases here.") % figures
    return _("This way in led to a meeting in %(met)s of %(cases)s cases here.") % figures


# What to say and to ask: rules over the rows


def _open_with(
    contact: Contact,
    handoffs: Sequence[Handoff],
    replies: Sequence[Reply],
    clicks: Sequence[EngagementEvent],
    calls: Sequence[Call],
    now: datetime,
) -> list[str]:
    said: list[str] = []
    asked = next((one for one in handoffs if one.kind in (Handoff.Kind.CALL_ME, Handoff.Kind.FORM)), None)
    if asked is not None:
        said.append(
            _("They asked for us %(when)s: “%(words)s”")
            % {"when": spoken.moment(asked.opened_at, now=now), "words": _quoted(asked.because)}
        )
    if replies and now - replies[0].at < RECENT:
        said.append(
            _("They wrote %(when)s: “%(words)s”")
            % {"when": spoken.moment(replies[0].at, now=now), "words": _quoted(replies[0].text)}
        )
    agreed = next((one for one in handoffs if one.kind in (Handoff.Kind.CALL_BACK, Handoff.Kind.RIPE)), None)
    if agreed is not None:
        said.append(
            _("We said that we would call. The note: “%(words)s”") % {"words": _quoted(agreed.because)}
        )
    if clicks and now - clicks[0].at < RECENT:
        said.append(
            _("“%(what)s”, which they opened %(when)s.")
            % {"what": clicks[0].what, "when": spoken.moment(clicks[0].at, now=now)}
        )
    noted = next((one for one in calls if one.note), None)
    if noted is not None and agreed is None:
        said.append(
            _("%(who)s noted %(when)s: “%(words)s”")
            % {
                "who": noted.by or _("A colleague"),
                "when": spoken.day(noted.at, now=now),
                "words": _quoted(noted.note),
            }
        )
    return said[:3] or [_("Nothing is known yet. Say who we are, and ask what they work with just now.")]


def _ask(
    contact: Contact,
    handoffs: Sequence[Handoff],
    read: Read,
    colleagues: Sequence[Colleague],
    purchase: Purchase | None,
    opportunity: Opportunity | None,
    now: datetime,
) -> list[str]:
    questions: list[str] = []
    if any(one.kind == Handoff.Kind.RIPE for one in handoffs):
        questions.append(_("Is the time ripe now, as they thought it would be?"))
    if opportunity is not None:
        questions += opportunity.stage.questions.splitlines()[:1]
    if purchase is not None:
        questions.append(
            _("How is it going with what they bought %(when)s?") % {"when": spoken.day(purchase.at, now=now)}
        )
    warm = sum(1 for one in colleagues if one.degrees and one.degrees >= WARM)
    if warm:
        questions.append(
            ngettext(
                "Who else decides? %(number)s colleague reads too.",
                "Who else decides? %(number)s colleagues read too.",
                warm,
            )
            % {"number": warm}
        )
    reached = {level for level, _number in read.levels}
    if Level.BOFU in reached:
        questions.append(_("When do they have to decide, and what would make them say no?"))
    elif Level.MOFU in reached:
        questions.append(_("What are they comparing us with?"))
    elif Level.TOFU in reached:
        questions.append(_("What made them look into this now?"))
    return questions[:3] or [_("Who in the company works with this, and how do they solve it today?")]


def _quoted(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1].rstrip() + "…"
