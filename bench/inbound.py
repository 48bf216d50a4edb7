#!/usr/bin/env python3
"""How well we read what comes back: the example sets beside the checkout, with their oracles.

    python bench/inbound.py [--data ../shared/data] [--json] [--wrong] [--write docs/inbound.md]

Bounces: every row of sisimai's expectations, hard or not. Beside ours, two simple rules on the same mails: the status code alone
(5.x.x is hard), and flufl.bounce (permanent is hard). Webhooks: recorded requests through our own views. Replies: the Nordic samples.
`--write` makes the tables of the document anew between its two marks.
"""

import argparse
import json
import os
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from email import message_from_bytes
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass
class Line:
    """One set: how many, how many right, and which were wrong."""

    name: str
    n: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, is_right: bool, what: str) -> None:
        self.n += 1
        self.right += is_right
        if not is_right:
            self.wrong.append(what)

    @property
    def percent(self) -> float:
        return round(100 * self.right / self.n, 1) if self.n else 0.0


def bounces(data: Path) -> Iterator[Line]:
    """Hard or not, of every row of the oracle."""
    from flufl.bounce import all_failures

    from nurturing.inbound import parsing, report

    folder = data / "bounces"
    expected = json.loads((folder / "sisimai_expected.json").read_text())
    ours = Line("bounces: hard or soft (sisimai)")
    halves = {0: Line("… of them the half the rules were written on"), 1: Line("… of them the other half")}
    status, flufl = Line("… by the status code alone"), Line("… by flufl.bounce alone")
    for name, told in sorted(expected.items()):
        rows = told["expected"] or []
        raw = (folder / "sisimai" / name).read_bytes()
        found = report.read(parsing.parse(raw))
        failures = list(found.failures) if found else []
        code = re.search(rb"(?im)^status:\s*(\d)\.\d+\.\d+", raw)
        _temporary, permanent = all_failures(message_from_bytes(raw))
        for place, row in enumerate(rows):
            hard = bool(row["hard_bounce"])
            got = failures[min(place, len(failures) - 1)] if failures else None
            words = f"{name}: {row['reason']}, we say {got.reason if got else 'no bounce'}"
            for line in (ours, halves[zlib.crc32(name.encode()) % 2]):
                line.add(bool(got and got.hard) is hard, words)
            status.add((code is not None and code.group(1) == b"5") is hard, name)
            flufl.add(bool(permanent) is hard, name)
    yield from (ours, *halves.values(), status, flufl)
    yield _addresses(folder)
    yield _no_bounces(folder)


def _addresses(folder: Path) -> Line:
    from nurturing.inbound import parsing, report

    line = Line("bounces: whose address (flufl's own samples)")
    for name, told in json.loads((folder / "flufl_expected.json").read_text()).items():
        wanted = {one.lower() for one in told["permanent"] + told["temporary"]}
        found = report.read(parsing.parse((folder / "flufl" / name).read_bytes()))
        if wanted:
            line.add(wanted <= {one.address.lower() for one in (found.failures if found else ())}, name)
    return line


def _no_bounces(folder: Path) -> Line:
    from nurturing.inbound import parsing, report

    line = Line("bounces: letters that are none")
    for path in sorted((folder / "not_bounce").iterdir()):
        line.add(report.read(parsing.parse(path.read_bytes())) is None, path.name)
    return line


def webhooks(data: Path) -> Iterator[Line]:
    """Recorded requests: those that must be let in and read, and those that must not."""
    from bench import recorded

    read, away = (
        Line("webhooks: let in and read right"),
        Line("webhooks: news of a mail to be fetched, asked for again"),
    )
    for one in recorded.replay(data / "webhooks"):
        if one.name.startswith(recorded.LIES_AT_THE_PROVIDER):
            away.add(one.status == 503, one.name)
        else:
            read.add(one.is_right, f"{one.name}: {one.status} {one.said}")
    yield from (read, away)
    refused = Line("webhooks: must be refused")
    for one in recorded.replay(data / "webhooks" / "must_reject", signed=False):
        refused.add(one.status == 400 and not one.read, f"{one.name}: {one.status}")
    yield refused


def replies(data: Path) -> Iterator[Line]:
    """The Nordic samples told apart, and the day of return that they name."""
    from nurturing.inbound import away, parsing, reading

    folder = data / "replies" / "nordic"
    line = Line("replies: Nordic samples told apart")
    for name, told in json.loads((folder / "ORACLE.json").read_text())["cases"].items():
        found = reading.read(parsing.parse((folder / name).read_bytes()))
        if told["class"] == "human_reply":
            wanted = {reading.Kind.STOP} if told.get("unsubscribe_request") else {reading.Kind.HUMAN}
        else:
            wanted = {reading.Kind.OUT_OF_OFFICE, reading.Kind.AUTOMATIC, reading.Kind.LEFT}
        line.add(found.kind in wanted, f"{name}: {found.kind}")
    yield line
    days = Line("replies: day of return")
    for name, day in (("sv_exchange_autosvar", date(2025, 11, 29)), ("nb_gmail_fravaer", date(2025, 11, 24))):
        text = reading.read(parsing.parse((folder / f"{name}.eml").read_bytes())).text
        days.add(away.back_on(text, today=date(2025, 11, 11)) == day, name)
    yield days


def table(lines: list[Line]) -> str:
    """The lines as they stand in the document."""
    rows = [
        f"| {one.name} | {one.n} | {one.right} | {one.n - one.right} | {one.percent} % |" for one in lines
    ]
    return "\n".join(["| set | n | right | wrong | |", "|---|--:|--:|--:|--:|", *rows])


def wrong(lines: list[Line]) -> str:
    """What we get wrong of the bounces, one a line."""
    return "\n".join(f"- `{one}`" for one in lines[0].wrong)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--wrong", action="store_true", help="name what is wrong")
    parser.add_argument("--write", type=Path, help="put the tables into this document")
    asked = parser.parse_args()
    if not (asked.data / "bounces").is_dir():
        print(f"There are no example sets in {asked.data}: name them with --data.", file=sys.stderr)
        return 2
    _start_django()
    from django.core.management import call_command

    from silo.embedded import servers

    with servers.joined():
        call_command("migrate", verbosity=0)  # with whose key a webhook is signed stands in the database
        lines = [*bounces(asked.data), *webhooks(asked.data), *replies(asked.data)]
    if asked.write:
        text = asked.write.read_text()
        made = f"{BEGIN}\n{table(lines)}\n\nBounces that we judge otherwise than the oracle:\n\n{wrong(lines)}\n{END}"
        asked.write.write_text(re.sub(f"(?s){BEGIN}.*?{END}", lambda _match: made, text))
    if asked.json:
        print(json.dumps({one.name: _summary(one) for one in lines}, ensure_ascii=False))
    else:
        print(table(lines))
        if asked.wrong:
            print(
                "\n".join(
                    f"{one.name}: {what}" for one in lines if "alone" not in one.name for what in one.wrong
                )
            )
    return 0


def _summary(line: Line) -> dict[str, Any]:
    return {name: value for name, value in asdict(line).items() if name in ("n", "right")} | {
        "percent": line.percent
    }


def _start_django() -> None:
    import logging
    import warnings

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")
    warnings.simplefilter("ignore")
    django.setup()
    logging.disable(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
