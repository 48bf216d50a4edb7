"""What foreign keys would promise where an import brings a million rows, and statement triggers keep (contacts.0010)."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, connections, transaction

from contacts.models import Company, Contact
from nurturing.models import Standing

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
NOBODY = 987_654_321


def company(name: str = "Fjordmek") -> Company:
    return Company.objects.create(name=name, name_key=name.lower(), created_at=NOW)


def test_nobody_comes_in_at_a_company_that_is_not_there() -> None:
    with pytest.raises(IntegrityError, match="company 987654321"), transaction.atomic():
        Contact.objects.create(email="a@example.com", company_id=NOBODY, created_at=NOW)
    assert not Contact.objects.exists()


def test_nobody_moves_to_a_company_that_is_not_there() -> None:
    person = Contact.objects.create(email="a@example.com", company=company(), created_at=NOW)
    with pytest.raises(IntegrityError, match="company 987654321"), transaction.atomic():
        Contact.objects.filter(pk=person.pk).update(company_id=NOBODY)
    Contact.objects.filter(pk=person.pk).update(company_id=None)


def test_a_company_with_people_cannot_be_taken_away_by_sql_either() -> None:
    there = company()
    Contact.objects.create(email="a@example.com", company=there, created_at=NOW)
    empty = company("Tom")
    with (
        pytest.raises(IntegrityError, match="still has people"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM contacts_company")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM contacts_company WHERE id = %s", [empty.pk])
        assert cursor.rowcount == 1


def test_a_standing_is_somebodys_and_goes_with_them() -> None:
    person = Contact.objects.create(email="a@example.com", created_at=NOW)
    assert Standing.objects.filter(contact_id=person.pk).exists()
    with pytest.raises(IntegrityError, match="contact 987654321"), transaction.atomic():
        Standing.objects.create(contact_id=NOBODY, next_at=NOW, changed_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM contacts_contact WHERE id = %s", [person.pk])
    assert not Standing.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_company_is_not_taken_away_while_somebody_comes_in_there() -> None:
    """The one who takes it away waits for the other's transaction, and then sees the person."""
    there = company()
    told: list[str] = []

    def take_away() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM contacts_company WHERE id = %s", [there.pk])
            told.append("gone")
        except IntegrityError:
            told.append("refused")
        finally:
            connections.close_all()

    other = threading.Thread(target=take_away)
    with transaction.atomic():
        Contact.objects.create(email="a@example.com", company=there, created_at=NOW)
        other.start()
        other.join(0.5)
        assert other.is_alive() and told == []
    other.join(10)
    assert told == ["refused"]
    assert Contact.objects.filter(company=there).count() == 1
