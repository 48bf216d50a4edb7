"""The mailboxes in use, for the page that sets them up."""

from nurturing.models import Mailbox


def in_use() -> list[Mailbox]:
    """All of them, by address."""
    return list(Mailbox.objects.filter(stopped_at=None).order_by("address", "pk"))


def one(mailbox_id: int) -> Mailbox | None:
    """One in use."""
    return Mailbox.objects.filter(pk=mailbox_id, stopped_at=None).first()


def in_trouble() -> int:
    """How many of them cannot be read just now."""
    return Mailbox.objects.filter(stopped_at=None).exclude(trouble="").count()
