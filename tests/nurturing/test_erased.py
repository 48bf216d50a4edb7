"""Whoever is erased while something is under way is erased for good: no mail, no answer and no report brings a word of them back."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from contacts.models import Contact
from contacts.services import contact as contacts
from contacts.services import erasure, objection
from nurturing.content import compiling
from nurturing.inbound import parsing
from nurturing.models import EngagementEvent, Handoff, ProviderEvent, Reply, SandboxMail, Send, SendDetail
from nurturing.queries import preview
from nurturing.sending import tokens
from nurturing.services import delivery, engagement, incoming, letter, send, standing, trial, webhook
from nurturing.services.send import Move
from tests.cast import NOW
from tests.nurturing import posting

HERS = "anna.lind@fjordmek.example"


def erase(person: Contact) -> None:
    erasure.erase(contact_ids=[person.pk], why="person", now=NOW)


def written(*, delivered: bool) -> Send:
    """A mail to Anna that is due, or that has been handed over."""
    posting.sender()
    (mail,) = posting.due(Contact.objects.get(email=HERS), of=posting.piece(posting.published()))
    if delivered:
        delivery.deliver_due(now=NOW, worker="test")
    return mail


def said(mail: Send, kind: str) -> webhook.Report:
    number = tokens.message_id(mail.pk, "nordvik.example")
    return webhook.Report(
        provider="postmark", type=kind, at=NOW, message_id=number, recipient=HERS, payload={"Recipient": HERS}
    )


def everything_kept() -> str:
    rows = [
        list(ProviderEvent.objects.values()),
        list(Reply.objects.values()),
        list(SendDetail.objects.values()),
    ]
    return repr(
        [*rows, list(Send.objects.values()), list(EngagementEvent.objects.values("what", "detail", "url"))]
    )


# Mails in a worker's hand


@pytest.mark.django_db
def test_a_mail_that_a_worker_has_filled_in_does_not_leave_once_its_person_is_erased(anna: Contact) -> None:
    written(delivered=False)
    claims = send.claim(worker="test", now=NOW, limit=9)
    letters, _moves = letter.prepare(claims, now=NOW)
    erase(anna)
    assert send.attempt([one.leaving for one in letters], now=NOW) == set()
    delivery.deliver_due(now=NOW, worker="another")
    mail = Send.objects.get()
    assert (mail.state, mail.reason, mail.address) == ("skipped", "erased", "")
    assert not SendDetail.objects.exists() and not SandboxMail.objects.exists()


@pytest.mark.django_db
def test_a_server_that_answers_after_the_erasure_leaves_no_address_behind(anna: Contact) -> None:
    written(delivered=False)
    (claimed,) = send.claim(worker="test", now=NOW, limit=9)
    (one,), _moves = letter.prepare([claimed], now=NOW)
    send.attempt([one.leaving], now=NOW)
    erase(anna)
    said = f"550 5.1.1 <{HERS}>: unknown"
    assert send.move([Move(claimed, "failed", said, detail=said)], now=NOW)
    assert Send.objects.get().reason == "erased"
    assert HERS not in everything_kept()


@pytest.mark.django_db
def test_test_mails_go_with_whoever_they_may_have_been_filled_in_with(anna: Contact) -> None:
    posting.sender()
    compiled = compiling.compile_mail("Hej {{ contact.first_name }}", "", posting.BODY, "sv")
    values = preview.who(str(anna.pk), language="sv").merge
    trial.send(to="mira@ours.example", now=NOW, compiled=compiled, values=values)
    assert SandboxMail.objects.get().subject == "Hej Anna"
    erase(anna)
    assert not SandboxMail.objects.exists()


# What comes back


REPORT = """From: MAILER-DAEMON@relay.example\r
To: asa@nordvik.example\r
Subject: Undelivered\r
Message-ID: <q@relay.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r
\r
--b\r
Content-Type: text/plain\r
\r
no such user {address}\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; relay.example\r
\r
Final-Recipient: rfc822; {address}\r
Action: failed\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 5.1.1 <{address}> unknown\r
\r
--b\r
Content-Type: message/rfc822\r
\r
Message-ID: <{number}>\r
Subject: x\r
\r
--b--\r
"""
ANSWER = """From: {address}\r
To: asa@nordvik.example\r
Subject: {subject}\r
In-Reply-To: <{number}>\r
Message-ID: <z@fjordmek.example>\r
{header}\r
{text}, {address}\r
"""


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["delivered", "opened", "bounced", "complained", "sent"])
def test_a_providers_report_about_somebody_who_is_erased_is_kept_without_a_word(
    anna: Contact, kind: str
) -> None:
    mail = written(delivered=True)
    erase(anna)
    for _twice in range(2):
        webhook.report(said(mail, kind), now=NOW)
    kept = ProviderEvent.objects.get()
    assert (kept.type, kept.send_id, kept.recipient, kept.payload) == (kind, mail.pk, "", {})
    assert HERS not in everything_kept()


@pytest.mark.django_db
def test_a_report_about_somebody_who_is_here_keeps_what_it_said(anna: Contact) -> None:
    mail = written(delivered=True)
    for kind in ("delivered", "deferred"):
        webhook.report(said(mail, kind), now=NOW)
    kept = ProviderEvent.objects.values_list("type", "recipient", "payload")
    assert sorted(kept) == [(kind, HERS, {"Recipient": HERS}) for kind in ("deferred", "delivered")]


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["mailbox", "provider"])
def test_bounces_and_answers_from_somebody_who_is_erased_are_kept_without_a_word(
    anna: Contact, way: str
) -> None:
    mail = written(delivered=True)
    erase(anna)
    about = {"address": HERS, "number": tokens.message_id(mail.pk, "nordvik.example")}
    texts = [
        REPORT.format(**about),
        ANSWER.format(
            subject="Autosvar",
            header="Auto-Submitted: auto-replied\r\n",
            text="Borta till 9 december",
            **about,
        ),
        ANSWER.format(subject="Re: x", header="", text="Ring Anna på 070-1234567", **about),
        ANSWER.format(subject="Re: y", header="", text="Radera alla uppgifter om mig", **about),
        ANSWER.format(
            subject="Re: z",
            header="Auto-Submitted: auto-replied\r\n",
            text="Anna har slutat hos oss",
            **about,
        ),
    ]
    for text in [*texts, *texts]:
        came = parsing.parse(text.encode())
        if way == "mailbox":
            incoming.receive(came, source="imap", now=NOW, keep_strangers=False)
        else:
            webhook.inbound(
                came, source="postmark", event_id="", payload={"From": HERS, "Text": text}, now=NOW
            )
    assert Reply.objects.filter(contact=anna, send=mail).count() == 4
    kept = everything_kept()
    assert HERS not in kept and "070-1234567" not in kept
    assert not Handoff.objects.exists() and not EngagementEvent.objects.exclude(what="").exists()


# At the same moment


def begin(*works: Callable[[], object]) -> list[Future[object]]:
    """Work of others, each on a line of its own, until it waits for our transaction or is through."""
    pids: list[int] = []

    def run(work: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            pids.append(connection.connection.get_backend_pid())
            return work()
        finally:
            connections.close_all()

    pool = ThreadPoolExecutor(len(works))
    begun = [pool.submit(run, work) for work in works]
    while (at_work := sum(not one.done() for one in begun)) and waiting(pids) < at_work:
        time.sleep(0.01)
    pool.shutdown(wait=False)
    return begun


def waiting(pids: list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid = ANY(%s)", [pids])
        return int(cursor.fetchone()[0])


def came(person: Contact, kind: str) -> None:
    event = engagement.NewEvent(
        contact_id=person.pk,
        type=kind,
        at=NOW,
        source="silo",
        key=f"{kind}:{person.pk}",
        what=f"070-123, {HERS}",
    )
    engagement.record([event], now=NOW)


@pytest.mark.django_db(transaction=True)
def test_what_comes_in_while_somebody_is_being_erased_waits_and_leaves_no_word(anna: Contact) -> None:
    mail = written(delivered=True)
    with transaction.atomic():
        erase(anna)
        begun = begin(
            lambda: came(anna, "call_me"),
            *(
                lambda kind=kind: webhook.report(said(mail, kind), now=NOW)
                for kind in ("delivered", "bounced")
            ),
        )
    for one in begun:
        one.result(30)
    assert ProviderEvent.objects.count() == 2
    assert HERS not in everything_kept()
    assert not Handoff.objects.exists() and not EngagementEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_changes_or_erases_a_person_waits_for_what_they_do_at_this_moment(
    anna: Contact, boris: Contact, chen: Contact
) -> None:
    people = [anna.pk, boris.pk, chen.pk]
    with transaction.atomic():
        standing.lock(people)
        begun = begin(
            lambda: erase(anna),
            lambda: contacts.update(contact_id=boris.pk, email="boris@new.example", now=NOW),
            lambda: objection.object_to(contact_id=chen.pk, kind="profiling", source="told us", now=NOW),
        )
        for person in (anna, boris, chen):
            came(person, "unsubscribed")
    for one in begun:
        one.result(30)
    assert EngagementEvent.objects.filter(type="unsubscribed").count() == 3
    assert not Contact.objects.filter(email=HERS).exists()
