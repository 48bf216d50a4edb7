"""Sequences: their description, their draft, and what is live.

A draft is made by the first edit after a publication, as a copy of what is live. Publishing numbers it;
undoing that puts
the version before it back and keeps the words as the draft. People in a sequence always follow what is live.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from contacts.models import AuditEvent, LegalGround
from nurturing.content import draft
from nurturing.models import Enrollment, Sequence, SequenceVersion, Step
from nurturing.services import mail_version, standing, waiting

WORDS = ("wait", "days", "level", "topic_id", "language", "subject", "preheader", "body")
MOST_STEPS = 50
_KEY_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class NameTaken(Exception):
    """Another sequence has this name."""


class EditedMeanwhile(Exception):
    """Somebody else saved this step after the page was opened; `step` is what they wrote."""

    def __init__(self, step: Step) -> None:
        super().__init__(_("Somebody else changed this mail while you wrote."))
        self.step = step


class NotReady(Exception):
    """The draft cannot be published; `reasons` are sentences, each with the key of its step ("" for the
    whole).
    """

    def __init__(self, reasons: Iterable[tuple[str, str]]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(words for _key, words in self.reasons))


class NothingToUndo(Exception):
    """There is no publication to take back."""


@dataclass(frozen=True, slots=True)
class Published:
    """What went live."""

    version: SequenceVersion
    steps: int
    people: int


def fingerprint(step: Step) -> str:
    """What the page remembers about the step that it shows."""
    return draft.fingerprint(*(getattr(step, word) for word in WORDS))


@transaction.atomic
def make(
    *,
    name: str,
    purpose: str = "",
    stops_when: Collection[str] = tuple(Sequence.StopsWhen.values),
    priority: int = 50,
    mail_purpose: str = LegalGround.Purpose.MARKETING,
    by: AbstractBaseUser | None,
    now: datetime,
) -> Sequence:
    """A new sequence without steps, not live."""
    _refuse_taken(name, None)
    made = Sequence.objects.create(
        name=name,
        purpose=purpose,
        stops_when=list(stops_when),
        priority=priority,
        mail_purpose=mail_purpose,
        made_at=now,
        made_by_id=_id(by),
    )
    _audit("sequence.made", made, by, now)
    return made


@transaction.atomic
def describe(*, sequence_id: int, by: AbstractBaseUser | None, now: datetime, **changes: Any) -> Sequence:
    """Change name, purpose, priority, longest wait, stop rules or what its mails are for the law: these count at once,
    also for those in it.
    """
    sequence = Sequence.objects.select_for_update().get(pk=sequence_id)
    allowed = ("name", "purpose", "priority", "waits_at_most_days", "stops_when", "mail_purpose")
    changed = [field for field in allowed if field in changes and getattr(sequence, field) != changes[field]]
    if "name" in changed:
        _refuse_taken(changes["name"], sequence_id)
    for field in changed:
        setattr(sequence, field, changes[field])
    if changed:
        sequence.save(update_fields=changed)
        if "priority" in changed:
            Enrollment.objects.waiting().filter(sequence=sequence).update(priority=sequence.priority)
        _audit("sequence.described", sequence, by, now, fields=changed)
    return sequence


@transaction.atomic
def add_step(
    *,
    sequence_id: int,
    by: AbstractBaseUser | None,
    now: datetime,
    position: int | None = None,
    key: str = "",
    **words: Any,
) -> Step:
    """A new step in the draft, at the end or at `position` (from 0)."""
    version = _draft(sequence_id, by, now)
    steps = list(version.steps.order_by("position"))
    if len(steps) >= MOST_STEPS:
        raise NotReady([("", _("A sequence has at most %(most)s steps.") % {"most": MOST_STEPS})])
    taken = set(Step.objects.filter(version__sequence_id=sequence_id).values_list("key", flat=True))
    step = Step(
        version=version,
        key=key if key and key not in {one.key for one in steps} else _new_key(taken),
        position=len(steps),
        **{"language": steps[-1].language if steps else "sv", "days": 7 if steps else 0} | words,
    )
    step.save()
    if position is not None and position < len(steps):
        steps.insert(max(position, 0), step)
        _number(steps)
    _touch(version, by, now)
    return step


@transaction.atomic
def edit_step(
    *,
    sequence_id: int,
    step_key: str,
    seen: str,
    by: AbstractBaseUser | None,
    now: datetime,
    **words: Any,
) -> Step:
    """Change the words or the wait of one step of the draft.

    `seen` is the fingerprint of the step as the author opened it. Raises EditedMeanwhile when somebody
    saved another text
    since; nothing is written then. Raises Step.DoesNotExist when the step was taken out meanwhile.
    """
    version = _draft(sequence_id, by, now)
    step = version.steps.select_for_update().get(key=step_key)
    changes = {word: value for word, value in words.items() if word in WORDS and getattr(step, word) != value}
    if not changes:
        return step
    if seen != fingerprint(step):
        raise EditedMeanwhile(step)
    for word, value in changes.items():
        setattr(step, word, value)
    step.save(update_fields=list(changes))
    _touch(version, by, now)
    return step


@transaction.atomic
def move_step(
    *, sequence_id: int, step_key: str, by_places: int, by: AbstractBaseUser | None, now: datetime
) -> Step:
    """Move a step of the draft up (negative) or down. People who have had it never get it again."""
    version = _draft(sequence_id, by, now)
    steps = list(version.steps.order_by("position"))
    step = next((one for one in steps if one.key == step_key), None)
    if step is None:
        raise Step.DoesNotExist(step_key)
    place = steps.index(step)
    steps.remove(step)
    steps.insert(min(max(place + by_places, 0), len(steps)), step)
    _number(steps)
    _touch(version, by, now)
    return step


@transaction.atomic
def remove_step(
    *, sequence_id: int, step_key: str, by: AbstractBaseUser | None, now: datetime
) -> dict[str, Any]:
    """Take a step out of the draft. Returns what `add_step` needs to put it back."""
    version = _draft(sequence_id, by, now)
    step = version.steps.get(key=step_key)
    kept = {"key": step.key, "position": step.position} | {word: getattr(step, word) for word in WORDS}
    step.delete()
    _number(list(version.steps.order_by("position")))
    _touch(version, by, now)
    return kept


@transaction.atomic
def discard(*, sequence_id: int, by: AbstractBaseUser | None, now: datetime) -> None:
    """Throw the draft away; what is live stays as it is."""
    sequence = _locked(sequence_id)
    if sequence.live_version_id is None:
        raise NothingToUndo(_("This draft is all there is: nothing is live yet."))
    SequenceVersion.objects.filter(sequence=sequence, number=None).delete()
    _audit("sequence.draft_discarded", sequence, by, now)


@transaction.atomic
def publish(*, sequence_id: int, by: AbstractBaseUser | None, now: datetime) -> Published:
    """Make the draft live: compile every mail, give the version a number, and look again at everyone in the
    sequence.

    Raises NotReady with every reason at once; nothing changes then.
    """
    sequence = _locked(sequence_id)
    version = SequenceVersion.objects.filter(sequence=sequence, number=None).first()
    steps = list(version.steps.order_by("position")) if version else []
    if version is None:
        raise NotReady([("", _("Nothing has changed since the last publication."))])
    if not steps:
        raise NotReady([("", _("Write a mail first: a sequence needs at least one step."))])
    _compile(sequence, steps, by, now)
    last = sequence.versions.order_by("-number").filter(number__isnull=False).first()
    version.number = (last.number or 0) + 1 if last else 1
    version.published_at, version.published_by_id = now, _id(by)
    version.save(update_fields=["number", "published_at", "published_by"])
    people = _go_live(sequence, version, now)
    _audit("sequence.published", sequence, by, now, version=version.number)
    return Published(version, len(steps), people)


@transaction.atomic
def undo_publish(*, sequence_id: int, by: AbstractBaseUser | None, now: datetime) -> SequenceVersion | None:
    """Put the version before the live one back. What was live is the draft again, unless a newer draft
    exists.

    Returns what is live now, None when nothing is. Mails that left in between stay sent, and nobody gets a
    step twice.
    """
    sequence = _locked(sequence_id)
    live = sequence.live_version
    if live is None or live.number is None:
        raise NothingToUndo(_("Nothing is live."))
    if not SequenceVersion.objects.filter(sequence=sequence, number=None).exists():
        _copy(live, sequence, by, now)
    before = sequence.versions.filter(number__lt=live.number).order_by("-number").first()
    _go_live(sequence, before, now)
    _audit("sequence.publish_undone", sequence, by, now, version=live.number)
    return before


# Inside


def _locked(sequence_id: int) -> Sequence:
    return Sequence.objects.select_for_update(of=("self",)).select_related("live_version").get(pk=sequence_id)


def _draft(sequence_id: int, by: AbstractBaseUser | None, now: datetime) -> SequenceVersion:
    """The draft, copied from what is live when there is none; the sequence is locked, so edits queue up."""
    sequence = _locked(sequence_id)
    found = SequenceVersion.objects.filter(sequence=sequence, number=None).first()
    return found or _copy(sequence.live_version, sequence, by, now)


def _copy(
    source: SequenceVersion | None, sequence: Sequence, by: AbstractBaseUser | None, now: datetime
) -> SequenceVersion:
    made = SequenceVersion.objects.create(sequence=sequence, made_at=now, edited_at=now, edited_by_id=_id(by))
    steps = list(source.steps.order_by("position")) if source else []
    for step in steps:
        step.pk, step.version, step.mail = None, made, None
        step._state.adding = True
    Step.objects.bulk_create(steps)
    return made


def _compile(sequence: Sequence, steps: list[Step], by: AbstractBaseUser | None, now: datetime) -> None:
    live = sequence.live_version
    known = {step.key: step.mail for step in live.steps.select_related("mail")} if live else {}
    reasons: list[tuple[str, str]] = []
    for number, step in enumerate(steps, start=1):
        try:
            step.mail = mail_version.keep(
                subject=step.subject,
                preheader=step.preheader,
                body=step.body,
                language=step.language,
                by=by,
                now=now,
                live=known.get(step.key),
            )
        except mail_version.Unpublishable as error:
            reasons += [
                (
                    step.key,
                    _("Step %(number)s: %(why)s") % {"number": number, "why": mail_version.in_words(one)},
                )
                for one in error.problems
            ]
    if reasons:
        raise NotReady(reasons)
    Step.objects.bulk_update(steps, ["mail"])


def _go_live(sequence: Sequence, version: SequenceVersion | None, now: datetime) -> int:
    """Switch, and let the clock look again at everyone in the sequence."""
    sequence.live_version = version
    sequence.save(update_fields=["live_version"])
    inside = Enrollment.objects.filter(sequence=sequence, ended_at=None).order_by("contact_id")
    contact_ids = standing.lock(inside.values_list("contact_id", flat=True))
    if version is not None:
        waiting.follow_steps(version, now=now)
    standing.recompute(contact_ids, now=now)
    return len(contact_ids)


def _number(steps: list[Step]) -> None:
    """Positions from 0 in list order; the unique constraint is deferred to the end of the transaction."""
    for position, step in enumerate(steps):
        step.position = position
    Step.objects.bulk_update(steps, ["position"])


def _touch(version: SequenceVersion, by: AbstractBaseUser | None, now: datetime) -> None:
    version.revision += 1
    version.edited_at, version.edited_by_id = now, _id(by)
    version.save(update_fields=["revision", "edited_at", "edited_by"])


def _new_key(taken: Collection[str]) -> str:
    key = get_random_string(8, _KEY_LETTERS)
    return key if key not in taken else _new_key(taken)


def _refuse_taken(name: str, sequence_id: int | None) -> None:
    others = Sequence.objects.filter(name=name)
    if (others if sequence_id is None else others.exclude(pk=sequence_id)).exists():
        raise NameTaken(_("There is already a sequence called “%(name)s”.") % {"name": name})


def _id(by: AbstractBaseUser | None) -> int | None:
    return by.pk if by else None


def _audit(
    verb: str, sequence: Sequence, by: AbstractBaseUser | None, now: datetime, **detail: object
) -> None:
    AuditEvent.objects.create(
        at=now, by_id=_id(by), verb=verb, object_type="sequence", object_id=sequence.pk, detail=detail
    )
