"""What an author writes becomes a mail, or a sentence about why not."""

import json
import time

import pytest

from nurturing.content import compiling, fields, rendering, templating
from nurturing.content.compiling import Compiled, compile_mail

FOOTER = rendering.Footer("Nordvik Underhåll AB", "Storgatan 1\n411 01 Göteborg", "556677-8899")


def compiled(body: str, subject: str = "Hej", preheader: str = "", language: str = "sv") -> Compiled:
    made = compile_mail(subject, preheader, body, language)
    assert made.ok, made.errors
    return made


def rendered(body: str, merge=fields.SAMPLE, **more):
    made = compiled(body, **more)
    return rendering.render(
        made, merge, lambda number, url: f"https://l.example/{number}", "https://s.example/u", FOOTER
    )


def problem(body: str = "Hej", subject: str = "Hej", preheader: str = "", **more) -> templating.Problem:
    made = compile_mail(subject, preheader, body, "sv", **more)
    assert not made.ok
    assert not made.html, "a mail with an error must not be sendable"
    return made.errors[0]


def test_markdown_becomes_html_and_readable_text():
    mail = rendered("# Rubrik\n\nFörsta *stycket*.\n\n- ett\n- två\n\n1. a\n2. b\n\n> sagt")
    assert "<h1" in mail.html and "<em>stycket</em>" in mail.html
    assert "<li" in mail.html and "<blockquote" in mail.html
    assert "Rubrik\n\nFörsta stycket.\n\n- ett\n- två\n\n1. a\n2. b\n\n> sagt" in mail.text


def test_swedish_letters_arrive_whole():
    mail = rendered("Åäö, så här låter Ærlighet på Østlandet – “citat”.", subject="Räksmörgås på Åland")
    assert mail.subject == "Räksmörgås på Åland"
    for part in (mail.html, mail.text):
        assert "Åäö, så här låter Ærlighet på Østlandet – “citat”." in part


def test_styles_are_written_into_the_tags():
    html = compiled("Ett stycke.").html
    assert '<p style="' in html
    assert "@media" in html, "the rules for small screens and dark mode stay"


def test_links_have_one_number_in_html_and_text():
    made = compiled("[Läs](https://nordvik.example/a) och [mer](https://nordvik.example/b).")
    assert [(link.number, link.url, link.text) for link in made.links] == [
        (1, "https://nordvik.example/a", "Läs"),
        (2, "https://nordvik.example/b", "mer"),
    ]
    mail = rendering.render(
        made, fields.SAMPLE, lambda number, url: f"https://l.example/{number}", "", FOOTER
    )
    assert 'href="https://l.example/1"' in mail.html and 'href="https://l.example/2"' in mail.html
    assert "Läs: https://l.example/1 och mer: https://l.example/2." in mail.text
    assert "nordvik.example/a" not in mail.html + mail.text


def test_the_stop_link_is_not_among_the_counted_links():
    made = compiled("[Läs](https://nordvik.example/a)")
    assert len(made.links) == 1
    mail = rendering.render(made, fields.SAMPLE, lambda number, url: url, "https://s.example/u/1", FOOTER)
    assert 'href="https://s.example/u/1"' in mail.html
    assert "https://s.example/u/1" in mail.text


def test_mail_and_phone_links_stay_as_they_are():
    mail = rendered("[Ring](tel:{{ owner.phone }}) eller [skriv](mailto:{{ owner.email }}?subject=Hej)")
    assert 'href="tel:+4631000001"' in mail.html
    assert 'href="mailto:sam@nordvik.example?subject=Hej"' in mail.html
    assert "Ring: +46 31 00 00 01 eller skriv: sam@nordvik.example" in mail.text


def test_a_bold_link_on_its_own_line_is_a_button():
    assert 'class="button"' in compiled("**[Boka](https://nordvik.example/)**").html
    assert 'class="button"' not in compiled("Se **[här](https://nordvik.example/)** nu").html


def test_a_condition_on_its_own_lines_leaves_no_empty_paragraph():
    body = "Före\n{% if contact.company %}\nHos {{ contact.company }}\n{% else %}\nUtan firma\n{% endif %}\nEfter"
    mail = rendered(body)
    assert "Före\n\nHos Fjordmek AS\n\nEfter" in mail.text
    assert "<p></p>" not in mail.html.replace(' style="display: block;margin: 0 0 16px;"', "")
    without = rendering.render(compiled(body), {}, lambda number, url: url, "", FOOTER)
    assert "Före\n\nUtan firma\n\nEfter" in without.text


def test_compiled_survives_its_json():
    made = compiled("Hej {{ contact.first_name }} [x](https://nordvik.example/?n={{ contact.city }})")
    assert Compiled.from_json(json.loads(json.dumps(made.as_json()))) == made


@pytest.mark.parametrize(
    "asked",
    [
        *("contact.password", "contact.id", "user.email", "request", "contact", "settings.SECRET_KEY", "now"),
        *("contact.company.owner", "contact[custom.x]", "forloop.index", "footer.company", "links.l1"),
        "contact.__class__",
    ],
)
def test_only_known_merge_fields_can_be_asked_for(asked):
    found = problem(f"Hej\n\nditt lösenord är {{{{ {asked} }}}}")
    assert (found.field, found.line, found.code) == ("body", 3, "unknown_field")
    assert asked.split("[")[0].split(".")[0] in found.words


def test_an_unknown_field_in_a_condition_or_subject_is_named_too():
    assert problem("{% if contact.password %}x{% endif %}").code == "unknown_field"
    found = problem(subject="{{ contact.password }}")
    assert (found.field, found.code) == ("subject", "unknown_field")
    assert "contact.password" in found.words and "contact.first_name" in found.words


def test_custom_fields_must_exist_when_they_are_known():
    assert compile_mail("Hej", "", "{{ custom.machines }}", "sv", custom=["machines"]).ok
    assert problem("{{ custom.nope }}", custom=["machines"]).code == "unknown_field"
    assert "custom.machines" in problem("{{ custom.nope }}", custom=["machines"]).words


@pytest.mark.parametrize(
    ("body", "line", "code"),
    [
        ("a\nb {{ contact.first_name", 2, "unclosed"),
        ("a\n\n{% if contact.city %}\nb", 3, "unclosed"),
        ("a\n{% endif %}", 2, "syntax"),
        ("{% if contact.city %}a{% endunless %}", 1, "syntax"),
        ("{% nope %}", 1, "unknown_tag"),
        ("{% include 'x' %}", 1, "unknown_tag"),
        ("{% render 'x' %}", 1, "unknown_tag"),
        ("{% raw %}{{ contact.password }}{% endraw %}", 1, "unknown_tag"),
        ("{% comment %}x{% endcomment %}", 1, "unknown_tag"),
        ("{% liquid echo contact.password %}", 1, "unknown_tag"),
        ("\n{{ contact.city | nope }}", 2, "unknown_filter"),
        ("{{ contact.city | safe }}", 1, "unknown_filter"),
        ("{{ contact.city | in_url }}", 1, "unknown_filter"),
        ("{{ contact.city contact.city }}", 1, "syntax"),
        ("{{ }}", 1, "syntax"),
        ("{% assign contact = 'x' %}{{ contact.password }}", 1, "reserved"),
        ("[x](javascript:alert(1))", 1, "link"),
        ("a\n\n[x](/relativ)", 3, "link"),
        ("[x](http://a:b@evil.example/)", 1, "link"),
        ("[x](//evil.example)", 1, "link"),
        ("[x]({{ contact.city }})", 1, "link"),
        ("[x](https://{{ contact.city }}.example/)", 1, "link"),
        ("[x](https://nordvik.example{{ contact.city }})", 1, "link"),
        ("![x](http:// x)", None, None),
        ("![{{ contact.city }}](https://nordvik.example/a.png)", 1, "image"),
        ("![x](data:image/png;base64,AAAA)", 1, "image"),
        ("   ", 1, "empty"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(body, line, code):
    if code is None:
        assert "<img" not in compiled(body).html
        return
    found = problem(body)
    assert (found.line, found.code) == (line, code)
    assert found.words.strip() and "Traceback" not in found.words


def test_a_subject_is_needed_and_is_one_line():
    assert problem(subject=" ").code == "empty"
    assert problem(subject="Hej\r\nBcc: x@example.com").code == "line_break"
    assert problem(subject="x" * 301).code == "too_long"


@pytest.mark.parametrize(
    "body",
    [
        "{% for i in (1..100000000000) %}x{% endfor %}",
        "{% for i in (1..900) %}{% for j in (1..900) %}x{% endfor %}{% endfor %}",
        "{% for i in (1..900) %}x{% endfor %}" * 30,
        "{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | append: x %}" * 60 + "{{ x }}",
        "{% if contact.city == 'nowhere' %}b{% else %}{% for i in (1..100000000) %}x{% endfor %}{% endif %}",
    ],
)
def test_a_template_without_end_is_stopped(body):
    began = time.monotonic()
    found = problem(body)
    assert time.monotonic() - began < 3
    assert found.code == "too_much"
    assert "stopped" in found.words


def test_a_small_loop_works():
    assert "1 2 3" in rendered("{% for i in (1..3) %}{{ i }} {% endfor %}").text


def test_a_long_body_is_fine_and_a_longer_one_is_refused_in_words():
    began = time.monotonic()
    made = compiled("Hej {{ contact.first_name }} och välkommen.\n\n" + "Ett stycke till.\n\n" * 5_600)
    assert time.monotonic() - began < 10
    assert [warning.code for warning in made.warnings] == ["clipped", "no_link"]


def test_what_the_links_will_hold_counts_towards_the_size() -> None:
    """Gmail cuts at 102 KB of what arrives, not of what was written."""
    many = "\n\n".join(f"[läs {number}](https://nordvik.example/{'x' * 900}{number})" for number in range(70))
    made = compiling.compile_mail("Hej", "", many, "sv")
    assert not made.errors and len(made.html.encode()) < compiling.SHOWN_WHOLE
    (warning,) = made.warnings
    assert warning.code == "clipped" and "102 KB" in warning.words


@pytest.mark.parametrize("field", ["subject", "preheader"])
def test_a_subject_of_ten_thousand_characters_is_refused_with_its_length(field: str) -> None:
    words = {"subject": "Hej", "preheader": ""} | {field: "x" * 10_000}
    made = compiling.compile_mail(words["subject"], words["preheader"], "Hej [du](https://x.example)", "sv")
    (error,) = made.errors
    assert error.field == field and "10000" in error.words and "300" in error.words
    assert problem("a" * 200_001).code == "too_long"


@pytest.mark.parametrize(
    "piece", ["{{", "{%", "{", "[", "> ", "*", "`", "![](", "{{ }}", "{% if contact.city %}", "<", "- "]
)
def test_a_hundred_thousand_awkward_characters_neither_hang_nor_crash(piece):
    began = time.monotonic()
    compile_mail("Hej", "", piece * (100_000 // len(piece)), "sv")
    assert time.monotonic() - began < 10


def test_braces_that_markdown_makes_are_only_braces():
    mail = rendered(r"\{\{ contact.password }} &#123;&#123; contact.password }} &#123;% raw %}")
    for part in (mail.html, mail.text):
        assert part.count("{{ contact.password }}") == 2
        assert "{% raw %}" in part


def test_html_in_the_body_is_shown_and_not_obeyed():
    mail = rendered("<script>alert(1)</script> <img src=x onerror=alert(1)>")
    assert "<script" not in mail.html and "<img" not in mail.html
    assert "<script>alert(1)</script>" in mail.text


def test_the_language_chooses_the_fixed_words():
    assert "Ändra hur ofta" in rendered("x", language="sv-SE").text
    assert "Endre hvor ofte" in rendered("x", language="no").text
    assert "Change how often" in rendered("x", language="fi").text
