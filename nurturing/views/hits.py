"""Links out of mails: written down first, answered then. Neither ever changes anything else."""

from datetime import datetime

import structlog
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from contacts import clock
from contacts.keys import BadToken
from nurturing.models import Hit
from nurturing.sending import tokens
from nurturing.services import hit
from nurturing.tasks import hit as tasks
from nurturing.views import public

log = structlog.get_logger(__name__)


@require_safe
def click(request: HttpRequest, token: str) -> HttpResponse:
    """`/c/<token>`: record, then go where the mail's author pointed. The target is signed: nobody can
    bend it.
    """
    try:
        link = tokens.read_click(token)
    except (BadToken, UnicodeDecodeError):
        return public.broken_link()
    record(public.new_hit(request, Hit.Kind.CLICK, link.send_id, link_no=link.link_no, url=link.url))
    return public.quiet(HttpResponseRedirect(link.url))


@require_safe
def trap(request: HttpRequest, token: str) -> HttpResponse:
    """`/t/<token>`: a link that no person sees. Whoever follows it follows everything."""
    try:
        send_id = tokens.read_trap(token)
    except BadToken:
        return public.broken_link()
    record(public.new_hit(request, Hit.Kind.TRAP, send_id))
    return public.quiet(HttpResponse(status=204))


def record(new: hit.NewHit) -> None:
    """Write a hit down; whatever happens to us, the reader gets their page.

    The links of a test mail (send 0) belong to nobody and are not recorded.
    """
    if not new.send_id:
        return
    now = clock.now()
    try:
        hit.record([new], now=now)
    except Error:  # also a connection that broke: InterfaceError is no DatabaseError
        log.exception("hit_recorded_later", kind=new.kind, send=new.send_id, link=new.link_no)
        _later(new, now)


def _later(new: hit.NewHit, now: datetime) -> None:
    """The broker keeps it until the database is back; only when both are away is a hit lost, and the log says so."""
    try:
        tasks.record.delay(said=new.for_later(now=now))
    except Exception:  # whatever the broker's client raises, the reader gets their page
        log.exception("hit_lost", kind=new.kind, send=new.send_id, link=new.link_no, at=now.isoformat())
