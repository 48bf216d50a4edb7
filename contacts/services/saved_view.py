"""Keep, rename and throw away views of the list; columns, and the view that the list opens with."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts.erasing import Who
from contacts.models import ListLayout, SavedView


class NameTaken(ValueError):
    """The colleague has a view of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(_("You have a view called “%(name)s” already.") % {"name": name})


@transaction.atomic
def save(
    *,
    name: str,
    asked: Mapping[str, str],
    order: str,
    columns: Iterable[str],
    shared: bool,
    by_id: int,
    now: datetime,
) -> SavedView:
    """Keep filters, order and columns under a name. Raises NameTaken."""
    try:
        with transaction.atomic():
            return SavedView.objects.create(
                name=name,
                asked={field: value for field, value in asked.items() if value},
                order=order,
                columns=list(columns),
                shared=shared,
                by_id=by_id,
                created_at=now,
            )
    except IntegrityError:
        raise NameTaken(name) from None


def change(*, view_id: int, asked: Mapping[str, str], order: str, columns: Iterable[str], by_id: int) -> bool:
    """Let a view of one's own show something else. False when there is none."""
    said = {field: value for field, value in asked.items() if value}
    own = SavedView.objects.kept().filter(pk=view_id, by_id=by_id)
    return bool(own.update(asked=said, order=order, columns=list(columns)))


@transaction.atomic
def rename(*, view_id: int, name: str, shared: bool, by_id: int) -> bool:
    """Another name for a view of one's own, and whether everybody sees it. Raises NameTaken."""
    try:
        with transaction.atomic():
            own = SavedView.objects.kept().filter(pk=view_id, by_id=by_id)
            return bool(own.update(name=name, shared=shared))
    except IntegrityError:
        raise NameTaken(name) from None


def delete(*, view_id: int, by_id: int, now: datetime) -> bool:
    """Throw a view of one's own away. Nobody's list opens with it any more."""
    return bool(SavedView.objects.kept().filter(pk=view_id, by_id=by_id).update(deleted_at=now))


@transaction.atomic
def restore(*, view_id: int, by_id: int) -> bool:
    """Bring it back. Raises NameTaken when there is another of that name by now."""
    thrown = SavedView.objects.filter(pk=view_id, by_id=by_id, deleted_at__isnull=False)
    try:
        with transaction.atomic():
            return bool(thrown.update(deleted_at=None))
    except IntegrityError:
        raise NameTaken(thrown.get().name) from None


def open_with(*, view_id: int | None, user_id: int) -> None:
    """The list opens with this view from now on, or with everybody."""
    known = SavedView.objects.seen_by(user_id).filter(pk=view_id).first() if view_id else None
    ListLayout.objects.update_or_create(user_id=user_id, defaults={"opens_with": known})


def choose_columns(*, columns: Iterable[str], user_id: int) -> None:
    """Remember the columns of a colleague; none are the usual ones."""
    ListLayout.objects.update_or_create(user_id=user_id, defaults={"columns": list(columns)})


def forget(who: Who, *, now: datetime) -> None:
    """A view that searches for an erased person by address or number searches for nothing any more."""
    told = [*who.addresses, *who.phones]
    for view in SavedView.objects.filter(asked__has_key="q"):
        said = str(view.asked["q"]).lower()
        if any(word in said for word in told):
            view.asked.pop("q")
            view.save(update_fields=["asked"])
