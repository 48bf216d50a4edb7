"""Segments: the list, and the page on which one is read, built, and asked about."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import clock, roles
from contacts.forms import segment as draft
from contacts.models import Segment
from contacts.queries import segment as queries
from contacts.segments import kinds, rule, words
from contacts.segments.rule import Group
from contacts.services import segment as service

HANDS = (roles.MARKETER,)


@require_safe
@roles.require(*roles.ALL)
def index(request: HttpRequest) -> HttpResponse:
    """The segments in use, or those in the archive."""
    archived = request.GET.get("show") == "archive"
    found = Segment.objects.select_related("changed_by").order_by("name")
    found = found.exclude(archived_at=None) if archived else found.in_use()
    context = {
        "segments": queries.listed(found, now=clock.now()),
        "archived": archived,
        "may_write": roles.has(request.user, *HANDS),
    }
    return render(request, "contacts/segments/index.html", context)


@require_safe
@roles.require(*roles.ALL)
def count(request: HttpRequest, segment_id: int) -> HttpResponse:
    """How many people one means: for the list, where many segments stand."""
    segment = get_object_or_404(Segment, pk=segment_id)
    context = {"segment": segment, "count": queries.counted(segment, now=clock.now())}
    return render(request, "contacts/segments/_count.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*HANDS)
def new(request: HttpRequest) -> HttpResponse:
    """Build one and keep it."""
    shown = Shown(name=request.POST.get("name", ""), asked=_asked(request, Group("all", (draft.NEW,))))
    if request.method == "POST" and _is_save(request):
        shown.told = True
        if not draft.incomplete(shown.asked):
            try:
                made = service.make(
                    name=shown.name, asked=rule.dump(shown.asked), by=request.user, now=clock.now()
                )
            except (service.NameTaken, service.NoName, rule.Malformed) as refused:
                shown.error = str(refused)
            else:
                messages.success(request, _("“%(name)s” is kept.") % {"name": made.name})
                return redirect(made)
    return _page(request, shown)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*roles.ALL)
def show(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Who is in it, as a sentence, a number and some of them; who may write builds it here."""
    segment = get_object_or_404(Segment.objects.select_related("changed_by", "made_by"), pk=segment_id)
    shown = _shown(request, segment)
    if request.method == "POST" and _is_save(request):
        if not roles.has(request.user, *HANDS):
            raise PermissionDenied(_("Marketers change segments."))
        shown.told = True
        if not draft.incomplete(shown.asked):
            try:
                return _save(request, segment, shown)
            except service.ChangedMeanwhile as meanwhile:
                shown.segment, shown.theirs = meanwhile.segment, queries.sentence(meanwhile.segment)
                shown.revision, shown.error = meanwhile.segment.revision, str(meanwhile)
            except (service.NameTaken, service.NoName, rule.Malformed) as refused:
                shown.error = str(refused)
    return _page(request, shown)


def _save(request: HttpRequest, segment: Segment, shown: "Shown") -> HttpResponse:
    kept = service.change(
        segment_id=segment.pk,
        revision=shown.revision,
        name=shown.name,
        asked=rule.dump(shown.asked),
        by=request.user,
        now=clock.now(),
    )
    if kept.revision != segment.revision:
        _say_with_undo(request, kept, _("“%(name)s” is changed.") % {"name": kept.name}, "segment_undo")
    return redirect(kept)


@require_POST
@roles.require(*HANDS)
def undo(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Back to the form before the last change."""
    segment = get_object_or_404(Segment, pk=segment_id)
    try:
        back = service.undo(segment_id=segment_id, by=request.user, now=clock.now())
    except (service.NothingToUndo, service.NameTaken) as refused:
        messages.error(request, str(refused))
        return redirect(segment)
    said = _("“%(name)s” is as it was before the last change.") % {"name": back.name}
    _say_with_undo(request, back, said, "segment_undo")
    return redirect(back)


@require_POST
@roles.require(*HANDS)
def archive(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Out of the list; what uses it still means the same people."""
    get_object_or_404(Segment, pk=segment_id)
    kept = service.archive(segment_id=segment_id, by=request.user, now=clock.now())
    said = _("“%(name)s” is in the archive. What uses it goes on.") % {"name": kept.name}
    _say_with_undo(request, kept, said, "segment_restore")
    return redirect("contacts:segments")


@require_POST
@roles.require(*HANDS)
def restore(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Back from the archive."""
    segment = get_object_or_404(Segment, pk=segment_id)
    try:
        segment = service.restore(segment_id=segment_id, by=request.user, now=clock.now())
    except service.NameTaken as refused:
        messages.error(request, str(refused))
    return redirect(segment)


@dataclass
class Shown:
    """What the page shows: a segment or none yet, the rule as it stands in the fields, and what is the matter."""

    name: str
    asked: Group
    segment: Segment | None = None
    revision: int = 0
    told: bool = False
    error: str = ""
    theirs: str = ""

    @property
    def status(self) -> int:
        if self.theirs:
            return 409
        return 422 if self.error or (self.told and draft.incomplete(self.asked)) else 200


def _shown(request: HttpRequest, segment: Segment) -> Shown:
    try:
        stored = rule.parse(segment.rule)
    except rule.Malformed as malformed:
        return Shown(segment.name, Group("any"), segment, segment.revision, error=str(malformed))
    revision = request.POST.get("revision", "")
    return Shown(
        name=request.POST.get("name", segment.name),
        asked=_asked(request, stored),
        segment=segment,
        revision=int(revision) if revision.isdecimal() and len(revision) < 9 else segment.revision,
    )


def _asked(request: HttpRequest, stored: Group) -> Group:
    """The rule in the fields, after the button; the stored one when nothing was posted."""
    if f"join.{draft.ROOT}" not in request.POST:
        return stored
    return draft.changed(draft.read(request.POST.dict()), request.POST.get("do", ""))


def _is_save(request: HttpRequest) -> bool:
    return request.POST.get("do") == "save"


def _page(request: HttpRequest, shown: Shown) -> HttpResponse:
    said = request.POST if request.method == "POST" else request.GET
    do, now = said.get("do", ""), clock.now()
    who = do[4:] if do.startswith("who.") else "" if do in ("find", "nobody") else said.get("who", "")
    complete = draft.complete(shown.asked)
    may_write = roles.has(request.user, *HANDS)
    context = {
        "shown": shown,
        "segment": shown.segment,
        "action": request.path,
        "may_write": may_write,
        "box": draft.box(shown.asked, told=shown.told, fresh=draft.fresh_path(shown.asked, do)),
        "sections": kinds.offered() if may_write else [],
        "sentence": words.sentence(complete),
        "incomplete": draft.incomplete(shown.asked),
        "count": queries.count(complete, now=now),
        "sample": queries.sample(complete, now=now),
        "q": said.get("q", "")[:200],
        "found": queries.looked_up(said.get("q", "")[:200]) if not who else [],
        "why": queries.why_of(complete, who, now=now),
        "uses": queries.uses(shown.segment) if shown.segment else [],
        "is_changed": shown.segment is None or rule.dump(shown.asked) != shown.segment.rule,
    }
    whole = request.headers.get("HX-Request") != "true" or do == "save"
    template = "contacts/segments/show.html" if whole else "contacts/segments/_editor.html"
    return render(request, template, context, status=shown.status if whole else 200)


def _say_with_undo(request: HttpRequest, segment: Segment, said: str, undo_name: str) -> None:
    address = reverse(f"contacts:{undo_name}", args=[segment.pk])
    messages.success(request, said, extra_tags=f"undo {address}")
