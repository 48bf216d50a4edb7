"""The pages on which one person is changed, two become one, and the company's own fields are made."""

from datetime import datetime

import pytest
from django.test import Client

from contacts.models import (
    AuditEvent,
    Company,
    Contact,
    CustomField,
    DetailsChange,
    DuplicatePair,
    Merge,
    MergeRun,
    Topic,
)
from contacts.services import custom_field, duplicate, field, merge
from contacts.tasks import duplicate as tasks
from silo.models import User
from tests import cast

pytestmark = pytest.mark.django_db


def post(client: Client, one: Contact, name: str, value: object, **more: object) -> object:
    seen = field.seen_of(Contact.objects.get(pk=one.pk), name)
    return client.post(
        f"/people/{one.pk}/field/{name}/",
        {"value": value, "seen": seen} | more,
        headers=more.pop("headers", {}),
    )


def undo_in(client: Client, page: str) -> str:
    """The address behind the undo button of the last message on a page."""
    text = client.get(page).content.decode()
    return text.rsplit('class="flash', 2)[1].split('action="')[1].split('"')[0].replace("&amp;", "&")


def test_a_value_is_changed_where_it_stands_and_taken_back(anna: Contact, sam: User) -> None:
    client = cast.client_of(sam)
    here = f"/people/{anna.pk}/field/title/"
    fragment = client.get(here, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert 'value="Innkjøpssjef"' in fragment
    assert "<html" in client.get(here).content.decode(), "a page of its own without JavaScript"
    answer = post(client, anna, "title", "Fabrikksjef")
    assert answer.headers["Location"] == anna.get_absolute_url()
    undo = undo_in(client, anna.get_absolute_url())
    client.post(undo)
    assert Contact.objects.get(pk=anna.pk).title == "Innkjøpssjef"


def test_the_second_of_two_sees_what_the_first_wrote_and_keeps_his_own(
    anna: Contact, sam: User, tess: User
) -> None:
    seen = field.seen_of(anna, "title")
    post(cast.client_of(tess), anna, "title", "Hers")
    answer = cast.client_of(sam).post(
        f"/people/{anna.pk}/field/title/", {"value": "Mine", "seen": seen}, headers={"HX-Request": "true"}
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "A colleague wrote “Hers” here meanwhile." in text
    assert 'value="Mine"' in text
    assert 'value="Hers"' in text, "saving again is meant"
    again = cast.client_of(sam).post(f"/people/{anna.pk}/field/title/", {"value": "Mine", "seen": "Hers"})
    assert again.status_code == 302


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("email", "nonsense", "holds no address"),
        ("phone", "abc", "cannot be read"),
        ("email", "", "no way to reach"),
        ("custom:machines", "many", "is not a number"),
        ("owner", "987654", "Select a valid choice"),
        ("country", "XX", "Select a valid choice"),
        ("title", "T" * 300, "at most 200"),
    ],
)
def test_what_cannot_stand_there_is_refused_in_words(
    anna: Contact, sam: User, now: datetime, name: str, value: str, words: str
) -> None:
    custom_field.make(name="Machines", kind="number", by=sam, now=now)
    if not value:
        Contact.objects.filter(pk=anna.pk).update(phone="")
    before = Contact.objects.values().get(pk=anna.pk)
    answer = post(cast.client_of(sam), anna, name, value)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Contact.objects.values().get(pk=anna.pk) == before


def test_an_address_that_somebody_has_leads_to_them(anna: Contact, dana: Contact, sam: User) -> None:
    answer = post(cast.client_of(sam), anna, "email", dana.email)
    assert f'href="{dana.get_absolute_url()}"' in answer.content.decode().replace("'", '"')


def test_choices_dates_topics_and_owners_are_saved_as_what_they_are(
    anna: Contact, sam: User, now: datetime
) -> None:
    client = cast.client_of(sam)
    topic = Topic.objects.create(name="Drift", slug="drift")
    custom_field.make(name="Renewal", kind="date", by=sam, now=now)
    custom_field.make(name="Level", kind="choice", choices=["Guld"], by=sam, now=now)
    custom_field.make(name="Wants news", kind="yes_no", by=sam, now=now)
    for name, value in (
        ("custom:renewal", "21.11.2026"), ("custom:level", "Guld"), ("custom:wants_news", "no"),
        ("topics", [topic.pk]), ("owner", sam.pk), ("country", ""),
    ):  # fmt: skip
        assert post(client, anna, name, value).status_code == 302, name
    anna.refresh_from_db()
    assert anna.custom == {"renewal": "2026-11-21", "level": "Guld", "wants_news": False}
    assert (list(anna.topics.all()), anna.owner, anna.country) == ([topic], sam, "")
    page = client.get(anna.get_absolute_url()).content.decode()
    for words in ("Renewal", "2026-11-21", "Guld", "Wants news", "Drift"):
        assert words in page


def test_tags_and_further_addresses_on_the_page(anna: Contact, dana: Contact, sam: User) -> None:
    client, here = cast.client_of(sam), f"/people/{anna.pk}/"
    client.post(f"{here}tags/", {"add": "VIP"})
    client.post(f"{here}addresses/", {"add": "anna@privat.example"})
    client.post(f"{here}addresses/", {"main": "anna@privat.example"})
    anna.refresh_from_db()
    assert (anna.tags, anna.email) == (["VIP"], "anna@privat.example")
    client.post(f"{here}tags/", {"remove": "VIP"})
    assert Contact.objects.get(pk=anna.pk).tags == []
    client.post(undo_in(client, here))
    assert Contact.objects.get(pk=anna.pk).tags == ["VIP"]
    for data, words in (
        ({"add": dana.email}, "has this address already"),
        ({"add": "nonsense"}, "holds no address"),
        ({"main": "unknown@x.example"}, "not among theirs"),
    ):
        assert words in client.post(f"{here}addresses/", data, follow=True).content.decode()


def test_two_are_laid_side_by_side_and_made_one_and_two_again(
    anna: Contact, dana: Contact, sam: User, now: datetime
) -> None:
    client = cast.client_of(sam)
    page = client.get(f"/people/{anna.pk}/merge/{dana.pk}/").content.decode()
    assert page.count('type="radio"') >= 8
    answer = client.post(f"/people/{anna.pk}/merge/{dana.pk}/", {"last_name": "dropped", "email": "kept"})
    assert answer.headers["Location"] == anna.get_absolute_url()
    kept = Contact.objects.get(pk=anna.pk)
    assert (kept.last_name, kept.email) == (dana.last_name, anna.email)
    old = client.get(dana.get_absolute_url())
    assert (old.status_code, old.headers["Location"]) == (302, anna.get_absolute_url())
    client.post(f"/people/merges/{Merge.objects.get().pk}/undo/")
    assert Contact.objects.get(pk=dana.pk).last_name == dana.last_name
    assert client.get(dana.get_absolute_url()).status_code == 200


def test_proposals_are_decided_one_by_one(sam: User, now: datetime) -> None:
    client = cast.client_of(sam)
    for email in ("p@x.example", "q@y.example"):
        cast.contact("Per", "Hansen", email=email)
    duplicate.refresh(now=now)
    pair = DuplicatePair.objects.get()
    assert "same name and company" in client.get("/people/duplicates/").content.decode()
    client.post(f"/people/duplicates/{pair.pk}/two/")
    assert "Nobody seems to be there twice" in client.get("/people/duplicates/").content.decode()
    client.post(f"/people/duplicates/{pair.pk}/ask/")
    assert DuplicatePair.objects.open().count() == 1


def test_the_safe_ones_are_merged_in_bulk_and_the_run_is_undone(
    mira: User, sam: User, django_capture_on_commit_callbacks: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.go_on, "delay", lambda run_id: tasks.go_on(run_id=run_id))
    for email in ("p@x.example", "p+y@x.example"):
        cast.contact("Per", "Hansen", email=email)
    client = cast.client_of(mira)
    client.post("/people/duplicates/look/")
    assert cast.client_of(sam).post("/people/duplicates/merge/").status_code == 403
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/people/duplicates/merge/")
    run = MergeRun.objects.get()
    assert "1 merged" in client.get(answer.headers["Location"]).content.decode()
    assert client.get(f"/people/duplicates/runs/{run.pk}/progress/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/people/duplicates/runs/{run.pk}/undo/")
    assert Contact.objects.count() == 2


def test_own_fields_are_made_renamed_widened_retired_each_with_its_undo(mira: User, anna: Contact) -> None:
    client = cast.client_of(mira)
    client.post("/fields/", {"name": "Level", "kind": "choice", "choices": "Guld\nSilver"})
    made = CustomField.objects.get()
    client.post(f"/fields/{made.pk}/rename/", {"name": "Nivå"})
    client.post(undo_in(client, "/fields/"))
    client.post(f"/fields/{made.pk}/choices/", {"choices": "Brons\nGuld"})
    made.refresh_from_db()
    assert (made.name, made.choices) == ("Level", ["Guld", "Silver", "Brons"])
    client.post(f"/fields/{made.pk}/choices/2/back/")
    made.refresh_from_db()
    assert made.choices == ["Guld", "Silver"]
    post(client, anna, "custom:level", "Guld")
    assert "1 person has a value" in client.get("/fields/").content.decode()
    client.post(f"/fields/{made.pk}/retire/")
    again = client.post("/fields/", {"name": "level", "kind": "text"})
    assert again.status_code == 422
    assert "was retired. Bring it back instead." in again.content.decode()
    assert "Guld" in client.get(anna.get_absolute_url()).content.decode(), "its values stay"
    client.post(f"/fields/{made.pk}/back/")
    assert CustomField.objects.get().retired_at is None


@pytest.mark.parametrize(
    "data", [{"name": "", "kind": "text"}, {"name": "A", "kind": "choice"}, {"name": "A", "kind": "x"}]
)
def test_what_is_no_field_is_refused(mira: User, data: dict[str, str]) -> None:
    assert cast.client_of(mira).post("/fields/", data).status_code == 422
    assert not CustomField.objects.exists()


def test_a_look_at_a_person_is_written_down(anna: Contact, sam: User) -> None:
    client = cast.client_of(sam)
    for _time in range(2):
        client.get(anna.get_absolute_url())
    look = AuditEvent.objects.get(verb="contact.looked_at")
    assert (look.by, look.contact_id, look.detail) == (sam, anna.pk, {})


def test_the_ladder(anna: Contact, dana: Contact, sam: User, mira: User, now: datetime) -> None:
    """Works · other role 403 · nobody's 404 · looking changes nothing · without login nothing."""
    made = custom_field.make(name="Size", kind="number", by=mira, now=now)
    post(cast.client_of(sam), anna, "title", "New")
    edit = DetailsChange.objects.get()
    one = merge.merge(kept_id=anna.pk, dropped_id=cast.make_chen().pk, by=sam, now=now)
    nobody = cast.client_of(cast.colleague("Nils"))
    posts = [
        f"/people/{anna.pk}/tags/", f"/people/{anna.pk}/addresses/", f"/people/edits/{edit.pk}/undo/",
        f"/people/merges/{one.pk}/undo/", f"/people/{anna.pk}/merge/{dana.pk}/", f"/people/{anna.pk}/field/title/",
        f"/fields/{made.pk}/retire/", f"/fields/{made.pk}/rename/", f"/fields/{made.pk}/choices/",
        "/people/duplicates/merge/", "/people/duplicates/look/", f"/companies/{anna.company_id}/edit/",
    ]  # fmt: skip
    for path in posts:
        assert Client().post(path).headers["Location"].startswith("/account/login/"), path
        assert nobody.post(path).status_code == 403, path
    for path in ("/people/987654/tags/", "/people/987654/field/title/", f"/people/{anna.pk}/field/nothing/",
                 f"/people/{anna.pk}/merge/987654/", "/people/edits/987654/undo/", "/people/merges/987654/undo/",
                 "/companies/987654/edit/", f"/companies/{anna.company_id}/merge/987654/"):  # fmt: skip
        assert cast.client_of(sam).post(path).status_code == 404, path
    for path in ("/fields/", "/fields/1/retire/"):
        assert cast.client_of(sam).post(path).status_code == 403, path
    assert Merge.objects.get().undone_at is None
    assert Company.objects.filter(contacts=anna).exists()
