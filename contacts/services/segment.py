"""Segments: made, changed, taken back, put into the archive. Every change keeps the form that was."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts.erasing import Who
from contacts.models import Contact, Segment, SegmentVersion
from contacts.segments import kinds, rule
from contacts.services import audit

LONGEST_NAME = 120


class NameTaken(Exception):
    """Another segment in use has this name."""

    def __init__(self) -> None:
        super().__init__(_("Another segment has this name."))


class NoName(Exception):
    """A segment without a name."""

    def __init__(self) -> None:
        super().__init__(_("Give the segment a name."))


class ChangedMeanwhile(Exception):
    """Somebody saved the segment after the page was opened; `segment` is what they made of it."""

    def __init__(self, segment: Segment) -> None:
        who = str(segment.changed_by) if segment.changed_by else _("Somebody")
        super().__init__(_("%(who)s changed this segment while you worked on it.") % {"who": who})
        self.segment = segment


class NothingToUndo(Exception):
    """There is no earlier form to go back to."""

    def __init__(self) -> None:
        super().__init__(_("There is no earlier form to go back to."))


@transaction.atomic
def make(*, name: str, asked: object, by: Any, now: datetime) -> Segment:
    """A new segment. Raises rule.Malformed, NameTaken, NoName."""
    made = Segment(
        name=_name(name), rule=_rule(asked), made_at=now, made_by=by, changed_at=now, changed_by=by
    )
    _save(made)
    _remember(made, by, now)
    audit.write(verb="segment.made", now=now, by=by, object_type="segment", object_id=made.pk)
    return made


@transaction.atomic
def change(*, segment_id: int, revision: int, name: str, asked: object, by: Any, now: datetime) -> Segment:
    """Give it another name or rule. `revision` is the one that the page showed.

    Raises ChangedMeanwhile, rule.Malformed, NameTaken, NoName. What is the same already is not written.
    """
    segment = _locked(segment_id)
    if segment.revision != revision:
        raise ChangedMeanwhile(segment)
    return _become(segment, "segment.changed", _name(name), _rule(asked), by, now)


@transaction.atomic
def undo(*, segment_id: int, by: Any, now: datetime) -> Segment:
    """Back to the form before the last change; done twice, it is taken back itself. Raises NothingToUndo, NameTaken."""
    segment = _locked(segment_id)
    before = segment.versions.filter(revision=segment.revision - 1).first()
    if before is None:
        raise NothingToUndo
    return _become(segment, "segment.change_undone", before.name, before.rule, by, now)


@transaction.atomic
def archive(*, segment_id: int, by: Any, now: datetime) -> Segment:
    """Out of the lists; whatever names it still finds it."""
    segment = _locked(segment_id)
    if segment.archived_at is None:
        segment.archived_at = now
        segment.save(update_fields=["archived_at"])
        audit.write(verb="segment.archived", now=now, by=by, object_type="segment", object_id=segment.pk)
    return segment


@transaction.atomic
def restore(*, segment_id: int, by: Any, now: datetime) -> Segment:
    """Back from the archive. Raises NameTaken when another took its name meanwhile."""
    segment = _locked(segment_id)
    if segment.archived_at is not None:
        segment.archived_at = None
        _save(segment, "archived_at")
        audit.write(verb="segment.restored", now=now, by=by, object_type="segment", object_id=segment.pk)
    return segment


def forget(who: Who, *, now: datetime) -> None:
    """Take an erased person's name, address and number out of every rule and every earlier form of one."""
    names = Contact.objects.filter(pk__in=who.contact_ids).values_list("first_name", "last_name")
    words = {f"{first} {last}".strip().casefold() for first, last in names}
    words |= {text.casefold() for text in (*who.addresses, *who.phones)}
    words.discard("")
    for model in (Segment, SegmentVersion):
        for row in model.objects.all() if words else ():
            if any(word in f"{row.name} {row.rule}".casefold() for word in words):
                row.name, row.rule = _without(row.name, words), _without(row.rule, words)
                row.save(update_fields=["name", "rule"])


def _without(said: Any, words: set[str]) -> Any:
    if isinstance(said, dict):
        return {key: _without(one, words) for key, one in said.items()}
    if isinstance(said, list):
        return [_without(one, words) for one in said]
    return "…" if isinstance(said, str) and any(word in said.casefold() for word in words) else said


def _become(segment: Segment, verb: str, name: str, asked: dict[str, Any], by: Any, now: datetime) -> Segment:
    changed = [word for word, new in (("name", name), ("rule", asked)) if getattr(segment, word) != new]
    if not changed:
        return segment
    segment.name, segment.rule = name, asked
    segment.revision += 1
    segment.changed_at, segment.changed_by = now, by
    _save(segment, *changed, "revision", "changed_at", "changed_by")
    _remember(segment, by, now)
    audit.write(
        verb=verb, now=now, by=by, object_type="segment", object_id=segment.pk, fields=changed,
        revision=segment.revision,
    )  # fmt: skip
    return segment


def _name(name: str) -> str:
    said = " ".join(name.replace("\x00", "").split())[:LONGEST_NAME]
    if not said:
        raise NoName
    return said


def _rule(asked: object) -> dict[str, Any]:
    settled = kinds.settled(rule.parse(asked))
    return rule.dump(settled) if isinstance(settled, rule.Group) else {}


def _locked(segment_id: int) -> Segment:
    return Segment.objects.select_for_update(of=("self",)).select_related("changed_by").get(pk=segment_id)


def _save(segment: Segment, *fields: str) -> None:
    try:
        with transaction.atomic():
            segment.save(update_fields=fields) if fields else segment.save()
    except IntegrityError as error:
        if "one_segment_per_name" in str(error):
            raise NameTaken from error
        raise


def _remember(segment: Segment, by: Any, now: datetime) -> None:
    SegmentVersion.objects.create(
        segment=segment, revision=segment.revision, name=segment.name, rule=segment.rule, at=now, by=by
    )
