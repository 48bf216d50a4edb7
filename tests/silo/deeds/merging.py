"""Two cards made one, and parted again."""

from collections.abc import Callable, Collection

from contacts.models import Contact, Suppression
from contacts.queries import gate
from contacts.services import image, merge, merge_undo
from nurturing.services import preference, standing
from tests.silo.deeds.scene import Scene, assert_well

PEOPLE = ("anna", "berit", "carl", "dana", "erik", "frida")
# When a row was touched, and by which rule nobody's heat was made; the history of a ground is only ever added to.
COMES_AND_GOES = {"updated_at", "changed_at", "heat_rule"}
HISTORY = {"contacts_formerground"}


def picture(people: Collection[Contact]) -> dict[str, dict[str, dict[str, object]]]:
    """Every row about these people in every table, and the stops in force, but for when a row was last touched."""
    rows = {
        table: {
            key: {name: value for name, value in row.items() if name not in COMES_AND_GOES}
            for key, row in found.items()
        }
        for table, found in image.take([one.pk for one in people]).items()
        if found and table not in HISTORY
    }
    stops = Suppression.objects.in_force().order_by("pk").values("address", "channel", "reason", "source")
    return {**rows, "stops": {str(number): dict(stop) for number, stop in enumerate(stops)}}


def assert_same(before: dict[str, dict[str, dict[str, object]]], people: Collection[Contact]) -> None:
    """As before, or else: which table, which row, which column."""
    after = picture(people)
    wrong = [
        (table, key, column, was.get(column), now.get(column))
        for table in sorted({*before, *after})
        for key in sorted({*before.get(table, {}), *after.get(table, {})})
        for was, now in [(before.get(table, {}).get(key, {}), after.get(table, {}).get(key, {}))]
        for column in sorted({*was, *now})
        if was.get(column) != now.get(column)
    ]
    assert wrong == []


def merged(kept: str, dropped: str, *take: str) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        one, other = getattr(s, kept), getattr(s, dropped)
        merge.merge(kept_id=one.pk, dropped_id=other.pk, take=take, by=s.sam, now=s.now)
        assert not Contact.objects.filter(pk=other.pk).exists()

    act.__name__ = f"{kept}_takes_in_{dropped}"
    return act


def merged_and_parted(kept: str, dropped: str, *take: str) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        pair = [getattr(s, kept), getattr(s, dropped)]
        standing.recompute([one.pk for one in pair], now=s.now)
        before = picture(pair)
        made = merge.merge(kept_id=pair[0].pk, dropped_id=pair[1].pk, take=take, by=s.sam, now=s.now)
        assert_well(s.now)
        merge_undo.part(merge_id=made.pk, by=s.sam, now=s.now)
        assert_same(before, pair)

    act.__name__ = f"{kept}_takes_in_{dropped}_and_back"
    return act


def merged_with_an_opted_out(s: Scene) -> None:
    preference.stop(contact_id=s.frida.pk, send_id=0, how="link", now=s.now)
    merged("anna", "frida")(s)
    assert not gate.verdict(s.anna.pk).allowed
