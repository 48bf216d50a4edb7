"""What an outcome led to, in one sentence that says what happens next."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts import spoken
from contacts.models import Contact
from nurturing.models import Reminder
from sales import limits
from sales.models import Call, Opportunity, Purchase

Outcome = Call.Outcome


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The line under the card: who, what happens, and the one thing that could be done next."""

    call: Call
    contact: Contact
    words: str
    opportunity_id: int | None = None
    purchase_id: int | None = None
    names_another: bool = False


def aftermath(call_id: int, *, by_id: int | None, now: datetime) -> Aftermath | None:
    """The sentence for a call that this colleague wrote and that stands."""
    call = Call.objects.standing().filter(pk=call_id, by_id=by_id).select_related("contact").first()
    if call is None:
        return None
    return Aftermath(
        call=call,
        contact=call.contact,
        words=_words(call, now),
        opportunity_id=_existing(Opportunity, call.before.get("opportunity")),
        purchase_id=_existing(Purchase, call.before.get("purchase")),
        names_another=call.outcome == Outcome.WRONG_PERSON,
    )


def _existing(model: type[Opportunity] | type[Purchase], pk: int | None) -> int | None:
    return pk if pk is not None and model.objects.filter(pk=pk).exists() else None


def _words(call: Call, now: datetime) -> str:
    match call.outcome:
        case Outcome.MEETING | Outcome.OPPORTUNITY:
            return _("is with you now. No mails go out while the opportunity is open.")
        case Outcome.FOLLOW_UP | Outcome.NOT_NOW:
            return _("is back in the silo. We call again %(day)s.") % {"day": _day(call, now)}
        case Outcome.NO_ANSWER:
            return _no_answer(call, now)
        case Outcome.WRONG_PERSON:
            if call.because == Call.LEFT:
                return _("has left the company: no mails and no calls any more.")
            return _("is back in the silo.")
        case Outcome.NOT_HOT:
            return _("is back in the silo, and comes again when they show new interest themselves.")
        case Outcome.NOT_INTERESTED:
            return _("gets no mails and no calls any more.")
        case Outcome.DO_NOT_CALL:
            return _("gets no calls any more. Mails go on.")
        case Outcome.BOUGHT:
            return _("is a customer now.")
        case _other:
            return str(call.get_outcome_display())


def _no_answer(call: Call, now: datetime) -> str:
    reminder = Reminder.objects.filter(pk=call.before.get("reminder")).first()
    if reminder is None:
        tries = limits.no_answer_tries()
        return ngettext(
            "did not answer. Back in the silo; comes again when they show new interest.",
            "did not answer %(tries)s times. Back in the silo; comes again when they show new interest.",
            tries,
        ) % {"tries": tries}
    return _("did not answer. Back in the queue %(day)s.") % {"day": spoken.long_day(reminder.at, now=now)}


def _day(call: Call, now: datetime) -> str:
    return spoken.long_day(call.until, now=now) if call.until else ""


def called_since(before: datetime) -> QuerySet[Contact]:
    """People whom somebody called after that moment."""
    return Contact.objects.filter(pk__in=Call.objects.filter(at__gte=before).values("contact"))
