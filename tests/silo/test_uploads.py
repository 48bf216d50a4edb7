"""A request that is too large is refused by its announced length."""

import errno
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import pytest
from django.core.files import uploadedfile
from django.core.files.storage import FileSystemStorage
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django import Settings

from contacts.models import ImportBatch
from silo import disk
from silo.models import User
from tests import cast


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.django_db
def test_too_much_is_refused_unread_with_a_sentence(client: Client, settings: Settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 2 * 1024 * 1024
    answer = announced(client, "/imports/new/", megabytes=3)
    assert answer.status_code == 413
    assert "at most 2 MB" in answer.content.decode()


def announced(client: Client, path: str, *, megabytes: int) -> Any:
    """A body of so many megabytes, of which nothing may be read."""
    said = str(megabytes * 1024 * 1024)
    return client.generic("POST", path, CONTENT_LENGTH=said, **{"wsgi.input": Unread()})  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/account/login/", "/your-data/", "/u/x", "/join/news/"])
def test_who_is_not_logged_in_fills_neither_disk_nor_memory(client: Client, path: str) -> None:
    answer = announced(client, path, megabytes=2)
    assert answer.status_code == 413
    assert "at most 1 MB" in answer.content.decode()


@pytest.mark.django_db
def test_a_list_needs_a_login_before_it_is_read(client: Client) -> None:
    answer = announced(client, "/imports/new/", megabytes=100)
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/imports/new/")


@pytest.mark.django_db
def test_a_report_of_a_provider_may_carry_a_mail_and_no_more(client: Client) -> None:
    assert announced(client, "/webhooks/postmark/inbound/", megabytes=29).status_code != 413
    assert announced(client, "/webhooks/postmark/inbound/", megabytes=31).status_code == 413


def test_only_lists_are_larger_than_what_fits_into_memory(mira: User) -> None:
    browser = cast.client_of(mira)
    assert announced(browser, "/library/new/", megabytes=31).status_code == 413
    assert announced(browser, "/library/new/", megabytes=29).status_code != 413


@pytest.mark.django_db
def test_less_goes_through(client: Client, settings: Settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 2 * 1024 * 1024
    answer = client.post("/account/login/", {"login": "nobody@nowhere.example", "password": "x" * 1000})
    assert answer.status_code == 200


class Small:
    """A file on a disk that has room for so many bytes, as the operating system has it."""

    def __init__(self, file: IO[bytes], room: int) -> None:
        self.file, self.room = file, room

    def write(self, part: bytes) -> int:
        if len(part) > self.room:
            self.file.write(part[: self.room])
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(part)
        return self.file.write(part)

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings) -> Path:
    """Three megabytes are left where uploads are put down."""
    made = tempfile.NamedTemporaryFile
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    monkeypatch.setattr(
        uploadedfile.tempfile,  # type: ignore[attr-defined]
        "NamedTemporaryFile",
        lambda **named: Small(made(**named), 3 * 1024 * 1024),
    )
    return tmp_path


def test_a_disk_that_fills_up_while_a_list_comes_in_is_said_and_leaves_nothing(
    mira: User, small_disk: Path
) -> None:
    browser = cast.client_of(mira)
    browser.raise_request_exception = False
    large = BytesIO(b"email\n" + b"anna@fjordmek.example\n" * 300_000)
    large.name = "people.csv"

    answer = browser.post("/imports/new/", {"file": large})
    assert answer.status_code == 507
    assert "disk of the server is full" in answer.content.decode()
    assert not list(small_disk.iterdir())
    assert not ImportBatch.objects.exists()

    small = BytesIO(b"email\nanna@fjordmek.example\n")
    small.name = "people.csv"
    assert browser.post("/imports/new/", {"file": small}).status_code == 302


def test_a_view_that_finds_no_room_says_so(mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    small = BytesIO(b"email\nanna@fjordmek.example\n")
    small.name = "people.csv"
    answer = cast.client_of(mira).post("/imports/new/", {"file": small})
    assert answer.status_code == 422
    assert "disk of the server is full" in answer.content.decode()
    assert not ImportBatch.objects.exists()

    middleware = disk.FullDiskMiddleware(lambda _request: HttpResponse())
    found = middleware.process_exception(HttpRequest(), OSError(errno.ENOSPC, "No space left on device"))
    assert found is not None and found.status_code == 507
    assert middleware.process_exception(HttpRequest(), OSError(errno.EACCES, "Permission denied")) is None
    assert middleware.process_exception(HttpRequest(), ValueError()) is None


def test_a_real_limit_of_the_system_is_said_too(tmp_path: Path) -> None:
    """In a process of its own that may write files of 2 MB at most."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split() == ["DiskFull", "0"], done.stderr


LIMITED = """
import resource, signal, sys
from pathlib import Path
import django
from django.conf import settings
settings.configure(FILE_UPLOAD_TEMP_DIR=sys.argv[1])
import importlib.util, types
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2 * 1024 * 1024, 2 * 1024 * 1024))
sys.modules["contacts"] = types.ModuleType("contacts")
sys.modules["contacts.services"] = types.ModuleType("contacts.services")
sys.modules["contacts.services"].import_work = None
from silo import disk
handler = disk.UploadHandler()
try:
    handler.new_file("file", "people.csv", "text/csv", None)
    for part in range(100):
        handler.receive_data_chunk(b"x" * 65536, part * 65536)
    handler.file_complete(100 * 65536)
except disk.DiskFull as full:
    print(type(full).__name__)
print(len(list(Path(sys.argv[1]).iterdir())))
"""
