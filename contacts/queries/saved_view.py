"""The saved views of the list, and how a colleague's list looks."""

from contacts.models import ListLayout, SavedView


def seen_by(user_id: int) -> list[SavedView]:
    """A colleague's own views and everybody's, by name."""
    return list(SavedView.objects.seen_by(user_id).select_related("by").order_by("name", "pk"))


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
    return ListLayout.objects.filter(pk=user_id).values_list("columns", flat=True).first() or []
