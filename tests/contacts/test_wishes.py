"""What a person said to a colleague: not tracked, not scored, told where we have their data from."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from contacts import clock
from contacts.models import AuditEvent, Contact, Objection
from contacts.queries import untold
from contacts.services import objection, telling
from nurturing.queries import temperature
from silo.models import User
from tests import cast

KINDS = Objection.Kind.values


def press(user: User | None, name: str, *arguments: object, status: int = 302) -> None:
    answer = cast.client_of(user).post(reverse(f"contacts:{name}", args=arguments))
    assert answer.status_code == status, answer.content[:300]


def page(user: User, contact: Contact) -> str:
    return cast.client_of(user).get(contact.get_absolute_url()).content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_an_objection_is_a_button_and_so_is_its_undo(sam: User, anna: Contact, kind: str) -> None:
    where = reverse("contacts:object_to", args=[anna.pk, kind])
    assert f'"{where}"' in page(sam, anna)

    press(sam, "object_to", anna.pk, kind)
    assert anna.objections.filter(kind=kind, source=Objection.COLLEAGUE).exists()
    told = page(sam, anna)
    assert f'"{where}"' not in told
    assert reverse("contacts:allow", args=[anna.pk, kind]) in told

    press(sam, "allow", anna.pk, kind)
    assert not anna.objections.exists()
    assert [one.verb for one in AuditEvent.objects.filter(contact_id=anna.pk).order_by("pk")][-3:].count(
        "objection.withdrawn"
    )


def test_without_a_temperature_nobody_scores_them(sam: User, anna: Contact) -> None:
    press(sam, "object_to", anna.pk, "profiling")
    assert anna.pk in temperature.unscored([anna.pk])


def test_what_they_said_themselves_no_colleague_takes_back(ada: User, anna: Contact, now: datetime) -> None:
    objection.object_to(contact_id=anna.pk, kind="tracking", source="preference page", now=now)

    assert reverse("contacts:allow", args=[anna.pk, "tracking"]) not in page(ada, anna)
    press(ada, "allow", anna.pk, "tracking")
    assert anna.objections.filter(kind="tracking").exists()


@pytest.mark.parametrize("name", ["object_to", "allow"])
def test_objections_want_a_kind_a_person_and_a_press(sam: User, anna: Contact, name: str) -> None:
    press(sam, name, anna.pk, "sleeping", status=404)
    press(sam, name, 999_999, "tracking", status=404)
    press(None, name, anna.pk, "tracking")
    where = reverse(f"contacts:{name}", args=[anna.pk, "tracking"])
    assert cast.client_of(sam).get(where).status_code == 405
    assert not anna.objections.exists()


@pytest.fixture
def overdue(anna: Contact, now: datetime) -> Contact:
    """Anna came with a list two months ago, and nobody told her."""
    Contact.objects.filter(pk=anna.pk).update(
        obtained="list", informed_at=None, created_at=now - timedelta(days=60)
    )
    return Contact.objects.get(pk=anna.pk)


def test_told_by_phone_is_noted_and_she_is_overdue_no_longer(
    sam: User, overdue: Contact, now: datetime
) -> None:
    assert overdue in untold.overdue(now=now)
    assert "I told them" in page(sam, overdue)

    press(sam, "told_by_hand", overdue.pk)
    assert overdue not in untold.overdue(now=now)
    assert "I told them" not in page(sam, overdue)

    press(sam, "not_told", overdue.pk)
    assert overdue in untold.overdue(now=now)


def test_what_a_mail_told_nobody_takes_back_by_hand(sam: User, overdue: Contact, now: datetime) -> None:
    Contact.objects.filter(pk=overdue.pk).update(informed_at=now)

    with pytest.raises(telling.NothingToTakeBack):
        telling.take_back(contact_id=overdue.pk, by=sam, now=now)
    press(sam, "not_told", overdue.pk)
    assert Contact.objects.get(pk=overdue.pk).informed_at == now


def test_told_twice_keeps_the_first_date(sam: User, overdue: Contact, now: datetime) -> None:
    assert telling.note(contact_id=overdue.pk, by=sam, now=now)
    assert not telling.note(contact_id=overdue.pk, by=sam, now=now + timedelta(days=1))
    assert Contact.objects.get(pk=overdue.pk).informed_at == now


@pytest.mark.parametrize("name", ["told_by_hand", "not_told"])
def test_telling_wants_a_person_and_a_press(sam: User, overdue: Contact, name: str) -> None:
    press(sam, name, 999_999, status=404)
    press(None, name, overdue.pk)
    assert cast.client_of(sam).get(reverse(f"contacts:{name}", args=[overdue.pk])).status_code == 405
    assert Contact.objects.get(pk=overdue.pk).informed_at is None


def test_the_call_says_it_and_its_undo_takes_it_back(sam: User, overdue: Contact, now: datetime) -> None:
    from sales.models import Call

    with clock.at(now):
        browser = cast.client_of(sam)
        card = browser.get(f"/today/?who={overdue.pk}").content.decode()
        assert 'name="told"' in card
        where = reverse("sales:outcome", args=[overdue.pk])
        browser.post(where, {"outcome": "no_answer", "told": "1", "seen": "0"})
        assert Contact.objects.get(pk=overdue.pk).informed_at == now

        browser.post(reverse("sales:undo", args=[Call.objects.get(contact=overdue).pk]))
    assert Contact.objects.get(pk=overdue.pk).informed_at is None
