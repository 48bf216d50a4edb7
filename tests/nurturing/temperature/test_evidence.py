"""Evidence of a person: what scanners do, what people do; and the grade is a function of the hits alone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurturing.temperature import evidence, points

quick = settings(max_examples=50, deadline=None)
SENT = datetime(2026, 3, 2, 8, 10, tzinfo=UTC)
MAIL = evidence.Mail(accepted_at=SENT, links=4)
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/141.0.0.0 Safari/537.36"
PHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {KIT} Mobile/15E148"
OUTLOOK = (
    "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16.0.6001; ms-office; MSOffice 16)"
)
CUBOT = f"Mozilla/5.0 (Linux; Android 9; CUBOT NOTE 20) {KIT} Chrome/86.0 Mobile Safari/537.36"


def hit(key: int = 1, seconds: float = 900, **changes: object) -> evidence.Hit:
    standard: dict[str, object] = {"link": key, "agent": CHROME, "network": "192.0.2.0/24"}
    return evidence.Hit(key=key, at=SENT + timedelta(seconds=seconds), **(standard | changes))  # type: ignore[arg-type]


def grades(*hits: evidence.Hit, mail: evidence.Mail = MAIL) -> dict[int, float]:
    return {one.key: one.grade for one in evidence.grade(mail, hits)}


def reasons(*hits: evidence.Hit, mail: evidence.Mail = MAIL) -> set[str]:
    return {sign.code for one in evidence.grade(mail, hits) for sign in one.signs}


def test_a_person_who_reads_after_a_quarter_of_an_hour_looks_like_one() -> None:
    assert grades(hit())[1] == pytest.approx(0.93, abs=0.005)


def test_a_person_with_the_telephone_in_hand_still_counts() -> None:
    assert grades(hit(seconds=25, agent=PHONE))[1] >= points.HUMAN


def test_a_scanner_that_presses_every_link_within_two_seconds_is_nobody() -> None:
    burst = [hit(key, seconds=4 + key / 2) for key in range(1, 5)]
    assert max(grades(*burst).values()) < 0.01
    assert "all_links_at_once" in reasons(*burst)


def test_a_scanner_that_waits_an_hour_and_changes_its_address_is_still_nobody() -> None:
    burst = [
        hit(key, seconds=3600 + key, network=f"198.51.{key}.0/24", agent=f"{CHROME} v{key}")
        for key in range(1, 5)
    ]
    assert max(grades(*burst).values()) < points.HUMAN


def test_a_person_who_reads_three_links_over_ten_minutes_counts_three_times() -> None:
    assert min(grades(hit(1, 600), hit(2, 840), hit(3, 1200)).values()) >= 0.9


def test_a_scanner_that_also_opens_the_stop_page_is_seen_by_that() -> None:
    burst = [hit(1, 600), hit(2, 603), hit(3, 605, kind=evidence.STOP_PAGE, link=0)]
    assert max(grades(*burst, mail=evidence.Mail(SENT, 2)).values()) < points.HUMAN


def test_a_flood_of_requests_is_nobody_and_is_judged_quickly() -> None:
    flood = [hit(key, 600 + key / 100) for key in range(5000)]
    found = grades(*flood, hit(9000, 3 * 3600, network="203.0.113.0/24", agent=PHONE))
    assert max(found[key] for key in range(5000)) == 0.0
    assert found[9000] >= 0.9


def test_two_tabs_opened_together_do_not_make_a_machine() -> None:
    assert min(grades(hit(1, 600), hit(2, 604)).values()) >= 0.9


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"method": "HEAD"}, "not_a_get"),
        ({"method": "OPTIONS"}, "not_a_get"),
        ({"prefetch": True}, "fetched_ahead"),
        ({"kind": evidence.TRAP}, "trap_link"),
        ({"agent": "curl/8.5.0"}, "known_program"),
        ({"agent": "Example-LinkScanner/2.0"}, "known_program"),
        ({"agent": CHROME.replace("Chrome", "HeadlessChrome")}, "known_program"),
    ],
)
def test_what_a_person_cannot_do_is_nought(changes: dict[str, object], because: str) -> None:
    assert grades(hit(**changes))[1] == 0.0  # type: ignore[arg-type]
    assert because in reasons(hit(**changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"seconds": 3}, "within_seconds"),
        ({"seconds": -1}, "before_acceptance"),
        ({"agent": ""}, "no_agent"),
        ({"agent": "Mozilla/5.0"}, "odd_agent"),
    ],
)
def test_what_a_person_seldom_does_is_taken_for_a_machine(changes: dict[str, object], because: str) -> None:
    assert grades(hit(**changes))[1] < points.HUMAN  # type: ignore[arg-type]
    assert because in reasons(hit(**changes))  # type: ignore[arg-type]


def test_a_mail_not_yet_accepted_has_no_readers() -> None:
    assert grades(hit(), mail=evidence.Mail(None, 4))[1] < points.HUMAN


def test_outlook_on_a_desk_is_a_person() -> None:
    assert grades(hit(agent=OUTLOOK))[1] >= points.HUMAN


def test_the_trap_link_marks_its_neighbours_and_spares_the_reader_of_the_afternoon() -> None:
    found = grades(
        hit(1, 400),
        hit(2, 405, kind=evidence.TRAP),
        hit(3, 6 * 3600, network="203.0.113.0/24", agent=PHONE),
    )
    assert (found[1], found[2]) == (0.0, 0.0)
    assert found[3] >= 0.9


def test_an_early_hit_loses_when_somebody_else_comes_later() -> None:
    early = hit(1, 60)
    alone = grades(early)[1]
    beside = grades(early, hit(2, 3600, link=1, network="203.0.113.0/24", agent=PHONE))
    assert beside[1] < alone
    assert beside[2] >= 0.9


def test_one_network_for_many_organisations_is_a_scanners_office() -> None:
    crowd = {1: evidence.Crowd(recipients=12, organisations=9)}
    office = {1: evidence.Crowd(recipients=12, organisations=1)}
    assert evidence.grade(MAIL, [hit()], crowd)[0].grade < points.HUMAN
    assert evidence.grade(MAIL, [hit()], office)[0].grade >= 0.9


def test_a_page_read_afterwards_speaks_for_a_person() -> None:
    quick = hit(1, 20)
    assert grades(quick, hit(2, 50, kind=evidence.PAGE))[1] > grades(quick)[1]


def test_signs_are_listed_strongest_first_and_with_the_version() -> None:
    found = evidence.grade(MAIL, [hit(seconds=3)])[0]
    assert [sign.code for sign in found.signs] == ["within_seconds", "browser"]
    assert found.version == evidence.VERSION


any_hits = st.lists(
    st.builds(
        evidence.Hit,
        key=st.integers(1, 10**6),
        at=st.floats(-10, 4000).map(lambda seconds: SENT + timedelta(seconds=seconds)),
        kind=st.sampled_from([evidence.CLICK, evidence.TRAP, evidence.PAGE]),
        method=st.sampled_from(["GET", "HEAD"]),
        link=st.integers(0, 5),
        agent=st.sampled_from([CHROME, PHONE, "", "curl/8"]),
        network=st.sampled_from(["", "192.0.2.0/24", "203.0.113.0/24"]),
    ),
    max_size=12,
    unique_by=lambda one: one.key,
)


@quick
@given(any_hits.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_grade_is_a_function_of_the_set_of_hits(
    pair: tuple[list[evidence.Hit], list[evidence.Hit]],
) -> None:
    first, second = pair
    verdicts = evidence.grade(MAIL, first)
    assert verdicts == evidence.grade(MAIL, second)
    assert all(0.0 <= one.grade <= 1.0 for one in verdicts)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("", ""),
        ("not an address", ""),
    ],
)
def test_an_address_is_kept_as_its_neighbourhood(address: str, network: str) -> None:
    assert evidence.network_of(address) == network


@pytest.mark.parametrize("agent", [CUBOT, OUTLOOK, PHONE])
def test_telephones_and_mail_readers_are_not_programs(agent: str) -> None:
    assert not evidence.is_program(agent)


def test_against_a_collection_of_real_agents(shared_data: Path) -> None:
    collection = json.loads((shared_data / "bots/ua_shared.json").read_text())
    programs, people = collection["bots"], collection["humans"]
    named = sum(evidence.is_program(agent) for agent in programs)
    low = sum(evidence.grade(MAIL, [hit(agent=agent)])[0].grade < points.HUMAN for agent in programs)
    wronged = sum(evidence.is_program(agent) for agent in people)
    assert named >= 0.78 * len(programs)
    assert low >= 0.9 * len(programs)
    assert wronged <= 0.05 * len(people)


def test_against_a_hand_made_table_of_agents(shared_data: Path) -> None:
    table = json.loads((shared_data / "bots/email_ua_oracle.json").read_text())["user_agents"]
    programs = {"tool", "headless", "crawler"}
    for row in table:
        grade = evidence.grade(MAIL, [hit(agent=row["user_agent"])])[0].grade
        if row["counts_as_click"].startswith("yes"):
            assert grade >= points.HUMAN, row
        elif row["counts_as_click"].startswith(("no_but", "never")) or row["class"] in programs:
            assert grade < points.HUMAN, row
