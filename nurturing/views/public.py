"""Pages for people who have no login: rendered without the request, so that no cookie is set and no
session begun.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from nurturing.services import hit


def page(template: str, context: dict[str, object], *, status: int = 200, language: str = "") -> HttpResponse:
    """A public page in the reader's language; never stored on the way, never found by a search engine."""
    with translation.override(language or translation.get_language()):
        answer = HttpResponse(render_to_string(template, context), status=status)
        answer["Content-Language"] = translation.get_language() or "en"
    return quiet(answer)


def broken_link() -> HttpResponse:
    """A token that is not ours, or was cut off on the way."""
    return page("nurturing/public/broken_link.html", {}, status=404)


def quiet(answer: HttpResponse) -> HttpResponse:
    """Keep an answer to a token out of caches, search engines and referrers."""
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def new_hit(
    request: HttpRequest, kind: str, send_id: int, *, link_no: int | None = None, url: str = ""
) -> hit.NewHit:
    """The request as a raw hit."""
    return hit.NewHit(
        kind=kind,
        send_id=send_id,
        link_no=link_no,
        url=url,
        method=request.method or "",
        agent=request.headers.get("User-Agent", ""),
        address=address_of(request),
        headers=request.headers,
    )


def address_of(request: HttpRequest) -> str:
    """The visitor's address: as our own outermost proxy saw it, where there is one."""
    proxies = int(settings.TRUSTED_PROXIES)
    seen = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    if proxies and len(seen) >= proxies:
        return seen[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))
