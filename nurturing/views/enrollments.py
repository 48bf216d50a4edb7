"""Bringing people into a sequence: from the list, or one person. A whole import is a change to many."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from contacts import clock, roles
from nurturing.forms.enrollment import MOST_AT_ONCE, EnrollForm
from nurturing.queries import enrollment as queries
from nurturing.services import enrollment
from nurturing.services.enrollment import EnrollResult
from nurturing.views.colleague import me

HANDS = (roles.MARKETER, roles.SALESPERSON)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*HANDS)
def enroll(request: HttpRequest) -> HttpResponse:
    """GET asks which sequence and says who is meant; POST brings them in, with a way back.

    Everyone new in an import may be a million people: that is asked and done where all changes to many are.
    """
    if batch := _number(request.GET.get("batch", "")):
        many = reverse("contacts:change_many", args=["enroll"])
        return redirect(f"{many}?{urlencode({'everybody': 1, 'new_in': batch})}")
    form = EnrollForm(request.POST if request.method == "POST" else None, initial=_asked(request))
    if request.method != "POST" or not form.is_valid():
        return _ask(request, form)
    chosen = form.cleaned_data["sequence"]
    try:
        result = enrollment.start(
            contact_ids=form.contact_ids,
            sequence_id=chosen.pk,
            by=me(request),
            source="list",
            now=clock.now(),
        )
    except enrollment.NotPublished:
        form.add_error("sequence", _("Nothing of this sequence is live: publish it first."))
        return _ask(request, form)
    undo = reverse("nurturing:undo_enroll", args=[result.batch_id]) if result.batch_id else ""
    said = " ".join(_sentences(result, chosen.name))
    messages.add_message(
        request,
        messages.SUCCESS if result.brought_in else messages.WARNING,
        said,
        extra_tags=f"undo {undo}" if undo else "",
    )
    return redirect(
        _back(request, form.cleaned_data["next"]) or reverse("nurturing:sequence", args=[chosen.pk])
    )


@require_POST
@roles.require(*HANDS)
def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take out those who were brought in together, as far as they are still in."""
    if not (roles.has(request.user, roles.MARKETER) or queries.brought_in_by(batch_id, request.user.pk)):
        raise PermissionDenied(_("Only who brought them in, or a marketer, can take them out again."))
    ended = enrollment.undo(batch_id=batch_id, now=clock.now())
    if not ended:
        messages.error(request, _("There is nobody to take out: this was undone, or they have gone through."))
    else:
        words = ngettext(
            "%(number)s person is out again. What was sent stays sent.",
            "%(number)s people are out again. What was sent stays sent.",
            len(ended),
        )
        messages.success(request, words % {"number": len(ended)})
    return redirect("nurturing:sequences")


def _ask(request: HttpRequest, form: EnrollForm) -> HttpResponse:
    ids = _meant(request)
    context = {
        "form": form,
        "people": queries.outlook(ids),
        "ids": ids,
        "next": _back(request, _next(request)),
    }
    return render(request, "nurturing/enrollments/enroll.html", context, status=422 if form.errors else 200)


def _asked(request: HttpRequest) -> dict[str, object]:
    return {"sequence": request.GET.get("sequence", "")}


def _meant(request: HttpRequest) -> list[int]:
    """Whom the page is about, leniently: what is not a number is nobody."""
    data = request.POST if request.method == "POST" else request.GET
    written = ",".join([*data.getlist("contact"), *data.getlist("ids")]).split(",")
    ids = [number for part in written if (number := _number(part.strip()))]
    return list(dict.fromkeys(ids))[:MOST_AT_ONCE]


def _number(said: str) -> int:
    """0 for what is no number."""
    return int(said) if said.isdecimal() and len(said) < 19 else 0


def _next(request: HttpRequest) -> str:
    data = request.POST if request.method == "POST" else request.GET
    return data.get("next", "")


def _back(request: HttpRequest, path: str) -> str:
    """Only back to a page of our own."""
    if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return path
    return ""


def _sentences(result: EnrollResult, name: str) -> list[str]:
    said = []
    if result.started:
        words = ngettext(
            "%(number)s person is in “%(name)s” now.",
            "%(number)s people are in “%(name)s” now.",
            len(result.started),
        )
        said.append(words % {"number": len(result.started), "name": name})
    if result.waiting:
        words = ngettext(
            "%(number)s waits for another sequence to end.",
            "%(number)s wait for another sequence to end.",
            len(result.waiting),
        )
        said.append(words % {"number": len(result.waiting)})
    if result.already_in:
        words = ngettext(
            "%(number)s was in it already.", "%(number)s were in it already.", len(result.already_in)
        )
        said.append(words % {"number": len(result.already_in)})
    if result.stopped:
        words = ngettext(
            "%(number)s must not be written to and stays out.",
            "%(number)s must not be written to and stay out.",
            len(result.stopped),
        )
        said.append(words % {"number": len(result.stopped)})
    return said or [_("Nobody of these people is in the silo.")]
