"""Double opt-in: somebody puts in an address, its owner says yes. Only then there is a consent, with its proof.

Whether we know the address is never shown: known, unknown and stopped people get the same page, and the gate decides
about the mail. An imported person is not asked by us for a consent unless we may write to them anyway: that question is
advertising itself.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from contacts.models import Contact, LegalGround, Suppression, Topic
from contacts.queries import gate
from contacts.reading import addresses
from contacts.services import audit, ground, suppression
from contacts.services import contact as contacts
from nurturing.content import answers
from nurturing.models import Confirmation, Enrollment, JoinForm
from nurturing.queries import confirmation as queries
from nurturing.services import asking, enrollment, rhythm

EXPIRES = timedelta(days=7)
A_DAY, A_MONTH = timedelta(days=1), timedelta(days=30)
MAILS_A_DAY, MAILS_A_MONTH = 2, 5
# What a person's own yes takes back. A colleague's stop and a bounce are not theirs to lift.
TAKEN_BACK = frozenset(
    {Suppression.Reason.UNSUBSCRIBED, Suppression.Reason.OPTED_OUT_IN_LIST, Suppression.Reason.ERASED}
)
P, G = LegalGround.Purpose, LegalGround.Ground


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody put into the form."""

    email: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    topic_ids: tuple[int, ...] = ()
    rhythm_days: float | None = None
    invitations: bool = False


class NotAllowed(Exception):
    """We may not ask this person: `verdict` says why."""

    def __init__(self, verdict: gate.Verdict) -> None:
        super().__init__(verdict.words)
        self.verdict = verdict


class NotOpen(Exception):
    """The question was answered, or its time has run out."""


@transaction.atomic
def ask(*, form: JoinForm, wish: Wish, ip: str, now: datetime) -> Confirmation | None:
    """Somebody wants to hear from us: a mail asks the owner of the address. None when it was asked often enough.

    Raises values.Problem for an address that cannot be right.
    """
    address = addresses.address(wish.email)
    known = Contact.objects.present().select_for_update().filter(email_key=address.lower()).first()
    made = False
    if known is None:
        known, made = _stranger(address, wish, form, now=now)
    if not made and _asked_enough(known, now=now):
        return None
    return _question(
        contact=known, form=form, now=now, asked_ip=ip[:45], made_contact=made, topic_ids=list(wish.topic_ids),
        rhythm_days=wish.rhythm_days,
        invitation_wording=form.invitation_wording if wish.invitations else "",
    )  # fmt: skip


def _stranger(address: str, wish: Wish, form: JoinForm, *, now: datetime) -> tuple[Contact, bool]:
    try:
        made = contacts.add(
            now=now, email=address, first_name=wish.first_name, last_name=wish.last_name, company=wish.company,
            obtained=Contact.Obtained.SELF, way_in=Contact.WayIn.FORM, way_in_note=form.name,
            language=form.language, ground=G.NONE, ground_source=form.name,
        )  # fmt: skip
    except contacts.AlreadyHere as here:  # under a further address of theirs
        return Contact.objects.get(pk=here.contact_id), False
    return made, True


def _asked_enough(contact: Contact, *, now: datetime) -> bool:
    asked = Confirmation.objects.filter(contact=contact)
    return (
        asked.filter(asked_at__gt=now - A_DAY).count() >= MAILS_A_DAY
        or asked.filter(asked_at__gt=now - A_MONTH).count() >= MAILS_A_MONTH
    )


@transaction.atomic
def ask_known(*, contact_id: int, form: JoinForm, by: Any, now: datetime) -> Confirmation:
    """A colleague asks somebody for a consent. Raises NotAllowed: without a ground for advertising, that question is
    forbidden.
    """
    contact = Contact.objects.present().select_for_update().get(pk=contact_id)
    verdict = gate.verdict(contact_id)
    if not verdict.allowed:
        raise NotAllowed(verdict)
    if _asked_enough(contact, now=now):
        raise NotOpen
    audit.write(
        verb="consent.asked", now=now, by=by, contact_id=contact_id, object_type="form", object_id=form.pk
    )
    return _question(contact=contact, form=form, now=now, by=by)


def _question(
    *, contact: Contact, form: JoinForm, now: datetime, by: Any = None, **more: Any
) -> Confirmation:
    made = Confirmation.objects.create(
        kind=Confirmation.Kind.JOIN, contact=contact, form=form, asked_at=now, expires_at=now + EXPIRES, by=by,
        wording=form.wording, **more,
    )  # fmt: skip
    made.send_id = asking.plan(
        contact=contact,
        kind=answers.JOIN if by is None else answers.ASK,
        key=f"confirm:{made.pk}",
        language=form.language,
        sender_id=form.sender_id,
        now=now,
    )
    made.save(update_fields=["send"])
    return made


@transaction.atomic
def confirm(*, confirmation_id: int, ip: str, now: datetime) -> Confirmation:
    """The owner of the address said yes: the consent is stored with wording, moment, address of their machine and the
    mail that asked; their own stops are taken back; the sequence begins. Raises NotOpen.
    """
    one = queries.locked(confirmation_id)
    if (
        one.kind != Confirmation.Kind.JOIN
        or not one.is_open(now)
        or one.form is None
        or one.contact.erased_at
    ):
        raise NotOpen
    one.answered_at, one.answered_ip = now, ip[:45]
    one.save(update_fields=["answered_at", "answered_ip"])
    _take_stops_back(one.contact, now=now)
    source = f"{one.form.name}, mail {one.send_id or '–'}"
    said = {P.MARKETING: one.wording, P.INVITATION: one.invitation_wording}
    for purpose, wording in said.items():
        if wording:
            ground.keep(
                contact_id=one.contact_id, ground=G.CONSENT, purpose=purpose, at=now, now=now, source=source,
                wording=wording, ip=ip,
            )  # fmt: skip
    contacts.mark_informed(contact_ids=[one.contact_id], now=now)
    one.contact.topics.add(*Topic.objects.filter(pk__in=one.topic_ids))
    if one.rhythm_days:
        rhythm.wish(contact_id=one.contact_id, days=one.rhythm_days, now=now)
    audit.write(
        verb="consent.confirmed",
        now=now,
        contact_id=one.contact_id,
        object_type="form",
        object_id=one.form_id,
    )
    _begin_sequence(one, now=now)
    return one


def _take_stops_back(contact: Contact, *, now: datetime) -> None:
    for row in suppression.in_force_on(email=contact.email, phone="").filter(
        reason__in=TAKEN_BACK, channel__in=(Suppression.Channel.MAIL, Suppression.Channel.ALL)
    ):
        suppression.lift(suppression_id=row.pk, by=None, now=now)


def _begin_sequence(one: Confirmation, *, now: datetime) -> None:
    form = one.form
    if form is None or form.sequence_id is None:
        return
    live = form.sequence is not None and form.sequence.live_version_id and form.sequence.archived_at is None
    running = Enrollment.objects.filter(contact=one.contact_id, sequence_id=form.sequence_id, ended_at=None)
    if live and not running.exists():
        enrollment.start(
            contact_ids=[one.contact_id], sequence_id=form.sequence_id, by=None, source=form.name, now=now
        )


@transaction.atomic
def save_form(*, form: JoinForm, topics: Collection[Topic], by: Any, now: datetime) -> JoinForm:
    """Keep a form; who agreed to an earlier wording keeps that one."""
    made = form.pk is None
    if made:
        form.slug = f"{slugify(form.name)[:40] or 'form'}-{secrets.token_hex(3)}"
        form.made_at = now
    form.changed_at, form.by = now, by
    form.save()
    form.topics.set(topics)
    verb = "form.made" if made else "form.changed"
    audit.write(verb=verb, now=now, by=by, object_type="form", object_id=form.pk)
    return form


def set_open(*, form: JoinForm, is_open: bool, by: Any, now: datetime) -> None:
    """Close the public page, or open it again. Mails that are under way can still be answered."""
    form.closed_at = None if is_open else now
    form.save(update_fields=["closed_at"])
    verb = "form.opened" if is_open else "form.closed"
    audit.write(verb=verb, now=now, by=by, object_type="form", object_id=form.pk)
