"""A mail as somebody would get it: any contact, or one of the awkward people every list holds."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from contacts.models import Contact
from nurturing.content import fields, rendering, words
from nurturing.content.compiling import Compiled
from nurturing.models import Enrollment, Sender, Step
from nurturing.planning import calendar, planner, position
from nurturing.queries import merge, sender
from nurturing.queries import position as positions

SIMULATED_WEEKS = 60

AWKWARD: dict[str, tuple[StrOrPromise, dict[str, str]]] = {
    "no-first-name": (_("No first name"), {"first_name": ""}),
    "long-name": (
        _("A name of 80 letters"),
        {
            "first_name": "Maximiliana-Wilhelmina-Karolina-Theodora",
            "last_name": "Österströmsgård-Überschwänglich-Ærlighet",
        },
    ),
    "html": (
        _("HTML in the name"),
        {"first_name": "<b>Anna</b>", "last_name": '"><img src=x onerror=alert(1)>'},
    ),
    "no-company": (_("No company"), {"company": "", "title": "", "city": ""}),
}


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody to preview as, with the ways to the next and the one before."""

    code: str  # a contact's id, or a key of AWKWARD, or "sample"
    name: StrOrPromise
    merge: fields.Merge
    previous: str
    next: str
    ground: str = ""
    source: str = ""
    contact_id: int | None = None

    @property
    def is_real(self) -> bool:
        return self.contact_id is not None


def who(code: str, *, language: str, prefer_sequence: int | None = None) -> Who:
    """The person named by `code`; without one, somebody of the sequence, else the newest contact, else the
    sample.
    """
    we = sender.choose(sender.all_senders(), language=language)
    if code in AWKWARD or code == "sample":
        return _awkward(code, we)
    if code.isdecimal() and len(code) < 19:
        found = _people().filter(pk=int(code)).first()
    else:
        inside = Enrollment.objects.active().filter(sequence_id=prefer_sequence or 0)
        found = _people().filter(enrollments__in=inside).first() or _people().last()
    return _real(found, we) if found else _awkward("sample", we)


def show(compiled: Compiled, person: Who) -> rendering.Preview:
    """The mail for this person, missing fields in red."""
    we = sender.choose(sender.all_senders(), language=compiled.language)
    return rendering.preview(compiled, person.merge, footer(we, person, compiled.language))


def footer(we: Sender | None, person: Who, language: str) -> rendering.Footer:
    """The foot of a preview, also before the sender is set up."""
    company = (we.company or we.name) if we else str(_("(your company: not set up yet)"))
    return rendering.Footer(
        company=company,
        postal_address=we.postal_address if we else "",
        org_number=we.org_number if we else "",
        why=words.why(person.ground or "legitimate_interest", language, company=company),
        source=words.source(person.source, language),
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """When somebody would get a step, in their own zone; `reason` when they would not."""

    at: datetime | None
    zone: str = ""
    hypothetical: bool = False  # they are not in the sequence: as if they came in now
    reason: str = ""


def moment(contact_id: int, *, sequence_id: int, steps: list[Step], step_key: str, now: datetime) -> Moment:
    """When this person would get this step, by the planner's own simulation."""
    snapshot = positions.load([contact_id])
    if contact_id not in snapshot.rows:
        return Moment(None)
    person, place = snapshot.of(contact_id)
    inside = place.enrollment is not None and place.enrollment.sequence_id == sequence_id
    if not inside:
        run = position.ActiveEnrollment(0, sequence_id, started_at=now)
        place = place._replace(enrollment=run, waiting=())
    drawn = tuple(position.Step(s.key, s.days, s.wait == Step.Wait.RHYTHM, s.pk) for s in steps)
    former = snapshot.content.sequences[sequence_id].former if inside else ()
    plan = replace(
        snapshot.content,
        sequences={**snapshot.content.sequences, sequence_id: position.Sequence(sequence_id, drawn, former)},
    )
    rule = snapshot.in_force.rule
    reason = person.stopped or person.mail
    if not reason:
        for planned in planner.simulate(person, place, plan, rule, now, weeks=SIMULATED_WEEKS):
            decision = planned.decision
            if decision.what == planner.What.STEP and decision.step_key == step_key:
                zone = person.calendar.zone
                at = planned.at.astimezone(calendar.zone_of(zone))
                return Moment(at, _city(zone), hypothetical=not inside)
    return Moment(None, hypothetical=not inside, reason=reason)


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _people() -> QuerySet[Contact]:
    return Contact.objects.present().filter(email__isnull=False).order_by("pk")


def _real(contact: Contact, we: Sender | None) -> Who:
    before = _people().filter(pk__lt=contact.pk).values_list("pk", flat=True).last()
    after = _people().filter(pk__gt=contact.pk).values_list("pk", flat=True).first()
    ground = contact.grounds.filter(purpose="marketing").first()
    tell = contact.obtained == Contact.Obtained.LIST and contact.informed_at is None
    return Who(
        code=str(contact.pk),
        name=contact.name,
        merge=merge.of({contact.pk: we})[contact.pk],
        previous=str(before) if before else list(AWKWARD)[-1],
        next=str(after) if after else next(iter(AWKWARD)),
        ground=ground.ground if ground else "",
        source=ground.source if ground and tell else "",
        contact_id=contact.pk,
    )


def _awkward(code: str, we: Sender | None) -> Who:
    label, changes = AWKWARD.get(code, (_("Anna Lind (made up)"), {}))
    person = {**fields.SAMPLE["contact"], **changes}
    person["name"] = f"{person['first_name']} {person['last_name']}".strip()
    codes = list(AWKWARD)
    place = codes.index(code) if code in codes else -1
    newest = _people().values_list("pk", flat=True).last()
    oldest = _people().values_list("pk", flat=True).first()
    return Who(
        code=code,
        name=label,
        merge={**fields.SAMPLE, "contact": person, "sender": merge.sender(we) or fields.SAMPLE["sender"]},
        previous=codes[place - 1] if place > 0 else str(newest or codes[-1]),
        next=codes[place + 1] if place + 1 < len(codes) else str(oldest or codes[0]),
    )
