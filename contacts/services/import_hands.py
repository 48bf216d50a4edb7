"""Stretches of a large import, done side by side: as many at a time as there are cores, four at most.

Each hand has a connection of its own and each stretch its own transaction, so whoever is killed leaves whole stretches.
"""

import os
import threading
from collections.abc import Callable, Iterable

from django.db import IntegrityError, OperationalError, connection, connections

HANDS = 4  # at most: the database is busy with each, and its search index takes turns
ATTEMPTS = 3
ALONE_BELOW = 3  # stretches; fewer are not worth a second connection

Stretch = tuple[int, int]  # the rows after one number up to another
Do = Callable[[int, int], None]
Told = Callable[[int], None]


class Stopped(Exception):
    """Raised by the work itself: the import was paused or cancelled meanwhile, and no further stretch is begun."""


def share(stretches: Iterable[Stretch], do: Do, told: Told | None = None) -> None:
    """Have every stretch done; `told` hears where each ended. The first error is raised here, when all hands have ended."""
    work = _Work(stretches, do, told)
    hands = min(HANDS, os.cpu_count() or 1)
    if connection.in_atomic_block or len(work.left) < ALONE_BELOW or hands < 2:
        work.take()
    else:
        work.take_together(hands)
    if work.error is not None:
        raise work.error


class _Work:
    """The stretches that are left, handed out one by one."""

    def __init__(self, stretches: Iterable[Stretch], do: Do, told: Told | None) -> None:
        self.left = list(stretches)
        self.do = do
        self.told = told
        self.lock = threading.Lock()
        self.error: BaseException | None = None

    def take_together(self, hands: int) -> None:
        threads = [threading.Thread(target=self._hand, name=f"import-{number}") for number in range(hands)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException:
            self.left.clear()
            raise

    def _hand(self) -> None:
        try:
            self.take()
        except BaseException as error:  # it is raised again where the work was shared out
            self.error = self.error or error
        finally:
            connections.close_all()

    def take(self) -> None:
        """Take stretches until none is left, something went wrong, or somebody stopped the import."""
        while self.error is None:
            with self.lock:
                if not self.left:
                    return
                after, upto = self.left.pop(0)
            try:
                self._stretch(after, upto)
            except Stopped:
                with self.lock:
                    self.left.clear()
                return
            if self.told:
                with self.lock:
                    self.told(upto)

    def _stretch(self, after: int, upto: int) -> None:
        for attempt in range(ATTEMPTS):
            try:
                self.do(after, upto)
            except (IntegrityError, OperationalError):
                # somebody added one of these people by hand in this very moment, or two transactions waited for
                # one another and this one had to give way: once more
                if attempt == ATTEMPTS - 1 or connection.in_atomic_block:
                    raise
            else:
                return
