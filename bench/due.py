"""A silo in which so many people are due one step of a sequence each: for `bench/send.py`. Written by SQL, checked like any other."""

from datetime import UTC, datetime, time, timedelta

from django.db import connection

from bench.words import BODY, LAST, NAMES, SUBJECT, compiled
from contacts import keys
from contacts.models import Company, Contact, LegalGround
from nurturing.models import (
    Enrollment,
    GoLive,
    MailVersion,
    RhythmRule,
    Sender,
    Sequence,
    SequenceVersion,
    Step,
)
from nurturing.planning import calendar
from silo.models import User

COMPANIES = 1000


def fill(*, silo: int, mails: int, sink_port: int, window: int) -> None:
    """People, their grounds and standings; `mails` of them are due their next step now."""
    now = datetime.now(UTC)
    ago = now - timedelta(days=90)
    _rule(ago)
    sender = _sender(sink_port, window, ago)
    sequence = _sequence(sender, ago)
    owners = [
        User.objects.create(email=f"sam{n}@nordvik.example", name=f"Sam {last} Säljare")
        for n, last in enumerate(LAST)
    ]
    GoLive.objects.create(at=ago)
    Company.objects.bulk_create(
        Company(name=f"Verkstad {n} AB", name_key=f"verkstad {n}", country="SE") for n in range(COMPANIES)
    )
    model = Contact.objects.create(
        email="model@verkstad.example",
        country=_open_today(now),
        language="sv",
        created_at=ago,
        updated_at=ago,
        informed_at=ago,
    )
    ground = LegalGround.objects.create(
        contact=model, ground=LegalGround.Ground.CONSENT, at=ago, source="the fair in Göteborg"
    )
    first = next(iter(Company.objects.order_by("pk").values_list("pk", flat=True)[:1]))
    with connection.cursor() as cursor:
        cursor.execute(
            _copies("contacts_contact", model.pk, Contact, {
                "email": "'p' || n || '@verkstad' || n %% 4000 || '.example'",
                "first_name": "(%(names)s::text[])[1 + n %% 16]",
                "last_name": "(%(last)s::text[])[1 + n / 16 %% 16]",
                "title": "CASE WHEN n %% 3 = 0 THEN '' ELSE 'Underhållschef' END",
                "company_id": "%(company)s + n %% %(companies)s",
                "owner_id": "%(owner)s + n %% 16",
            }),
            {"names": NAMES, "last": LAST, "company": first, "companies": COMPANIES, "owner": owners[0].pk,
             "number": silo, "model": model.pk},
        )  # fmt: skip
        cursor.execute(
            _copies("contacts_legalground", ground.pk, LegalGround, {"contact_id": "%(model)s + n"}),
            {"number": silo, "model": model.pk},
        )
        cursor.execute(_STOPS, {"hashes": [keys.address_hash(f"gone{n}@verkstad.example") for n in range(silo // 50)],
                                "at": ago})  # fmt: skip
        run = Enrollment.objects.create(
            contact=model,
            sequence=sequence,
            entered_at=ago,
            started_at=ago,
            expires_at=now + timedelta(days=90),
        )
        cursor.execute(
            _copies("nurturing_enrollment", run.pk, Enrollment, {"contact_id": "%(model)s + n"}),
            {"number": mails, "model": model.pk},
        )
        run.delete()
        cursor.execute(_STANDINGS, {"now": now, "ago": ago, "model": model.pk, "mails": mails})
    model.delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FREEZE, ANALYZE)")
        cursor.execute("CHECKPOINT")


_STOPS = """
INSERT INTO contacts_suppression (address_hash, channel, reason, source, at)
SELECT h, 'mail', 'unsubscribed', 'link', %(at)s FROM unnest(%(hashes)s::text[]) h
"""
# Those who are not due stand where the clock left them: their next piece comes some day.
_STANDINGS = """
UPDATE nurturing_standing SET
    next_at = CASE WHEN contact_id <= %(model)s + %(mails)s THEN %(now)s - interval '1 minute'
                   ELSE %(now)s + interval '1 day' + contact_id %% 5000 * interval '13 minutes' END,
    next_what = CASE WHEN contact_id <= %(model)s + %(mails)s THEN 'step' ELSE 'piece' END,
    because = '{"code": "rhythm"}', changed_at = %(ago)s
"""


def _copies(table: str, pk: int, model: type, changed: dict[str, str]) -> str:
    """INSERT … SELECT of `number` copies of one row, with some columns made from the number n."""
    columns = [
        field.column
        for field in model._meta.concrete_fields
        if not field.primary_key and not getattr(field, "generated", False)
    ]
    values = [changed.get(column, f"r.{column}") for column in columns]
    return (
        f"INSERT INTO {table} (id, {', '.join(columns)}) "
        f"SELECT %(model)s + n, {', '.join(values)} FROM {table} r, generate_series(1, %(number)s) n "
        f"WHERE r.id = {pk} ORDER BY n; "
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
    )


def _open_today(now: datetime) -> str:
    """A country that has no holiday today: its people get mail on every weekday."""
    for country in ("SE", "NO", "FI", "DK", "GB", "DE", "PL"):
        if now.date() not in calendar.quiet_days(country, now.year):
            return country
    raise SystemExit("Today is a holiday all over the North: nothing would be sent.")


def _rule(at: datetime) -> None:
    """Mail may leave at every hour of every day, so that the run does not depend on when it is made."""
    RhythmRule.objects.create(
        number=1000, weekdays=[1, 2, 3, 4, 5, 6, 7], opens=time(0), closes=time(23, 59, 59), calm_july=False,
        resting_days=45, at=at,
    )  # fmt: skip


def _sender(port: int, window: int, at: datetime) -> Sender:
    return Sender.objects.create(
        name="Åsa på Nordvik", email="asa@nordvik.example", company="Nordvik Underhåll AB",
        postal_address="Kajgatan 1, 411 01 Göteborg", org_number="556000-0000", website="https://nordvik.example",
        language="sv", is_default=True, window=window, made_at=at, changed_at=at,
        transport=Sender.Transport.SMTP,
        transport_settings={"host": "127.0.0.1", "port": port, "security": "none"},
        inside_allowed=True,
    )  # fmt: skip


def _sequence(sender: Sender, at: datetime) -> Sequence:
    sequence = Sequence.objects.create(name="Stopp", made_at=at, stops_when=["replied"])
    version = SequenceVersion.objects.create(
        sequence=sequence, number=1, made_at=at, edited_at=at, published_at=at
    )
    for place, key in enumerate(("first", "second")):
        mail = MailVersion.objects.create(
            subject=SUBJECT, body=BODY, language="sv", compiled=compiled().as_json(), at=at
        )
        Step.objects.create(
            version=version, key=key, position=place, days=14 * place, mail=mail, subject=SUBJECT, body=BODY
        )
    sequence.live_version = version
    sequence.save()
    return sequence
