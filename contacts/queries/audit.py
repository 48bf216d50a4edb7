"""The audit log, searched by person, colleague, what was done and when: newest first, page by page at any size."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_stubs_ext import StrOrPromise

from contacts.models import AuditEvent, Contact, ImportRow, LegalGround, Suppression
from contacts.models.audit_event import LOOKED_AT
from contacts.queries import search

PAGE = 100
MOST_PEOPLE = 50

VERBS: dict[str, StrOrPromise] = {
    LOOKED_AT: gettext_lazy("looked at the page of"),
    "contact.added": gettext_lazy("added"),
    "contact.changed": gettext_lazy("changed"),
    "contact.erased": gettext_lazy("erased"),
    "contact.given_out": gettext_lazy("gave out everything about"),
    "contact.told": gettext_lazy("told where their data comes from"),
    "contact.not_told": gettext_lazy("took back that they were told"),
    "contacts.exported": gettext_lazy("exported people"),
    "contact.merged": gettext_lazy("merged two people"),
    "contact.merged_into": gettext_lazy("merged with somebody"),
    "contact.parted": gettext_lazy("took a merge back"),
    "duplicate.dismissed": gettext_lazy("said that these are two people"),
    "duplicate.asked_again": gettext_lazy("asked again whether these are one person"),
    "company.changed": gettext_lazy("changed a company"),
    "company.merged": gettext_lazy("merged two companies"),
    "company.parted": gettext_lazy("took a merge of companies back"),
    "custom_field.made": gettext_lazy("made a field"),
    "custom_field.renamed": gettext_lazy("renamed a field"),
    "custom_field.widened": gettext_lazy("added words to a field"),
    "custom_field.narrowed": gettext_lazy("took words from a field"),
    "custom_field.retired": gettext_lazy("retired a field"),
    "custom_field.brought_back": gettext_lazy("brought a field back"),
    "contacts.merged": gettext_lazy("merged into one person"),
    "contacts.parted": gettext_lazy("took a merge back"),
    "ground.kept": gettext_lazy("stored the legal ground of"),
    "balancing.written": gettext_lazy("wrote the balancing text"),
    "consent.asked": gettext_lazy("asked for a consent"),
    "consent.confirmed": gettext_lazy("agreed by the link in a mail"),
    "objection.made": gettext_lazy("objected"),
    "objection.withdrawn": gettext_lazy("took an objection back"),
    "rights.export_asked": gettext_lazy("asked to see their data"),
    "rights.erase_asked": gettext_lazy("asked to be erased"),
    "suppression.made": pgettext_lazy("audit log", "stopped"),
    "suppression.lifted": gettext_lazy("took a stop back"),
    "form.made": gettext_lazy("made a form"),
    "form.changed": gettext_lazy("changed a form"),
    "form.closed": gettext_lazy("closed a form"),
    "form.opened": gettext_lazy("opened a form"),
    "retention.switched_on": gettext_lazy("switched a retention rule on"),
    "retention.switched_off": gettext_lazy("switched a retention rule off"),
    "retention.kept": gettext_lazy("a retention rule ran"),
    "import.started": gettext_lazy("started an import"),
    "import.paused": gettext_lazy("paused an import"),
    "import.resumed": gettext_lazy("resumed an import"),
    "import.done": gettext_lazy("an import ended"),
    "import.undone": gettext_lazy("undid an import"),
    "import.cancelled": gettext_lazy("cancelled an import"),
    "import.corrected": gettext_lazy("corrected an import"),
    "import.discarded": gettext_lazy("discarded an import"),
    "import_layout.forgotten": gettext_lazy("forgot the layout of a file"),
    "segment.made": gettext_lazy("made a segment"),
    "segment.changed": gettext_lazy("changed a segment"),
    "segment.change_undone": gettext_lazy("took back the change of a segment"),
    "segment.archived": gettext_lazy("archived a segment"),
    "segment.restored": gettext_lazy("restored a segment"),
    "bulk.tag": gettext_lazy("tagged many people"),
    "bulk.untag": gettext_lazy("took a tag from many people"),
    "bulk.assign": gettext_lazy("assigned many people"),
    "bulk.stop": gettext_lazy("stopped many people"),
    "bulk.enroll": gettext_lazy("brought many people into a sequence"),
    "bulk.pause": gettext_lazy("paused many people"),
    "bulk.cancelled": gettext_lazy("stopped a change to many people"),
    "bulk.undone": gettext_lazy("took a change to many people back"),
    "call.recorded": gettext_lazy("recorded a call with"),
    "call.undone": gettext_lazy("took a call back"),
    "opportunity.changed": gettext_lazy("changed an opportunity"),
    "opportunity.lost": gettext_lazy("lost an opportunity"),
    "opportunity.reopened": gettext_lazy("opened an opportunity again"),
    "referral.brought": gettext_lazy("brought in by a referral"),
    "sequence.published": gettext_lazy("published a sequence"),
    "sequence.publish_undone": gettext_lazy("took the publishing of a sequence back"),
    "sequence.made": gettext_lazy("made a sequence"),
    "sequence.described": gettext_lazy("changed the settings of a sequence"),
    "sequence.draft_discarded": gettext_lazy("threw the changes of a sequence away"),
    "piece.published": gettext_lazy("published a piece"),
    "piece.publish_undone": gettext_lazy("took the publishing of a piece back"),
    "piece.made": gettext_lazy("made a piece"),
    "piece.retired": gettext_lazy("retired a piece"),
    "piece.brought_back": gettext_lazy("brought a piece back"),
    "sending.stopped": gettext_lazy("stopped all sending"),
    "sending.released": gettext_lazy("started sending again"),
    "sending.went_live": gettext_lazy("took the silo live"),
    "sender.changed": gettext_lazy("changed a sender"),
    "sender.added": gettext_lazy("added a sender"),
    "limits.changed": gettext_lazy("changed the pace of sending"),
    "receiver.tried": gettext_lazy("tried a receiver again"),
    "receiver.held": gettext_lazy("left a receiver alone"),
    "warm_up.began": gettext_lazy("began to warm a domain up"),
    "warm_up.changed": gettext_lazy("changed a warm-up"),
    "warm_up.ended": gettext_lazy("ended a warm-up"),
    "warm_up.resumed": gettext_lazy("resumed a warm-up"),
    "gap.noticed": gettext_lazy("noticed a gap"),
    "gap.now": gettext_lazy("let the late mails leave"),
    "gap.spread": gettext_lazy("spread the late mails over some days"),
    "gap.skip": gettext_lazy("skipped the late mails"),
    "instance.moved": gettext_lazy("noticed that the silo was moved"),
    "webhook_key.set": gettext_lazy("set a webhook key of"),
    "webhook_key.ended": gettext_lazy("ended a webhook key of"),
    "mailbox.added": gettext_lazy("added a mailbox"),
    "mailbox.changed": gettext_lazy("changed a mailbox"),
    "mailbox.stopped": gettext_lazy("stopped a mailbox"),
    "send.sent_again": gettext_lazy("sent a mail again"),
    "send.counted_as_sent": gettext_lazy("counted a mail as sent"),
    "colleague.made": gettext_lazy("became a colleague"),
    "colleague.roles": gettext_lazy("set the roles of a colleague"),
    "colleague.one_step": gettext_lazy("switched two-step login off for a colleague"),
    "colleague.let_go": gettext_lazy("let a colleague go"),
    "colleague.taken_back": gettext_lazy("took a colleague back"),
    "invitation.made": gettext_lazy("invited a colleague"),
    "invitation.accepted": gettext_lazy("accepted an invitation"),
    "invitation.withdrawn": gettext_lazy("withdrew an invitation"),
    "login.done": gettext_lazy("logged in"),
    "login.failed": gettext_lazy("failed to log in"),
    "login.ended": gettext_lazy("logged out"),
}


IMPORTS = [verb for verb in VERBS if verb.startswith("import.")]
"""One line for all people of a list: a million rows are no million lines."""


def verb_words(verb: str) -> str:
    """What was done, in words; a verb that nobody described stands as it is."""
    return str(VERBS.get(verb, verb.replace(".", " ").replace("_", " ")))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader is looking for. `person` is a number or any part of a name, address or phone."""

    person: str = ""
    colleague: int | None = None
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the page shows it."""

    at: datetime
    who: str
    verb: str
    person: str
    person_url: str
    detail: str


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the log; `next` is where the next one begins. `too_many`: the words fit too many people."""

    lines: list[Line] = field(default_factory=list)
    next: str = ""
    too_many: bool = False


def page(asked: Asked, *, size: int = PAGE) -> Page:
    """The newest lines that fit. Every question is answered by an index, however long the log is."""
    rows = AuditEvent.objects.order_by("-at", "-id")
    if asked.person:
        ids = _people(asked.person)
        if len(ids) > MOST_PEOPLE:
            return Page(too_many=True)
        batches = ImportRow.objects.filter(contact__in=ids, after__isnull=False).values("batch")
        lists = Q(verb__in=IMPORTS, object_type="import_batch", object_id__in=batches.distinct())
        rows = rows.filter(Q(contact_id__in=ids) | lists)
    if asked.colleague:
        rows = rows.filter(by=asked.colleague)
    if asked.verb:
        rows = rows.filter(verb=asked.verb)
    if asked.since:
        rows = rows.filter(at__gte=asked.since)
    if asked.until:
        rows = rows.filter(at__lt=asked.until)
    if edge := _edge(asked.before):
        at, pk = edge
        rows = rows.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    found = list(rows.select_related("by")[: size + 1])
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return Page(lines=_lines(shown), next=f"{last.at.isoformat()}_{last.pk}" if last else "")


def _edge(text: str) -> tuple[datetime, int] | None:
    moment, _, number = text.rpartition("_")
    try:
        at = parse_datetime(moment)
    except ValueError:
        return None
    if at is None or at.tzinfo is None or not number.isdecimal() or len(number) > 18:
        return None
    return at, int(number)


def _people(words: str) -> list[int]:
    bare = words.strip().removeprefix("#")
    if bare.isdecimal() and len(bare) < 10:
        return [int(bare)]  # also somebody who was erased
    found = Contact.objects.filter(search.condition(words, path="search__"))
    return list(found.values_list("pk", flat=True)[: MOST_PEOPLE + 1])


def _lines(rows: list[AuditEvent]) -> list[Line]:
    ids = {row.contact_id for row in rows if row.contact_id}
    people = {one.pk: one for one in Contact.objects.filter(pk__in=ids)}
    return [
        Line(
            at=row.at,
            who=str(row.by) if row.by else _("The silo"),
            verb=verb_words(row.verb),
            person=people[row.contact_id].name if row.contact_id in people else _number(row.contact_id),
            person_url=people[row.contact_id].get_absolute_url() if row.contact_id in people else "",
            detail=_detail(row),
        )
        for row in rows
    ]


def _number(contact_id: int | None) -> str:
    return f"#{contact_id}" if contact_id else ""


WORDS: dict[str, StrOrPromise] = {
    **{code: words for codes in (LegalGround.Ground, LegalGround.Purpose) for code, words in codes.choices},
    **{code: words for codes in (Suppression.Channel, Suppression.Reason) for code, words in codes.choices},
}


def _detail(row: AuditEvent) -> str:
    """What a line was written with: grounds and stops in words, the rest as codes. They never hold what stood in a field."""
    said = [f"{row.object_type} #{row.object_id}"] if row.object_type and row.object_id else []
    for name, value in row.detail.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else WORDS.get(str(value), value)
        if shown not in ("", None):
            said.append(f"{name}: {shown}")
    return " · ".join(said)


def colleagues() -> list[tuple[int, str]]:
    """Everybody who may stand in the log."""
    return [(one.pk, str(one)) for one in get_user_model().objects.order_by("name", "email")]
