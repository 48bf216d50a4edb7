#!/usr/bin/env python3
"""How long each page takes in a silo that is there already, and how many questions it asks the database.

    DATABASE_URL=… REDIS_URL=… python bench/pages.py [--times 7] [--slow 100] [--as admin]

Runs inside one process, through every middleware, logged in as the first colleague of that role; reads only (besides a session). One
JSON object on the last line: `pages` with the median (`ms`), the slowest (`worst_ms`), our own processor time (`cpu_ms`), the database's
share (`db_ms`) and `queries`. `--slow` prints the questions that took longer than that, and exits 1 when a page's median does.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402

from contacts.models import Contact, ImportBatch  # noqa: E402
from nurturing.models import Enrollment, Handoff, Piece, Send, Sequence, Standing  # noqa: E402
from sales.models import Opportunity  # noqa: E402
from silo.models import User  # noqa: E402


def pages() -> Iterator[tuple[str, str]]:
    """What to open: every kind of page, with the rows that make it hardest."""
    middle = Contact.objects.order_by("created_at")[Contact.objects.count() // 2]
    cursor = str(middle.pk)
    yield "dashboard", "/"
    yield "people", "/people/"
    yield "people, deep page", f"/people/?older={cursor}"
    yield "people, page back", f"/people/?newer={cursor}"
    for words in (
        "Åsa Öberg",
        "asa oberg",
        "ö",
        "anna",
        "Løken",
        middle.email or "@",
        "zzzz qqqq",
        "46701234",
        "berg",
    ):
        yield f"people, search “{words}”", f"/people/?q={words}"
    yield "people, search, deep page", f"/people/?q=anna&older={cursor}"
    yield "people, country", "/people/?country=NO"
    yield "people, ground", "/people/?ground=consent"
    yield "people, without ground", "/people/?ground=none"
    yield "people, search and ground", "/people/?q=berg&ground=none&country=NO"
    hottest = Standing.objects.filter(heat__isnull=False).exclude(state="stopped").order_by("-heat").first()
    most = Send.objects.values_list("contact_id").annotate(number=Count("pk")).order_by("-number").first()
    for name, contact_id in (
        ("hottest", hottest.pk if hottest else 0),
        ("most mails", most[0] if most else 0),
        ("any", middle.pk),
    ):
        yield f"contact, {name}", f"/people/{contact_id}/"
        yield f"contact, {name}, why", f"/people/{contact_id}/why/"
        yield f"contact, {name}, edit", f"/people/{contact_id}/edit/"
    yield "today", "/today/"
    for kind in Handoff.objects.open().values_list("kind", flat=True).distinct().order_by("kind"):
        yield f"today, lane {kind}", f"/today/?lane={kind}"
    yield "pipeline", "/pipeline/"
    if deal := Opportunity.objects.order_by("-pk").first():
        yield "opportunity", f"/pipeline/{deal.pk}/"
    yield "sequences", "/sequences/"
    fullest = (
        Enrollment.objects.values_list("sequence_id").annotate(number=Count("pk")).order_by("-number").first()
    )
    for sequence in Sequence.objects.filter(pk=fullest[0] if fullest else 0):
        yield "sequence, the fullest", f"/sequences/{sequence.pk}/"
        for step in sequence.live_version.steps.order_by("position")[:1] if sequence.live_version else ():
            yield "step", f"/sequences/{sequence.pk}/steps/{step.key}/"
    yield "library", "/library/"
    if piece := Piece.objects.live().order_by("pk").first():
        yield "piece", f"/library/{piece.pk}/"
    half = Send.objects.order_by("pk").values_list("pk", flat=True)[Send.objects.count() // 2]
    for state in ("", "waiting", "accepted", "skipped", "failed", "unknown"):
        yield f"outbox, {state or 'all'}", f"/outbox/?state={state}"
        yield f"outbox, {state or 'all'}, deep page", f"/outbox/?state={state}&before={half}"
    yield "outbox of one person", f"/outbox/?contact={most[0] if most else 0}"
    yield "mail", f"/mails/{half}/"
    yield "imports", "/imports/"
    for batch in ImportBatch.objects.order_by("-rows")[:1]:
        yield "import, the largest", f"/imports/{batch.pk}/"
    yield "sending", "/sending/"
    yield "colleagues", "/colleagues/"
    yield "doctor", "/doctor/"


class Watch:
    """Counts and times what the database is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, str]] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.asked.append((time.perf_counter() - began, sql))


def measure(client: Client, url: str, times: int, slow: float) -> dict[str, Any]:
    """Open a page once to warm up and then some times. The middle one counts: others work on this machine."""
    took: list[float] = []
    spent: list[float] = []
    waited: list[float] = []
    watch = Watch()
    status = size = 0
    for turn in range(times + 1):
        watch.asked.clear()
        began, worked = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(watch):
            answer = client.get(url)
            size = sum(len(part) for part in answer) if answer.streaming else len(answer.content)
        status = answer.status_code
        if turn:
            took.append((time.perf_counter() - began) * 1000)
            spent.append((time.process_time() - worked) * 1000)
            waited.append(sum(seconds for seconds, _ in watch.asked) * 1000)
        if turn and took[-1] > 5_000:
            break
    for seconds, sql in watch.asked:
        if slow and seconds * 1000 > slow:
            sys.stderr.write(f"  {seconds * 1000:.0f} ms  {sql[:1500]}\n")
    return {
        "status": status,
        "ms": round(statistics.median(took), 1),
        "worst_ms": round(max(took), 1),
        "cpu_ms": round(statistics.median(spent), 1),
        "db_ms": round(statistics.median(waited), 1),
        "queries": len(watch.asked),
        "kb": round(size / 1000),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument(
        "--slow", type=float, default=0, help="milliseconds; print the questions that took longer"
    )
    parser.add_argument("--role", default="admin")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(
        User.objects.filter(groups__name=options.role).order_by("pk")[0], settings.AUTHENTICATION_BACKENDS[0]
    )
    found = {}
    for name, url in pages():
        if options.only not in name:
            continue
        found[name] = one = measure(client, url, options.times, options.slow)
        sys.stderr.write(
            f"{name:42} {one['status']} {one['ms']:8.1f} ms  worst {one['worst_ms']:8.1f}  cpu {one['cpu_ms']:7.1f}"
            f"  db {one['db_ms']:7.1f}  {one['queries']:3} queries  {one['kb']} kB\n"
        )
        sys.stderr.flush()
    wrong = [name for name, one in found.items() if one["status"] != 200]
    if wrong:
        raise SystemExit(f"These pages did not open, so their figures mean nothing: {', '.join(wrong)}")
    too_slow = [name for name, one in found.items() if options.slow and one["ms"] > options.slow]
    print(
        json.dumps(
            {
                "contacts": Contact.objects.count(),
                "sends": Send.objects.count(),
                "too_slow": too_slow,
                "pages": found,
            }
        )
    )
    return 1 if too_slow else 0


if __name__ == "__main__":
    sys.exit(main())
