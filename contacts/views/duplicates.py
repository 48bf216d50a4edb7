"""Who may be there twice, side by side; one person of two, and two again."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import clock, roles
from contacts.models import Contact, DuplicatePair, Merge, MergeRun
from contacts.queries import duplicate as queries
from contacts.services import duplicate, merge, merge_undo
from contacts.tasks import duplicate as tasks

PAGE = 25


@require_safe
@roles.require(*roles.ALL)
def index(request: HttpRequest) -> HttpResponse:
    """The proposals, the safe ones first."""
    rows = queries.to_decide()
    at = _number(request.GET.get("from", ""))
    shown = list(rows[at : at + PAGE + 1])
    context = {
        "pairs": shown[:PAGE],
        "total": rows.count(),
        "safe": rows.filter(safe=True).count(),
        "next_url": f"?from={at + PAGE}" if len(shown) > PAGE else "",
        "previous_url": f"?from={max(at - PAGE, 0)}" if at else "",
        "runs": list(MergeRun.objects.order_by("-pk").select_related("by")[:3]),
        "may_merge_many": roles.has(request.user, roles.MARKETER),
    }
    return render(request, "contacts/duplicates/index.html", context)


@require_POST
@roles.require(roles.MARKETER, roles.ADMIN)
def look(request: HttpRequest) -> HttpResponse:
    """Look over the silo now; by itself that happens four times a day. A large silo is looked over in the background."""
    if queries.is_large():
        transaction.on_commit(tasks.refresh.delay)
        messages.info(request, _("The silo is being looked over. New proposals stand here in a few minutes."))
        return redirect("contacts:duplicates")
    new, gone = duplicate.refresh(now=clock.now())
    messages.info(
        request,
        _("Looked over the whole silo: %(new)s new proposals, %(gone)s no longer hold.")
        % {"new": new, "gone": gone},
    )
    return redirect("contacts:duplicates")


@require_POST
@roles.require(*roles.ALL)
def dismiss(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Not the same person: nobody is asked again."""
    pair = get_object_or_404(DuplicatePair.objects.select_related("first", "second"), pk=pair_id)
    duplicate.dismiss(pair_id=pair.pk, by=request.user, now=clock.now())
    undo = reverse("contacts:ask_duplicate_again", args=[pair.pk])
    said = _("%(one)s and %(other)s are two people. Nobody is asked again.")
    messages.success(
        request, said % {"one": pair.first.name, "other": pair.second.name}, extra_tags=f"undo {undo}"
    )
    return redirect("contacts:duplicates")


@require_POST
@roles.require(*roles.ALL)
def ask_again(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Undo of it."""
    pair = get_object_or_404(DuplicatePair, pk=pair_id)
    duplicate.ask_again(pair_id=pair.pk, by=request.user, now=clock.now())
    messages.info(request, _("The two stand among the proposals again."))
    return redirect("contacts:duplicates")


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*roles.ALL)
def make_one(request: HttpRequest, contact_id: int, other_id: int) -> HttpResponse:
    """The two side by side: the first is kept; what is taken from the other is chosen field by field."""
    people = Contact.objects.present().select_related("company", "owner")
    kept, dropped = get_object_or_404(people, pk=contact_id), get_object_or_404(people, pk=other_id)
    if kept == dropped:
        raise Http404
    lines = queries.side_by_side(kept, dropped, now=clock.now())
    if request.method != "POST":
        context = {"kept": kept, "dropped": dropped, "lines": lines, "pair": _pair(kept, dropped)}
        return render(request, "contacts/duplicates/merge.html", context)
    offered = {line.name for line in lines if line.is_choice}
    take = {name for name in offered if request.POST.get(name) == "dropped"}
    try:
        made = merge.merge(
            kept_id=kept.pk, dropped_id=dropped.pk, take=take, by=request.user, now=clock.now()
        )
    except merge.NotHere:
        raise Http404 from None
    undo = reverse("contacts:undo_merge", args=[made.pk])
    said = _("%(dropped)s went into %(kept)s. All that was planned, said and sent is in one place.")
    messages.success(request, said % {"dropped": dropped.name, "kept": kept.name}, extra_tags=f"undo {undo}")
    return redirect(kept.get_absolute_url())


def _pair(one: Contact, other: Contact) -> DuplicatePair | None:
    first, second = sorted((one.pk, other.pk))
    return DuplicatePair.objects.open().filter(first_id=first, second_id=second).first()


@require_POST
@roles.require(*roles.ALL)
def make_two(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Undo a merge. What happened since stays with the person who was kept."""
    made = get_object_or_404(Merge, pk=merge_id, noun=Merge.Noun.CONTACT)
    try:
        parted = merge_undo.part(merge_id=made.pk, by=request.user, now=clock.now())
    except merge_undo.NothingToUndo:
        messages.info(request, _("These are two people already, or what was kept for it is gone."))
    except merge.NotHere:
        messages.error(request, _("The person who was kept is no longer in the silo. Nothing was changed."))
        return redirect("contacts:duplicates")
    except merge_undo.LaterFirst as later:
        messages.error(request, _("They were made one with somebody else since. Undo that first."))
        return redirect(Contact(pk=later.merge.kept_id).get_absolute_url())
    except merge_undo.AddressTaken as taken:
        other = Contact.objects.get(pk=taken.contact_id)
        messages.error(
            request, _("%(name)s has the address now. Nothing was changed.") % {"name": other.name}
        )
    else:
        messages.success(request, _parted(parted))
    return redirect(Contact(pk=made.kept_id).get_absolute_url())


def _parted(parted: merge_undo.Parted) -> str:
    if not parted.stayed:
        return _("They are two people again, each as they were.")
    said = ngettext(
        "They are two people again. %(count)s value that changed since stays as it is.",
        "They are two people again. %(count)s values that changed since stay as they are.",
        parted.stayed,
    )
    return said % {"count": parted.stayed}


# --- many at once


@require_POST
@roles.require(roles.MARKETER, roles.ADMIN)
def merge_all(request: HttpRequest) -> HttpResponse:
    """All safe pairs, in the background."""
    try:
        with transaction.atomic():
            begun = duplicate.begin(by=request.user, now=clock.now())
            _go_on(begun)
    except duplicate.NothingToMerge:
        messages.info(request, _("No safe pair is left."))
        return redirect("contacts:duplicates")
    return redirect("contacts:merge_run", begun.pk)


@require_safe
@roles.require(*roles.ALL)
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far a run has come, and its undo."""
    found = get_object_or_404(MergeRun.objects.select_related("by"), pk=run_id)
    merges = Merge.objects.filter(run=found, undone_at=None).order_by("-pk")
    kept = Contact.objects.in_bulk([row.kept_id for row in merges[:50]])
    context = {
        "run": found,
        "progress": _progress(found),
        "people": list(kept.values()),
        "may_undo": roles.has(request.user, roles.MARKETER) and found.state in ("running", "done"),
    }
    return render(request, "contacts/duplicates/run.html", context)


@require_safe
@roles.require(*roles.ALL)
def progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The bar alone."""
    found = get_object_or_404(MergeRun, pk=run_id)
    return render(request, "components/progress.html", _progress(found))


@require_POST
@roles.require(roles.MARKETER, roles.ADMIN)
def undo_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Part all of them again, in the background."""
    found = get_object_or_404(MergeRun, pk=run_id)
    try:
        with transaction.atomic():
            _go_on(duplicate.begin_undo(run_id=found.pk, by=request.user, now=clock.now()))
    except merge_undo.NothingToUndo:
        messages.info(request, _("There is nothing left to undo."))
    return redirect("contacts:merge_run", found.pk)


def _go_on(found: MergeRun) -> None:
    transaction.on_commit(lambda: tasks.go_on.delay(run_id=found.pk))


def _progress(found: MergeRun) -> dict[str, Any]:
    moving = found.state in (MergeRun.State.RUNNING, MergeRun.State.UNDOING)
    here = reverse("contacts:merge_run", args=[found.pk])
    undoing = found.state in (MergeRun.State.UNDOING, MergeRun.State.UNDONE)
    return {
        "id": "progress",
        "url": reverse("contacts:merge_run_progress", args=[found.pk]) if moving else "",
        "label": found.get_state_display(),
        "done": found.parted if undoing else found.done,
        "total": found.merged if undoing else len(found.pairs),
        "finished_url": "" if moving else here,
    }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 8 else 0
