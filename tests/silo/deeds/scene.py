"""The scene on which everything is done, and what must hold there whatever was done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.core.files.base import ContentFile

from contacts.models import Contact
from contacts.services import import_batch, import_undo, import_work
from nurturing.models import Piece, Send, Sequence
from nurturing.queries import receipts
from nurturing.queries.live import is_live
from nurturing.services import delivery, engagement, enrollment, evidence, pause, standing, tick
from sales.services import claim
from silo.models import User
from silo.queries import doctor
from tests import cast
from tests.nurturing import posting, supply
from tests.sales import stage

SHARED = "+4755010299"
"""The switchboard: three people have it."""


@dataclass
class Scene:
    """A silo at work: somebody in a sequence, hot, silent, awaited, stopped; mails that left and one that waits."""

    now: datetime
    sam: User
    mira: User
    ada: User
    anna: Contact  # has read a lot, waits in the queue, has a phone
    berit: Contact  # in a sequence, no phone
    carl: Contact  # only a phone, the switchboard's; in a sequence
    dana: Contact  # a date in March
    erik: Contact  # paused
    frida: Contact  # got a mail and read it, the switchboard's phone
    sequence: Sequence
    piece: Piece

    def events(self, person: Contact, kind: str, **more: object) -> None:
        """Something that the person did."""
        engagement.record(
            [
                engagement.NewEvent(
                    contact_id=person.pk,
                    type=kind,
                    at=self.now,
                    source="test",
                    key=f"{person.pk} {kind}",
                    **more,  # type: ignore[arg-type]
                )
            ],
            now=self.now,
        )

    def mail_to(self, person: Contact) -> Send:
        """The last mail of somebody."""
        return Send.objects.filter(contact=person).latest("pk")

    def list(self, text: str, ground: str = "consent") -> int:
        """A list that is brought in."""
        batch = import_batch.receive(
            name="list.csv", file=ContentFile(text.encode(), "list.csv"), by=self.mira, now=self.now
        )
        import_batch.settle(batch=batch, fields=batch.reading["fields"], ground=ground)
        import_batch.begin(batch_id=batch.pk, by=self.mira, now=self.now)
        assert import_work.run(batch_id=batch.pk, now=self.now).state == "done"
        return batch.pk

    def undo_list(self, batch_id: int) -> None:
        """…and taken back."""
        import_undo.begin(batch_id=batch_id, by=self.mira, now=self.now)
        assert import_undo.run(batch_id=batch_id, now=self.now).state == "undone"


def make(now: datetime) -> Scene:
    """The scene as it stands at `now`, an hour after everybody was judged for the first time."""
    posting.sender()
    text = posting.published("Hei", language="nb")
    first, second = (
        posting.piece(text, "First"),
        posting.piece(posting.published("Hello", language="en"), "Second"),
    )
    Piece.objects.filter(pk=first.pk).update(language="nb")
    Piece.objects.filter(pk=second.pk).update(language="en")
    run = supply.sequence("Webinar", ("one", 0), ("two", 5))
    run.live_version.steps.update(mail=text)  # type: ignore[union-attr]
    sam, mira, ada = cast.make_sam(), cast.make_mira(), cast.make_ada()
    made = Scene(
        now,
        sam,
        mira,
        ada,
        cast.make_anna(),
        cast.contact("Berit", "By", language="nb"),
        cast.contact("Carl", "Dal", email=None, phone=SHARED),
        cast.make_dana(),
        cast.contact("Erik", "Eng"),
        cast.contact("Frida", "Fjell", phone=SHARED, language="nb"),
        run,
        first,
    )
    cast.make_boris()
    cast.make_chen()
    early = now - timedelta(hours=1)
    standing.recompute_everybody(now=early)
    enrollment.start(
        contact_ids=[made.berit.pk, made.carl.pk], sequence_id=run.pk, by=mira, source="test", now=early
    )
    pause.start(contact_id=made.erik.pk, until=now + timedelta(days=30), because="away", by=sam, now=early)
    go_round(early)
    stage.make_hot(made.anna, now)
    made.events(made.frida, "clicked", level="bofu", send_id=made.mail_to(made.frida).pk)
    assert Send.objects.filter(state="accepted").count() >= 3
    assert_well(now)
    return made


def go_round(now: datetime) -> None:
    """The clock goes round: plan, deliver, judge hits, let go of claims. A live silo has no server here to deliver to."""
    tick.tick(now=now)
    if not is_live():
        while delivery.deliver_due(now=now, worker="test").claimed:
            pass
    evidence.grade(now=now + timedelta(seconds=11))
    claim.expire(now=now)


def assert_well(now: datetime) -> None:
    """Nobody drifts, no leak, no lost mail, and every temperature is the sum of its receipts."""
    report = doctor.examine(now=now)
    assert report.broken == (), [(leak.name, leak.sample) for leak in report.leaks]
    everybody = list(Contact.objects.values_list("pk", flat=True))
    lines = receipts.by_contact(everybody, now=now)
    for contact_id, degrees in receipts.degrees_of(everybody, now=now).items():
        assert degrees == pytest.approx(sum(one.now for one in lines.get(contact_id, [])), abs=1e-6)
