"""One of everything, in words that no field should ever hold: for tests that walk over all pages.

Every text that somebody can bring in (a list, a form, a mail that comes back) carries `EVIL`. A page that forgets to
escape one of them shows an element or an attribute that we did not write, and the walk sees it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from contacts import bulk, clock
from contacts.models import Company, Contact, DuplicatePair, ImportBatch, MergeRun, Topic
from contacts.queries.selection import Selection
from contacts.services import (
    balancing,
    bulk_change,
    company,
    custom_field,
    export,
    ground,
    import_layout,
    import_work,
    merge,
    saved_view,
    segment,
    suppression,
)
from contacts.services import field as field_service
from contacts.services import import_batch as imports
from nurturing.content import compiling
from nurturing.inbound import reading
from nurturing.models import (
    Breaker,
    DomainCheck,
    Enrollment,
    JoinForm,
    Mailbox,
    Piece,
    SandboxMail,
    Send,
    Sender,
    Sequence,
)
from nurturing.names.findings import Finding, Record, State
from nurturing.sending import tokens
from nurturing.services import (
    delivery,
    domain_check,
    enrollment,
    joining,
    limit,
    pause,
    piece,
    reminder,
    reply,
    send,
    sequence,
    trial,
    warm_up,
    webhook_key,
)
from sales.models import Call, Opportunity, Purchase, Referral
from sales.services import claim, outcome
from silo.models import User
from silo.services import invitation
from tests import cast
from tests.nurturing import mailing
from tests.sales import stage

EVIL = "<script>x()</script><marquee onclick=x()>\"'{{7*7}}"
HTML = EVIL.removesuffix("{{7*7}}")
"""For words that are a template themselves."""


@dataclass
class World:
    """The rows that the addresses need."""

    now: datetime
    sam: User
    mira: User
    ada: User
    values: dict[str, Any] = field(default_factory=dict)
    special: dict[str, dict[str, Any]] = field(default_factory=dict)
    more: list[str] = field(default_factory=list)

    def grow(self, number: int) -> tuple[Contact, Contact]:
        """One more of everything that stands in a list. Returns who is hot and who bought."""
        with clock.at(self.now):
            anna = _person(f"anna{number}")
            _mails(self, anna)
            _reads_and_answers(self, anna)
            buyer = _sells(self, number)
            _agrees(self, number)
            _import(self, number)
            if number:
                _content(self, f" {number}")
                cast.colleague(f"Tess{number}", "salesperson")
                invitation.invite(
                    email=f"new{number}@ours.example", role="marketer", by=self.ada, now=self.now
                )
        return anna, buyer

    def address(self, name: str, one: URLPattern) -> str:
        """The address of something that is there. A new kind of id must be added to `values`: KeyError."""
        known = self.values | self.special.get(name, {})
        return reverse(name, kwargs={key: known[key] for key in one.pattern.converters})

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Every address of the product, and a few more with what a reader may ask of them."""
        for name, one in every(get_resolver().url_patterns):
            if not one.callback.__module__.startswith("allauth."):
                yield name, self.address(name, one)
        for address in self.more:
            yield address, address


def every(
    patterns: list[URLPattern | URLResolver], rooms: tuple[str, ...] = ()
) -> Iterator[tuple[str, URLPattern]]:
    """The names and patterns of all addresses."""
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from every(one.url_patterns, (*rooms, one.namespace) if one.namespace else rooms)
        else:
            yield ":".join((*rooms, one.name or str(one.pattern))), one


def make(now: datetime = cast.NOW) -> World:
    """A silo in the middle of its work."""
    sam, mira, ada = (
        cast.colleague(f"{name}{EVIL}"[:100], role, email=f"{name}@ours.example")
        for name, role in (("sam", "salesperson"), ("mira", "marketer"), ("ada", "admin"))
    )
    world = World(now, sam, mira, ada)
    with clock.at(now):
        _content(world)
    anna, buyer = world.grow(0)
    world.values |= {
        "contact_id": anna.pk,
        "user_id": sam.pk,
        "token": invitation.invite(email="new@ours.example", role="marketer", by=ada, now=now).token,
        "invitation_id": invitation.invite(
            email="newer@ours.example", role="marketer", by=ada, now=now
        ).invitation.pk,
        "call_id": Call.objects.latest("pk").pk,
        "purchase_id": Purchase.objects.latest("pk").pk,
        "referral_id": Referral.objects.latest("pk").pk,
        "provider": "mailgun",
        "kind": "tracking",
        **_doubles(world, anna),
    }
    left = Send.objects.filter(contact=anna, state="accepted").latest("pk")
    world.values["send_id"] = left.pk
    world.values["mailbox_id"] = Mailbox.objects.create(
        address="svar@ours.example",
        host="imap.ours.example",
        username=EVIL[:200],
        trouble=EVIL[:200],
        made_at=now,
    ).pk
    world.values["mail_id"] = SandboxMail.objects.filter(send=None).latest("pk").pk
    world.special |= {
        "nurturing:click": {"token": tokens.click_token(left.pk, 0, "https://ours.example/x")},
        "nurturing:trap": {"token": tokens.trap_token(left.pk)},
        "nurturing:preferences": {"token": tokens.stop_token(anna.pk, left.pk)},
        "sales:refer": {"contact_id": buyer.pk},
    }
    _law(world, anna)
    _pace(world)
    _many(world)
    done = ImportBatch.objects.filter(state="done").latest("pk").pk
    world.special |= {
        name: {"batch_id": done} for name in ("contacts:import_undo", "contacts:import_rejects")
    }
    batch = Enrollment.objects.latest("pk")
    world.special["nurturing:undo_enroll"] = {"batch_id": batch.batch_id}
    world.more += [
        f"/imports/{done}/",
        f"/imports/{done}/?verdict=new",
        f"/people/{buyer.pk}/",
        f"/people/{buyer.pk}/why/",
        f"/people/{anna.pk}/earlier/?before=2026-11-16T08:30:00Z",
        "/people/?q=script",
        f"/today/?who={anna.pk}",
        f"/today/?after={Call.objects.latest('pk').pk}",
        "/pipeline/?show=won",
        "/pipeline/?show=lost",
        f"/sequences/enroll/?ids={anna.pk}",
        f"/outbox/?contact={anna.pk}",
    ]
    return world


def _law(world: World, anna: Contact) -> None:
    """A form, somebody who was asked by it, a stop, a former ground."""
    by_now: dict[str, Any] = {"by": world.ada, "now": world.now}
    form = joining.save_form(
        form=JoinForm(
            name=EVIL,
            heading=EVIL,
            intro=EVIL,
            wording=EVIL,
            invitation_wording=EVIL,
            thanks=EVIL,
            language="sv",
        ),
        topics=Topic.objects.all(),
        **by_now,
    )
    wish = joining.Wish(email="joins@in.example", first_name=EVIL[:100], company=EVIL)
    asked = joining.ask(form=form, wish=wish, ip="192.0.2.1", now=world.now)
    assert asked is not None and asked.send_id is not None
    ground.keep(contact_id=anna.pk, ground="none", source=EVIL, wording=EVIL, **by_now)
    ground.keep(contact_id=anna.pk, ground="consent", source=EVIL, wording=EVIL, ip="192.0.2.1", **by_now)
    balancing.write(text=EVIL * 3, **by_now)
    stop = suppression.stop(
        address="gone@away.example", channel="mail", reason="by_hand", source=EVIL, **by_now
    )
    world.values |= {"suppression_id": stop.pk, "form_id": form.pk, "slug": form.slug}
    world.special |= {
        "nurturing:confirm": {"token": tokens.answer_token(asked.send_id)},
        "contacts:rule": {"kind": "no_sign_of_life"},
        "contacts:rule_off": {"kind": "no_sign_of_life"},
    }
    world.more += ["/privacy/stops/?q=gone", "/privacy/log/?person=script", "/privacy/stops/?lifted=1"]


def _pace(world: World) -> None:
    """A house with limits, a domain that is made known, a receiver that is left alone."""
    by_now: dict[str, Any] = {"by": world.ada, "now": world.now}
    sender = Sender.objects.earliest("pk")
    limit.of_sender(sender_id=sender.pk, figures={"minute": 9, "day": 99}, **by_now)
    house = limit.of_host(
        host_id=None, name=EVIL[:60], domains=["evil.example"], figures={"hour": 9}, **by_now
    )
    fields = {"domain": EVIL[:250], "first": 20, "factor": 2.0, "step": 0, "until": 900}
    plan = warm_up.save(warm_up_id=None, fields=fields, **by_now)
    alone = Breaker.objects.create(
        receiver="evil.example", name=EVIL[:250], kind="blocked", opened_at=world.now, because=EVIL, troubles=7,
        seen=9, pause_minutes=15, retry_at=world.now, held_at=world.now, held_by=world.ada,
    )  # fmt: skip
    world.values |= {"host_id": house.pk, "warm_up_id": plan.pk, "breaker_id": alone.pk}
    world.values.setdefault("sender_id", sender.pk)


def _doubles(world: World, anna: Contact) -> dict[str, Any]:
    """Somebody who may be there twice, two that were made one, a field of the company's own, and edits."""
    by_now: dict[str, Any] = {"by": world.sam, "now": world.now}
    first, second, third = (_person(f"double{number}") for number in range(3))
    pair = DuplicatePair.objects.create(
        first=first, second=second, signs=["phone", "address"], found_at=world.now
    )
    made = merge.merge(kept_id=first.pk, dropped_id=third.pk, **by_now)
    own = custom_field.make(name=EVIL, kind="choice", choices=[EVIL, f"{EVIL}2"], **by_now)
    Contact.objects.filter(pk__in=[anna.pk, second.pk]).update(custom={own.key: EVIL, EVIL: EVIL})
    edit = field_service.tag(contact_id=anna.pk, said=f"{EVIL}2"[:60], **by_now)
    assert edit
    companies = [_person(f"firm{number}").company_id or 0 for number in range(2)]
    merged = company.merge(kept_id=first.company_id or 0, dropped_id=companies[1], **by_now)
    run = MergeRun.objects.create(
        at=world.now, by=world.mira, pairs=[[first.pk, second.pk]], done=1, state="done"
    )
    changed = company.change(
        company_id=companies[0],
        said={"city": "X"},
        seen=company.seen_of(Company.objects.get(pk=companies[0])),
        **by_now,
    )
    assert changed
    world.special |= {
        "contacts:merge_companies": {"company_id": companies[0], "other_id": first.company_id},
        "contacts:undo_company_merge": {"merge_id": merged.pk},
        "contacts:undo_company_change": {"edit_id": changed.pk},
        "contacts:field": {"contact_id": anna.pk, "name": "title"},
    }
    world.more += [
        f"/people/{first.pk}/", f"/people/{first.pk}/merge/{second.pk}/", f"/people/{anna.pk}/field/custom:{own.key}/",
        f"/people/{anna.pk}/field/company/", f"/people/{anna.pk}/field/topics/", "/companies/?q=script", f"/people/{third.pk}/",
    ]  # fmt: skip
    return {
        "other_id": second.pk, "pair_id": pair.pk, "merge_id": made.pk, "run_id": run.pk, "edit_id": edit.pk,
        "field_id": own.pk, "first": 1, "company_id": companies[0], "name": "title",
    }  # fmt: skip


def _content(world: World, mark: str = "") -> None:
    by_now: dict[str, Any] = {"by": world.mira, "now": world.now}
    _way_out(world, mailing.sender())
    topic = Topic.objects.create(name=EVIL + mark, slug=f"evil{mark.strip()}")
    body = (
        "Hej {{ contact.first_name }} på {{ contact.company }},\n\n[läs](https://ours.example/x)\n\n" + HTML
    )
    for number in range(4):
        written = piece.make(
            title=f"{number} {EVIL}", topic_id=topic.pk, subject=f"{number} {HTML} {{{{ contact.first_name }}}}",
            body=body, level="bofu", language="sv", **by_now,
        )  # fmt: skip
        piece.publish(piece_id=written.pk, **by_now)
    made = sequence.make(name=EVIL + mark, purpose=EVIL, **by_now)
    step = sequence.add_step(sequence_id=made.pk, subject=HTML, preheader=HTML, body=body, days=1, **by_now)
    sequence.publish(sequence_id=made.pk, **by_now)
    sequence.add_step(sequence_id=made.pk, subject=HTML, body=body, days=9, **by_now)
    _segment(world, mark)
    trial.send(to="mira@ours.example", now=world.now, compiled=compiling.compile_mail(HTML, "", body, "sv"))
    world.values |= {"piece_id": Piece.objects.latest("pk").pk, "sequence_id": made.pk, "step_key": step.key}


def _way_out(world: World, sender: Sender) -> None:
    """A sender whose domain was looked at, and a provider's key."""
    check = domain_check.ask(sender_id=sender.pk, selectors=["s1"], by=world.ada, now=world.now)
    DomainCheck.objects.filter(pk=check.pk).update(
        done_at=world.now,
        findings=[
            Finding("spf", State.WRONG, "spf_several", {"domain": EVIL}, (Record(EVIL, "TXT", HTML),), (HTML,)).as_json()
        ],
    )  # fmt: skip
    webhook_key.make(provider="postmark", name="password", by=world.ada, now=world.now)
    door = {"provider": "postmark", "name": "password"}
    world.special |= {
        f"nurturing:{name}": door
        for name in ("webhook_door", "put_webhook_key", "end_webhook_key", "close_webhook_key")
    }
    world.values["sender_id"] = sender.pk


def _many(world: World) -> None:
    """A change to many people, a file of them, and a view of the list."""
    tag, meant = bulk.change("tag"), Selection(everybody=True, asked={"q": "anna", "tag": EVIL})
    assert tag is not None
    by_now: dict[str, Any] = {"by": world.ada, "now": world.now}
    change = bulk_change.begin(action=tag, params={"tag": EVIL[:60]}, selection=meant, **by_now)
    bulk_change.run(change_id=change.pk, clock=lambda: world.now)
    file = export.begin(kind="csv", columns=["email"], selection=meant, language="en", **by_now)
    export.write(export_id=file.pk, clock=lambda: world.now)
    view = saved_view.save(
        name=EVIL[:80], asked=meant.asked, order="warmest", columns=["tags", "next"], shared=True,
        by_id=world.ada.pk, now=world.now,
    )  # fmt: skip
    world.values |= {"change_id": change.pk, "export_id": file.pk, "view_id": view.pk}
    world.special["contacts:change_many"] = {"name": "tag"}
    chosen = urlencode({"everybody": "1", "q": "anna", "do-tag": EVIL[:60]})
    world.more += [
        f"/people/many/tag/?{chosen}",
        f"/people/export/?{chosen}",
        f"/people/?view={view.pk}&sort=warmest",
        f"/people/changes/{change.pk}/?outcome=same",
    ]


def _segment(world: World, mark: str) -> None:
    """One with a name, a text and a topic in the worst of words."""
    by_now: dict[str, Any] = {"by": world.mira, "now": world.now}
    asked = {
        "all": [
            {
                "none": [
                    {"if": "tag", "op": "has", "value": EVIL},
                    {"if": "weather", "op": "is", "value": EVIL},
                ]
            },
            {"if": "topic", "op": "has", "value": str(Topic.objects.latest("pk").pk)},
        ]
    }
    made = segment.make(name=EVIL + mark, asked=asked, **by_now)
    segment.change(segment_id=made.pk, revision=1, name=EVIL + mark, asked={"any": asked["all"]}, **by_now)
    world.values["segment_id"] = made.pk


def _person(name: str, **more: Any) -> Contact:
    company, _ = Company.objects.get_or_create(
        name_key=name,
        defaults={"name": f"{name} {EVIL}", "country": "SE", "city": EVIL, "domain": f"{name}.example"},
    )
    return cast.contact(
        EVIL, name, email=f"x@{name}.example", phone="+4646500411", title=EVIL, city=EVIL, tags=[EVIL],
        custom={EVIL: EVIL}, way_in_note=EVIL, company=company, country="SE", language="sv", **more,
    )  # fmt: skip


def _mails(world: World, anna: Contact) -> None:
    """One mail that left, one that waits."""
    early = world.now - timedelta(days=1)  # an office day
    pieces = list(Piece.objects.order_by("pk"))
    send.plan(
        [
            send.Planned(
                contact_id=anna.pk, kind="piece", dedupe_key=f"piece:{anna.pk}:{one.pk}", piece_id=one.pk,
                mail_id=one.mail_id, not_before=early if one is pieces[0] else world.now + timedelta(days=1),
                latest_at=world.now + timedelta(days=3),
            )
            for one in pieces[:2]
        ],
        now=early,
    )  # fmt: skip
    delivery.deliver_due(now=early, worker="tests")
    assert Send.objects.filter(contact=anna, state="accepted").exists(), list(
        Send.objects.values("state", "reason")
    )


def _reads_and_answers(world: World, anna: Contact) -> None:
    stage.make_hot(anna, world.now)
    answer = reading.Incoming(
        headers={"from": (f"{anna.email}",), "subject": (EVIL,)}, subject=EVIL, text=f"Ja {EVIL}", html="",
        from_address=str(anna.email), envelope_sender=anna.email, to_addresses=("mira@ours.example",),
        content_type="text/plain",
    )  # fmt: skip
    reply.receive(answer, source="test", now=world.now - timedelta(hours=1))


def _sells(world: World, number: int) -> Contact:
    """A deal that is open, one that is lost, and one that is won."""
    common: dict[str, Any] = {"by": world.sam, "now": world.now, "note": EVIL}
    for deal in ("open", "lost", "won"):
        buyer = _person(f"{deal}{number}")
        outcome.record(contact_id=buyer.pk, outcome="meeting", what=EVIL, **common)
        made = Opportunity.objects.get(contact=buyer)
        made.title, made.next_step = EVIL, EVIL
        made.save()
        world.special["sales:opportunity"] = {"opportunity_id": made.pk}
        if deal == "won":
            outcome.record(
                contact_id=buyer.pk, outcome="bought", what=EVIL, opportunity_id=made.pk, revision=0, **common
            )
        if deal == "open":
            world.values["opportunity_id"] = made.pk
    return buyer


def _agrees(world: World, number: int) -> None:
    """Somebody who is in a sequence, somebody who wants silence, and somebody to call again."""
    by_now: dict[str, Any] = {"by": world.sam, "now": world.now}
    sequence_id = Sequence.objects.latest("pk").pk
    boris = _person(f"boris{number}")
    enrollment.start(contact_ids=[boris.pk], sequence_id=sequence_id, source=EVIL, **by_now)
    silent = pause.start(contact_id=boris.pk, until=world.now + timedelta(days=30), because=EVIL, **by_now)
    dated = reminder.remind(
        contact_id=boris.pk, at=world.now + timedelta(days=90), kind="ripe", because=EVIL, **by_now
    )
    stage.make_waiting(_person(f"callme{number}"), world.now, because=EVIL)
    held = _person(f"held{number}")
    stage.make_waiting(held, world.now, kind="ripe", because=EVIL)
    if not number:
        claim.take(contact_id=held.pk, **by_now)
    world.values |= {
        "pause_id": silent.pk,
        "reminder_id": dated.pk,
        "enrollment_id": Enrollment.objects.latest("pk").pk,
    }
    world.more += [f"/people/{boris.pk}/", f"/people/{boris.pk}/why/", f"/today/?who={held.pk}"]


def _import(world: World, number: int) -> None:
    """One that is in, and one that was only uploaded."""
    cell = EVIL.replace('"', '""')
    text = f'Förnamn;E-post;Företag;"{cell}"\n' + "".join(
        f'"{cell}";{address};"{cell}";"{cell}"\n' for address in (f"i{number}@in.example", "nobody")
    )
    for word in ("done", "open"):
        file = ContentFile((text + f";{word}{number}@in.example;;\n").encode(), f"{word}.csv")
        batch = imports.receive(name=f"{EVIL}.csv".replace("/", ""), file=file, by=world.mira, now=world.now)
        imports.settle(batch=batch, fields=batch.reading["fields"], ground="consent", source=EVIL)
        if word == "done":
            imports.begin(batch_id=batch.pk, by=world.mira, now=world.now)
            import_work.run(batch_id=batch.pk, now=world.now)
            layout = import_layout.remember(batch=batch, by=world.mira, now=world.now)
            world.values["layout_id"] = layout.pk if layout else 0
        else:
            import_work.check(batch_id=batch.pk, now=world.now)
            world.values["batch_id"] = batch.pk


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Any) -> World:
    settings.MEDIA_ROOT = tmp_path
    return make()
