"""One round: mails leave, and by seed everything is done to the machine that they leave from."""

import heapq
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psutil
import psycopg2
import redis

from bench.faults import points, truth
from bench.faults.cluster import Servers
from bench.faults.staff import Staff, Worker
from bench.faults.stage import Fakes, Readers

HOUR = 3600.0
LONGEST_END = 90.0  # seconds until a round is quiet
# What is killed, in a hundred.
KILLS: dict[str, float] = {"hand": 60, "worker": 15, "parent": 6, "beat": 12, "web": 7}
# What else happens, on the average for each ten kills.
BESIDE = {
    "database": 0.6,
    "broker": 0.5,
    "flush": 0.5,
    "stopped": 0.7,
    "disk": 0.6,
    "machine clock": 0.4,
    "world clock": 0.3,
}
WORLDS = {"today": 0.7, "spring night": 0.15, "autumn night": 0.15}


@dataclass
class Round:
    """What was done in a round, as the director knows it."""

    number: int
    world: str
    kills: Counter[str] = field(default_factory=Counter)
    beside: Counter[str] = field(default_factory=Counter)
    hands: int = 0  # that were killed, or stopped for longer than a lease, perhaps with a window in hand
    seconds: float = 0.0
    asked: int = 0  # how often a person had to let the mails go on
    phases: list[float] = field(default_factory=list)  # seconds until each part of it was over
    found: "truth.Found | None" = None


class Director:
    """Does it, and counts it."""

    def __init__(
        self,
        servers: Servers,
        staff: Staff,
        fakes: Fakes,
        *,
        seed: str,
        lease: int,
        kills: int,
        kinds: dict[str, float] = KILLS,
        beside: dict[str, float] = BESIDE,
        worlds: dict[str, float] = WORLDS,
        aimed: float = 0.5,
        patience: float = 1.0,
    ) -> None:
        self.servers, self.staff, self.fakes = servers, staff, fakes
        self.seed, self.lease, self.kills = seed, lease, kills
        self.kinds, self.beside, self.worlds = kinds, beside, worlds
        self.aimed, self.patience = aimed, patience
        self.clocks = points.Clocks(staff.folder)

    def play(self, number: int) -> Round:
        """A round, from a fresh silo to the comparison."""
        began = time.monotonic()
        self._begin(number, seconds=self.kills * 0.7)
        readers = Readers(self.fakes, self.staff.port) if self.staff.with_web else None
        self._plan_what_happens_beside()
        self.done.phases.append(time.monotonic() - began)
        while self.done.kills.total() < self.kills:
            self._wait(self.chance.uniform(0.05, 1.0))
            self._kill()
            self._wait(self.chance.uniform(0.0, 0.1))
            self.staff.fill_up()
        self.done.phases.append(time.monotonic() - began)
        self._heal()
        return self._end(began, readers)

    def relieve(self, times: int) -> Round:
        """A round in which nobody lies and nobody is killed: the whole staff is relieved in order, so many times."""
        began = time.monotonic()
        self._begin(0, seconds=times * 10)
        self.fakes.ask("honest")
        readers = Readers(self.fakes, self.staff.port) if self.staff.with_web else None
        for _time in range(times):
            self._wait(self.chance.uniform(0.5, 2.0))
            self.staff.relieve()
            self.done.beside["everybody relieved by SIGTERM"] += 1
        self.done.phases.append(time.monotonic() - began)
        return self._end(began, readers)

    def _begin(self, number: int, *, seconds: float) -> None:
        began = time.monotonic()
        self.chance = random.Random(f"{self.seed}:{number}")
        world = self.chance.choices(list(self.worlds), list(self.worlds.values()))[0] if number else "today"
        self.done = Round(number, world)
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._mending: set[int] = set()
        self._order = itertools.count()
        self._stopped: list[psutil.Process] = []
        self.fakes.ask(f"reset {self.seed}:{number}")
        self._set_the_clock()
        self.servers.new_database()
        self.done.phases.append(time.monotonic() - began)
        self.staff.fill_up()
        self._make_due(seconds=seconds)

    def _end(self, began: float, readers: Readers | None) -> Round:
        self._until_quiet()
        self.done.phases.append(time.monotonic() - began)
        told = readers.stop() if readers else set()
        self.done.found = truth.compare(
            self.servers,
            self.staff,
            self.fakes.ask("report"),
            told=told,
            clocks_jumped=self.done.beside["every clock jumped"] > 0,
        )
        # Nothing of this round may reach into the next, not even a mail that a stopped hand had before it.
        self.staff.dismiss()
        self.done.seconds = time.monotonic() - began
        return self.done

    # -- the beginning -------------------------------------------------------------------------------------------------

    def _set_the_clock(self) -> None:
        for machine in range(points.CELLS):
            self.clocks.set(machine, 0.0)
        if self.done.world != "today":
            now = datetime.now(UTC)
            night = points.night_of_change(now, spring=self.done.world.startswith("spring"))
            start = night - timedelta(seconds=self.chance.uniform(2, 8))
            self.clocks.set(points.WORLD, (start - now).total_seconds())

    def _make_due(self, *, seconds: float) -> None:
        self.servers.ask(
            "UPDATE nurturing_standing SET next_what = 'step',"
            " next_at = %s + (contact_id * 7919 %% 1000) * %s * interval '1 millisecond'",
            [self.clocks.world(), seconds],
        )

    # -- kills ---------------------------------------------------------------------------------------------------------

    def _kill(self) -> None:
        what = self.chance.choices(list(self.kinds), list(self.kinds.values()))[0]
        hands = self._targets() if what in ("hand", "worker", "parent") else []
        if what == "web" and self.staff.with_web:
            self.staff.shoot_web()
        elif not hands:
            what = "beat"
            self.staff.shoot_beat()
        else:
            self._kill_worker(what, *self.chance.choice(hands))
        self.done.kills[what] += 1

    def _targets(self) -> list[tuple[Worker, psutil.Process]]:
        """Any hand; as often as `aimed` says one that has mails half out of the house at this moment."""
        is_aimed, until = self.chance.random() < self.aimed, time.monotonic() + self.patience
        while True:
            hands, busy = self.staff.look(), set[int]()
            if is_aimed:
                with suppress(psycopg2.Error):
                    busy = truth.handing_over(self.servers)
            found = [(worker, hand) for worker, hand in hands if hand.pid in busy] if is_aimed else hands
            if found or time.monotonic() > until:
                return found or hands
            self._wait(0.05)

    def _kill_worker(self, what: str, worker: Worker, hand: psutil.Process) -> None:
        if what == "hand":
            with suppress(psutil.Error):
                hand.kill()
            self.done.hands += 1
        elif what == "worker":
            self.done.hands += self.staff.shoot_group(worker)
        else:
            self.staff.shoot_parent(worker)

    # -- what happens beside -------------------------------------------------------------------------------------------

    def _plan_what_happens_beside(self) -> None:
        deeds = {
            "database": self._database,
            "broker": self._broker,
            "flush": self._flush,
            "stopped": self._stop_a_hand,
            "disk": self._disk,
            "machine clock": self._machine_clock,
            "world clock": self._world_clock,
        }
        for name, odds in self.beside.items():
            for _once in range(max(1, round(self.kills / 10))):
                if self.chance.random() < odds:
                    self._at(self.chance.uniform(0.5, self.kills * 0.7), deeds[name], mends=False)

    def _database(self) -> None:
        self.done.beside["database restarted (immediate)"] += 1
        self.servers.database_falls()
        self._pause(self.chance.uniform(0.0, 0.8))
        self.servers.database_rises()

    def _broker(self) -> None:
        forgets = self.chance.random() < 0.5
        self.done.beside["broker killed" + (", its file lost" if forgets else "")] += 1
        self.servers.broker_falls(forgets=forgets)
        self._at(self.chance.uniform(0.2, 1.5), self.servers.broker_rises)

    def _flush(self) -> None:
        self.done.beside["broker flushed"] += 1
        with suppress(redis.RedisError):
            self.servers.broker_is_flushed()

    def _stop_a_hand(self) -> None:
        hands = self.staff.look()
        if hands:
            _worker, hand = self.chance.choice(hands)
            with suppress(psutil.Error):
                hand.suspend()
                self.done.beside["hand stopped beyond its lease"] += 1
                self.done.hands += 1
                self._stopped.append(hand)
                self._at(self.lease * self.chance.uniform(1.1, 1.5), lambda: self._wake(hand))

    def _wake(self, hand: psutil.Process) -> None:
        if hand in self._stopped:
            self._stopped.remove(hand)
            with suppress(psutil.Error):
                hand.resume()

    def _disk(self) -> None:
        self.done.beside["disk full"] += 1
        with suppress(psycopg2.Error):
            self.servers.disk(full=True)
        self._at(self.chance.uniform(0.3, 2.0), self._disk_has_room)

    def _disk_has_room(self) -> None:
        with suppress(psycopg2.Error):
            self.servers.disk(full=False)

    def _machine_clock(self) -> None:
        """One worker machine's clock is an hour wrong, and later right again."""
        machine = self.chance.choice([one.machine for one in self.staff.workers] or [1])
        self.done.beside["clock of a worker's machine jumped"] += 1
        self.clocks.set(machine, self.chance.choice([HOUR, -HOUR]))
        self._at(self.chance.uniform(1.0, 4.0), lambda: self.clocks.set(machine, 0.0))

    def _world_clock(self) -> None:
        """Every clock, the database's too, jumps an hour, and later back."""
        by = self.chance.choice([HOUR, -HOUR])
        self.done.beside["every clock jumped"] += 1
        self._move_the_world(by)
        self._at(self.chance.uniform(1.0, 4.0), lambda: self._move_the_world(-by))

    def _move_the_world(self, seconds: float) -> None:
        self.clocks.set(points.WORLD, self.clocks.get(points.WORLD) + seconds)

    # -- the end -------------------------------------------------------------------------------------------------------

    def _heal(self) -> None:
        """What is broken is mended, who was stopped wakes up."""
        while self._agenda:
            _when, number, deed = heapq.heappop(self._agenda)
            if number in self._mending:
                deed()
        for hand in list(self._stopped):
            self._wake(hand)
        self._disk_has_room()
        if self._was_stopped():
            self._pause(1.0)

    def _was_stopped(self) -> bool:
        return self.done.beside["hand stopped beyond its lease"] > 0

    def _until_quiet(self) -> None:
        """Until nothing waits and nobody is due, or for so long; when only the clock is waited for, it is moved on."""
        deadline, moves = time.monotonic() + LONGEST_END, 0
        while time.monotonic() < deadline:
            self.staff.fill_up()
            try:
                waits = truth.waiting(self.servers, self.staff, now=self.clocks.world())
            except psycopg2.Error:
                self._pause(0.2)
                continue
            if waits is truth.NOTHING:
                return
            if isinstance(waits, datetime):
                moves += 1
                if moves == 2:
                    self.fakes.ask("calm")
                ahead = min((waits - self.clocks.world()).total_seconds(), HOUR)
                self._move_the_world(max(0.0, ahead) + 0.01)
            elif waits is truth.A_PERSON:
                self.done.asked += 1
                truth.let_go_on(self.servers, now=self.clocks.world())
            self._pause(0.1)

    # -- time ----------------------------------------------------------------------------------------------------------

    def _at(self, seconds: float, deed: Callable[[], None], *, mends: bool = True) -> None:
        number = next(self._order)
        if mends:
            self._mending.add(number)
        heapq.heappush(self._agenda, (time.monotonic() + seconds, number, deed))

    def _wait(self, seconds: float) -> None:
        """Let so much time go by, and do what is on the agenda meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._agenda and self._agenda[0][0] <= time.monotonic():
                heapq.heappop(self._agenda)[2]()
                continue
            time.sleep(min(left, 0.02))

    def _pause(self, seconds: float) -> None:
        time.sleep(seconds)
