"""A crowd of people as awkward as people are, by a seed: every condition of every room has something to find in it."""

import random
from datetime import datetime, timedelta
from typing import Any

from contacts import keys
from contacts.models import (
    Company,
    Contact,
    CustomField,
    ImportBatch,
    ImportRow,
    LegalGround,
    Suppression,
    Topic,
)
from nurturing.models import EngagementEvent, Enrollment, Handoff, Send, Sequence, Standing
from nurturing.queries import temperature
from sales.models import Call, Opportunity, Purchase, Stage
from tests import cast

NOW = cast.NOW
TEXTS = (
    "", "Åsa", "asa", "ÅSA", "Éric", "Straße", "STRASSE", "Bergen", "bergen ", "100%", "a_b", "O'Brien", "\\", '"', "Łódź", "ﬁn",
    "İstanbul", "ΣΑΣ", "日本", "’; --", "½", "ö" * 40, "Ek", "e", "null", "0",
)  # fmt: skip
DOMAINS = ("firma.se", "FIRMA.SE", "post.firma.se", "xfirma.se", "bolag.no", "å.se")
TAGS = ("kund", "Kund", "mässa 2025", "", "a,b", '{"x"}', "NULL")
CUSTOM: dict[str, tuple[str, tuple[Any, ...]]] = {
    "trade": ("text", (*TEXTS[:14], 7, None, True, ["Åsa"], {"a": 1})),
    "machines": ("number", (0, 1, -3, 2.5, 10**12, "7", None, True, [3])),
    "renews": ("date", ("2026-11-17", "2026-11-10", "2026-12-01", "2024-02-29", "soon", 3, None)),
    "size": ("choice", ("small", "large", "gone", 1, None)),
    "partner": ("yes_no", (True, False, "yes", 1, None)),
}


def make(seed: int, number: int = 40) -> None:
    """So many people, and what hangs on them."""
    chance = random.Random(seed)
    _around()
    companies = [
        Company.objects.create(
            name=f"{text} {at}" if at else "Only one", name_key=f"company {at}",
            domain=chance.choice(("", "firma.se", "Bolag.NO")), city=chance.choice(TEXTS),
        )
        for at, text in enumerate(TEXTS[:6])
    ]  # fmt: skip
    for at in range(number):
        _person(chance, at, companies)
    Contact.objects.filter(pk__in=Contact.objects.values_list("pk", flat=True)[:2]).update(
        erased_at=NOW, company=None
    )


def _around() -> None:
    for key, (kind, _values) in CUSTOM.items():
        CustomField.objects.create(
            key=key, name=key.title(), kind=kind, choices=["small", "large"] if kind == "choice" else []
        )
    for name in ("Lager", "Truckar"):
        Topic.objects.create(name=name, slug=name.lower())
    for name in ("Webinar", "Welcome"):
        Sequence.objects.create(name=name, made_at=NOW)
    for name in ("list.csv", "other.csv"):
        ImportBatch.objects.create(
            name=name, file=name, sha256=name, size=1, created_at=NOW, started_at=NOW, state="done"
        )
    cast.make_sam()
    for address in ("0.x@firma.se", "7@bolag.no", "@xfirma.se", "@se", "+46701000003"):
        for channel in ("mail", "phone") if address != "7@bolag.no" else ("all",):
            if address == "@se" and channel == "mail":
                continue
            Suppression.objects.create(
                address=address, address_hash=keys.address_hash(address), channel=channel,
                reason="by_hand", source="test", at=NOW,
            )  # fmt: skip


def _person(chance: random.Random, at: int, companies: list[Company]) -> None:
    def some(values: Any) -> Any:
        return chance.choice(list(values))

    def ago(days: int = 400) -> datetime:
        """Often exactly on the edge of what conditions ask about."""
        return NOW - timedelta(days=some((0, 1, 7, 30, 60, chance.randint(0, days))))

    local = some((f"{at}", f"{at}.x", f"{at}.x+list", f"ÅSA{at}"))
    person = Contact.objects.create(
        email=some((None, f"{local}@{some(DOMAINS)}", f"{local}@{some(DOMAINS)}")),
        first_name=some(TEXTS), last_name=some(TEXTS), title=some(TEXTS), city=some(TEXTS),
        phone=some(("", f"+46701{at:06}")), company=some((None, *companies)),
        country=some(("", "SE", "NO", "FR")), language=some(("", "sv", "xx")), recipient=some(Contact.Recipient),
        obtained=some(Contact.Obtained), way_in=some(Contact.WayIn),
        owner_id=some((None, *cast.User.objects.values_list("pk", flat=True))),
        tags=chance.sample(TAGS, chance.randint(0, 3)),
        custom={key: some(values) for key, (_kind, values) in CUSTOM.items() if chance.random() < 0.7},
        created_at=ago(), updated_at=NOW,
    )  # fmt: skip
    person.topics.set(chance.sample(list(Topic.objects.all()), chance.randint(0, 2)))
    for purpose in LegalGround.Purpose.values[:2]:
        if chance.random() < 0.7:
            LegalGround.objects.create(
                contact=person, purpose=purpose, ground=some(LegalGround.Ground), at=NOW
            )
    for number, batch in enumerate(ImportBatch.objects.all()):
        if chance.random() < 0.4:
            ImportRow.objects.create(
                batch=batch, number=at * 10 + number, line=1, raw=[], verdict="new", contact=person
            )
    _story(chance, person, some, ago)
    _dealings(chance, person, some, ago)


def _story(chance: random.Random, person: Contact, some: Any, ago: Any) -> None:
    heat = temperature.in_force().rule.curve.heat_at(some((1, 40, 39.9999, 70, 300)), NOW)
    Standing.objects.filter(pk=person.pk).update(
        heat=some((None, heat)), state=some(("nurtured", "hot", "paused"))
    )
    for number in range(chance.randint(0, 2)):
        Send.objects.create(
            contact=person, kind=some(("piece", "confirm")), dedupe_key=f"t:{person.pk}:{number}", sandbox=some((True, False)),
            state=some(("accepted", "unknown", "skipped")), reason="x", planned_at=NOW, not_before=NOW, latest_at=NOW,
            finished_at=ago(),
        )  # fmt: skip
    for number in range(chance.randint(0, 3)):
        at = ago()
        EngagementEvent.objects.create(
            contact=person, type=some(("clicked", "clicked", "replied", "delivered")), at=at, recorded_at=NOW,
            human=some((0, 0.49, 0.5, 1)), topic=some((None, *Topic.objects.all())), source="test",
            url=some(("", "https://vi.se/Priser/ÅR?a=1", "https://vi.se/x%_y")), dedup_hash=f"{person.pk}-{number}",
        )  # fmt: skip
    for sequence in chance.sample(list(Sequence.objects.all()), chance.randint(0, 2)):
        ended = some((None, NOW))
        Enrollment.objects.create(
            contact=person, sequence=sequence, entered_at=ago(), expires_at=NOW, ended_at=ended,
            end_reason=some(("completed", "replied")) if ended else "",
        )  # fmt: skip
    if chance.random() < 0.4:
        closed = some((None, NOW))
        Handoff.objects.create(
            contact=person, kind="call_me", opened_at=ago(), because="x", closed_at=closed,
            close_reason="outcome" if closed else "",
        )  # fmt: skip


def _dealings(chance: random.Random, person: Contact, some: Any, ago: Any) -> None:
    same = ago()
    for _number in range(chance.randint(0, 2)):
        Call.objects.create(
            contact=person, at=some((same, ago())), outcome=some(("no_answer", "meeting", "bought")),
            undone_at=some((None, None, NOW)),
        )  # fmt: skip
    if chance.random() < 0.4:
        Opportunity.objects.create(
            contact=person,
            title="x",
            stage=some(Stage.objects.all()),
            opened_at=NOW,
            closed_at=some((None, NOW)),
        )
    if chance.random() < 0.4:
        Purchase.objects.create(contact=person, at=ago(), undone_at=some((None, None, NOW)))
