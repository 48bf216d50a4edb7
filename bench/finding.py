#!/usr/bin/env python3
"""How fast people are found in a large silo: search, list pages, segments.

    python bench/finding.py --contacts 1000000 --json [--keep /tmp/finding] [--times 5] [--slow 100]

Makes a cluster of its own with that many people, their companies, grounds, standings, tags and temperatures, every index and
trigger in place, and asks for the pages as a colleague's browser does: through every middleware and the real views, logged in
as an admin. Server time, from the request to the last byte, each page asked for `--times` times after one that warms up; every single
time counts. `--keep` leaves the cluster where it is and uses it again. One JSON object on the last line:

    search_p95_ms      over searches: rare, common, two letters, å ä ö with and without, parts of phones, companies, domains; nobody found
    page_p95_ms        over list pages: the first, deep ones, back, filtered, sorted, with the columns that cost most
    own_cpu_ms         median of our process's own processor time per page, which does not wait for anybody
    load               of the machine while it was measured: above the number of cores the times are those of waiting, too
    segment_count_ms   the slowest median among exact counts of rules with two conditions
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import crowd


def searches() -> Iterator[str]:
    """What people type: the rare and the common, short and long, with and without accents, parts of numbers, nobody."""
    from contacts.models import Contact

    somebody = Contact.objects.exclude(phone="").order_by("pk")[Contact.objects.count() // 3]
    words = [
        *(
            "anna",
            "Anna Andersson",
            "asa",
            "Åsa",
            "Öberg",
            "oberg",
            "Håvard",
            "havard næss",
            "zetterqvist",
            "xerxes",
        ),
        *(
            "xerxes mora",
            "Zelda Wallenstam Luleå",
            "bo",
            "xe",
            "ö",
            "ek",
            "an",
            "berg",
            "Löken",
            "Sven-Åke",
            "kiruna",
        ),
        *(
            "norra verkstad",
            "havbruk as",
            "kirunaskog",
            "example",
            "@tromsostad",
            "4670123",
            "+47 91",
            "070-12 34 567",
        ),
        *("nobody of this name", "zzzz", "qqq www"),
        *(str(somebody.email), somebody.phone[-6:], f"{somebody.first_name} {somebody.last_name}"),
    ]
    yield from words


def lists() -> Iterator[str]:
    """First and deep pages, back, each filter with a common and a rare choice, each order, the columns that cost most."""
    from contacts.models import Company, Contact

    number = Contact.objects.count()
    half, old = (
        Contact.objects.order_by("pk")[number // 2].pk,
        Contact.objects.order_by("pk")[number // 50].pk,
    )
    warm = (
        Contact.objects.filter(standing__heat__isnull=False).order_by("standing__heat", "pk")[number // 20].pk
    )
    company = Company.objects.order_by("pk")[number // 40].pk
    yield from ("all=1", f"older={half}", f"newer={half}", f"older={old}", f"newer={old}", "sort=warmest")
    yield from (
        f"sort=warmest&older={warm}",
        f"sort=warmest&newer={warm}",
        "sort=name",
        f"company={company}&sort=name",
    )
    for name, values in {
        "country": ("SE", "NO", "FI", "DK"),
        "ground": ("none", "consent", "legitimate_interest", "existing_customer"),
        "standing": ("nurtured", "hot", "paused", "stopped"),
        "tag": ("mässa2025", "gammal", "there is none"),
        "owner": ("none", "1"),
        "way_in": ("list", "event", "referral_external", "called_us"),
    }.items():
        yield from (f"{name}={value}" for value in values)
        yield f"{name}={values[0]}&older={half}"
    yield f"company={company}"
    yield from ("country=NO&ground=consent", "country=FI&sort=warmest", "tag=kund&standing=hot&country=SE")
    yield from ("q=anna&country=FI", "q=berg&tag=gammal", "q=anna&sort=warmest", f"q=anna&older={half}")
    yield f"q=zetterqvist&older={old}"


RULES = (
    [("country", "is", "SE"), ("tag", "has", "gammal")],
    [("country", "is", "SE"), ("tag", "has", "mässa2025")],
    [("country", "is", "NO"), ("city", "is", "Oslo")],
    [("country", "is_not", "SE"), ("tag", "has_not", "kund")],
    [("country", "is", "SE"), ("language", "is", "en")],
    [("country", "is", "SE"), ("ground", "is", "consent")],
    [("country", "is", "SE"), ("ground", "is", "legitimate_interest")],
    [("country", "is", "SE"), ("temperature", "at_least", 20)],
    [("country", "is", "SE"), ("click", "within", 30)],
    [("country", "is", "SE"), ("written", "within_not", 60)],
    [("country", "is", "SE"), ("standing", "is", "nurtured")],
    [("country", "is", "SE"), ("recipient", "is", "role_address")],
    [("country", "is", "SE"), ("way_in", "is", "event")],
    [("country", "is", "SE"), ("owner", "empty", None)],
    [("country", "is", "SE"), ("created", "within", 90)],
    [("country", "is", "SE"), ("title", "contains", "chef")],
    [("country", "is", "SE"), ("company", "contains", "verkstad")],
    [("country", "is", "SE"), ("company_people", "at_least", 20)],
    [("country", "is", "SE"), ("stop", "mail_not", None)],
    [("tag", "has", "gammal"), ("standing", "is", "hot")],
    [("temperature", "at_least", 20), ("written", "within_not", 60)],
    [("temperature", "at_least", 20), ("ground", "is", "consent")],
    [("click", "within", 30), ("written", "within", 60)],
    [("click", "within", 30), ("standing", "is", "nurtured")],
    [("topic", "filled", None), ("written", "within_not", 60)],
)


class Browser:
    """A colleague who is logged in, and a watch."""

    def __init__(self, columns: list[str]) -> None:
        from django.conf import settings
        from django.test import Client

        from contacts.services import saved_view
        from silo.models import User

        ada = User.objects.get(email="ada@silo.example")
        saved_view.choose_columns(columns=columns, user_id=ada.pk)
        settings.ALLOWED_HOSTS = ["*"]
        self.worked: list[float] = []
        self.client = Client()
        self.client.force_login(ada, settings.AUTHENTICATION_BACKENDS[0])

    def open(self, query: str, *, times: int) -> list[float]:
        """Milliseconds of each time but the first, from the request to the last byte."""
        took = []
        for turn in range(times + 1):
            began, worked = time.perf_counter(), time.process_time()
            answer = self.client.get(f"/people/?{query}")
            if answer.status_code != 200:
                raise SystemExit(f"/people/?{query} answers {answer.status_code}: its time means nothing.")
            if turn:
                took.append((time.perf_counter() - began) * 1000)
                self.worked.append((time.process_time() - worked) * 1000)
        return took


def measure(*, times: int, slow: float) -> dict[str, Any]:
    """Open everything and count every rule."""
    from urllib.parse import urlencode

    usual, costly = (
        Browser([]),
        ["company", "temperature", "standing", "next", "reach", "ground", "may_write", "tags", "owner"],
    )
    found = {f"q={words}": usual.open(urlencode({"q": words}), times=times) for words in searches()}
    pages = {query: usual.open(query, times=times) for query in lists()}
    wide = Browser(costly)
    pages |= {
        f"{query}, nine columns": wide.open(query, times=times)
        for query in ("all=1", "country=NO", "sort=warmest")
    }
    counts = dict(_counted(times))
    for name, took in {**found, **pages, **counts}.items():
        if slow and statistics.median(took) > slow:
            crowd.say(f"{statistics.median(took):8.1f} ms  {name}")
    return {
        "load": round(os.getloadavg()[0], 1),
        "searches": len(found),
        "pages": len(pages),
        "own_cpu_ms": round(statistics.median([*usual.worked, *wide.worked]), 1),
        "search_p95_ms": _p95(found),
        "search_median_ms": _median(found),
        "page_p95_ms": _p95(pages),
        "page_median_ms": _median(pages),
        "segment_count_ms": round(max(statistics.median(took) for took in counts.values()), 1)
        if counts
        else None,
        "segments": {name: round(statistics.median(took), 1) for name, took in counts.items()},
        "slowest": dict(
            sorted(
                ((name, round(statistics.median(took), 1)) for name, took in {**found, **pages}.items()),
                key=lambda one: -one[1],
            )[:5]
        ),
    }


def _counted(times: int) -> Iterator[tuple[str, list[float]]]:
    from contacts import clock
    from contacts.queries import segment
    from contacts.segments import kinds, rule

    for conditions in RULES:
        asked = {
            "version": 1,
            "all": [{"if": name, "op": op, "value": value} for name, op, value in conditions],
        }
        parsed = rule.parse(asked)
        for one in rule.conditions(parsed):
            kinds.known(one)  # a condition that nobody knows would be counted in no time
        took = []
        for turn in range(times + 1):
            began = time.perf_counter()
            number = segment.count(parsed, now=clock.now())
            if turn:
                took.append((time.perf_counter() - began) * 1000)
        yield (
            " and ".join(" ".join(str(word) for word in one if word is not None) for one in conditions)
            + f": {number:,}",
            took,
        )


def _p95(found: dict[str, list[float]]) -> float:
    every = sorted(one for took in found.values() for one in took)
    return round(every[min(len(every) - 1, int(len(every) * 0.95))], 1)


def _median(found: dict[str, list[float]]) -> float:
    return round(statistics.median(one for took in found.values() for one in took), 1)


def main() -> int:
    """Make the cluster, fill it, measure, and throw it away."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--slow", type=float, default=0, help="milliseconds; name what took longer")
    parser.add_argument("--keep", type=Path, help="a folder for the cluster, used again when it is there")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    options = parser.parse_args()
    var = options.keep or Path(tempfile.mkdtemp(prefix="silo-finding-"))
    os.environ["SILO_VAR"] = str(var)
    from silo.embedded import place, servers

    membership = servers.Membership(var)
    membership.join()
    try:
        name = f"finding_{options.contacts}"
        new = membership.make_database(name)
        os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = (
            place.database_url(name, var),
            place.broker_url(0, var),
        )
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        call_command("migrate", verbosity=0)
        if new:
            began = time.perf_counter()
            crowd.fill(options.contacts)
            crowd.say(f"filled in {time.perf_counter() - began:.0f} s")
        figures = {"contacts": options.contacts, **measure(times=options.times, slow=options.slow)}
        connection.close()
    finally:
        membership.leave()
        if not options.keep:
            shutil.rmtree(var, ignore_errors=True)
    print(json.dumps(figures, ensure_ascii=False, indent=None if options.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
