"""Who is meant: people chosen one by one, or everybody who fits a search and filters, but for those taken out by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from django.db.models import QuerySet
from django.utils.translation import ngettext

from contacts.models import Contact
from contacts.queries import filters


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen by hand (`ids`), or all who fit (`asked`) without some (`without`)."""

    ids: tuple[int, ...] = ()
    asked: Mapping[str, str] = field(default_factory=dict)
    without: tuple[int, ...] = ()
    everybody: bool = False

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """From what `as_json` gave."""
        return cls(
            ids=tuple(said.get("ids", ())),
            asked=dict(said.get("asked", {})),
            without=tuple(said.get("without", ())),
            everybody=bool(said.get("everybody", False)),
        )

    def as_json(self) -> dict[str, Any]:
        """For a row that remembers who was meant."""
        if not self.everybody:
            return {"ids": list(self.ids)}
        asked = {name: value for name, value in self.asked.items() if value}
        return {"everybody": True, "asked": asked, "without": list(self.without)}

    def people(self, *, now: datetime) -> QuerySet[Contact]:
        """Those who are meant and in the silo at this moment."""
        if not self.everybody:
            return Contact.objects.present().filter(pk__in=self.ids)
        found = filters.matching(self.asked, now=now)
        return found.exclude(pk__in=self.without) if self.without else found

    def words(self) -> str:
        """Who is meant, as a colleague would say it."""
        if not self.everybody:
            words = ngettext(
                "%(number)s person chosen by hand", "%(number)s people chosen by hand", len(self.ids)
            )
            return words % {"number": len(self.ids)}
        said = filters.in_words(self.asked)
        if not self.without:
            return said
        words = ngettext("%(who)s, without %(number)s", "%(who)s, without %(number)s", len(self.without))
        return words % {"who": said, "number": len(self.without)}

    @property
    def is_the_whole_silo(self) -> bool:
        return self.everybody and not any(self.asked.values())
