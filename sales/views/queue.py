"""Today: one person to call, why now, and the list of those who wait."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from contacts import clock, roles
from contacts.models import Contact
from sales import dates
from sales.forms.call import MORE, OutcomeForm
from sales.models import Call
from sales.queries import briefing, queue
from sales.queries import call as calls

Outcome = Call.Outcome
LIVE = "live"
NOT_HOT_REASONS = (
    gettext_lazy("Only curious"),
    gettext_lazy("A student or a competitor"),
    gettext_lazy("Read it for somebody else"),
    gettext_lazy("Has bought elsewhere"),
)


@dataclass(frozen=True, slots=True)
class Button:
    """An outcome with its key."""

    key: str
    outcome: str
    label: str
    tone: str = ""


@roles.require(roles.SALESPERSON, roles.MARKETER, roles.ADMIN)
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The card and the list. Looking changes nothing."""
    who, after = request.GET.get("who", ""), request.GET.get("after", "")
    return page(
        request,
        contact_id=_id(who),
        lane=request.GET.get("lane", ""),
        after=_id(after),
        now=clock.now(),
    )


def _id(said: str) -> int | None:
    """The number in an address; one that no row can have is nobody's (0), what is no number is left out."""
    if not said.isdecimal():
        return None
    return int(said) if len(said) < 19 else 0


def page(
    request: HttpRequest,
    *,
    now: datetime,
    contact_id: int | None = None,
    lane: str = "",
    after: int | None = None,
    form: OutcomeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or only its work for htmx: with a card, or with the one thing to do when nobody waits."""
    user_id = request.user.pk
    waiting = queue.of(now=now, lane=lane)
    if contact_id is None:
        first = waiting.first_for(user_id)
        contact_id = first.contact.pk if first else None
    context: dict[str, Any] = {
        "queue": waiting,
        "after": calls.aftermath(after, by_id=user_id, now=now) if after is not None else None,
        "may_act": roles.has(request.user, roles.SALESPERSON),
        "live_url": here(lane=lane, who=contact_id, after=after, **{LIVE: 1}),
    }
    place = waiting.at(contact_id) if contact_id is not None else None
    current = waiting.lane or (waiting.people[place].handoff.kind if place is not None else "")
    context["lanes"] = [_lane(one, current) for one in waiting.lanes if one.count]
    if contact_id is not None:
        context |= _card(contact_id, user_id, waiting, form or OutcomeForm(now=now), now)
    answer = render(request, f"sales/queue/{_template(request)}", context, status=status)
    if request.headers.get("HX-Request") and LIVE not in request.GET:
        answer["HX-Replace-Url"] = here(lane=lane, who=contact_id, after=after)
    return answer


def here(**parameters: Any) -> str:
    """The address of the page with what is known of `lane`, `who` and `after`."""
    known = {name: value for name, value in parameters.items() if value}
    return reverse("sales:today") + (f"?{urlencode(known)}" if known else "")


def go(request: HttpRequest, **parameters: Any) -> HttpResponse:
    """Back to the page after a change."""
    return redirect(here(**{"lane": request.POST.get("lane", "")} | parameters))


def _template(request: HttpRequest) -> str:
    if not request.headers.get("HX-Request"):
        return "today.html"
    return "_today.html" if LIVE in request.GET else "_work.html"  # looking again takes no message away


def _lane(lane: queue.Lane, current: str) -> dict[str, Any]:
    return {
        "label": lane.label, "count": lane.count, "url": here(lane=lane.kind), "current": lane.kind == current,
    }  # fmt: skip


def _card(
    contact_id: int, user_id: int | None, waiting: queue.Queue, form: OutcomeForm, now: datetime
) -> dict[str, Any]:
    try:
        brief = briefing.of(contact_id, now=now)
    except Contact.DoesNotExist:
        raise Http404 from None
    place = waiting.at(contact_id)
    people = waiting.people
    before = people[place - 1] if place else None
    behind = people[place + 1 if place is not None else 0 :][:1]
    following = behind[0] if behind else None
    ask = form.asks if form.is_bound else ""
    country = brief.contact.country
    return {
        "brief": brief,
        "is_mine": brief.claim is not None and brief.claim.by_id == user_id,
        "is_taken": brief.claim is not None and brief.claim.by_id != user_id,
        "next_url": here(lane=waiting.lane, who=following.contact.pk) if following else "",
        "back_url": here(lane=waiting.lane, who=before.contact.pk) if before else "",
        "form": form,
        "ask": ask,
        "buttons": _buttons(),
        "more": _more(),
        "days": {Outcome.FOLLOW_UP: dates.soon, Outcome.NOT_NOW: dates.later}[Outcome(ask)](now, country)
        if ask in (Outcome.FOLLOW_UP, Outcome.NOT_NOW)
        else [],
        "reasons": NOT_HOT_REASONS if ask == Outcome.NOT_HOT else (),
        "pressed": dict(form.fields["outcome"].choices).get(ask, ""),  # type: ignore[attr-defined]
    }


def _buttons() -> list[Button]:
    return [
        Button("1", Outcome.MEETING, _("Meeting"), "good"),
        Button("2", Outcome.FOLLOW_UP, _("Follow up…")),
        Button("3", Outcome.NOT_NOW, _("Not now…")),
        Button("4", Outcome.NO_ANSWER, _("No answer")),
        Button("5", Outcome.WRONG_PERSON, _("Wrong person")),
        Button("6", Outcome.NOT_HOT, _("Not hot…")),
        Button("7", MORE, _("More…"), "quiet"),
    ]


def _more() -> list[Button]:
    return [
        Button("1", Outcome.BOUGHT, _("Bought"), "good"),
        Button("2", Outcome.OPPORTUNITY, _("Opportunity, no meeting yet")),
        Button("3", Outcome.DO_NOT_CALL, _("Do not call, mail is fine")),
        Button("4", Outcome.NOT_INTERESTED, _("Not interested: no mail, no calls")),
    ]
