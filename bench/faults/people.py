"""Who is due in a round: made once, as a database that each round copies."""

from datetime import UTC, datetime, time, timedelta

from django.db import connection

from bench.faults.points import POISON_PEOPLE, POISON_TEMPLATES
from contacts import keys
from contacts.models import Contact, LegalGround
from nurturing.content import compiling
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

BODY = "Hej {{ contact.first_name }}!\n\n[Så gjorde Fjordmek](https://nordvik.example/fjordmek)\n"

# A full disk, as PostgreSQL tells it: the ledger cannot be written while the switch is on, and what was begun is rolled back.
DISK = """
CREATE FUNCTION faults_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('faults.disk_full', true) = 'on' THEN
        RAISE EXCEPTION 'could not extend file "base/5/16384": No space left on device' USING ERRCODE = '53100';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER faults_disk BEFORE INSERT OR UPDATE ON nurturing_send FOR EACH STATEMENT EXECUTE FUNCTION faults_disk();
CREATE TRIGGER faults_disk BEFORE INSERT ON nurturing_decision FOR EACH STATEMENT EXECUTE FUNCTION faults_disk();
"""


def fill(*, mails: int, smtp: int, http: int, window: int, disk: bool = True) -> None:
    """`mails` people, each due the first step of a sequence; two thirds through a mail server, the rest through a provider's API.

    With `disk` the ledger can be told that its disk is full. A few are poison: people whose rows make no sense, and a mail
    whose template cannot be read.
    """
    ago = datetime.now(UTC) - timedelta(days=90)
    GoLive.objects.create(at=ago)
    RhythmRule.objects.create(
        number=1000, weekdays=[1, 2, 3, 4, 5, 6, 7], opens=time(0), closes=time(23, 59, 59), calm_july=False,
        resting_days=45, at=ago,
    )  # fmt: skip
    _sender(
        "sv", window, ago, "smtp", {"host": "127.0.0.1", "port": smtp, "security": "none"}, is_default=True
    )
    _sender("en", window, ago, "mailgun",
            {"api_url": f"http://127.0.0.1:{http}/v3", "sender_domain": "nordvik.example"})  # fmt: skip
    ways = [_sequence("Post", "sv", ago), _sequence("Post", "sv", ago), _sequence("Provider", "en", ago)]
    broken = _sequence("Broken", "sv", ago)
    MailVersion.objects.filter(subject="Broken").update(compiled={"links": [{"no": "such field"}]})
    people = Contact.objects.bulk_create(
        Contact(
            first_name="Liv", last_name=f"Moe {n}", email=f"p{n}@verkstad{n % 40}.example", country="XX",
            created_at=ago, updated_at=ago, informed_at=ago, time_zone="" if n >= POISON_PEOPLE else "Europe/Nowhere",
        )
        for n in range(mails)
    )  # fmt: skip
    LegalGround.objects.bulk_create(
        LegalGround(contact=one, ground=LegalGround.Ground.CONSENT, at=ago, source="the fair")
        for one in people
    )
    Enrollment.objects.bulk_create(
        Enrollment(
            contact=one, sequence=broken if n in range(POISON_PEOPLE, POISON_PEOPLE + POISON_TEMPLATES) else ways[n % 3],
            entered_at=ago, started_at=ago, expires_at=ago + timedelta(days=3650),
        )
        for n, one in enumerate(people)
    )  # fmt: skip
    with connection.cursor() as cursor:
        if disk:
            cursor.execute(DISK)
        cursor.execute("ANALYZE")


def _sender(
    language: str,
    window: int,
    at: datetime,
    transport: str,
    given: dict[str, object],
    *,
    is_default: bool = False,
) -> None:
    Sender.objects.create(
        name=f"Åsa på Nordvik ({language})", email=f"asa.{language}@nordvik.example", company="Nordvik Underhåll AB",
        postal_address="Kajgatan 1, 411 01 Göteborg", org_number="556000-0000", website="https://nordvik.example",
        language=language, is_default=is_default, window=window, made_at=at, changed_at=at, transport=transport,
        transport_settings=given, secret=keys.encrypt("a key") if transport != "smtp" else "", inside_allowed=True,
    )  # fmt: skip


def _sequence(name: str, language: str, at: datetime) -> Sequence:
    made = compiling.compile_mail(name, "Tre veckor i stället för nio", BODY, language)
    sequence = Sequence.objects.create(
        name=f"{name} {Sequence.objects.count()}", made_at=at, stops_when=["replied"]
    )
    version = SequenceVersion.objects.create(
        sequence=sequence, number=1, made_at=at, edited_at=at, published_at=at
    )
    for place, key in enumerate(("first", "second")):
        mail = MailVersion.objects.create(
            subject=name, body=BODY, language=language, compiled=made.as_json(), at=at
        )
        Step.objects.create(
            version=version, key=key, position=place, days=14 * place, mail=mail, subject=name, body=BODY
        )
    sequence.live_version = version
    sequence.save()
    return sequence
