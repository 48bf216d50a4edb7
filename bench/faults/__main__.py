"""`python -m bench.faults --rounds N --seed S [--kills K] [--mails M] [--keep DIR]`: see docs/faults.md. The last line is JSON."""

import argparse
import json
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.faults import director

CHECKOUT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(CHECKOUT))


def main() -> int:
    """Play the rounds, print the table."""
    parser = argparse.ArgumentParser(prog="faults")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--kills", type=int, default=20, help="in each round")
    parser.add_argument("--mails", type=int, default=500, help="in each round")
    parser.add_argument("--window", type=int, default=10)
    parser.add_argument("--lease", type=int, default=6, help="seconds")
    parser.add_argument("--first", type=int, default=1, help="begin with this round: to see one again")
    parser.add_argument(
        "--spare-workers",
        action="store_true",
        help="kill beat and web only, stop nobody, leave the database's clock: nothing but the servers may leave a mail unknown",
    )
    parser.add_argument(
        "--restarts",
        type=int,
        default=0,
        help="no kills: one round in which all processes are ended by SIGTERM and started again, so many times",
    )
    parser.add_argument("--no-web", action="store_true")
    parser.add_argument("--keep", type=Path, help="work in this folder, and leave the logs there")
    asked = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("Ended."))
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="silo-faults-", dir="/tmp"))
    folder.mkdir(parents=True, exist_ok=True)
    from bench.faults import director, stage

    began, is_broken = time.monotonic(), False
    rounds: list[director.Round] = []
    try:
        with stage.staged(
            folder, mails=asked.mails, window=asked.window, lease=asked.lease, with_web=not asked.no_web
        ) as (servers, staff, fakes):
            play = director.Director(
                servers, staff, fakes, seed=asked.seed, lease=asked.lease, kills=asked.kills
            )
            if asked.spare_workers:
                play.kinds = {"beat": 0.7, "web": 0.3}
                play.beside = {
                    name: 1.0 for name in director.BESIDE if name not in ("stopped", "world clock")
                }
            if asked.restarts:
                rounds.append(play.relieve(asked.restarts))
                _tell(rounds[-1], asked.window)
            for number in range(asked.first, asked.first + (0 if asked.restarts else asked.rounds)):
                rounds.append(play.play(number))
                _tell(rounds[-1], asked.window)
    except Exception:  # the harness itself: what was found until here is told
        traceback.print_exc()
        is_broken = True
    finally:
        complaints = _complaints(folder)
        if not asked.keep:
            shutil.rmtree(folder, ignore_errors=True)
    is_good = _sum_up(rounds, asked, seconds=time.monotonic() - began, complaints=complaints)
    return 0 if is_good and not is_broken else 1


def _tell(one: "director.Round", window: int) -> None:
    found = one.found
    assert found is not None
    phases = "/".join(f"{each:.0f}" for each in one.phases)
    beside = ", ".join(f"{name} {number}" for name, number in one.beside.items()) or "nothing"
    print(
        f"round {one.number} ({one.world}) {one.seconds:.0f} s ({phases}): {one.kills.total()} kills, beside: {beside}; {found.due} due = "
        + " + ".join(f"{number} {state}" for state, number in found.states.items())
        + f"; fakes took {found.accepted}, left in the dark {found.drops}; twice {len(found.twice)}, missing {len(found.missing)},"
        f" unknown {found.states['unknown']} of {one.hands * window + found.drops} allowed",
        flush=True,
    )
    for line in [*found.twice[:5], *found.missing[:5], *found.leaks, *found.unstopped]:
        print(f"    {line}", flush=True)


def _sum_up(
    rounds: "list[director.Round]", asked: argparse.Namespace, *, seconds: float, complaints: Counter[str]
) -> bool:
    kills, beside, did, states, why = (Counter[str]() for _ in range(5))
    found = [one.found for one in rounds if one.found is not None]
    for one in rounds:
        kills += one.kills
        beside += one.beside
    for each in found:
        did += each.did
        states += each.states
        why += each.why_unknown
    worlds = Counter(one.world for one in rounds)
    hands, drops = sum(one.hands for one in rounds), sum(each.drops for each in found)
    print()
    for title, table in (
        ("killed with -9", kills), ("beside it", beside), ("rounds in the world of", worlds), ("the fakes did", did),
        ("the ledger's end", states), ("why unknown", why), ("what our processes complained of", complaints),
    ):  # fmt: skip
        print(
            f"{title}: "
            + (", ".join(f"{name} {number}" for name, number in table.most_common()) or "nothing")
        )
    leaks = [leak for each in found for leak in each.leaks]
    result = {
        "rounds": len(rounds),
        "kills": kills.total(),
        "twice": sum(len(each.twice) for each in found),
        "missing": sum(len(each.missing) for each in found),
        "unknown": states["unknown"],
        "unknown_allowed": hands * asked.window + drops,
        "due": sum(each.due for each in found),
        "accepted_by_fakes": sum(each.accepted for each in found),
        "drops": drops,
        "hands_lost": hands,
        "set_aside": states["set aside"],
        "unsubscribed": sum(each.told for each in found),
        "unsubscribed_and_forgotten": sum(len(each.unstopped) for each in found),
        "leaks": len(leaks),
        "window": asked.window,
        "seed": asked.seed,
        "seconds": round(seconds),
    }
    print(json.dumps(result))
    if any(result[name] for name in ("twice", "missing", "leaks", "unsubscribed_and_forgotten")):
        return False
    return states["unknown"] <= hands * asked.window + drops


def _complaints(folder: Path) -> Counter[str]:
    """The last lines of all tracebacks: what a fault looked like from inside."""
    found: Counter[str] = Counter()
    for path in folder.glob("*.log"):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if name := re.match(
                r"(?:[a-z_0-9]+\.)*([A-Z]\w*(?:Error|Full|Exception|Lost\w*|Failed))\b:? ?(.{0,60})", line
            ):
                found[f"{name[1]} ({re.sub(r'[0-9]+', '#', name[2])})"] += 1
    return Counter(dict(found.most_common(15)))


if __name__ == "__main__":
    sys.exit(main())
