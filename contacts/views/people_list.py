"""What the address of the list asks for, and addresses of the list that ask for something else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import translation

from contacts import lenses
from contacts.forms.contact import FindForm
from contacts.models import SavedView
from contacts.queries import columns, filters
from contacts.queries import contact as people
from contacts.queries import saved_view as views


@dataclass(frozen=True, slots=True)
class Shown:
    """The list as it was asked for: filters, order, columns, and the saved view it started from."""

    form: FindForm
    asked: people.Asked
    view: SavedView | None
    columns: Sequence[lenses.Column]
    known_columns: Sequence[lenses.Column]

    @property
    def searching(self) -> bool:
        return any(self.asked.filters.values())

    @property
    def marks(self) -> list[tuple[filters.Mark, str]]:
        """Each filter that is set, with the address of the list without it."""
        return [
            (replace(mark, value=self._label(mark)), self.url(**{mark.name: ""}))
            for mark in filters.marks(self.asked.filters)
        ]

    def _label(self, mark: filters.Mark) -> str:
        """A choice as the form says it: “Norway”, not “NO”."""
        choices = getattr(self.form.fields.get(mark.name), "choices", ())
        return str(dict(choices).get(self.asked.filters[mark.name], mark.value))

    @property
    def differs(self) -> bool:
        """Whether filters or order are no longer those of the view."""
        if self.view is None:
            return self.searching or bool(self.asked.order)
        return (_set(self.view.asked), self.view.order) != (_set(self.asked.filters), self.asked.order)

    def url(self, *, to: str = "", **other: str) -> str:
        """The list with other values; a cursor is dropped unless one is given."""
        said = {
            **self.asked.filters,
            "sort": self.asked.order,
            "view": str(self.view.pk) if self.view else "",
        }
        said = {name: value for name, value in {**said, **other}.items() if value}
        return to + "?" + urlencode(said or {"all": "1"})


def shown(said: QueryDict, *, user_id: int) -> Shown:
    """Read an address. What makes no sense in it asks for nothing."""
    form = FindForm(said)
    known = form.asked  # cleans the form
    chosen = views.one(said.get("view", ""), user_id=user_id)
    names = (chosen.columns if chosen else None) or views.columns_of(user_id)
    asked = people.Asked(
        filters=known,
        order=form.cleaned_data.get("sort", people.NEWEST),
        older_than=said.get("older", ""),
        newer_than=said.get("newer", ""),
        language=translation.get_language() or "",
    )
    every = columns.of_page()
    return Shown(form, asked, chosen, columns=columns.on_page(every, names), known_columns=every)


def url_of(view: SavedView) -> str:
    """The list as a saved view shows it."""
    said = {**_set(view.asked), "sort": view.order, "view": str(view.pk)}
    return (
        reverse("contacts:people") + "?" + urlencode({name: value for name, value in said.items() if value})
    )


def words_of(view: SavedView) -> str:
    """What a saved view shows, in words."""
    return filters.in_words(_set(view.asked))


def _set(asked: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value}
