"""A marketer builds a segment in a real browser: the count follows while one writes, and nothing typed is lost."""

import re
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import expect

from contacts.models import Segment
from tests.cast import client_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_segment_is_built_while_the_count_follows(
    page: Any, live_server: Any, mira: Any, anna: Any, chen: Any
) -> None:
    cookie = client_of(mira).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.goto("/segments/")
    page.get_by_role("link", name="Build the first").click()
    page.get_by_label("Name", exact=True).fill("In Bergen")
    total = page.locator(".segment-total")
    expect(total).to_contain_text("2 people")
    page.get_by_label("What is asked").select_option("city")
    page.get_by_label("city", exact=True).fill("berg")
    expect(page.locator(".segment-sentence")).to_contain_text("city is “berg”")
    expect(total).to_contain_text("0 people")
    page.get_by_label("How it compares").select_option("starts")
    expect(total).to_contain_text("1 person")
    expect(page.get_by_label("city", exact=True)).to_have_value("berg")
    page.get_by_role("button", name="Add a group").click()
    expect(page.get_by_label("What is asked")).to_have_count(2)
    page.get_by_label("What is asked").nth(1).select_option("phone")
    expect(page.locator(".segment-sentence")).to_contain_text("phone number is known")
    page.get_by_label("How its parts go together").nth(1).select_option("none")
    expect(total).to_contain_text("0 people")
    page.locator("#segment-q").fill("anna")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Anna Lind").click()
    expect(page.locator("#outlook")).to_contain_text("does not hold")
    page.get_by_role("button", name="Take this group out").click()
    expect(total).to_contain_text("1 person")
    expect(page.get_by_label("Name", exact=True)).to_have_value("In Bergen")
    page.get_by_role("button", name=re.compile("Keep this segment")).click()
    expect(page.get_by_role("heading", name="In Bergen")).to_be_visible()
    assert Segment.objects.get().rule["all"] == [{"if": "city", "op": "starts", "value": "berg"}]
