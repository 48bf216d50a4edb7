"""Has this worker been asked to end? Whoever hands mails over asks before each, and puts back what is not in hand.

Celery's own answer to SIGTERM is to wait for the task that runs, which could be an hour of mails; then the
orchestrator's patience ends, and with it what is known about a window. Two ways lead here: the parent hears the signal
and notes it in a byte that its children see, or a child gets it itself (a whole group is told to end).
"""

import mmap
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from celery.signals import worker_init, worker_shutting_down

# Shared with every child that is forked from here on; a worker makes its own before its first child.
_parent_ends = mmap.mmap(-1, 1)
_told = threading.Event()


@worker_init.connect
def _begin(**_said: object) -> None:
    global _parent_ends
    _parent_ends = mmap.mmap(-1, 1)


@worker_shutting_down.connect
def _note(**_said: object) -> None:
    _parent_ends[0] = 1


def asked() -> bool:
    """Whether to stop after the mail in hand."""
    return _parent_ends[0] == 1 or _told.is_set()


def ask() -> None:
    """For a process that is no Celery worker, and hears its own signals."""
    _told.set()


@contextmanager
def in_order() -> Iterator[None]:
    """Inside, a SIGTERM to this very process waits until we leave the block; outside it does what it did before."""
    if threading.current_thread() is not threading.main_thread():
        yield  # of a pool of threads: its process hears the signal
        return
    before = signal.signal(signal.SIGTERM, _remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before if before is not None else signal.SIG_DFL)
        if _told.is_set():
            _told.clear()
            os.kill(os.getpid(), signal.SIGTERM)


def _remember(_number: int, _frame: FrameType | None) -> None:
    _told.set()
