"""A mailbox on loopback that speaks as much IMAP as a reader needs, remembers what it was asked, and can misbehave."""

import base64
import contextlib
import re
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Box:
    """The mails by their numbers, and how the server behaves."""

    mails: dict[int, bytes] = field(default_factory=dict)
    uid_validity: int = 1
    password: str = "right"
    access_token: str = ""
    drops_at: int = 0
    """Hang up when this mail is asked for, once."""
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def add(self, raw: bytes | str) -> int:
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = raw.encode() if isinstance(raw, str) else raw
        return uid


class _Session(socketserver.StreamRequestHandler):
    box: Box

    def handle(self) -> None:
        self.say("* OK IMAP4rev1 here")
        while line := self.rfile.readline():
            tag, _, command = line.decode().strip().partition(" ")
            self.box.asked.append(command)
            name = command.split(" ")[0].upper()
            if name == "UID":
                name = "UID " + command.split(" ")[1].upper()
            if name == "LOGOUT":
                self.say("* BYE bye")
                self.say(f"{tag} OK done")
                return
            if not getattr(self, "do_" + name.replace(" ", "_").lower(), self.do_unknown)(tag, command):
                return

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def do_unknown(self, tag: str, command: str) -> bool:
        self.say(f"{tag} BAD {command[:20]}")
        return True

    def do_capability(self, tag: str, command: str) -> bool:
        self.say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2")
        self.say(f"{tag} OK done")
        return True

    def do_login(self, tag: str, command: str) -> bool:
        right = command.endswith(f'"{self.box.password}"')
        self.say(f"{tag} OK done" if right else f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials")
        return True

    def do_authenticate(self, tag: str, command: str) -> bool:
        self.say("+ ")
        said = base64.b64decode(self.rfile.readline()).decode()
        right = self.box.access_token and f"auth=Bearer {self.box.access_token}\1" in said
        self.say(f"{tag} OK done" if right else f"{tag} NO AUTHENTICATE failed")
        return True

    def do_examine(self, tag: str, command: str) -> bool:
        self.say(f"* {len(self.box.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.box.uid_validity}] .")
        self.say(f"{tag} OK [READ-ONLY]")
        return True

    def do_uid_search(self, tag: str, command: str) -> bool:
        numbers = sorted(self.box.mails)
        if found := re.search(r"UID (\d+):\*", command):
            numbers = [one for one in numbers if one >= int(found.group(1))] or numbers[-1:]
        elif "UID *" in command:
            numbers = numbers[-1:]
        self.say("* SEARCH " + " ".join(map(str, numbers)))
        self.say(f"{tag} OK done")
        return True

    def do_uid_fetch(self, tag: str, command: str) -> bool:
        uid = int(command.split(" ")[2])
        if uid == self.box.drops_at:
            self.box.drops_at = 0
            return False
        most = int(re.search(r"<0\.(\d+)>", command).group(1))  # type: ignore[union-attr]
        raw = self.box.mails[uid][:most]
        self.wfile.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, len(raw)) + raw + b")\r\n")
        self.say(f"{tag} OK done")
        return True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextlib.contextmanager
def running() -> Iterator[Box]:
    """A server with an empty box."""
    box = Box()
    server = _Server(("127.0.0.1", 0), type("Session", (_Session,), {"box": box}))
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
