"""The people of the tests: each plays one part, and plays it the same way everywhere.

Colleagues: Mira (marketer), Sam and Tess (salespeople; what Sam holds, Tess sees and cannot act on), Ada
(admin).
Contacts: Anna (about to become hot), Boris (hard bounced), Chen (opted out), Dana ("call me in March"), Eve
(her company's scanner clicks everything). All but Eve's company are Fjordmek AS in Bergen and Mälarbygg AB in Västerås.

Plain functions make them, so that a test may have two Annas; fixtures of the same names serve the usual case.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.test import Client

from contacts import keys, roles
from contacts.models import Company, Contact, LegalGround, Suppression
from nurturing.models import EngagementEvent, Reminder
from silo.models import User

PASSWORD = "a long and harmless word"
NOW = datetime(2026, 11, 17, 8, 30, tzinfo=UTC)
"""The same Tuesday morning as the fixture `now`."""
LONG_AGO = NOW - timedelta(days=400)


# Colleagues


def colleague(name: str, *role_names: str, email: str = "") -> User:
    """Somebody who can log in, with these roles."""
    user = User.objects.create_user(email or f"{name.lower()}@ours.example", name=name, password=None)
    user.password = _hashed()
    user.save(update_fields=["password"])
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in role_names])
    return user


@cache
def _hashed() -> str:
    """The password's hash, made once: hashing is slow on purpose."""
    return make_password(PASSWORD)


def make_mira() -> User:
    return colleague("Mira", roles.MARKETER)


def make_sam() -> User:
    return colleague("Sam", roles.SALESPERSON)


def make_tess() -> User:
    return colleague("Tess", roles.SALESPERSON)


def make_ada() -> User:
    return colleague("Ada", roles.ADMIN)


def client_of(user: User | None) -> Client:
    """A browser in which `user` is logged in; None: nobody is."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


# Contacts


def fjordmek() -> Company:
    """A Norwegian company: its people need to have agreed."""
    return Company.objects.get_or_create(
        name_key="fjordmek",
        defaults={"name": "Fjordmek AS", "domain": "fjordmek.example", "country": "NO", "city": "Bergen"},
    )[0]


def malarbygg() -> Company:
    """A Swedish company."""
    return Company.objects.get_or_create(
        name_key="malarbygg",
        defaults={"name": "Mälarbygg AB", "domain": "malarbygg.example", "country": "SE", "city": "Västerås"},
    )[0]


def contact(
    first_name: str = "Olav",
    last_name: str = "Dahl",
    *,
    ground: str = LegalGround.Ground.CONSENT,
    at: datetime = LONG_AGO,
    **fields: Any,
) -> Contact:
    """Somebody in the silo since `at`, whom we may write to. The database gives them their standing."""
    fields.setdefault("email", f"{first_name}.{last_name}@{fjordmek().domain}".lower().replace(" ", "."))
    fields.setdefault("company", fjordmek())
    fields.setdefault("country", fields["company"].country if fields["company"] else "NO")
    fields.setdefault("informed_at", at)
    made = Contact.objects.create(
        first_name=first_name, last_name=last_name, created_at=at, updated_at=at, **fields
    )
    if ground:
        LegalGround.objects.create(contact=made, ground=ground, at=at, source="the tests' cast")
    return made


def make_anna(**fields: Any) -> Contact:
    """Buyer at Fjordmek, consented, with a phone: about to become hot."""
    fields = {"title": "Innkjøpssjef", "phone": "+4755010203", "city": "Bergen", "language": "nb"} | fields
    return contact("Anna", "Lind", **fields)


def make_boris(**fields: Any) -> Contact:
    """His address does not exist any more; his phone does."""
    fields = {"phone": "+4755010204", "language": "nb"} | fields
    boris = contact("Boris", "Berg", **fields)
    _stop(boris, Suppression.Channel.MAIL, Suppression.Reason.BOUNCED, "550 5.1.1 from their server")
    return boris


def make_chen(**fields: Any) -> Contact:
    """Asked us for no more mail."""
    fields = {"company": malarbygg(), "email": "chen.wu@malarbygg.example", "language": "sv"} | fields
    chen = contact("Chen", "Wu", **fields)
    _stop(chen, Suppression.Channel.MAIL, Suppression.Reason.UNSUBSCRIBED, "stop link in a mail")
    return chen


def make_dana(**fields: Any) -> Contact:
    """Said in autumn: call me in March, after the budget."""
    fields = {
        "company": malarbygg(),
        "email": "dana.ek@malarbygg.example",
        "phone": "+4621123456",
        "language": "sv",
    } | fields
    dana = contact("Dana", "Ek", **fields)
    Reminder.objects.create(
        contact=dana,
        at=datetime(2027, 3, 2, 8, 0, tzinfo=UTC),
        kind=Reminder.Kind.RIPE,
        because="Budget after the summer; call in March.",
        made_at=NOW - timedelta(days=60),
    )
    return dana


def make_eve(**fields: Any) -> Contact:
    """Behind a scanner that presses every link of every mail within two seconds: four clicks, no person."""
    skannhus, _ = Company.objects.get_or_create(
        name_key="skannhus", defaults={"name": "Skannhus AB", "domain": "skannhus.example", "country": "SE"}
    )
    fields = {"company": skannhus, "email": "eve.strom@skannhus.example", "language": "sv"} | fields
    eve = contact("Eve", "Ström", **fields)
    night = NOW - timedelta(days=4, hours=4)
    EngagementEvent.objects.bulk_create(
        EngagementEvent(
            contact=eve,
            type=EngagementEvent.Type.CLICKED,
            at=night + timedelta(milliseconds=400 * number),
            recorded_at=night + timedelta(milliseconds=400 * number),
            human=0.02,
            signs=[["burst", -3.0]],
            what="Priser 2027",
            link_no=number,
            source="silo",
            dedup_hash=f"cast-eve-{eve.pk}-{number}",
        )
        for number in range(4)
    )
    return eve


def click(
    person: Contact, *, at: datetime, what: str = "Priser 2027", level: str = "bofu", human: float = 0.95
) -> EngagementEvent:
    """A click as evidence, without its heat: nurturing.services.heat counts it when a test asks for that."""
    count = EngagementEvent.objects.filter(contact=person).count()
    return EngagementEvent.objects.create(
        contact=person,
        type=EngagementEvent.Type.CLICKED,
        at=at,
        recorded_at=at,
        human=human,
        level=level,
        what=what,
        source="silo",
        dedup_hash=f"cast-click-{person.pk}-{count}",
    )


def _stop(person: Contact, channel: str, reason: str, source: str) -> None:
    assert person.email
    Suppression.objects.create(
        address=person.email.lower(),
        address_hash=keys.address_hash(person.email.lower()),
        channel=channel,
        reason=reason,
        source=source,
        at=NOW - timedelta(days=30),
    )


# The usual case, as fixtures


@pytest.fixture
def mira(db: None) -> User:
    return make_mira()


@pytest.fixture
def sam(db: None) -> User:
    return make_sam()


@pytest.fixture
def tess(db: None) -> User:
    return make_tess()


@pytest.fixture
def ada(db: None) -> User:
    return make_ada()


@pytest.fixture
def anna(db: None) -> Contact:
    return make_anna()


@pytest.fixture
def boris(db: None) -> Contact:
    return make_boris()


@pytest.fixture
def chen(db: None) -> Contact:
    return make_chen()


@pytest.fixture
def dana(db: None) -> Contact:
    return make_dana()


@pytest.fixture
def eve(db: None) -> Contact:
    return make_eve()
