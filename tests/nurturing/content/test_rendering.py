"""Filling a mail for one person: nothing leaks in, nothing is sent half empty, HTML and text say the same."""

import html as html_module
import json
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurturing.content import fields, layout, rendering, words
from nurturing.content.compiling import compile_mail

FOOTER = rendering.Footer(
    "Nordvik Underhåll AB", "Storgatan 1\n411 01 Göteborg", "556677-8899", "Du bad om det.", "Från mässan."
)
GREETING = compile_mail(
    "Hej {{ contact.first_name }}",
    "Till dig på {{ contact.company }}",
    "Hej {{ contact.first_name }},\n\n"
    "hos {{ contact.company }}: [läs](https://nordvik.example/?f={{ contact.company }})",
    "sv",
)


def straight(number: int, url: str) -> str:
    return url


def person(**contact: str):
    return {"contact": {"first_name": "Anna", "company": "Fjordmek AS", **contact}}


def render(merge, compiled=GREETING, **more):
    return rendering.render(compiled, merge, straight, "https://s.example/u", FOOTER, **more)


def test_fields_are_filled():
    mail = render(person())
    assert mail.subject == "Hej Anna"
    assert "Hej Anna,\n\nhos Fjordmek AS: läs: https://nordvik.example/?f=Fjordmek%20AS" in mail.text
    assert "Till dig på Fjordmek AS" in mail.html
    assert mail.missing == () and mail.reason == ""


@pytest.mark.parametrize("nothing", ["", "   ", "\r\n", "\u200b", None])
def test_a_missing_name_is_reported_and_never_hi_comma(nothing):
    mail = render(person(first_name=nothing))
    assert mail.missing == ("contact.first_name",)
    assert mail.reason == "missing:first_name"


def test_a_default_fills_the_hole():
    made = compile_mail("Hej", "", 'Hej {{ contact.first_name | default: "på dig" }}!', "sv")
    mail = render({}, made)
    assert mail.missing == ()
    assert "Hej på dig!" in mail.text and "Hej på dig!" in mail.html


def test_a_filter_does_not_hide_a_hole():
    made = compile_mail("Hej", "", "{{ contact.first_name | upcase | append: '!' }}", "sv")
    assert render({}, made).missing == ("contact.first_name",)


def test_a_condition_can_speak_of_what_is_missing():
    made = compile_mail(
        "Hej", "", "{% if contact.city %}I {{ contact.city }}{% else %}Hos er{% endif %}", "sv"
    )
    assert render({}, made).missing == ()
    assert "Hos er" in render({}, made).text


@pytest.mark.parametrize(
    "condition",
    [
        *("contact.city", 'contact.city != ""', "contact.city != blank", "contact.city != empty"),
        *("contact.city != nil", 'contact.city and contact.city != ""', 'contact.city == "Bergen"'),
        "contact.city contains 'erg'",
    ],
)
def test_however_a_condition_asks_nothing_is_nothing(condition):
    made = compile_mail(
        "Hej", "", f"{{% if {condition} %}}I {{{{ contact.city }}}}{{% else %}}Hos er{{% endif %}}", "sv"
    )
    assert made.ok, made.errors
    assert "Hos er" in render({}, made).text and render({}, made).missing == ()
    assert "I Bergen" in render(person(city="Bergen"), made).text


def test_a_hole_in_a_link_counts():
    made = compile_mail("Hej", "", "[x](https://nordvik.example/?c={{ contact.city }})", "sv")
    assert render({}, made).missing == ("contact.city",)


def test_an_empty_subject_is_a_hole():
    made = compile_mail("{% if contact.city %}x{% endif %}", "", "Hej", "sv")
    assert render({}, made).missing == ("subject",)


@pytest.mark.parametrize(
    "name", ["Anna\r\nBcc: victim@example.com", "Anna\nX", "Anna\u2028X", "Anna\x00X", "Anna\x85X"]
)
def test_a_line_break_in_a_name_stays_in_the_line(name):
    mail = render(person(first_name=name))
    assert mail.subject.startswith("Hej Anna ") and mail.subject.isprintable()
    assert mail.text.startswith("Hej Anna ")


def test_direction_overrides_do_not_come_along():
    assert render(person(first_name="\u202eannA")).subject == "Hej annA"


def test_html_in_a_name_is_shown_as_letters():
    mail = render(person(first_name="<b>Anna</b>", company='"><script>alert(1)</script>'))
    assert "<b>Anna" not in mail.html and "<script" not in mail.html
    assert "&lt;b&gt;Anna&lt;/b&gt;" in mail.html
    assert mail.subject == "Hej <b>Anna</b>"
    assert "Hej <b>Anna</b>," in mail.text
    assert 'href="https://nordvik.example/?f=%22%3E%3Cscript%3E' in mail.html


def test_liquid_in_a_name_is_letters():
    mail = render(person(first_name="{{ contact.company }}", company="{% if"))
    assert mail.subject == "Hej {{ contact.company }}"
    assert "hos {% if:" in mail.text


def test_a_very_long_name_is_cut():
    assert len(render(person(first_name="A" * 10_000)).subject) == len("Hej ") + fields.LONGEST_VALUE


def test_eighty_characters_are_not_cut():
    assert render(person(first_name="Å" * 80)).subject == "Hej " + "Å" * 80


def test_the_footer_says_who_writes_why_and_from_where():
    mail = render(person())
    for said in (
        "Nordvik Underhåll AB",
        "556677-8899",
        "Storgatan 1, 411 01 Göteborg",
        "Du bad om det.",
        "Från mässan.",
    ):
        assert said in mail.text
        assert said in layout.visible(mail.html)
    bare = rendering.render(GREETING, person(), straight, "", rendering.Footer("N", "A"))
    assert "Org.nr" not in bare.text + bare.html
    assert words.of("sv").stop not in bare.text + bare.html


def test_a_footer_cannot_bring_in_liquid_or_html():
    footer = rendering.Footer("{{ contact.password }} <b>", "{% raw %}", "{{", "{% if %}", "\ue010 x \ue011")
    mail = rendering.render(GREETING, person(), straight, "", footer)
    assert "{{ contact.password }} <b>" in mail.text
    assert "{{ contact.password }} &lt;b&gt;" in layout.visible(mail.html).replace("&#123;", "{")


def test_the_trap_is_there_for_machines_only():
    mail = render(person(), trap_url="https://t.example/1")
    trap = re.search(r'<div[^>]*aria-hidden="true"[^>]*>\s*<a href="https://t.example/1"[^>]*>', mail.html)
    assert trap and "display: none" in trap[0] and 'tabindex="-1"' in trap[0]
    assert "t.example" not in mail.text
    assert "trap" not in render(person()).html.split("<body")[1]


def test_link_addresses_are_asked_for_once_and_only_when_shown():
    made = compile_mail(
        "Hej", "", "[a](https://a.example/) {% if contact.city %}[b](https://b.example/){% endif %}", "sv"
    )
    asked: list[int] = []

    def link_url(number: int, url: str) -> str:
        asked.append(number)
        return url

    rendering.render(made, person(), link_url, "", FOOTER)
    assert asked == [1]


def test_a_snapshot_shows_the_mail_again_as_it_was():
    merge = person(first_name="Anna\n")
    snapshot = rendering.used(GREETING, merge)
    assert snapshot == {"contact.first_name": "Anna", "contact.company": "Fjordmek AS"}
    assert render(rendering.nested(json.loads(json.dumps(snapshot)))) == render(merge)


def test_a_version_is_read_once():
    read: list[int] = []

    def load(version_id: int):
        read.append(version_id)
        return GREETING.as_json()

    assert rendering.version(1, load) is rendering.version(1, load)
    assert read == [1]


def test_a_preview_shows_holes_in_red():
    shown = rendering.preview(GREETING, person(first_name="", company=""), FOOTER)
    for part in (shown.subject, shown.html, shown.text):
        assert 'class="missing"' in part and ">first_name</mark>" in part
    assert shown.missing == ("contact.first_name", "contact.company")
    assert not any(unicodedata.category(char) == "Co" for char in shown.subject + shown.html + shown.text)
    assert "%EE%80" not in shown.html + shown.text
    assert all("<mark" not in href for href in re.findall(r'href="https://nordvik[^"]*"', shown.html))


def test_a_preview_escapes_what_is_not_a_hole():
    shown = rendering.preview(GREETING, person(first_name="<b>\ue000x\ue001"), FOOTER)
    assert "<b>" not in shown.subject and "<b>" not in shown.text
    assert "<mark" not in shown.subject


ANY_TEXT = st.text(max_size=200)


@settings(max_examples=80, deadline=None)
@given(first=ANY_TEXT, company=ANY_TEXT)
def test_no_value_breaks_the_frame(first, company):
    mail = render(person(first_name=first, company=company))
    calm = render(person())
    assert mail.subject.isprintable() or not mail.subject.isascii()
    assert not re.search(r"[\r\n\x00-\x1f\x85\u2028\u2029]", mail.subject)
    assert re.findall(r"<[^>]+>", re.sub(r'href="[^"]*"', "", mail.html)) == re.findall(
        r"<[^>]+>", re.sub(r'href="[^"]*"', "", calm.html)
    )
    expected = fields.clean(first)
    assert (expected == "") == ("contact.first_name" in mail.missing)
    if expected and fields.clean(company):
        assert expected in mail.text
        assert html_module.escape(expected).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in mail.html


def _words(text: str) -> list[str]:
    without = re.sub(r"https?://\S+|[^\w]+", " ", text)
    return without.split()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "Hej",
                    "# Rubrik",
                    "- punkt",
                    "1. nummer och",
                    "> citat",
                    "**fet**",
                    "`kod`",
                    "---",
                    "",
                    "```",
                ),
                *("[länk](https://nordvik.example/)", "    indrag", "Åäö & <b>", "{{ contact.first_name }}"),
                *("{% if contact.city %}stad{% endif %}", "{% if contact.city %}", "{% endif %}"),
            ]
        ),
        max_size=12,
    )
)
def test_html_and_text_tell_the_same(lines):
    made = compile_mail("Hej", "", "\n".join(lines), "sv")
    if not made.ok:
        return
    for merge in (fields.SAMPLE, {"contact": {"first_name": "Bo"}}):
        mail = rendering.render(made, merge, straight, "", rendering.Footer("N", "A"))
        seen = html_module.unescape(layout.visible(mail.html))
        listed = re.sub(r"(?m)^[\s>]*(\d+\.|-|----) ?", "", mail.text)
        seen = re.sub(r"\b1\. nummer", "nummer", seen)  # inside a code block it is text
        assert _words(seen) == _words(listed)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from("{}%[]()*_`<>#-|\\\n .ab1'\"&;:/!{}%"), max_size=80))
def test_any_source_gives_a_mail_or_a_sentence(source):
    made = compile_mail("Hej", source.replace("\n", " "), source, "sv")
    if made.ok:
        render(person(), made)
    else:
        assert all(found.words for found in made.errors)


def _hostile(shared_data, name):
    stored = json.loads((shared_data / "hostile" / name).read_text(encoding="utf-8"))
    items = stored["items"] if isinstance(stored, dict) else stored
    return [
        (item.get("payload") or item.get("value", "")) if isinstance(item, dict) else item for item in items
    ]


@pytest.mark.parametrize(
    "name",
    [
        "ssti_strings.json",
        "xss_strings.json",
        "crlf_strings.json",
        "address_and_header_injection.json",
        "blns.json",
    ],
)
def test_hostile_strings_are_harmless_as_values_and_as_sources(shared_data, name):
    calm = render(person())
    tags = re.findall(r"<[^>]+>", re.sub(r'href="[^"]*"', "", calm.html))
    for hostile in _hostile(shared_data, name):
        mail = render(person(first_name=hostile, company=hostile))
        assert re.findall(r"<[^>]+>", re.sub(r'href="[^"]*"', "", mail.html)) == tags, hostile
        assert not re.search(r"[\r\n\x00]", mail.subject)
        value = fields.clean(hostile)
        assert mail.subject == f"Hej {value}".strip(), "a value is shown, never evaluated"
        made = compile_mail("Hej", "", hostile, "sv")
        if made.ok:
            shown = render(person(), made)
            body = shown.html.split("<body")[1]
            assert not re.search(
                r"<(script|iframe|img|svg|object|form|style|meta)\b|\son\w+=",
                re.sub(r">[^<]*<", "><", body),
                re.I,
            ), hostile
