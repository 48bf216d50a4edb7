"""A mail as somebody would get it: the frame with its HTML, and what stands around the frame."""

from typing import Any

from csp.decorators import csp
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts import clock, roles
from nurturing.content import compiling, fields, rendering
from nurturing.content.compiling import Compiled
from nurturing.models import Piece, Sequence, Step
from nurturing.queries import preview
from nurturing.queries import send as sends
from nurturing.queries import sequence as queries
from nurturing.queries.preview import Who
from nurturing.queries.sequence import Timeline
from nurturing.sending.outcome import Fate
from nurturing.services import trial
from nurturing.views.colleague import address
from nurturing.views.sequences import READERS

# The frame holds somebody's HTML with inline styles: it may show pictures and styles, and do nothing at all.
FRAME_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["https:", "data:"],
    "frame-ancestors": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


@require_safe
@csp(FRAME_POLICY)  # type: ignore[arg-type]  # typed for views without arguments
@roles.require(*READERS)
def step_frame(request: HttpRequest, sequence_id: int, step_key: str) -> HttpResponse:
    """The HTML of a step for the sandboxed frame."""
    return _frame(request, step_of(sequence_id, step_key), prefer_sequence=sequence_id)


@require_safe
@csp(FRAME_POLICY)  # type: ignore[arg-type]
@roles.require(*READERS)
def piece_frame(request: HttpRequest, piece_id: int) -> HttpResponse:
    """The HTML of a piece for the sandboxed frame."""
    return _frame(request, get_object_or_404(Piece, pk=piece_id))


def step_of(sequence_id: int, step_key: str) -> Step:
    """The step as its page shows it: in the draft, else in what is live."""
    get_object_or_404(Sequence, pk=sequence_id)
    found = queries.step(sequence_id, step_key)
    if found is None:
        raise Http404(_("There is no such step in this sequence."))
    return found


def context(written: Step | Piece, person: Who, *, timeline: Timeline | None = None) -> dict[str, Any]:
    """What the preview part of a page needs."""
    compiled = compiling.compile_mail(written.subject, written.preheader, written.body, written.language)
    shown, trouble = None, ""
    if compiled.ok:
        try:
            shown = preview.show(compiled, person)
        except rendering.RenderFailed as error:
            trouble = str(error)
    moment = None
    if timeline is not None and person.contact_id is not None and isinstance(written, Step):
        moment = preview.moment(
            person.contact_id,
            sequence_id=timeline.sequence.pk,
            steps=[row.step for row in timeline.rows],
            step_key=written.key,
            now=clock.now(),
        )
    return {
        "compiled": compiled,
        "person": person,
        "preview": shown,
        "preview_trouble": trouble,
        "moment": moment,
        "moment_words": sends.reason_words(moment.reason) if moment else "",
        "awkward": [(code, label) for code, (label, _changes) in preview.AWKWARD.items()],
        "merge_fields": [f"{root}.{name}" for root, names in fields.KNOWN.items() for name in names],
    }


def try_out(request: HttpRequest, compiled: Compiled, person: Who) -> None:
    """Send the mail to the colleague who asks, and say where it is."""
    if not compiled.ok:
        messages.error(request, _("This mail cannot be sent as it is written: see what is wrong with it."))
        return
    to = address(request)
    try:
        outcome = trial.send(to=to, now=clock.now(), compiled=compiled, values=person.merge)
    except trial.CannotTry as error:
        messages.error(request, str(error))
        return
    if outcome.reason == "sandbox":
        messages.success(
            request, _("The test mail to %(to)s is in the outbox: nothing leaves here.") % {"to": to}
        )
    elif outcome.fate is Fate.ACCEPTED:
        messages.success(request, _("A test mail is on its way to %(to)s.") % {"to": to})
    else:
        said = _("The test mail did not leave: %(why)s") % {"why": sends.reason_words(outcome.reason)}
        messages.error(request, said)


def _frame(
    request: HttpRequest, written: Step | Piece, *, prefer_sequence: int | None = None
) -> HttpResponse:
    compiled = compiling.compile_mail(written.subject, written.preheader, written.body, written.language)
    person = preview.who(
        request.GET.get("person", ""), language=written.language, prefer_sequence=prefer_sequence
    )
    try:
        page = preview.show(compiled, person).html if compiled.ok else ""
    except rendering.RenderFailed:
        page = ""
    response = HttpResponse(page)
    response["Referrer-Policy"] = "no-referrer"
    return response
