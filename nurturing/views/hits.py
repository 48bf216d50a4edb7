"""Links out of mails: written down first, answered then. Neither ever changes anything else."""

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from contacts import clock
from contacts.keys import BadToken
from nurturing.models import Hit
from nurturing.sending import tokens
from nurturing.services import hit
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
    try:
        hit.record([new], now=clock.now())
    except DatabaseError:
        log.exception(
            "hit_not_recorded", kind=new.kind, send=new.send_id, link=new.link_no, method=new.method
        )
