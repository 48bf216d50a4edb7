"""What stands behind the links of a mail: tracked in what the silo sends by itself, plain in what somebody asked for
and for whoever does not want to be tracked.
"""

from collections.abc import Callable

from django.conf import settings

from nurturing.models import Send
from nurturing.sending import tokens

# Mails about the law: nobody is watched while they say yes or no.
PLAIN = frozenset({Send.Kind.CONFIRM.value, Send.Kind.ASK.value, Send.Kind.NOTICE.value})


def confirm_page() -> str:
    """The link to put into such a mail; each mail's own token takes its place when it is written."""
    return f"{settings.PUBLIC_URL}/confirm/"


def of(send_id: int, kind: str, *, tracked: bool = True) -> Callable[[int, str], str]:
    """The address behind link `number` that leads to `url`."""
    if kind in PLAIN:
        page = confirm_page()
        return lambda number, url: page + tokens.answer_token(send_id) + "/" if url == page else url
    if not tracked:
        return lambda number, url: url
    return lambda number, url: f"{settings.PUBLIC_URL}/c/{tokens.click_token(send_id, number, url)}"


def trap(send_id: int, kind: str, *, tracked: bool = True) -> str:
    """The link that no person sees; none where nobody is watched."""
    return "" if kind in PLAIN or not tracked else f"{settings.PUBLIC_URL}/t/{tokens.trap_token(send_id)}"
