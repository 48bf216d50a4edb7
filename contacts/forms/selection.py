"""Who is meant, out of the list's form: ticked boxes, or the box for all who fit."""

from django.http import QueryDict

from contacts.forms.contact import FindForm
from contacts.queries.selection import Selection

MOST_BY_HAND = 10_000


def selection_of(data: QueryDict) -> Selection | None:
    """None when nobody was chosen."""
    if data.get("everybody"):
        return Selection(everybody=True, asked=FindForm(data).asked, without=_ids(data.getlist("without")))
    ids = _ids(data.getlist("ids"))
    return Selection(ids=ids) if ids else None


def _ids(said: list[str]) -> tuple[int, ...]:
    numbers = [int(one) for one in said[:MOST_BY_HAND] if one.isdecimal() and len(one) < 19]
    return tuple(dict.fromkeys(numbers))
