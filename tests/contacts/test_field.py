"""Changing one thing about somebody, and taking it back."""

from datetime import datetime, timedelta

import pytest

from contacts.models import AuditEvent, Contact, ContactAddress, DetailsChange, Topic
from contacts.queries import gate
from contacts.reading.custom_values import NotThat
from contacts.services import contact as contacts
from contacts.services import custom_field, field, suppression
from silo.models import User

pytestmark = pytest.mark.django_db


def write(one: Contact, name: str, said: str, by: User, now: datetime) -> DetailsChange | None:
    one = Contact.objects.get(pk=one.pk)
    return field.change(
        contact_id=one.pk, name=name, said=said, seen=field.seen_of(one, name), by=by, now=now
    )


def row(one: Contact) -> dict[str, object]:
    kept: dict[str, object] = dict(Contact.objects.values().get(pk=one.pk))
    del kept["updated_at"]
    return kept | {
        "topics": list(one.topics.values_list("pk", flat=True)),
        "further": list(one.addresses.order_by("email").values_list("email", flat=True)),
    }


@pytest.mark.parametrize(
    ("name", "said", "column", "value"),
    [
        ("title", " Fabrikksjef ", "title", "Fabrikksjef"),
        ("phone", "55 01 02 99", "phone", "+4755010299"),
        ("email", "Anna@Ny.example", "email", "anna@ny.example"),
        ("company", "Nordvik AS", "company__name", "Nordvik AS"),
        ("company", "", "company_id", None),
        ("recipient", "natural_person", "recipient", "natural_person"),
        ("way_in", "event", "way_in", "event"),
        ("city", "", "city", ""),
    ],
)
def test_a_field_is_written_and_taken_back(
    anna: Contact, sam: User, now: datetime, name: str, said: str, column: str, value: object
) -> None:
    before = row(anna)
    made = write(anna, name, said, sam, now)
    assert made
    assert Contact.objects.values_list(column, flat=True).get(pk=anna.pk) == value
    assert AuditEvent.objects.get(verb="contact.changed").by == sam
    field.undo(change_id=made.pk, by=sam, now=now)
    assert row(anna) == before
    with pytest.raises(DetailsChange.DoesNotExist):
        field.undo(change_id=made.pk, by=sam, now=now)


def test_two_people_edit_two_fields_at_once_and_nothing_is_lost(
    anna: Contact, sam: User, tess: User, now: datetime
) -> None:
    seen_title, seen_city = field.seen_of(anna, "title"), field.seen_of(anna, "city")
    field.change(contact_id=anna.pk, name="title", said="Hers", seen=seen_title, by=tess, now=now)
    field.change(contact_id=anna.pk, name="city", said="Oslo", seen=seen_city, by=sam, now=now)
    anna.refresh_from_db()
    assert (anna.title, anna.city) == ("Hers", "Oslo")


def test_the_second_of_two_who_edit_one_field_is_told_what_the_first_wrote(
    anna: Contact, sam: User, tess: User, now: datetime
) -> None:
    seen = field.seen_of(anna, "title")
    field.change(contact_id=anna.pk, name="title", said="Hers", seen=seen, by=tess, now=now)
    with pytest.raises(field.ChangedMeanwhile) as told:
        field.change(contact_id=anna.pk, name="title", said="Mine", seen=seen, by=sam, now=now)
    assert told.value.theirs == "Hers"
    again = field.change(contact_id=anna.pk, name="title", said="Hers", seen=seen, by=sam, now=now)
    assert again is None, "both wrote the same"


def test_an_undo_does_not_run_over_what_came_since(anna: Contact, sam: User, now: datetime) -> None:
    made = write(anna, "title", "First", sam, now)
    write(anna, "title", "Second", sam, now)
    assert made
    with pytest.raises(field.ChangedMeanwhile):
        field.undo(change_id=made.pk, by=sam, now=now)
    with pytest.raises(DetailsChange.DoesNotExist):
        field.undo(change_id=made.pk, by=sam, now=now + timedelta(days=31))


def test_own_fields_are_typed_and_refused_in_words(anna: Contact, mira: User, now: datetime) -> None:
    size = custom_field.make(name="Machines", kind="number", by=mira, now=now)
    made = write(anna, "custom:machines", "1 234,5", mira, now)
    assert Contact.objects.get(pk=anna.pk).custom == {"machines": 1234.5}
    with pytest.raises(NotThat):
        write(anna, "custom:machines", "many", mira, now)
    assert made
    field.undo(change_id=made.pk, by=mira, now=now)
    assert Contact.objects.get(pk=anna.pk).custom == {}
    for name in ("custom:unknown", "erased_at", "custom"):
        with pytest.raises(field.NoSuchField):
            field.change(contact_id=anna.pk, name=name, said="x", seen="", by=mira, now=now)
    assert size.key == "machines"


def test_tags_and_topics_come_and_go(anna: Contact, sam: User, now: datetime) -> None:
    topic = Topic.objects.create(name="Drift", slug="drift")
    chosen = write(anna, "topics", str(topic.pk), sam, now)
    added = field.tag(contact_id=anna.pk, said=" VIP ", by=sam, now=now)
    assert field.tag(contact_id=anna.pk, said="VIP", by=sam, now=now) is None
    removed = field.untag(contact_id=anna.pk, said="VIP", by=sam, now=now)
    for made, left in ((removed, ["VIP"]), (added, [])):
        assert made
        field.undo(change_id=made.pk, by=sam, now=now)
        assert Contact.objects.get(pk=anna.pk).tags == left
    assert chosen
    field.undo(change_id=chosen.pk, by=sam, now=now)
    assert not anna.topics.exists()
    for wrong in ("", "T" * 61):
        with pytest.raises(field.NoSuchTag):
            field.tag(contact_id=anna.pk, said=wrong, by=sam, now=now)


def test_another_address_becomes_the_main_one_and_the_old_one_stays(
    anna: Contact, dana: Contact, sam: User, now: datetime
) -> None:
    before = row(anna)
    field.add_address(contact_id=anna.pk, said="Anna@privat.example", by=sam, now=now)
    with pytest.raises(contacts.AlreadyHere):
        field.add_address(contact_id=anna.pk, said=str(dana.email), by=sam, now=now)
    made = field.make_main(contact_id=anna.pk, said="anna@privat.example", by=sam, now=now)
    anna.refresh_from_db()
    assert (anna.email, row(anna)["further"]) == ("anna@privat.example", [before["email"]])
    assert made
    field.undo(change_id=made.pk, by=sam, now=now)
    gone = field.remove_address(contact_id=anna.pk, said="anna@privat.example", by=sam, now=now)
    assert row(anna) == before
    assert gone
    field.undo(change_id=gone.pk, by=sam, now=now)
    assert ContactAddress.objects.get().email == "anna@privat.example"
    with pytest.raises(field.NotTheirs):
        field.make_main(contact_id=anna.pk, said=str(dana.email), by=sam, now=now)


def test_a_wish_goes_along_to_the_new_main_address(anna: Contact, sam: User, now: datetime) -> None:
    suppression.stop(address=str(anna.email), channel="mail", reason="unsubscribed", source="link", now=now)
    field.add_address(contact_id=anna.pk, said="anna@privat.example", by=sam, now=now)
    field.make_main(contact_id=anna.pk, said="anna@privat.example", by=sam, now=now)
    assert not gate.verdict(anna.pk).allowed


def test_a_look_is_written_down_once_an_hour(anna: Contact, sam: User, tess: User, now: datetime) -> None:
    for moment in (now, now + timedelta(minutes=59), now + timedelta(minutes=61)):
        field.looked_at(contact_id=anna.pk, by=sam, now=moment)
    field.looked_at(contact_id=anna.pk, by=tess, now=now)
    looks = AuditEvent.objects.filter(verb="contact.looked_at", contact_id=anna.pk)
    assert [look.by for look in looks.order_by("pk")] == [sam, sam, tess]


def test_what_is_too_old_to_take_back_is_not_kept(anna: Contact, sam: User, now: datetime) -> None:
    write(anna, "title", "New", sam, now)
    assert field.forget_old(now=now + timedelta(days=29)) == 0
    assert field.forget_old(now=now + timedelta(days=31)) == 1


def test_nobody_writes_to_an_erased_person(anna: Contact, sam: User, now: datetime) -> None:
    Contact.objects.filter(pk=anna.pk).update(erased_at=now)
    with pytest.raises(Contact.DoesNotExist):
        write(anna, "title", "New", sam, now)
