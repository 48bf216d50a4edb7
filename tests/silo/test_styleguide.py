"""The style guide and the frame: who sees which entries, and that it holds in a browser at every width."""

import re

import pytest
from django.contrib.messages import get_messages
from django.template import loader
from django.test import Client

from nurturing.models import GoLive, Handoff, SendingHold
from silo import context
from tests.cast import NOW, client_of

pytestmark = pytest.mark.django_db


def entries(html: str) -> list[str]:
    nav = re.search(r'<ul class="nav-list">(.*?)</ul>', html, re.DOTALL)[1]
    return re.findall(r'<a href="([^"]+)"', nav)


def test_any_colleague_sees_it_and_a_stranger_is_sent_to_the_login(mira, sam, ada):
    for colleague in (mira, sam, ada):
        response = client_of(colleague).get("/styleguide/")
        assert response.status_code == 200 and "Anna Lind" in response.text
    response = Client().get("/styleguide/")
    assert response.status_code == 302 and response["Location"] == "/account/login/?next=/styleguide/"


def test_the_frame_shows_the_entries_of_the_readers_roles(mira, sam, ada):
    assert entries(client_of(sam).get("/styleguide/").text) == ["/today/", "/people/", "/pipeline/"]
    assert entries(client_of(mira).get("/styleguide/").text) == ["/people/", "/sequences/", "/library/"]
    assert len(entries(client_of(ada).get("/styleguide/").text)) == 5


def test_the_frame_says_where_the_reader_is_and_can_be_skipped(sam, rf):
    html = client_of(sam).get("/styleguide/").text
    assert '<main id="main"' in html and 'href="#main"' in html and 'aria-label="Main"' in html
    request = rf.get("/people/7/")
    request.user = sam
    assert [entry.url for entry in context.Navigation(request, context.PLACES) if entry.current] == [
        "/people/"
    ]


def test_a_count_is_asked_for_once_and_only_when_somebody_looks(sam, rf):
    asked = []

    def count(request):
        asked.append(request)
        return {"today": 7}

    request = rf.get("/today/")
    request.user = sam
    nav = context.Navigation(request, context.PLACES, count)
    assert asked == []
    assert next((entry.url, entry.count) for entry in nav) == ("/today/", 7)
    assert len(nav) == 3 and len(asked) == 1


def test_the_strip_says_that_nothing_leaves_until_the_silo_goes_live(sam, ada):
    assert "Sandbox: nothing leaves this machine." in client_of(sam).get("/styleguide/").text
    assert ">Set up sending</a>" not in client_of(sam).get("/styleguide/").text
    assert ">Set up sending</a>" in client_of(ada).get("/styleguide/").text
    GoLive.objects.create(at=NOW, by=ada)
    assert 'class="strip' not in client_of(sam).get("/styleguide/").text


def test_the_strip_says_who_may_start_stopped_sending_and_why_it_stopped(sam, ada):
    SendingHold.objects.create(at=NOW, by=ada, because="a wrong price in step 2")
    html = client_of(sam).get("/styleguide/").text
    assert "strip--hold" in html and "a wrong price in step 2" in html and "Start it again" not in html
    assert "Start it again" in client_of(ada).get("/styleguide/").text


def test_the_count_beside_today_is_the_number_that_waits(sam, mira, anna):
    Handoff.objects.create(contact=anna, kind=Handoff.Kind.REPLIED, opened_at=NOW)
    assert '<span class="nav-count">1<' in client_of(sam).get("/styleguide/").text
    assert "nav-count" not in client_of(mira).get("/styleguide/").text


def test_a_chosen_look_stays_and_a_made_up_one_is_forgotten(sam):
    client = client_of(sam)
    response = client.post("/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/people/"})
    assert (response.status_code, response["Location"]) == (302, "http://testserver/people/")
    assert '<html lang="en" data-theme="dark">' in client.get("/styleguide/").text
    client.post("/theme/", {"theme": '"><script>'})
    assert '<html lang="en">' in client.get("/styleguide/").text


def test_choosing_a_look_never_leads_to_another_host(sam):
    response = client_of(sam).post("/theme/", {"theme": "dark"}, headers={"Referer": "https://evil.example/"})
    assert response["Location"] == "/"
    assert client_of(sam).get("/theme/").status_code == 405


def test_the_login_says_what_is_wrong_and_brings_back_to_the_page(sam):
    client = Client()
    page = client.get("/account/login/?next=/styleguide/")
    assert 'name="next"' in page.text and "Log in" in page.text
    wrong = client.post("/account/login/", {"login": sam.email, "password": "wrong"})
    assert wrong.status_code == 200 and 'role="alert"' in wrong.text
    right = client.post(
        "/account/login/",
        {"login": sam.email, "password": "a long and harmless word", "next": "/styleguide/"},
    )
    assert (right.status_code, right["Location"]) == (302, "/styleguide/")
    assert list(get_messages(right.wsgi_request)) == []


def test_an_address_that_leads_nowhere_says_so_in_words(sam):
    response = client_of(sam).get("/no-such-page/")
    assert response.status_code == 404 and "There is nothing at this address" in response.text


def test_a_form_without_its_token_is_refused_in_words(sam):
    client = Client(enforce_csrf_checks=True)
    client.force_login(sam)
    response = client.post("/theme/", {"theme": "dark"})
    assert response.status_code == 403 and "The form was too old" in response.text
    assert "theme" not in client.cookies


def test_the_page_for_a_crash_needs_no_context_and_no_manifest(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    html = loader.get_template("500.html").render()
    assert "Something broke on our side" in html and "/static/css/base.css" in html


@pytest.fixture
def logged_in(page, live_server, sam):
    client = client_of(sam)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    return page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [480, 1024, 1920])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen_and_every_control_has_a_name(logged_in, width, theme):
    page = logged_in
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    page.goto("/styleguide/")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    nameless = page.evaluate(
        """[...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a")]
            .filter((e) => !(e.labels?.length || e.textContent.trim() || e.getAttribute("aria-label")))
            .map((e) => e.outerHTML)"""
    )
    assert nameless == []
    twice = page.evaluate(
        """[...document.querySelectorAll("[id]")].map((e) => e.id)
            .filter((id, i, all) => all.indexOf(id) !== i)"""
    )
    assert twice == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_keys_press_buttons_but_never_while_somebody_types_and_can_be_switched_off(logged_in):
    page = logged_in
    page.goto("/styleguide/")
    pressed = "document.querySelector('[data-key=\"3\"]').addEventListener('click', () => window.pressed++)"
    page.evaluate(f"window.pressed = 0; {pressed}")
    page.keyboard.press("3")
    assert page.evaluate("window.pressed") == 1
    page.keyboard.press("/")
    page.keyboard.type("3?")
    assert page.input_value("#search") == "3?" and page.evaluate("window.pressed") == 1
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert "Wrong person" in page.inner_text("dialog#keys")
    page.uncheck("[data-keys-switch]")
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    assert page.evaluate("window.pressed") == 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_dialog_opens_over_the_page_and_the_look_changes_on_the_spot(logged_in):
    page = logged_in
    page.goto("/styleguide/")
    page.click("[data-dialog=dialog]")
    assert page.evaluate("document.querySelector('dialog#dialog').matches(':modal')")
    page.keyboard.press("Escape")
    page.click("details.menu.no-print > summary")
    with page.expect_response("**/theme/"):
        page.click("button[name=theme][value=dark]")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.reload()
    assert page.get_attribute("html", "data-theme") == "dark"
