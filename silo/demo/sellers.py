"""What the salespeople of the demo do: call those who wait, and carry what comes of it to an end."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from nurturing.models import Handoff
from sales.models import Call, Opportunity, Stage
from sales.services import claim, opportunity, outcome, referral
from silo.demo.people import Somebody
from silo.models import User

LEFT_FOR_THE_READER = timedelta(days=9)  # whoever got hot after that waits in the queue of the demo
NOTES = (
    "Budget after the summer. Wants to see the case first.",
    "Uses spreadsheets today, two people full time. Decides with the factory manager.",
    "Has a contract until spring, open after that.",
    "Liked the piece on spare parts. Asked what the start costs.",
    "",
)
OUTCOMES = {  # how often a call ends so, in hundredths
    Call.Outcome.MEETING: 16,
    Call.Outcome.OPPORTUNITY: 5,
    Call.Outcome.FOLLOW_UP: 16,
    Call.Outcome.NOT_NOW: 24,
    Call.Outcome.NO_ANSWER: 22,
    Call.Outcome.NOT_HOT: 8,
    Call.Outcome.WRONG_PERSON: 3,
    Call.Outcome.NOT_INTERESTED: 4,
    Call.Outcome.DO_NOT_CALL: 2,
}


class Sellers:
    """The colleagues who call. `next_person` is whom a happy customer names, `met` is told of them."""

    def __init__(
        self,
        *,
        chance: random.Random,
        callers: list[User],
        until: datetime,
        next_person: Callable[[], Somebody],
        met: Callable[[list[Somebody]], None],
    ) -> None:
        self.chance, self.callers, self.until = chance, callers, until
        self._next_person, self._met = next_person, met

    def call(self, now: datetime) -> None:
        """Each caller takes a few from the queue; the last nine days are left for whoever opens the demo."""
        if now > self.until - LEFT_FOR_THE_READER:
            return
        waiting = Handoff.objects.open().order_by("opened_at").values_list("contact_id", flat=True)
        for contact_id in list(dict.fromkeys(waiting))[: self.chance.randrange(6, 13)]:
            caller = self.chance.choice(self.callers)
            try:
                claim.take(contact_id=contact_id, by=caller, now=now)
            except claim.Taken:
                continue
            self._outcome(contact_id, caller, now)

    def _outcome(self, contact_id: int, caller: User, now: datetime) -> None:
        chance, kinds = self.chance, Call.Outcome
        chosen = chance.choices(tuple(OUTCOMES), weights=tuple(OUTCOMES.values()))[0]
        days = chance.choice((10, 14, 30, 60, 90, 120))
        outcome.record(
            contact_id=contact_id,
            by=caller,
            outcome=chosen,
            now=now,
            note=chance.choice(NOTES),
            until=(now + timedelta(days=days)).date() if chosen in (kinds.FOLLOW_UP, kinds.NOT_NOW) else None,
            because="student" if chosen == kinds.NOT_HOT else "",
            value=Decimal(chance.choice((48_000, 75_000, 120_000, 180_000, 260_000))),
        )

    def sell(self, now: datetime) -> None:
        """Open opportunities move on, are lost, or are won; a happy customer names somebody."""
        stages = list(Stage.objects.filter(kind=Stage.Kind.OPEN).order_by("position"))
        for deal in (
            Opportunity.objects.filter(closed_at=None)
            .select_related("stage", "owner", "contact")
            .order_by("id")
        ):
            draw, owner = self.chance.random(), deal.owner or self.callers[0]
            if draw < 0.012:
                opportunity.lose(
                    opportunity_id=deal.pk, revision=deal.revision, by=owner, now=now, because="chose to wait"
                )
            elif draw < 0.075:
                later = [stage for stage in stages if stage.position > deal.stage.position]
                if later:
                    opportunity.move(
                        opportunity_id=deal.pk,
                        stage_id=later[0].pk,
                        revision=deal.revision,
                        by=owner,
                        now=now,
                    )
                else:
                    self._win(deal, owner, now)

    def _win(self, deal: Opportunity, owner: User, now: datetime) -> None:
        outcome.record(
            contact_id=deal.contact_id, by=owner, outcome=Call.Outcome.BOUGHT, now=now, opportunity_id=deal.pk,
            what="Maintenance planning, 12 users", value=deal.value, note="Starts next month.",
        )  # fmt: skip
        if self.chance.random() < 0.4:
            named = self._next_person()
            referral.bring(
                asked_id=deal.contact_id, by=owner, now=now, first_name=named.first_name, last_name=named.last_name,
                email=named.email, phone=named.phone, title=named.title, company=named.firm.name,
            )  # fmt: skip
            self._met([named])
