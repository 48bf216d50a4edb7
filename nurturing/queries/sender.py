"""Who writes, and what is missing before they may."""

from collections.abc import Sequence

from nurturing.models import Sender


def all_senders() -> list[Sender]:
    """The default first."""
    return list(Sender.objects.order_by("-is_default", "pk"))


def choose(senders: Sequence[Sender], *, language: str) -> Sender | None:
    """The one that speaks the language, else the default, else the first."""
    speaking = [one for one in senders if one.language == language]
    return next(iter(speaking or senders), None)


def blank() -> Sender:
    """A sender that nobody has saved yet."""
    return Sender(window=10)
