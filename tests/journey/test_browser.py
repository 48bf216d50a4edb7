"""The same journey in a real browser: Ada brings a list in, Mira writes, Anna reads, Sam calls.

Every hand that moves is a real click or key. The clock is moved by the test, and what silo/schedule.py starts by itself is started here
at that moment.
"""

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error

from contacts import clock
from contacts.models import Contact, ImportBatch
from contacts.services import import_work
from nurturing.models import Enrollment, Handoff, SandboxMail, Sender, Standing
from nurturing.services import delivery, evidence, tick
from sales.models import Call
from silo.queries import doctor
from tests import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A headless browser calls itself one, and the grading takes it for what it is: a program.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
LIST = (
    "Förnamn;Efternamn;E-post;Telefon;Företag;Befattning;Land;Språk\r\n"
    "Åsa;Öberg;asa.oberg@ostraverken.example;08-465 004 11;Östra Verken AB;Inköpschef;SE;sv\r\n"
    "Märta;Ström;marta.strom@akeri.example;;Åkeri Nord AB;Ekonom;SE;sv\r\n"
)


class Day:
    """The moment at which everybody, also the server, believes to be."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def go_round(self, **later: float) -> None:
        self.now += timedelta(**later)
        evidence.grade(now=self.now)
        tick.tick(now=self.now)
        while delivery.deliver_due(now=self.now, worker="journey").claimed:
            pass


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Day:
    """A Tuesday morning; the live server's threads read the same clock as the test."""
    day = Day(datetime(2026, 2, 3, 8, 0, tzinfo=UTC))
    monkeypatch.setattr(clock, "now", lambda: day.now)
    Sender.objects.create(
        name="Nordvik",
        email="hej@nordvik.example",
        company="Nordvik AB",
        postal_address="Hamngatan 4, Malmö",
        org_number="556000-4242",
        is_default=True,
        made_at=day.now,
        changed_at=day.now,
    )
    return day


@pytest.fixture
def desk(browser: Any, live_server: Any) -> Iterator[Callable[[str], Any]]:
    """A browser of their own for each colleague, logged in through the login page."""
    contexts, complaints = [], []

    def open_for(address: str) -> Any:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900},
            base_url=live_server.url,
            locale="en-GB",
            user_agent=BROWSER,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if address:
            page.goto("/")
            page.get_by_label("E-mail address").fill(address)
            page.get_by_label("Password").fill(cast.PASSWORD)
            page.get_by_role("button", name="Log in").click()
            page.get_by_role("navigation").first.wait_for()
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert not complaints


def test_ada_imports_mira_writes_anna_reads_sam_calls(
    day: Day, desk: Callable[[str], Any], tmp_path: Path
) -> None:
    ada, mira, sam = cast.make_ada(), cast.make_mira(), cast.make_sam()

    # Ada: the list, what it will do, and one button with a number on it.
    file = tmp_path / "kunder.csv"
    file.write_bytes(LIST.encode("cp1252"))
    page = desk(ada.email)
    page.goto("/imports/new/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    page.get_by_text("Åsa").first.wait_for()
    page.get_by_label("They agreed to get mail from us").check()
    page.get_by_role("button", name="See what will happen").click()
    page.wait_for_load_state()
    _work_on_imports(day)
    page.reload()
    page.get_by_role("button", name="Bring in 2 people").click()
    page.wait_for_load_state()
    _work_on_imports(day)
    page.goto("/people/?q=öberg")
    page.get_by_text("Åsa Öberg").first.wait_for()
    asa = Contact.objects.get(email_key="asa.oberg@ostraverken.example")

    # Mira: a sequence of two mails, published, and Åsa brought into it.
    page = desk(mira.email)
    _write_sequence(page, mails=2)
    page.goto(asa.get_absolute_url())
    page.locator("summary", has_text="Bring into a sequence").click()
    page.get_by_role("button", name="Bring in", exact=True).click()
    page.wait_for_load_state()
    assert Enrollment.objects.active().get().contact == asa
    day.go_round(minutes=5)
    page.goto("/outbox/")
    page.get_by_text("asa.oberg@ostraverken.example").or_(page.get_by_text("Åsa Öberg")).first.wait_for()

    # Åsa: reads in her own browser, comes back, gets the next one and reads that too.
    hers = desk("")
    for _mail in range(2):
        for days in (0, 1, 1):
            day.now += timedelta(days=days, minutes=20)
            with pytest.raises(
                Error, match="ERR_NAME_NOT_RESOLVED"
            ):  # on the way to nordvik.example, which nobody has
                hers.goto(_first_link(asa))
            day.go_round(minutes=1)
        if Handoff.objects.open().filter(contact=asa, kind="hot").exists():
            break
        day.go_round(days=7)
    assert Handoff.objects.open().get(contact=asa).kind == "hot"

    # Sam: sees her with the reasons, takes her, and gives the outcome by keys.
    page = desk(sam.email)
    page.goto("/today/")
    page.get_by_role("heading", name="Åsa Öberg").wait_for()
    page.keyboard.press("t")
    page.get_by_text("Yours until").wait_for()
    page.keyboard.press("3")
    page.get_by_text("When do we call again?").wait_for()
    page.keyboard.press("2")
    page.get_by_text("is back in the silo").wait_for()
    call = Call.objects.get()
    assert (call.by, call.outcome) == (sam, "not_now")
    assert Standing.objects.get(contact=asa).state == Standing.State.NURTURED
    page.goto(asa.get_absolute_url())
    page.get_by_role("heading", name="Åsa Öberg").wait_for()
    page.get_by_text("Sam called: Not now").wait_for()
    assert doctor.examine(now=day.now).ok


def _work_on_imports(day: Day) -> None:
    """What the worker does with a checked or started import."""
    for batch in ImportBatch.objects.order_by("pk"):
        if batch.state == ImportBatch.State.RUNNING:
            import_work.run(batch_id=batch.pk, now=day.now)
        elif batch.state == ImportBatch.State.UPLOADED and batch.ground:
            import_work.check(batch_id=batch.pk, now=day.now)


def _write_sequence(page: Any, *, mails: int) -> None:
    page.goto("/sequences/new/")
    page.get_by_label("Name").fill("Nya kunder")
    page.get_by_role("button", name="Begin writing").click()
    for number in range(1, mails + 1):
        page.get_by_role("button", name=re.compile("Add a mail")).click()
        page.get_by_role("heading", name=f"Mail {number}").wait_for()
        page.get_by_label("Level").select_option("bofu")
        page.get_by_label("Text", exact=True).fill(
            "Hej {{ contact.first_name }}, [priserna](https://nordvik.example/priser)"
        )
        page.get_by_label("Subject").fill(f"Priser {number}")
        page.locator("#timeline").get_by_text(f"Priser {number}").wait_for()
    page.get_by_role("link", name=re.compile("Publish…")).click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Nya kunder v1 is live.").wait_for()


def _first_link(contact: Contact) -> str:
    """The path of the first tracked link in the newest mail to somebody."""
    raw = SandboxMail.objects.filter(send__contact=contact).order_by("-id").values_list("raw", flat=True)[0]
    text = email.message_from_bytes(bytes(raw), policy=email.policy.default).get_body(("plain",))
    found = re.search(r"https?://[^/\s]+(/c/[\w~-]+)", text.get_content() if text else "")
    assert found
    return found.group(1)
