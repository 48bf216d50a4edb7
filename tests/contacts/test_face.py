"""The marks: figure, word and shape agree, dates are spoken, fields are wired for screen readers."""

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django import forms
from django.contrib.messages.constants import SUCCESS
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.utils import timezone, translation

from contacts import clock
from contacts.templatetags import face

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)  # a Saturday, 10:30 in Stockholm


@pytest.fixture(autouse=True)
def in_stockholm():
    with timezone.override("Europe/Stockholm"), translation.override("en"), clock.at(NOW):
        yield


def render(source: str, **context: object) -> str:
    return Template("{% load face %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("degrees", "figure", "word"),
    [
        (0, 0, "cool"),
        (19.4, 19, "cool"),
        (19.9, 19, "cool"),
        (20, 20, "warm"),
        (69.6, 69, "warm"),
        (70, 70, "hot"),
        (130, 130, "hot"),
    ],
)
def test_rounding_never_carries_anybody_over_a_threshold_not_reached(degrees, figure, word):
    html = str(face.heat(degrees))
    assert f"<b>{figure}°</b> {word}" in html
    assert f"heat--{word}" in html


def test_where_hot_begins_can_follow_capacity():
    assert "hot" not in str(face.heat(79.7, hot=80)) and "79°" in str(face.heat(79.7, hot=80))
    assert "heat--hot" in str(face.heat(80, hot=80))


def test_the_bar_fills_with_the_degrees_and_never_overflows():
    def surface(degrees: float) -> float:
        return float(re.search(r'heat-fill" d="M[\d.]+ ([\d.]+)', str(face.heat(degrees)))[1])

    heights = [surface(degrees) for degrees in (5, 20, 50, 74, 76, 99, 100)]
    assert heights == sorted(heights, reverse=True)
    assert surface(400) == surface(100) == 1.0
    assert 'heat-fill" d=""' in str(face.heat(0))
    assert 'heat-fill" d=""' in str(face.heat(None)) and "no temperature yet" in str(face.heat(None))


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 21, 7, 4, tzinfo=UTC), "today 08:04"),
        (datetime(2026, 11, 20, 22, 30, tzinfo=UTC), "yesterday 23:30"),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "today 00:30"),
        (datetime(2026, 11, 22, 8, 0, tzinfo=UTC), "tomorrow 09:00"),
        (datetime(2026, 11, 24, 8, 10, tzinfo=UTC), "Tue 24 Nov 09:10"),
        (datetime(2027, 3, 2, 8, 0, tzinfo=UTC), "Tue 2 Mar 09:00"),
        (datetime(2024, 11, 24, 8, 10, tzinfo=UTC), "24 Nov 2024 09:10"),
    ],
)
def test_moments_are_said_in_the_zone_of_the_reader(moment, words):
    html = render("{% when moment %}", moment=moment)
    assert f">{words}</time>" in html
    assert f'datetime="{moment.isoformat()}"' in html
    assert "2026" in html or "2027" in html or "2024" in html  # the exact date is in the title


def test_dates_speak_the_language_of_the_reader():
    with translation.override("sv"):
        assert "tis 24 nov 09:10" in render("{% when m %}", m=datetime(2026, 11, 24, 8, 10, tzinfo=UTC))
        assert "tisdag 2 mars" in render('{% when m "long" %}', m=date(2027, 3, 2))


def test_a_day_has_no_time_and_nothing_is_a_dash():
    assert ">Tue 24 Nov</time>" in render("{% when d %}", d=date(2026, 11, 24))
    assert render("{% when nothing %}", nothing=None) == "–"


def test_waiting_gets_loud_only_when_the_promise_is_broken():
    four = timedelta(hours=4)
    assert "waits 1 h 12 min of 4 h" in render("{% waits s w %}", s=NOW - timedelta(minutes=72), w=four)
    late = render("{% waits s w %}", s=NOW - timedelta(hours=5, minutes=3), w=four)
    assert "waits--late" in late and "1 h 3 min over the 4 h we promised" in late


def test_parts_share_the_bar_by_their_counts_and_link_to_their_rows():
    html = render(
        "{% parts items %}",
        items=[
            {"label": "new", "count": 3, "tone": "action", "url": "/x/"},
            {"label": "same", "count": 1, "tone": "soft"},
        ],
    )
    assert 'x="0.00"' in html and 'x="750.00"' in html
    assert 'x="0.00" y="0" width="747.00"' in html and 'x="750.00" y="0" width="250.00"' in html
    assert '<a href="/x/">' in html and "style=" not in html
    assert (
        "<rect"
        not in render("{% parts items %}", items=[{"label": "new", "count": 0, "tone": "action"}]).split(
            "</svg>"
        )[0]
    )


def test_parts_may_be_objects_as_well():
    part = SimpleNamespace(label="new", count=2, tone="done", url="")
    assert "<b>2</b> new" in render("{% parts items %}", items=[part])


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("+4755010203", "+47 55 01 02 03"),
        ("+46701740605", "+46 70 174 06 05"),
        ("extension 12", "extension 12"),
        (None, ""),
    ],
)
def test_a_phone_number_is_shown_as_it_is_read_aloud(stored, read):
    assert render("{{ p|phone }}", p=stored) == read


class Sample(forms.Form):
    name = forms.CharField(help_text="As on the card.", widget=forms.TextInput(attrs={"placeholder": "Name"}))
    note = forms.CharField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_is_described_by_its_help_and_its_errors():
    html = render("{% field form.name %}", form=Sample({"name": ""}))
    ids = re.search(r'<input[^>]*aria-describedby="([^"]+)"', html)[1].split()
    assert ids == ["id_name_helptext", "id_name_error"]
    assert all(f'id="{id_}"' in html for id_ in ids)
    assert 'aria-invalid="true"' in html and "This field is required." in html
    assert '<label class="field-label" for="id_name">' in html


def test_optional_is_said_and_kept_quiet_in_a_row_of_filters():
    assert "(optional)" in render("{% field form.note %}", form=Sample())
    assert "(optional)" not in render("{% field form.note quiet=True %}", form=Sample())
    assert "(optional)" not in render("{% field form.name %}", form=Sample())
    assert 'placeholder=""' in render('{% field form.name hint="" %}', form=Sample())


def test_a_choice_is_not_called_optional_as_its_list_always_holds_an_answer():
    class Asks(forms.Form):
        mails = forms.ChoiceField(choices=[("news", "news")], required=False)
        stops = forms.MultipleChoiceField(
            choices=[("met", "met")], required=False, widget=forms.CheckboxSelectMultiple
        )

    assert "(optional)" not in render("{% fields form %}", form=Asks())


def test_an_address_folds_behind_its_at_and_stays_text():
    assert render("{{ 'a<b@firma.se'|foldable }}") == "a&lt;b@<wbr>firma.se"


def test_a_country_is_called_by_its_name_and_an_unknown_one_by_its_code():
    assert render("{{ 'NO'|country }} {{ 'ZZ'|country }}") == "Norway ZZ"


def test_a_form_shows_hidden_fields_without_a_label_and_text_is_escaped():
    html = render("{% fields form %}", form=Sample({"name": "<b>", "secret": "x"}))
    assert html.count("field-label") == 2 and 'type="hidden"' in html
    assert "&lt;b&gt;" in html and "<b>" not in html


@pytest.mark.parametrize(
    ("tags", "undo"), [("undo /calls/7/undo/", "/calls/7/undo/"), ("", ""), ("undo //evil.example/", "")]
)
def test_a_message_carries_its_undo_address_and_never_another_host(tags, undo):
    flash = face.flash(Message(SUCCESS, "Anna is back in the silo.", extra_tags=tags))
    assert (flash.text, flash.kind, flash.undo) == ("Anna is back in the silo.", "success", undo)


def test_levels_are_marked_by_steps_and_word():
    assert str(face.level("MOFU")).count('class="on"') == 2 and "MOFU" in str(face.level("mofu"))
    assert face.level("nonsense") == ""


def test_receipts_that_cooled_fold_away_and_a_scanner_stays_in_sight() -> None:
    def line(points: float, now: float, human: float = 1.0) -> SimpleNamespace:
        return SimpleNamespace(points=points, now=now, human=human)

    warm, cooled, capped, scanner = line(20, 16), line(20, 0.3), line(0, 0), line(0, 0, human=0.0)
    found = face.weighed([warm, cooled, capped, scanner])
    assert found == {"told": [warm, scanner], "rest": [cooled, capped]}
    many = [line(20, 16) for _ in range(10)]
    assert face.weighed(many) == {"told": many[:6], "rest": many[6:]}
    assert face.weighed(None) == {"told": [], "rest": []}
