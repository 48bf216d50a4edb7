"""What the name servers say about a sender's domain, asked of a real name server on loopback."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.urls import reverse

from nurturing.models import DomainCheck
from nurturing.names import asking, checking, findings, known, spf, words
from nurturing.names.asking import Names, Unanswered
from nurturing.names.checking import Question
from nurturing.names.findings import State
from nurturing.services import domain_check
from nurturing.tasks import domain_check as tasks
from silo.models import User
from tests.cast import NOW, client_of
from tests.nurturing import name_server, posting
from tests.nurturing.name_server import NameServer

DOMAIN = "nordvik.example"
INCLUDE = "spf.mailjet.com"


def key_of(bits: int) -> str:
    made = rsa.generate_private_key(65537, bits).public_key()
    der = made.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


KEY = key_of(2048)


@pytest.fixture
def server() -> Iterator[NameServer]:
    with name_server.opened() as opened:
        yield opened


@pytest.fixture
def good(server: NameServer) -> NameServer:
    """Everything as it should be, for Mailjet."""
    server.add(DOMAIN, "MX", "10 mx1.nordvik.example.", "20 mx2.nordvik.example.")
    server.add(DOMAIN, "TXT", "google-site-verification=x", f"v=spf1 include:{INCLUDE} ~all")
    server.add(INCLUDE, "TXT", "v=spf1 ip4:192.0.2.0/24 -all")
    server.add(f"mailjet._domainkey.{DOMAIN}", "TXT", KEY)
    server.add(f"_dmarc.{DOMAIN}", "TXT", f"v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN}")
    return server


def question(**more: Any) -> Question:
    return Question(
        **(
            {"domain": DOMAIN, "return_domain": DOMAIN, "answers_domain": DOMAIN, "transport": "mailjet"}
            | more
        )
    )


def found(server: NameServer, **more: Any) -> dict[str, findings.Finding]:
    """Findings by code; each has its sentence."""
    all_of_them = checking.check(question(**more), Names([server.address], seconds=8))
    for one in all_of_them:
        assert "%(" not in words.sentence(one) and findings.of_json(one.as_json()) == one
        assert one.about in words.ABOUT and one.state in words.STATES
    return {one.code: one for one in all_of_them}


def test_a_domain_that_is_set_up_well_is_called_good(good: NameServer) -> None:
    codes = found(good)
    assert set(codes) == {
        *("mx_good", "spf_good", "dkim_good", "dmarc_good", "alignment_by_dkim", "reverse_provider")
    }
    assert "mx1.nordvik.example, mx2.nordvik.example" in words.sentence(codes["mx_good"])
    assert "with 1 of at most 10" in words.sentence(codes["spf_good"])


def test_a_domain_with_nothing_gets_every_record_to_paste(server: NameServer) -> None:
    codes = found(server, transport="mailgun")
    assert {"mx_missing", "spf_missing", "dkim_missing", "dmarc_missing"} <= set(codes)
    (record,) = codes["spf_missing"].paste
    assert (record.name, record.kind, record.value) == (DOMAIN, "TXT", "v=spf1 include:mailgun.org ~all")
    (record,) = codes["dmarc_missing"].paste
    assert record.name == f"_dmarc.{DOMAIN}" and record.value.startswith("v=DMARC1; p=none; rua=mailto:")
    brevo = found(server, transport="brevo")["dkim_missing"].paste
    assert [(one.name, one.kind, one.value) for one in brevo] == [
        (f"brevo1._domainkey.{DOMAIN}", "CNAME", "b1.nordvik-example.dkim.brevo.com"),
        (f"brevo2._domainkey.{DOMAIN}", "CNAME", "b2.nordvik-example.dkim.brevo.com"),
    ]


@pytest.mark.parametrize(
    ("record", "code", "state"),
    [
        (f"v=spf1 include:{INCLUDE} +all", "spf_everybody", State.WRONG),
        (f"v=spf1 include:{INCLUDE} all", "spf_everybody", State.WRONG),
        (f"v=spf1 include:{INCLUDE}", "spf_no_end", State.NOTE),
        (f"v=spf1 include:{INCLUDE} ?all", "spf_no_end", State.NOTE),
        (f"v=spf1 include:{INCLUDE} ipv4:1.2.3.4 ~all", "spf_unknown", State.WRONG),
        (f"v=spf1 include: include:{INCLUDE} ~all", "spf_unknown", State.WRONG),
        (f"v=spf1 include:gone.example include:{INCLUDE} ~all", "spf_empty_include", State.WRONG),
        ("v=spf1 mx ~all", "spf_without_provider", State.NOTE),
        (f"v=spf1 redirect=_spf.{DOMAIN}", "spf_good", State.GOOD),
        (f"V=SPF1 INCLUDE:{INCLUDE.upper()} -ALL", "spf_good", State.GOOD),
        (
            f"v=spf1 a/24 mx:x.example/24//64 exists:%{{i}}.x.example include:{INCLUDE} -all",
            "spf_good",
            State.GOOD,
        ),
    ],
)
def test_an_spf_record_is_read_as_a_receiver_reads_it(
    server: NameServer, record: str, code: str, state: State
) -> None:
    server.add(DOMAIN, "TXT", record)
    server.add(INCLUDE, "TXT", "v=spf1 ip4:192.0.2.0/24 ~all")
    server.add(f"_spf.{DOMAIN}", "TXT", f"v=spf1 include:{INCLUDE} -all")
    codes = found(server)
    assert codes[code].state is state, codes
    assert [one for one in codes if one.startswith("spf")] == [code]


def test_the_lookups_of_everything_included_are_counted(server: NameServer) -> None:
    server.add(DOMAIN, "TXT", f"v=spf1 include:{INCLUDE} include:a.example mx a ~all")
    server.add(INCLUDE, "TXT", "v=spf1 a mx ptr -all")
    server.add("a.example", "TXT", "v=spf1 include:b.example a:x.example -all")
    server.add("b.example", "TXT", "v=spf1 exists:x.example ~all")
    assert found(server)["spf_good"].values["lookups"] == 10
    server.zone.clear()
    server.add(DOMAIN, "TXT", f"v=spf1 include:{INCLUDE} a:a.example a:b.example ~all")
    server.add(INCLUDE, "TXT", "v=spf1 a a:b a:c a:d a:e a:f a:g a:h -all")
    assert found(server)["spf_too_many"].values["lookups"] == 11


def test_a_record_that_includes_itself_ends(server: NameServer) -> None:
    server.add(DOMAIN, "TXT", f"v=spf1 include:{DOMAIN} include:{INCLUDE} ~all")
    server.add(INCLUDE, "TXT", f"v=spf1 include:{DOMAIN} -all")
    assert found(server)["spf_too_many"].state is State.WRONG


def test_two_spf_records_become_one(server: NameServer) -> None:
    server.add(DOMAIN, "TXT", "v=spf1 include:spf.x.example -all", "v=spf1 mx include:spf.x.example ?all")
    (record,) = found(server)["spf_several"].paste
    assert set(record.value.split()) == {"v=spf1", "include:spf.x.example", "mx", "~all"}
    assert record.value.startswith("v=spf1 ") and record.value.endswith(" ~all")


@pytest.mark.parametrize(
    ("record", "better"),
    [
        ("v=spf1 mx -all", "v=spf1 mx include:mailgun.org -all"),
        ("v=spf1 mx", "v=spf1 mx include:mailgun.org"),
        ("v=spf1 redirect=x.example", "v=spf1 include:mailgun.org redirect=x.example"),
    ],
)
def test_the_provider_is_put_before_the_rest(server: NameServer, record: str, better: str) -> None:
    server.add(DOMAIN, "TXT", record)
    server.add("x.example", "TXT", "v=spf1 -all")
    finding = found(server, transport="mailgun")["spf_without_provider"]
    assert finding.state is State.WRONG and finding.paste[0].value == better and finding.found == (record,)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (KEY, "dkim_good"),
        (KEY.replace("v=DKIM1; ", ""), "dkim_good"),
        (key_of(1024), "dkim_good"),
        ("v=DKIM1; p=", "dkim_revoked"),
        ("v=DKIM1; p=AAAA", "dkim_broken"),
        ("v=DKIM1; p=%%%", "dkim_broken"),
        ("v=DKIM2; p=AAAA", "dkim_missing"),
        ("hello", "dkim_missing"),
    ],
)
def test_a_dkim_key_is_looked_into(server: NameServer, record: str, code: str) -> None:
    server.add(f"mailjet._domainkey.{DOMAIN}", "TXT", record)
    codes = found(server)
    assert [one for one in codes if one.startswith("dkim")] == [code]


def test_a_short_key_and_one_of_another_kind(server: NameServer) -> None:
    raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    server.add(f"e._domainkey.{DOMAIN}", "TXT", f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}")
    # of 512 bits, which no library makes any more
    short = (
        "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL0sW9y1wF9CzJt3n0Z0bC1h2xPqV8j5c2Yb1m6mC9e9Yc1b"
        "Z3QmJ0Z8K5P2q8vXy3n1Yw9u0m4q1L0z2W0r8f0CAwEAAQ=="
    )
    server.add(f"s._domainkey.{DOMAIN}", "TXT", f"v=DKIM1; p={short}")
    codes = found(server, selectors=("e", "s"))
    assert codes["dkim_good"].values["selector"] == "e"
    assert codes["dkim_short"].values["bits"] < 1024 and codes["dkim_short"].state is State.WRONG


def test_a_selector_that_was_typed_in_and_a_key_behind_an_alias(good: NameServer) -> None:
    codes = found(good, selectors=("2024",))
    assert codes["dkim_not_there"].state is State.MISSING and "dkim_good" in codes
    good.add(f"2024._domainkey.{DOMAIN}", "CNAME", "keys.provider.example.")
    good.add("keys.provider.example", "TXT", KEY)
    assert "dkim_not_there" not in found(good, selectors=("2024",))


@pytest.mark.parametrize(
    ("name", "record", "codes"),
    [
        (DOMAIN, "v=DMARC1; p=none; rua=mailto:d@x.example", {"dmarc_none"}),
        (DOMAIN, "v=DMARC1; p=quarantine", {"dmarc_good", "dmarc_no_reports"}),
        (DOMAIN, "v=DMARC1; p=perhaps", {"dmarc_no_policy"}),
        ("example", "v=DMARC1; p=reject; rua=mailto:d@x.example", {"dmarc_missing"}),
        (DOMAIN, "v=spf1 -all", {"dmarc_missing"}),
    ],
)
def test_a_dmarc_policy_is_read(server: NameServer, name: str, record: str, codes: set[str]) -> None:
    server.add(f"_dmarc.{name}", "TXT", record)
    assert {one for one in found(server) if one.startswith("dmarc")} == codes


def test_the_policy_of_the_domain_above_holds(server: NameServer) -> None:
    server.add(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=none; rua=mailto:d@x.example")
    finding = found(server, domain=f"post.{DOMAIN}")["dmarc_none"]
    assert finding.values["above"] == DOMAIN
    assert finding.paste[0].value == "v=DMARC1; p=quarantine; rua=mailto:d@x.example"


def test_two_dmarc_records_are_none(server: NameServer) -> None:
    server.add(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=none", "v=DMARC1; p=reject")
    assert found(server)["dmarc_several"].state is State.WRONG


@pytest.mark.parametrize(
    ("returns", "record", "code"),
    [
        (DOMAIN, "v=DMARC1; p=none; aspf=s", "alignment_good"),
        (f"studs.{DOMAIN}", "v=DMARC1; p=none", "alignment_good"),
        (f"studs.{DOMAIN}", "v=DMARC1; p=none; aspf=s", "alignment_strict"),
        ("elsewhere.example", "v=DMARC1; p=none", "alignment_other"),
    ],
)
def test_whether_bounces_go_to_the_same_domain(
    server: NameServer, returns: str, record: str, code: str
) -> None:
    server.add(f"_dmarc.{DOMAIN}", "TXT", record)
    assert code in found(server, transport="smtp", host="smtp.x.example", return_domain=returns)


def test_the_name_of_the_sending_server_leads_there_and_back(server: NameServer) -> None:
    server.add("smtp.x.example", "A", "8.8.4.4")
    codes = found(server, transport="smtp", host="smtp.x.example")
    assert codes["reverse_missing"].values["address"] == "8.8.4.4"
    server.add("4.4.8.8.in-addr.arpa", "PTR", "out.x.example.")
    assert "out.x.example" in words.sentence(
        found(server, transport="smtp", host="smtp.x.example")["reverse_other"]
    )
    server.add("out.x.example", "A", "8.8.4.4")
    codes = found(server, transport="smtp", host="smtp.x.example")
    assert codes["reverse_good"].values["name"] == "out.x.example"


@pytest.mark.parametrize(
    ("host", "code"),
    [("127.0.0.1", "reverse_inside"), ("::1", "reverse_inside"), ("gone.example", "reverse_no_server")],
)
def test_a_server_inside_or_nowhere_is_said(server: NameServer, host: str, code: str) -> None:
    assert code in found(server, transport="smtp", host=host)


def test_the_usual_mail_servers_are_known_by_name() -> None:
    assert known.of("smtp", "smtp.office365.com").spf == "spf.protection.outlook.com"
    assert known.of("smtp", "smtp.notmailgun.org.evil.example").spf == ""
    assert "default" in known.of("smtp", "mail.nordvik.example").selectors


def test_a_broken_name_server_is_no_missing_record(good: NameServer) -> None:
    good.broken = {DOMAIN, f"_dmarc.{DOMAIN}"}
    codes = found(good)
    assert {one.about for one in codes.values() if one.state is State.UNCLEAR} <= {"mx", "spf", "dmarc"}
    assert "spf_missing" not in codes and "dmarc_missing" not in codes and "dkim_good" in codes


def test_a_silent_name_server_takes_no_longer_than_allowed(server: NameServer) -> None:
    server.silent = {DOMAIN, f"_dmarc.{DOMAIN}", f"mailjet._domainkey.{DOMAIN}", "example", "_dmarc.example"}
    names = Names([server.address], seconds=1.0)
    assert all(
        one.state in (State.UNCLEAR, State.NOTE, State.GOOD) for one in checking.check(question(), names)
    )
    with pytest.raises(Unanswered):
        names.texts("another.example")
    assert server.asked["another.example."] == 0


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", "x" * 64 + ".example", "x." * 200 + "example", "å.example", "*"]
)
def test_a_strange_name_breaks_nothing(server: NameServer, name: str) -> None:
    try:
        assert Names([server.address]).texts(name) == []
    except Unanswered:
        """Nothing is known of it."""


def test_servers_are_written_with_and_without_a_port() -> None:
    split = [
        asking._split(one)
        for one in ("9.9.9.9", "127.0.0.1:5353", "2620:fe::9", "[2620:fe::9]:5353", "[::1]")
    ]
    assert split == [
        ("9.9.9.9", 53),
        ("127.0.0.1", 5353),
        ("2620:fe::9", 53),
        ("2620:fe::9", 5353),
        ("::1", 53),
    ]


def test_only_what_begins_like_spf_is_spf() -> None:
    assert [spf.is_spf(one) for one in ("v=spf1", "v=spf1 -all", "v=spf10 -all", "spf1 -all")] == [
        True,
        True,
        False,
        False,
    ]


# The page


@pytest.fixture
def page(db: None, good: NameServer, settings: Any) -> str:
    settings.DNS_SERVERS = [good.address]
    sender = posting.sender(transport="mailjet", transport_settings={"api_key": "a"}, secret="x")
    return reverse("nurturing:check_domain", args=[sender.pk])


def test_only_admins_may_ask(page: str, ada: User, mira: User) -> None:
    for method in ("get", "post"):
        assert getattr(client_of(ada), method)(page).status_code in (200, 302)
        assert getattr(client_of(mira), method)(page).status_code == 403
    assert Client().get(page).status_code == 302
    assert client_of(ada).put(page).status_code == 405
    assert client_of(ada).get(reverse("nurturing:check_domain", args=[99])).status_code == 404


def test_the_question_is_asked_in_the_background_and_the_answer_kept(
    page: str, ada: User, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(ada)
    assert "Nobody has asked yet" in client.get(page).content.decode()
    woken: list[int] = []
    monkeypatch.setattr(tasks.run, "delay", lambda *, check_id: woken.append(check_id))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, {"selectors": "S1._domainkey, mailjet"}).status_code == 302
    (check_id,) = woken
    waiting = client.get(page).content.decode()
    assert "The name servers are asked" in waiting and "hx-trigger" in waiting
    assert domain_check.run(check_id=check_id, now=NOW) and not domain_check.run(check_id=check_id, now=NOW)
    check = DomainCheck.objects.get()
    assert check.selectors == ["s1", "mailjet"] and check.asked_by == ada
    shown = client.get(page).content.decode()
    assert "hx-trigger" not in shown and "no record at s1._domainkey.nordvik.example" in shown
    assert "what fails is not believed to be you" in shown and 'value="s1, mailjet"' in shown


@pytest.mark.parametrize("selectors", ["a b c d e f", "-x", "x/../y", "å", "x" * 101, "x\x00y"])
def test_what_is_no_selector_is_refused(page: str, ada: User, selectors: str) -> None:
    assert client_of(ada).post(page, {"selectors": selectors}).status_code == 422
    assert not DomainCheck.objects.exists()


def test_a_question_that_no_worker_takes_is_not_waited_for(page: str, ada: User) -> None:
    sender_id = int(page.split("/")[2])
    domain_check.ask(sender_id=sender_id, by=ada, now=NOW - timedelta(days=900))
    assert "Nobody has taken up the question" in client_of(ada).get(page).content.decode()


def test_only_the_last_looks_are_kept(page: str, ada: User) -> None:
    sender_id = int(page.split("/")[2])
    for minute in range(domain_check.KEPT + 5):
        domain_check.ask(sender_id=sender_id, by=ada, now=NOW + timedelta(minutes=minute))
    assert DomainCheck.objects.count() == domain_check.KEPT


def test_a_swedish_domain_is_asked_for_in_ascii(db: None, ada: User) -> None:
    sender = posting.sender(email="asa@räksmörgås.example", bounces_to="studs@örn.example")
    asked = domain_check.question(domain_check.ask(sender_id=sender.pk, by=ada, now=NOW))
    assert (asked.domain, asked.return_domain) == ("xn--rksmrgs-5wao1o.example", "xn--rn-eka.example")
