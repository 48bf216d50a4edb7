"""The library: what stands on which shelf, and one piece with its mail."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import clock, roles
from nurturing.content import compiling
from nurturing.forms.piece import LibraryFilterForm, NewPieceForm, PieceForm
from nurturing.models import Piece
from nurturing.queries import piece as queries
from nurturing.queries import preview
from nurturing.services import mail_version, piece, topic
from nurturing.views import previews
from nurturing.views.colleague import me, wants_fragment
from nurturing.views.sequences import READERS


@require_safe
@roles.require(*READERS)
def index(request: HttpRequest) -> HttpResponse:
    """All pieces by topic and level, and where the library has a gap."""
    form = LibraryFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    chosen = wanted.get("topic")
    rows = queries.listed(
        topic_id=chosen.pk if chosen else None,
        level=wanted.get("level", ""),
        language=wanted.get("language", ""),
        state=wanted.get("state", ""),
    )
    context = {
        "form": form,
        "pieces": rows,
        "shelves": queries.shelves(),
        "may_write": roles.has(request.user, roles.MARKETER),
    }
    return render(request, "nurturing/pieces/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.MARKETER)
def make(request: HttpRequest) -> HttpResponse:
    """Begin a piece; its words are written on the next page."""
    form = NewPieceForm(request.POST or None)
    if not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "nurturing/pieces/new.html", {"form": form}, status=status)
    wanted = dict(form.cleaned_data)
    chosen, new = wanted.pop("topic"), wanted.pop("new_topic")
    about = chosen or topic.named(name=new)
    made = piece.make(topic_id=about.pk, by=me(request), now=clock.now(), subject=wanted["title"], **wanted)
    return redirect("nurturing:piece", made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*READERS)
def show(request: HttpRequest, piece_id: int) -> HttpResponseBase:
    """One piece. POST saves it (marketers); what is live stays until it is published again."""
    if request.method == "POST":
        return _save(request, piece_id)
    return _page(request, get_object_or_404(Piece, pk=piece_id))


@roles.require(roles.MARKETER)
def _save(request: HttpRequest, piece_id: int) -> HttpResponse:
    found = get_object_or_404(Piece, pk=piece_id)
    form = PieceForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    seen = request.POST.get("overwrite") or request.POST.get("seen", "")
    try:
        found = piece.edit(piece_id=piece_id, seen=seen, by=me(request), now=clock.now(), **form.words)
    except piece.EditedMeanwhile as error:
        return _page(request, error.piece, form=form, theirs=error.piece, status=409)
    if wants_fragment(request):
        return _page(request, get_object_or_404(Piece, pk=piece_id), saved=True)
    messages.success(request, _("Saved. Readers get the new words when you publish."))
    return redirect("nurturing:piece", piece_id)


@require_POST
@roles.require(roles.MARKETER)
def publish(request: HttpRequest, piece_id: int) -> HttpResponse:
    """Let the clock choose it for people from now on."""
    found = get_object_or_404(Piece, pk=piece_id)
    try:
        piece.publish(piece_id=piece_id, by=me(request), now=clock.now())
    except mail_version.Unpublishable as error:
        reasons = [mail_version.in_words(problem) for problem in error.problems]
        return _page(request, found, reasons=reasons, status=422)
    undo = reverse("nurturing:undo_publish_piece", args=[piece_id])
    said = _("“%(title)s” is live: each person gets it once, at their own rhythm.") % {"title": found.title}
    messages.success(request, said, extra_tags=f"undo {undo}")
    return redirect("nurturing:piece", piece_id)


@require_POST
@roles.require(roles.MARKETER)
def undo_publish(request: HttpRequest, piece_id: int) -> HttpResponse:
    """The words before are live again, or none."""
    get_object_or_404(Piece, pk=piece_id)
    try:
        found = piece.undo_publish(piece_id=piece_id, by=me(request), now=clock.now())
    except piece.NothingToUndo as error:
        messages.error(request, str(error))
    else:
        live = _("The words before are live again.") if found.mail else _("It is a draft again.")
        messages.success(request, live)
    return redirect("nurturing:piece", piece_id)


@require_POST
@roles.require(roles.MARKETER)
def retire(request: HttpRequest, piece_id: int) -> HttpResponse:
    """Nobody gets it any more."""
    found = get_object_or_404(Piece, pk=piece_id)
    piece.retire(piece_id=piece_id, by=me(request), now=clock.now())
    undo = reverse("nurturing:bring_back_piece", args=[piece_id])
    said = _("“%(title)s” is retired: nobody gets it any more.") % {"title": found.title}
    messages.success(request, said, extra_tags=f"undo {undo}")
    return redirect("nurturing:library")


@require_POST
@roles.require(roles.MARKETER)
def bring_back(request: HttpRequest, piece_id: int) -> HttpResponse:
    """A retired piece is in the library again."""
    found = get_object_or_404(Piece, pk=piece_id)
    piece.bring_back(piece_id=piece_id, by=me(request), now=clock.now())
    messages.success(request, _("“%(title)s” is in the library again.") % {"title": found.title})
    return redirect("nurturing:piece", piece_id)


@require_POST
@roles.require(roles.MARKETER)
def try_out(request: HttpRequest, piece_id: int) -> HttpResponse:
    """Send this piece to oneself, as the chosen person would get it."""
    found = get_object_or_404(Piece, pk=piece_id)
    compiled = compiling.compile_mail(found.subject, found.preheader, found.body, found.language)
    person = preview.who(request.POST.get("person", ""), language=found.language)
    previews.try_out(request, compiled, person)
    return redirect("nurturing:piece", piece_id)


def _page(
    request: HttpRequest,
    found: Piece,
    *,
    form: PieceForm | None = None,
    theirs: Piece | None = None,
    reasons: list[str] | None = None,
    saved: bool = False,
    status: int = 200,
) -> HttpResponse:
    person = preview.who(request.GET.get("person", ""), language=found.language)
    context = {
        "piece": found,
        "state": queries.state_of(found),
        "form": form or PieceForm.of(found),
        "seen": request.POST.get("seen") if theirs or (form and form.errors) else piece.fingerprint(found),
        "theirs": theirs,
        "theirs_by": found.edited_by,
        "theirs_seen": piece.fingerprint(theirs) if theirs else "",
        "reasons": reasons or [],
        "saved_at": clock.now() if saved else None,
        "may_write": roles.has(request.user, roles.MARKETER),
        **previews.context(found, person),
    }
    return render(request, "nurturing/pieces/show.html", context, status=status)
