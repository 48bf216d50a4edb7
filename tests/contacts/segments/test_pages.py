"""The pages of segments, without a script: build, save, take back, put away, ask why."""

from typing import Any

import pytest
from django.test import Client

from contacts.models import AuditEvent, Contact, Segment
from contacts.services import segment as service
from silo.models import User
from tests import cast

NOW = cast.NOW
NORWAY = {"version": 1, "all": [{"if": "country", "op": "is", "value": "NO"}]}


@pytest.fixture
def norway(mira: User) -> Segment:
    return service.make(name="Norway", asked=NORWAY, by=mira, now=NOW)


def fields(segment: Segment | None = None, **more: str) -> dict[str, str]:
    """What the page of a segment with one condition posts."""
    return {
        "name": "Norway", "revision": str(segment.revision if segment else 0), "join.0": "all", "if.0.0": "country",
        "op.0.0": "is", "value.0.0.value": "NO", **more,
    }  # fmt: skip


def asked(client: Client, address: str, **said: str) -> str:
    return client.post(address, fields(**said)).content.decode()


def test_a_segment_is_built_step_by_step_without_a_script(mira: User, anna: Contact, chen: Contact) -> None:
    client = cast.client_of(mira)
    first = client.get("/segments/new/").content.decode()
    assert 'name="if.0.0"' in first
    said: dict[str, str] = {"name": "Bergen or Chen", "join.0": "all", "if.0.0": "city", "do": "look"}
    page = client.post("/segments/new/", said).content.decode()
    assert 'name="op.0.0"' in page and "1 condition is not complete yet" in page
    said |= {"op.0.0": "is", "value.0.0.value": "bergen", "do": "group.0"}
    page = client.post("/segments/new/", said).content.decode()
    assert 'name="join.0.1"' in page and 'name="if.0.1.0"' in page
    assert "city is “bergen”" in page and "Anna Lind" in page and "Chen Wu" not in page
    said |= {
        "join.0": "any",
        "join.0.1": "all",
        "if.0.1.0": "name",
        "op.0.1.0": "starts",
        "value.0.1.0.value": "CHEN",
    }
    answer = client.post("/segments/new/", said | {"do": "save"})
    made = Segment.objects.get()
    assert answer.headers["Location"] == f"/segments/{made.pk}/"
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Anna Lind" in page and "Chen Wu" in page and "<b>2</b>" in page
    assert [one.verb for one in AuditEvent.objects.filter(object_id=made.pk)] == ["segment.made"]


def test_a_condition_and_a_group_are_taken_out(mira: User) -> None:
    said = fields() | {"join.0.1": "none", "if.0.1.0": "phone", "op.0.1.0": "there", "do": "drop.0.0"}
    page = cast.client_of(mira).post("/segments/new/", said).content.decode()
    assert 'value="NO"' not in page.split("segment-outlook")[0].split("optgroup")[-1]
    assert "Everybody of whom this is true: not (phone number is known)." in page
    page = cast.client_of(mira).post("/segments/new/", said | {"do": "drop.0.1"}).content.decode()
    assert "Everybody of whom this is true: country is Norway." in page


def test_what_is_incomplete_is_not_saved_and_says_what_is_missing(mira: User) -> None:
    answer = cast.client_of(mira).post("/segments/new/", fields(do="save") | {"value.0.0.value": ""})
    assert answer.status_code == 422
    assert "Choose one." in answer.content.decode()
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    ("name", "sentence"), [(" ", "Give the segment a name."), ("NORWAY", "Another segment has this name.")]
)
def test_a_name_is_needed_and_taken_once(mira: User, norway: Segment, name: str, sentence: str) -> None:
    answer = cast.client_of(mira).post("/segments/new/", fields(do="save", name=name))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_change_is_saved_and_taken_back(mira: User, norway: Segment) -> None:
    client = cast.client_of(mira)
    client.post(
        f"/segments/{norway.pk}/", fields(norway, do="save") | {"value.0.0.value": "SE", "name": "Sweden"}
    )
    norway.refresh_from_db()
    assert (norway.name, norway.revision, norway.rule["all"][0]["value"]) == ("Sweden", 2, "SE")
    client.post(f"/segments/{norway.pk}/undo/")
    norway.refresh_from_db()
    assert (norway.name, norway.revision, norway.rule) == ("Norway", 3, NORWAY)
    assert [one.revision for one in norway.versions.order_by("revision")] == [1, 2, 3]


def test_the_second_of_two_who_change_it_is_told_and_loses_nothing(
    mira: User, ada: User, norway: Segment
) -> None:
    seen = fields(norway, do="save")
    cast.client_of(ada).post(f"/segments/{norway.pk}/", seen | {"value.0.0.value": "SE"})
    answer = cast.client_of(mira).post(f"/segments/{norway.pk}/", seen | {"value.0.0.value": "FI"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Ada changed this segment while you worked on it." in page
    assert "country is Sweden" in page and "country is Finland" in page
    norway.refresh_from_db()
    assert norway.rule["all"][0]["value"] == "SE"
    again = cast.client_of(mira).post(
        f"/segments/{norway.pk}/", seen | {"value.0.0.value": "FI", "revision": str(norway.revision)}
    )
    assert again.status_code == 302
    norway.refresh_from_db()
    assert norway.rule["all"][0]["value"] == "FI"


def test_the_archive_takes_and_gives_back(mira: User, norway: Segment) -> None:
    client = cast.client_of(mira)
    client.post(f"/segments/{norway.pk}/archive/")
    assert "Norway</a>" not in client.get("/segments/").content.decode()
    assert "Norway</a>" in client.get("/segments/?show=archive").content.decode()
    client.post(f"/segments/{norway.pk}/restore/")
    assert "Norway</a>" in client.get("/segments/").content.decode()


def test_it_says_why_one_person_is_in_and_another_out(
    mira: User, norway: Segment, anna: Contact, chen: Contact
) -> None:
    client = cast.client_of(mira)
    found = asked(client, f"/segments/{norway.pk}/", do="find", q="chen")
    assert f'value="who.{chen.pk}"' in found
    page = asked(client, f"/segments/{norway.pk}/", do=f"who.{chen.pk}")
    assert "country is Norway" in page and "– Sweden" in page and "does not hold" in page
    page = asked(client, f"/segments/{norway.pk}/", who=str(chen.pk))  # kept while the rule changes
    assert "– Sweden" in page


def test_a_salesperson_reads_and_asks_but_changes_nothing(sam: User, norway: Segment, anna: Contact) -> None:
    client = cast.client_of(sam)
    page = client.get(f"/segments/{norway.pk}/").content.decode()
    assert "Anna Lind" in page and "country is Norway" in page and "add.0" not in page
    why = client.post(f"/segments/{norway.pk}/", {"do": f"who.{anna.pk}"}).content.decode()
    assert "– Norway" in why
    assert client.post(f"/segments/{norway.pk}/", fields(norway, do="save", name="X")).status_code == 403
    for address in ("new", f"{norway.pk}/archive", f"{norway.pk}/restore", f"{norway.pk}/undo"):
        assert client.post(f"/segments/{address}/").status_code == 403
    norway.refresh_from_db()
    assert norway.name == "Norway"


def test_a_script_gets_the_form_alone(mira: User, norway: Segment) -> None:
    answer = cast.client_of(mira).post(
        f"/segments/{norway.pk}/", fields(norway, do="add.0"), headers={"HX-Request": "true"}
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and page.lstrip().startswith("<form")
    assert 'id="if.0.1"' in page and "autofocus" in page


@pytest.mark.parametrize(
    "said",
    [
        {"do": "drop.0.99"}, {"do": "add.9.9.9"}, {"do": "group.0.0"}, {"do": "add."}, {"do": "drop.0"}, {"do": "who.abc"},
        {"do": "who.99999999999999999999"}, {"join.0": "xor"}, {"if.0.0": "weather"}, {"if.0.0": "x\x00y", "do": "save"},
        {"value.0.0.value": "x" * 5000}, {"op.0.0": "'; DROP"}, {"kept.0.0": "[", "if.0.0": "weather"},
        {"revision": "-1"}, {"revision": "1e9"}, {"if.0.0": "created", "op.0.0": "within", "value.0.0.days": "1e400"},
        {"if.0.0": "custom:", "do": "save"}, {"q": "\x00' OR 1=1"}, {"name": "\x00"},
    ],
)  # fmt: skip
def test_made_up_fields_break_nothing(mira: User, norway: Segment, said: dict[str, str]) -> None:
    for more in ({}, {"do": "save"}):
        answer = cast.client_of(mira).post(f"/segments/{norway.pk}/", fields(norway) | said | more)
        assert answer.status_code in (200, 302, 409, 422)


def test_a_lost_condition_says_so_and_lets_nobody_through(mira: User, anna: Contact) -> None:
    lost: dict[str, Any] = {"version": 1, "none": [{"if": "topic", "op": "has", "value": "77"}]}
    made = service.make(name="Lost", asked=lost, by=mira, now=NOW)
    page = cast.client_of(mira).get(f"/segments/{made.pk}/").content.decode()
    assert "This topic is no longer there." in page and "<b>0</b>" in page


def test_the_list_counts_what_can_be_counted_at_once(mira: User, norway: Segment, anna: Contact) -> None:
    page = cast.client_of(mira).get("/segments/").content.decode()
    assert "country is Norway" in page and "1 person" in page and f"/people/?segment={norway.pk}" in page
