"""The embedded servers: started once, shared, and gone when the last user has left, however that user ended."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from silo.embedded import keyring, place, port, postgres, servers, valkey
from tests.production import CHECKOUT

JOIN_AND_WAIT = """
import sys, time
from pathlib import Path
from silo.embedded import servers
member = servers.Membership(Path(sys.argv[1]))  # Held: without a name its share would be given back at once.
member.join()
print("joined", flush=True)
time.sleep(60)
"""


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A folder with a space and a letter of the north in its name, that the servers' account may enter."""
    folder = tmp_path / "a silo på svenska"
    folder.mkdir()
    for parent in (folder, *folder.parents):
        if parent.owner() == folder.owner() and "pytest" in str(parent):
            parent.chmod(0o755)
    yield folder
    wait_until(lambda: not serving(folder))


def serving(var: Path) -> bool:
    return (place.sockets(var) / "valkey.sock").exists() or (place.sockets(var) / ".s.PGSQL.5432").exists()


def wait_until(done, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def query(var: Path, statement: str) -> list[tuple[object, ...]]:
    address = {"host": str(place.sockets(var)), "port": 5432, "user": "postgres", "dbname": "postgres"}
    with closing(psycopg2.connect(**address)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def another_process(var: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", JOIN_AND_WAIT, str(var)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "joined\n"
    return process


def test_the_one_who_joined_keeps_the_servers_until_it_leaves_and_the_data_stays(var: Path) -> None:
    other = another_process(var)
    member = servers.Membership(var)
    member.join()
    query(var, "CREATE TABLE kept (word text)")
    query(var, "INSERT INTO kept VALUES ('still here')")

    other.kill()  # The one who started them.
    other.wait()
    time.sleep(0.5)
    assert query(var, "SELECT word FROM kept") == [("still here",)]

    member.leave()
    assert not serving(var)

    member.join()
    assert query(var, "SELECT word FROM kept") == [("still here",)]
    member.leave()


def test_a_killed_user_leaves_no_server_behind(var: Path) -> None:
    other = another_process(var)
    server = int((var / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    other.send_signal(signal.SIGKILL)
    other.wait()
    wait_until(lambda: not Path(f"/proc/{server}").exists())
    assert not serving(var)


def test_a_killed_guard_takes_the_servers_along_and_the_next_start_works(var: Path) -> None:
    member = servers.Membership(var)
    member.join()
    guard = int((var / "serving").read_text())
    server = int((var / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(guard, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{server}").exists())
    member.leave()

    member.join()
    assert query(var, "SELECT 1") == [(1,)]
    member.leave()


def test_who_comes_while_the_guard_is_going_gets_servers_of_its_own(var: Path) -> None:
    """The guard lets go of its two locks one after the other: in between it is alive, and serves nobody any more."""
    member = servers.Membership(var)
    with (var / "guard.lock").open("w") as going:
        fcntl.flock(going, fcntl.LOCK_EX)
        joining = threading.Thread(target=member.join)
        joining.start()
        time.sleep(0.3)
        assert joining.is_alive()
    joining.join(timeout=60)
    assert query(var, "SELECT 1") == [(1,)]
    member.leave()


def test_a_pid_file_that_names_somebody_else_is_removed(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    postgres.clear_leftovers(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()


def test_the_servers_cannot_be_reached_over_the_network(var: Path) -> None:
    member = servers.Membership(var)
    member.join()
    assert query(var, "SHOW listen_addresses") == [("",)]
    assert place.sockets(var).stat().st_mode & 0o077 == 0
    member.leave()


def test_a_busy_port_is_named_with_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind((port.LOCAL, 0))
        taken.listen()
        number = str(taken.getsockname()[1])
        assert port.complaint(number).startswith(f"Port {number} is taken by another program")
        assert "PORT=8001" in port.complaint(number)
    assert port.complaint(number) == ""
    assert "is not a port" in port.complaint("http")
    assert "is not a port" in port.complaint("70000")


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = keyring.kept(tmp_path / "var" / "keys.json")
    assert keyring.kept(tmp_path / "var" / "keys.json") == first
    assert (tmp_path / "var" / "keys.json").stat().st_mode & 0o777 == 0o600
    assert len({key for ring in first.values() for key in ring}) == len(keyring.NAMES)


def test_a_broker_that_ends_is_started_again_and_takes_nobody_along(var: Path) -> None:
    member = servers.Membership(var)
    member.join()
    guard = int((var / "serving").read_text())
    (broker,) = [child for child in psutil.Process(guard).children() if "valkey" in child.name()]
    broker.kill()
    wait_until(lambda: not broker.is_running() and valkey.is_ready(place.sockets(var)))
    assert query(var, "SELECT 1") == [(1,)]
    member.leave()
