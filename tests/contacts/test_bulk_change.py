"""Something is done to many people, and taken back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts import bulk, clock
from contacts.models import AuditEvent, BulkChange, BulkRow, Contact, Suppression
from contacts.queries import bulk_change as queries
from contacts.queries.selection import Selection
from contacts.services import bulk_change, erasure, suppression
from nurturing.models import Enrollment, Pause, Standing
from silo.models import User
from tests import cast
from tests.nurturing import supply

EVERYBODY = Selection(everybody=True)


def people(number: int, **fields: Any) -> list[Contact]:
    return [cast.contact("P", f"{at:02}", **fields) for at in range(number)]


def make(
    name: str, params: dict[str, Any], *, by: User, now: datetime, meant: Selection = EVERYBODY
) -> BulkChange:
    action = bulk.change(name)
    assert action is not None
    return bulk_change.begin(action=action, params=params, selection=meant, by=by, now=now)


def done(change: BulkChange, now: datetime) -> BulkChange:
    return bulk_change.run(change_id=change.pk, clock=lambda: now)


def undone(change: BulkChange, *, by: User, now: datetime) -> BulkChange:
    bulk_change.begin_undo(change_id=change.pk, by=by, now=now)
    return done(change, now)


def tags() -> list[list[str]]:
    return list(Contact.objects.order_by("pk").values_list("tags", flat=True))


def test_a_tag_comes_and_goes_and_whoever_had_it_keeps_it(db: None, mira: User, now: datetime) -> None:
    people(2, tags=["old"])
    had = cast.contact("Had", "It", tags=["fair", "old"])
    change = done(make("tag", {"tag": "fair"}, by=mira, now=now), now)
    assert (change.state, change.total, change.counts) == ("done", 3, {"changed": 2, "same": 1})
    assert tags() == [["old", "fair"], ["old", "fair"], ["fair", "old"]]
    undone(change, by=mira, now=now)
    assert tags() == [["old"], ["old"], ["fair", "old"]]
    assert Contact.objects.get(pk=had.pk).updated_at == had.updated_at


def test_a_tag_that_is_taken_away_comes_back_to_its_place(db: None, mira: User, now: datetime) -> None:
    people(1, tags=["a", "b", "c"])
    changed_since = cast.contact("C", "S", tags=["b", "d"])
    again = cast.contact("A", "G", tags=["b"])
    change = done(make("untag", {"tag": "b"}, by=mira, now=now), now)
    assert tags() == [["a", "c"], ["d"], []]
    Contact.objects.filter(pk=changed_since.pk).update(tags=["d", "e"])
    Contact.objects.filter(pk=again.pk).update(tags=["b", "z"])
    change = undone(change, by=mira, now=now)
    assert tags() == [["a", "b", "c"], ["d", "e", "b"], ["b", "z"]]
    assert change.undo_counts == {"undone": 2, "kept": 1}


def test_people_go_back_to_their_owners_but_not_from_a_third(
    db: None, mira: User, sam: User, tess: User, now: datetime
) -> None:
    first, _second, third = people(3)
    Contact.objects.filter(pk=first.pk).update(owner=sam)
    change = done(make("assign", {"owner": tess.pk, "name": "Tess"}, by=mira, now=now), now)
    assert set(Contact.objects.values_list("owner__name", flat=True)) == {"Tess"}
    Contact.objects.filter(pk=third.pk).update(owner=mira)
    undone(change, by=mira, now=now)
    owners = Contact.objects.order_by("pk").values_list("owner_id", flat=True)
    assert list(owners) == [sam.pk, None, mira.pk]


def test_a_stop_for_many_is_lifted_again_but_not_what_they_said_themselves(
    db: None, mira: User, now: datetime
) -> None:
    first, _second = people(2)
    without = cast.contact("No", "Mail", email=None, phone="+4755010203")
    chen = cast.make_chen()
    change = done(make("stop", {"channel": "mail", "source": "asked"}, by=mira, now=now), now)
    assert change.counts == {"changed": 2, "same": 1, "refused": 1}
    assert queries.reasons(change) == [("no address or number of that kind", 1)]
    assert Suppression.objects.in_force().filter(reason="by_hand").count() == 2
    suppression.stop(
        address=first.email or "", channel="mail", reason="unsubscribed", source="the link", now=now
    )
    undone(change, by=mira, now=now)
    left = Suppression.objects.in_force().values_list("address", flat=True)
    assert set(left) == {first.email, chen.email}
    assert BulkRow.objects.get(change=change, contact_id=first.pk).outcome == "kept"
    assert without.pk


def test_people_are_paused_together_and_an_earlier_pause_goes_on_after_the_undo(
    db: None, mira: User, now: datetime
) -> None:
    free, paused, longer = people(3)
    until = now + timedelta(days=40)
    for one, days in ((paused, 10), (longer, 90)):
        Pause.objects.create(contact=one, at=now, until=now + timedelta(days=days), because="", by=mira)
    cast.make_chen()
    change = done(make("pause", {"until": until.isoformat(), "because": "fair"}, by=mira, now=now), now)
    assert change.counts["changed"] == 2 and change.counts["same"] == 1
    assert Standing.objects.get(pk=free.pk).state == "paused"
    undone(change, by=mira, now=now)
    running = dict(Pause.objects.filter(ended_at=None).values_list("contact_id", "until"))
    assert running == {paused.pk: now + timedelta(days=10), longer.pk: now + timedelta(days=90)}
    assert Standing.objects.get(pk=free.pk).state == "nurtured"


def test_whoever_came_after_the_confirmation_is_not_touched_and_whoever_went_is_counted(
    db: None, mira: User, now: datetime
) -> None:
    _stays, goes = people(2)
    change = make("tag", {"tag": "x"}, by=mira, now=now)
    late = cast.contact("Late", "Comer")
    Contact.objects.filter(pk=goes.pk).update(erased_at=now)
    change = done(change, now)
    assert change.counts == {"changed": 1, "gone": 1}
    assert Contact.objects.get(pk=late.pk).tags == []
    assert [part.count for part in queries.parts(change, url="")] == [1, 1]


class Killed(BaseException):
    """The worker dies."""


def test_a_killed_worker_leaves_nothing_half_done_and_the_next_one_goes_on(
    db: None, mira: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(5)
    monkeypatch.setattr(bulk_change, "CHUNK", 2)
    change = make("tag", {"tag": "x"}, by=mira, now=now)
    ticks = iter([now, now])

    def dies() -> datetime:
        for tick in ticks:
            return tick
        raise Killed

    with pytest.raises(Killed):
        bulk_change.run(change_id=change.pk, clock=dies)
    change.refresh_from_db()
    assert (change.state, change.done) == ("running", 4)
    assert bulk_change.unfinished() == [change.pk]
    assert done(change, now).counts == {"changed": 5}
    assert tags() == [["x"]] * 5


def test_a_change_is_stopped_half_way_and_taken_back(
    db: None, mira: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(5)
    monkeypatch.setattr(bulk_change, "CHUNK", 2)
    change = make("tag", {"tag": "x"}, by=mira, now=now)

    def stops() -> datetime:
        if BulkChange.objects.get(pk=change.pk).done == 2:
            bulk_change.cancel(change_id=change.pk, by=mira, now=now)
        return now

    assert bulk_change.run(change_id=change.pk, clock=stops).state == "cancelled"
    assert sum(map(bool, tags())) == 2
    assert undone(change, by=mira, now=now).state == "undone"
    assert not any(tags())
    with pytest.raises(bulk_change.NotNow):
        bulk_change.begin_undo(change_id=change.pk, by=mira, now=now)


def test_nothing_is_taken_back_after_thirty_days(db: None, mira: User, now: datetime) -> None:
    people(1)
    change = done(make("tag", {"tag": "x"}, by=mira, now=now), now)
    assert bulk_change.can_undo(change, now=now + timedelta(days=29))
    assert not bulk_change.can_undo(change, now=now + timedelta(days=31))


def test_one_line_in_the_audit_log_for_a_change_and_none_with_values(
    db: None, mira: User, now: datetime
) -> None:
    people(3)
    before = AuditEvent.objects.count()
    change = done(make("tag", {"tag": "secret"}, by=mira, now=now), now)
    undone(change, by=mira, now=now)
    lines = AuditEvent.objects.order_by("pk")[before:]
    assert [(line.verb, line.detail) for line in lines] == [
        ("bulk.tag", {"people": 3}),
        ("bulk.undone", {"people": 3}),
    ]


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("tag", {"tag": "x"}),
        ("untag", {"tag": "old"}),
        ("assign", {"owner": None, "name": ""}),
        ("stop", {"channel": "all", "source": ""}),
    ],
)
def test_one_and_three_people_need_the_same_number_of_statements(
    db: None, mira: User, now: datetime, name: str, params: dict[str, Any]
) -> None:
    asked = []
    for number in (1, 3):
        meant = [cast.contact(f"N{number}", str(at), tags=["old"], owner=mira).pk for at in range(number)]
        change = make(name, params, by=mira, now=now, meant=Selection(ids=tuple(meant)))
        with CaptureQueriesContext(connection) as captured:
            done(change, now)
        asked.append(len(captured))
    assert asked[0] == asked[1]


def test_the_page_asks_says_what_will_happen_and_does_it(db: None, sam: User, now: datetime) -> None:
    people(2)
    cast.contact("Had", "It", tags=["fair"])
    client = cast.client_of(sam)
    asks = client.get("/people/many/tag/", {"everybody": "1", "q": ""})
    assert "3 people are meant" in asks.content.decode() and "See what will happen" in asks.content.decode()
    says = client.get("/people/many/tag/", {"everybody": "1", "do-tag": "fair"})
    assert "Tag with “fair”" in says.content.decode()
    assert [number for _words, number in says.context["foreseen"]] == [1]
    assert not BulkChange.objects.exists()
    answer = client.post("/people/many/tag/", {"everybody": "1", "do-tag": "fair"})
    change = BulkChange.objects.get()
    assert answer.headers["Location"] == f"/people/changes/{change.pk}/"
    assert (change.total, change.created_by) == (3, sam)
    with clock.at(now):
        assert client.get(f"/people/changes/{change.pk}/progress/").status_code == 200


def test_the_set_is_that_of_the_filters_of_the_list(db: None, sam: User, now: datetime) -> None:
    cast.contact("Anna", "Ek", country="SE", email="anna@one.example")
    cast.contact("Anna", "Ås", country="NO", email="anna@two.example")
    cast.contact("Olle", "Ek", country="SE", email="olle@one.example")
    client = cast.client_of(sam)
    client.post("/people/many/tag/", {"everybody": "1", "q": "anna", "country": "SE", "do-tag": "x"})
    change = BulkChange.objects.get()
    assert (change.total, change.meant) == (1, "everybody with search “anna”, country SE")


def test_only_who_made_a_change_or_a_marketer_takes_it_back(
    db: None, sam: User, tess: User, mira: User, now: datetime
) -> None:
    people(1)
    change = done(make("tag", {"tag": "x"}, by=sam, now=now), now)
    undo = f"/people/changes/{change.pk}/undo/"
    assert cast.client_of(tess).post(undo).status_code == 403
    assert cast.client_of(sam).get(undo).status_code == 405
    with clock.at(now):
        assert cast.client_of(mira).post(undo).status_code == 302
    change.refresh_from_db()
    assert change.state == "undoing"


def test_a_salesperson_stops_nobody_by_the_thousand(db: None, sam: User) -> None:
    people(1)
    assert cast.client_of(sam).get("/people/many/stop/", {"everybody": "1"}).status_code == 403
    assert cast.client_of(sam).get("/people/many/nothing/", {"everybody": "1"}).status_code == 404
    assert "Nobody is chosen" in cast.client_of(sam).get("/people/many/tag/").content.decode()


def test_an_erased_person_is_not_named_by_what_was_searched_for(
    db: None, mira: User, ada: User, now: datetime
) -> None:
    anna = cast.make_anna()
    change = make(
        "tag", {"tag": "x"}, by=mira, now=now, meant=Selection(everybody=True, asked={"q": "anna lind"})
    )
    erasure.erase(contact_ids=[anna.pk], why="asked", by=ada, now=now)
    change.refresh_from_db()
    assert "lind" not in f"{change.meant} {change.selection}".lower()


def still_in() -> list[int]:
    rows = Enrollment.objects.filter(ended_at=None).order_by("contact_id")
    return list(rows.values_list("contact_id", flat=True))


def test_people_are_brought_into_a_sequence_and_out_again(db: None, mira: User, now: datetime) -> None:
    sequence = supply.sequence()
    first, second = people(2)
    cast.make_chen()
    change = done(make("enroll", {"sequence": sequence.pk, "name": sequence.name}, by=mira, now=now), now)
    assert change.counts == {"changed": 2, "refused": 1}
    assert still_in() == [first.pk, second.pk]
    Enrollment.objects.filter(contact=first).update(ended_at=now, end_reason="replied")
    change = undone(change, by=mira, now=now)
    assert change.undo_counts == {"undone": 1, "kept": 1}
    assert still_in() == []
