"""How human a hit looks: a grade from 0 to 1 out of independent signs, each with its reason.

Signs are weighed in log-odds, so that several weak ones add up and none decides alone, except the few a
person cannot produce: a HEAD request, the hidden trap link, a program that gives its own name. The grade
is a function of the mail's hits and can be computed again at any time; `VERSION` is stored beside it, so
that better weights can be applied to old hits.
"""

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

VERSION = 1

CLICK = "click"
TRAP = "trap"
PAGE = "page"
STOP_PAGE = "stop_page"
# What a reader of the whole mail presses: its links, and the link to the stop page.
PRESSED = (CLICK, STOP_PAGE)

BASE = 1.6
CERTAIN = -20.0

BURST_SECONDS = 10.0
PAIR_SECONDS = 3.0
TRAP_SECONDS = 15 * 60.0
LATER_SECONDS = 60.0
SCANNED_EARLY_SECONDS = 10 * 60.0
PAGE_SECONDS = 30 * 60.0
# No person presses the links of one mail so often; and judging them against each other would take for ever.
FLOOD_PER_HOUR = 200
# Nor so often in all the months in which a mail is looked at: from then on nothing new is judged.
FLOOD_PER_MAIL = 500

# Programs that say what they are. `cubot` and the like are telephones; Office and Outlook are people's mail
# readers.
_PROGRAM = re.compile(
    r"""(?ix)
      (?<![a-z])(?:curl|wget|libwww|lwp|httpie|postman|insomnia|okhttp|axios|aiohttp|httpx|node-fetch)
    | undici|scrapy|guzzle|python[-/ ]|urllib|java/|go-http-client|apache-httpclient|httpclient
    | ruby|perl|php/|winhttp|mechanize|phantomjs|headless|selenium|puppeteer|playwright|lighthouse|pagespeed
    | prerender|screenshot|snapshot|webshot|thumb(?!elina)
    | bot(?:s)?(?![a-z])(?<!cubot)(?<!cubots) | (?<!cu)bot[-_/;.0-9 ] | robot|crawl|spider|slurp
    | scrap(?:er|ing)|harvest|archiver|indexer|preview|unfurl|externalhit|validator
    | link[-_ ]?(?:expand|check|scan|valid|walk|dex|scout)|feed(?:fetch|burner|ly|validator|parser)
    | scanner|security|sentinel|barracuda|mimecast|proofpoint|safelinks|urldefen[sc]e|forcepoint|trendmicro
    | fireeye|sophos|messagelabs|imageproxy|mailproxy|ggpht|monitor|uptime|pingdom|statuscake|nagios|zabbix
    | checker|fetch(?:er)?(?![a-z])|proxy/|networkingextension|cfnetwork|google-(?:safety|read)|whatsapp/
    | skypeuri|https?:// | \bwww\. | @[a-z0-9-]+\.[a-z]{2,} | [ ]mozilla/5\.0$ | ptst[/ ]
    | \(compatible;(?![ ]?(?:msie|konqueror|u;))
    """
)
_BROWSER = re.compile(
    r"(?i)^(?:mozilla/[45]\.0 .*(?:gecko|applewebkit|trident|msie|safari|chrome|firefox)|opera/)"
)
_OFFICE = re.compile(r"(?i)ms-?office|microsoft o(?:ffice|utlook)|macoutlook")


@dataclass(frozen=True, slots=True)
class Hit:
    """One request that came in through a mail: what we kept of it."""

    key: int
    at: datetime
    kind: str = CLICK
    method: str = "GET"
    link: int = 0
    agent: str = ""
    network: str = ""
    prefetch: bool = False
    speaks: bool = True
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail the hits belong to: when it was handed over, and how many different links it carries."""

    accepted_at: datetime | None
    links: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """For how many people, and of how many organisations, one network pressed links at about the same
    time.
    """

    recipients: int
    organisations: int


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason, and how far it moves the odds: negative speaks for a machine."""

    code: str
    weight: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A hit's grade with the reasons, strongest first."""

    key: int
    grade: float
    signs: tuple[Sign, ...]
    version: int = VERSION


_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"({_OCTET}\.{_OCTET}\.{_OCTET})\.{_OCTET}")


def network_of(address: str) -> str:
    """The neighbourhood of an address (/24, or /48): what scanners share, and less than a person's own
    address.
    """
    if usual := _IPV4.fullmatch(address):  # a fortieth of what the long way costs
        return f"{usual[1]}.0/24"
    try:
        parsed = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    prefix = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, prefix), strict=False))


def is_program(agent: str) -> bool:
    """True when the agent names itself as a scanner, crawler, preview or tool."""
    return bool(_PROGRAM.search(agent))


def grade(mail: Mail, hits: Sequence[Hit], crowds: Mapping[int, Crowd] | None = None) -> list[Verdict]:
    """Grade all hits of one mail together; the order they are given in does not matter.

    `crowds` says by a hit's key who else its network pressed links for at that time.
    """
    ordered = sorted(hits, key=lambda hit: (hit.at, hit.key))
    per_hour = Counter(_hour(hit) for hit in ordered)
    calm = [hit for hit in ordered if per_hour[_hour(hit)] <= FLOOD_PER_HOUR]
    flood = [hit for hit in ordered if per_hour[_hour(hit)] > FLOOD_PER_HOUR]
    return [
        *(_verdict(hit, _signs(hit, mail, calm, crowds or {})) for hit in calm),
        *(_verdict(hit, [Sign("flood", CERTAIN)]) for hit in flood),
    ]


def _hour(hit: Hit) -> tuple[int, int]:
    return hit.at.toordinal(), hit.at.hour


def _verdict(hit: Hit, signs: Iterable[Sign]) -> Verdict:
    reasons = tuple(sorted(signs, key=lambda sign: (-abs(sign.weight), sign.code)))
    if any(sign.weight <= CERTAIN for sign in reasons):
        return Verdict(hit.key, 0.0, reasons)
    odds = BASE + math.fsum(sign.weight for sign in reasons)
    return Verdict(hit.key, round(1.0 / (1.0 + math.exp(-odds)), 4), reasons)


def _signs(hit: Hit, mail: Mail, hits: Sequence[Hit], crowds: Mapping[int, Crowd]) -> Iterable[Sign]:
    yield from _request_signs(hit, hits)
    yield from _agent_signs(hit.agent)
    yield from _timing_signs(hit, mail)
    yield from _burst_signs(hit, mail, hits)
    yield from _crowd_signs(crowds.get(hit.key))
    yield from _later_signs(hit, mail, hits)


def _request_signs(hit: Hit, hits: Sequence[Hit]) -> Iterable[Sign]:
    if hit.method != "GET":
        yield Sign("not_a_get", CERTAIN)
    if hit.flagged:
        yield Sign("provider_calls_it_a_machine", CERTAIN)
    if hit.prefetch:
        yield Sign("fetched_ahead", CERTAIN)
    if not hit.speaks:
        yield Sign("names_no_language", -1.0)
    if hit.kind == TRAP:
        yield Sign("trap_link", CERTAIN)
        return
    traps = (other for other in hits if other.kind == TRAP and _apart(hit, other) <= TRAP_SECONDS)
    if any(_same_source(hit, trap) for trap in traps):
        yield Sign("beside_trap_link", CERTAIN)


def _agent_signs(agent: str) -> Iterable[Sign]:
    if not agent.strip():
        yield Sign("no_agent", -4.0)
    elif is_program(agent):
        yield Sign("known_program", CERTAIN)
    elif _OFFICE.search(agent):
        # Outlook on a desk opens the links it shows to people, and so do Microsoft's own checks: timing
        # decides.
        yield Sign("office_agent", -0.5)
    elif _BROWSER.search(agent):
        yield Sign("browser", 0.5)
    else:
        yield Sign("odd_agent", -3.0)


def _timing_signs(hit: Hit, mail: Mail) -> Iterable[Sign]:
    if mail.accepted_at is None:
        yield Sign("before_acceptance", -4.0)
        return
    seconds = (hit.at - mail.accepted_at).total_seconds()
    if seconds < 0:
        yield Sign("before_acceptance", -4.0)
    elif seconds < 10:
        yield Sign("within_seconds", -4.0)
    elif seconds < 30:
        yield Sign("within_half_a_minute", -1.5)
    elif seconds < 120:
        yield Sign("within_two_minutes", -0.3)
    else:
        yield Sign("in_own_time", 0.5)


def _burst_signs(hit: Hit, mail: Mail, hits: Sequence[Hit]) -> Iterable[Sign]:
    clicks = [other for other in hits if other.kind in PRESSED]
    if _widest(hit, clicks, BURST_SECONDS) >= max(3, mail.links):
        yield Sign("all_links_at_once", -6.0)
    elif _widest(hit, [other for other in clicks if _same_source(hit, other)], BURST_SECONDS) >= 3:
        yield Sign("many_links_at_once", -6.0)
    elif mail.links == 2 and _widest(hit, clicks, PAIR_SECONDS) == 2:
        yield Sign("both_links_at_once", -3.0)


def _crowd_signs(crowd: Crowd | None) -> Iterable[Sign]:
    if crowd is None:
        return
    if crowd.recipients >= 5 and crowd.organisations >= 3:
        yield Sign("one_network_many_organisations", -4.0)
    elif crowd.recipients >= 20:
        yield Sign("one_network_many_people", -2.0)


def _later_signs(hit: Hit, mail: Mail, hits: Sequence[Hit]) -> Iterable[Sign]:
    """A scanner comes first and a person later, from elsewhere: the one takes from the first hit and
    gives to the second.
    """
    if any(other.kind == PAGE and 0 <= (other.at - hit.at).total_seconds() <= PAGE_SECONDS for other in hits):
        yield Sign("read_on", 2.0)
    if hit.kind not in PRESSED or mail.accepted_at is None:
        return
    others = [
        other
        for other in hits
        if other.kind in PRESSED
        and other.method == "GET"
        and not _same_source(hit, other)
        and not is_program(other.agent)
    ]
    early = (hit.at - mail.accepted_at).total_seconds() <= SCANNED_EARLY_SECONDS
    if early and any((other.at - hit.at).total_seconds() > LATER_SECONDS for other in others):
        yield Sign("somebody_else_came_later", -1.5)


def _widest(hit: Hit, clicks: Sequence[Hit], seconds: float) -> int:
    """The most different links that any window of `seconds` around the hit holds. `clicks` are in the order of time."""
    near = [other for other in clicks if _apart(hit, other) <= seconds]
    window: Counter[tuple[str, int]] = Counter()
    widest = start = 0
    for last in near:
        window[last.kind, last.link] += 1
        while (last.at - near[start].at).total_seconds() > seconds:
            window[near[start].kind, near[start].link] -= 1
            start += 1
        widest = max(widest, len(+window))
    return widest


def _same_source(one: Hit, other: Hit) -> bool:
    """The same network, or the same program: a scanner's farm changes one of the two, seldom both."""
    return (bool(one.network) and one.network == other.network) or one.agent == other.agent


def _apart(one: Hit, other: Hit) -> float:
    return abs((one.at - other.at).total_seconds())
