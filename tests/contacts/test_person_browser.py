"""A value is changed where it stands: click, type, Enter; Esc leaves it."""

from typing import Any

import pytest

from tests import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_click_type_enter_undo_and_esc(page: Any, transactional_db: None) -> None:
    sam, anna = cast.make_sam(), cast.make_anna()
    page.goto("/account/login/")
    page.fill("[name=login]", sam.email)
    page.fill("[name=password]", cast.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/")
    page.goto(anna.get_absolute_url())

    page.click("#fact-title .fact-edit")
    page.wait_for_selector("#form-title[data-inplace-open]")
    page.keyboard.type("Fabrikksjef")
    page.keyboard.press("Escape")
    page.wait_for_selector("#form-title", state="detached")
    assert "Innkjøpssjef" in page.inner_text("#fact-title")

    page.click("#fact-title .fact-edit")
    page.wait_for_selector("#form-title[data-inplace-open]")
    page.keyboard.type("Fabrikksjef")
    page.keyboard.press("Enter")
    page.wait_for_selector("#messages .flash")
    assert "Fabrikksjef" in page.inner_text("#fact-title")
    assert "Fabrikksjef" in page.inner_text(".page-lede"), "the whole page says so"
    assert page.locator("#person").count() == 1
