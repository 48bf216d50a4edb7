"""The saved views of the list, and how a colleague's list looks."""

from contacts.models import ListLayout, SavedView


def seen_by(user_id: int) -> list[SavedView]:
    """A colleague's own views and everybody's, by name."""
    return list(SavedView.objects.seen_by(user_id).select_related("by").order_by("name", "pk"))


def offered_to(user_id: int) -> list[SavedView]:
    """The same for the list of people, which names neither their makers nor their days."""
    return list(SavedView.objects.raw(_OFFERED, [user_id]))


# By hand, as the one below: asked for every page of the list, and Django takes longer to write them than PostgreSQL to answer.
_OFFERED = (
    "SELECT * FROM contacts_savedview WHERE deleted_at IS NULL AND (by_id = %s OR shared) ORDER BY name, id"
)


def one(number: str, *, user_id: int) -> SavedView | None:
    """The view of that number, if the colleague may see it."""
    if not number.isdecimal() or len(number) > 18:
        return None
    return SavedView.objects.seen_by(user_id).filter(pk=int(number)).first()


def opening(user_id: int) -> SavedView | None:
    """The view with which a colleague's list opens."""
    layout = ListLayout.objects.filter(pk=user_id).select_related("opens_with").first()
    view = layout.opens_with if layout else None
    seen = view is not None and view.deleted_at is None and (view.shared or view.by_id == user_id)
    return view if seen else None


def columns_of(user_id: int) -> list[str]:
    """The columns that a colleague chose, or none."""
    layout = next(iter(ListLayout.objects.raw(_LAYOUT, [user_id])), None)
    return layout.columns if layout else []


_LAYOUT = "SELECT * FROM contacts_listlayout WHERE user_id = %s"
