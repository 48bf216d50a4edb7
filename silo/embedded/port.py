"""Is the port free? `python3 port.py 8000`, asked before anything is installed, so it needs nothing but Python."""

import socket
import sys

LOCAL = "127.0.0.1"


def complaint(port: str) -> str:
    """A sentence about what is wrong with this port; empty when nothing is."""
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        return f"PORT={port} is not a port: write a number from 1 to 65535, for example PORT=8001."
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((LOCAL, int(port)))
        except PermissionError:
            return f"Port {port} is reserved for the system: choose one above 1023, for example PORT=8001."
        except OSError:
            return f"Port {port} is taken by another program: stop it, or choose another port, for example PORT=8001."
    return ""


if __name__ == "__main__":
    sys.exit(complaint(sys.argv[1]) or 0)
