"""Changing what we know about somebody, and stopping them by hand."""

from datetime import datetime

import pytest
from django.test import Client

from contacts.models import AuditEvent, Contact, LegalGround, Suppression, Topic
from contacts.queries import gate
from silo.models import User
from tests import cast

pytestmark = pytest.mark.django_db


def said(contact: Contact, **changes: object) -> dict[str, object]:
    return {
        "seen": contact.updated_at.isoformat(),
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "email": contact.email or "",
        "phone": contact.phone,
        "company": "Fjordmek AS",
        "title": contact.title,
        "city": contact.city,
        "country": contact.country,
        "language": contact.language,
        "recipient": contact.recipient,
        "ground": "consent",
        "ground_source": "the tests' cast",
        "way_in": contact.way_in,
        "tags": "",
    } | changes


def test_a_changed_field_is_kept_with_who_and_when_but_not_its_value(anna: Contact, sam: User) -> None:
    client = cast.client_of(sam)
    assert client.get(f"/people/{anna.pk}/edit/").status_code == 200
    answer = client.post(f"/people/{anna.pk}/edit/", said(anna, title="Fabrikksjef", tags="VIP, messe, VIP"))
    assert answer.headers["Location"] == f"/people/{anna.pk}/"
    anna.refresh_from_db()
    assert (anna.title, anna.tags) == ("Fabrikksjef", ["VIP", "messe"])
    event = AuditEvent.objects.get(verb="contact.changed")
    assert (event.by, event.contact_id, event.detail) == (sam, anna.pk, {"fields": ["tags", "title"]})


def test_topics_ground_and_fields_are_saved_together(anna: Contact, mira: User) -> None:
    topic = Topic.objects.create(name="Drift", slug="drift")
    data = said(anna, topics=[topic.pk], ground="existing_customer", ground_source="bought in 2025")
    cast.client_of(mira).post(f"/people/{anna.pk}/edit/", data)
    assert list(anna.topics.all()) == [topic]
    assert LegalGround.objects.get(contact=anna).ground == "existing_customer"


def test_who_saves_over_newer_words_is_told_and_loses_nothing(anna: Contact, sam: User, tess: User) -> None:
    mine = said(anna, title="Mine")
    cast.client_of(tess).post(f"/people/{anna.pk}/edit/", said(anna, title="Hers"))
    answer = cast.client_of(sam).post(f"/people/{anna.pk}/edit/", mine)
    assert answer.status_code == 409
    assert "A colleague changed this person meanwhile" in answer.content.decode()
    assert 'value="Mine"' in answer.content.decode()
    anna.refresh_from_db()
    assert anna.title == "Hers"
    again = mine | {"seen": anna.updated_at.isoformat()}
    assert cast.client_of(sam).post(f"/people/{anna.pk}/edit/", again).status_code == 302


def test_an_address_that_somebody_has_is_named_with_a_link(anna: Contact, dana: Contact, sam: User) -> None:
    answer = cast.client_of(sam).post(f"/people/{anna.pk}/edit/", said(anna, email=dana.email))
    assert answer.status_code == 422
    assert dana.get_absolute_url() in answer.content.decode()
    anna.refresh_from_db()
    assert anna.email != dana.email


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"first_name": "A" * 10_000}, "first_name"),
        ({"email": "", "phone": ""}, ""),
        ({"tags": "T" * 61}, "tags"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(
    anna: Contact, sam: User, changes: dict[str, object], field: str
) -> None:
    before = Contact.objects.values().get(pk=anna.pk)
    answer = cast.client_of(sam).post(f"/people/{anna.pk}/edit/", said(anna, **changes))
    assert answer.status_code == 422
    assert Contact.objects.values().get(pk=anna.pk) == before


@pytest.mark.parametrize("channel", ["mail", "phone", "all"])
def test_a_stop_by_hand_holds_and_can_be_taken_back(
    anna: Contact, sam: User, now: datetime, channel: str
) -> None:
    client = cast.client_of(sam)
    client.post(f"/people/{anna.pk}/stop/", {"channel": channel})
    assert gate.verdict(anna.pk, channel="mail").allowed is (channel == "phone")
    assert gate.verdict(anna.pk, channel="phone").allowed is (channel == "mail")
    stops = ",".join(str(pk) for pk in Suppression.objects.in_force().values_list("pk", flat=True))
    client.post(f"/people/{anna.pk}/stop/lift/?stops={stops}")
    assert gate.verdict(anna.pk, channel="mail").allowed
    assert not Suppression.objects.in_force().exists()


def test_a_persons_own_wish_is_not_taken_back_for_them(chen: Contact, ada: User) -> None:
    own = Suppression.objects.in_force().get()
    cast.client_of(ada).post(f"/people/{chen.pk}/stop/lift/?stops={own.pk}")
    own.refresh_from_db()
    assert own.lifted_at is None


def test_a_stop_on_a_channel_they_do_not_have_says_so(chen: Contact, sam: User) -> None:
    Contact.objects.filter(pk=chen.pk).update(phone="")
    answer = cast.client_of(sam).post(f"/people/{chen.pk}/stop/", {"channel": "phone"}, follow=True)
    assert "no address or number of that kind" in answer.content.decode()


@pytest.mark.parametrize("path", ["edit", "stop", "stop/lift"])
def test_the_ladder(anna: Contact, path: str) -> None:
    here = f"/people/{anna.pk}/{path}/"
    assert Client().post(here).status_code == 302, "a stranger is sent to the login"
    nobody = cast.colleague("Nils")
    assert cast.client_of(nobody).post(here).status_code == 403
    sam = cast.make_sam()
    assert cast.client_of(sam).post(f"/people/999999/{path}/").status_code == 404
    if path != "edit":
        assert cast.client_of(sam).get(here).status_code == 405
