"""One call, by keys alone, in a real browser."""

import pytest

from contacts import clock
from nurturing.models import Standing
from sales.models import Call, Claim
from tests import cast
from tests.sales import stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# The browser would ask which program dials, in a window of its own that takes the keys.
NO_TELEPHONE = """
    addEventListener("click", (event) => event.target.closest("a[href^='tel:']") && event.preventDefault());
"""


@pytest.fixture
def scene(now):
    sam = cast.make_sam()
    now = clock.now()
    anna, per = cast.make_anna(), cast.contact("Per", "Lie", phone="+4755010299", title="Verkstadschef")
    stage.make_hot(anna, now, clicks=7)
    stage.make_hot(per, now, clicks=5)
    return sam, anna, per


def test_a_salesperson_calls_notes_and_goes_on_without_touching_the_mouse(page, live_server, scene):
    sam, anna, _per = scene
    page.context.add_cookies(
        [
            {
                "name": "sessionid",
                "value": cast.client_of(sam).cookies["sessionid"].value,
                "url": live_server.url,
            }
        ]
    )
    page.add_init_script(NO_TELEPHONE)
    page.goto("/today/")
    page.get_by_role("heading", name="Anna Lind").wait_for()

    page.keyboard.press("j")
    page.get_by_role("heading", name="Per Lie").wait_for()
    page.keyboard.press("k")
    page.get_by_role("heading", name="Anna Lind").wait_for()

    page.keyboard.press("d")
    page.get_by_text("Yours until").wait_for()
    assert Claim.objects.get().by == sam

    page.keyboard.press("n")
    page.keyboard.type("Budget after the summer")
    page.keyboard.press("Escape")
    page.locator("#note").evaluate("field => field.blur()")
    page.keyboard.press("3")
    page.get_by_text("When do we call again?").wait_for()
    assert page.locator("#note").input_value() == "Budget after the summer"
    page.keyboard.press("2")

    page.get_by_text("is back in the silo. We call again").wait_for()
    page.get_by_role("heading", name="Per Lie").wait_for()
    call = Call.objects.get()
    assert (call.outcome, call.note, call.by) == ("not_now", "Budget after the summer", sam)
    assert Standing.objects.get(pk=anna.pk).state == "nurtured"

    page.keyboard.press("u")
    page.get_by_text("Taken back. Anna Lind is where they were before.").wait_for()
    page.get_by_role("heading", name="Anna Lind").wait_for()
    call.refresh_from_db()
    assert call.undone_at is not None
    assert page.url.endswith(f"/today/?who={anna.pk}")
