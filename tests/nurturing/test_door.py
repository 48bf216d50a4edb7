"""The short way for links: the same answer as Django's, header for header, and the hit on disk before it."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections
from django.test.utils import override_settings
from psycopg2 import OperationalError

from nurturing.models import Hit
from nurturing.sending import tokens
from nurturing.services import hit
from nurturing.together import NotWritten, Together
from nurturing.views.door import Door
from silo.pages import Pages
from tests import looping
from tests.looping import Loop

pytestmark = pytest.mark.django_db(transaction=True)
TARGET = "https://ours.example/priser?a=1&b=två#del"
HEADERS = {
    "host": "127.0.0.1",
    "user-agent": "Mozilla/5.0",
    "accept-language": "sv-SE",
    "sec-purpose": "prefetch",
}
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


class Counting:
    """Django's pages, and how often they were asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._pages = Pages(WSGIHandler(), threads=1)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await self._pages(scope, receive, send)

    def close(self) -> None:
        for threads in (self._pages._pages, self._pages._machines):
            threads.submit(connections.close_all).result()


@pytest.fixture
def django() -> Iterator[Counting]:
    pages = Counting()
    yield pages
    pages.close()


@pytest.fixture
def loop() -> Iterator[Loop]:
    """One for the whole test."""
    with looping.opened() as loop:
        yield loop

        async def hang_up() -> None:
            hit._TOGETHER._hang_up()  # the test database is dropped when nobody is on it

        loop.run(hang_up())


@pytest.fixture
def door(django: Counting) -> Door:
    return Door(django)


Ask = Callable[..., Answer]


@pytest.fixture
def ask(loop: Loop) -> Ask:
    def asked(application: Any, path: str, method: str = "GET", **headers: str) -> Answer:
        return loop.run(exchange(application, path, method, **headers))

    return asked


async def exchange(application: Any, path: str, method: str = "GET", **headers: str) -> Answer:
    said = {name.replace("_", "-"): value for name, value in (HEADERS | headers).items()}
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http",
        "path": unquote(path), "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "server": ("127.0.0.1", 8000), "client": ("192.0.2.17", 40000),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in said.items()],
    }  # fmt: skip
    heard: list[Any] = []
    body_is_there = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        said = next(body_is_there, None)
        return said or await asyncio.Future()  # the visitor stays on the line, and says nothing more

    async def send(message: Any) -> None:
        heard.append(message)

    await application(scope, receive, send)
    assert not heard[-1].get("more_body"), "the answer has an end"
    body = b"".join(message["body"] for message in heard[1:])
    return heard[0]["status"], sorted(heard[0]["headers"]), body


def click(send_id: int = 7, link_no: int = 3, url: str = TARGET) -> str:
    return f"/c/{tokens.click_token(send_id, link_no, url)}"


def columns() -> list[tuple[Any, ...]]:
    return list(
        Hit.objects.order_by("id").values_list(
            "kind", "send_id", "link_no", "url", "method", "agent", "network", "headers", "human", "signs"
        )
    )


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", [click(), f"/t/{tokens.trap_token(7)}"], ids=["click", "trap"])
def test_the_second_of_a_kind_is_answered_without_django_and_in_the_same_words(
    door: Door, django: Counting, ask: Ask, method: str, path: str
) -> None:
    first = ask(door, path, method)
    second = ask(door, path, method)
    assert django.asked == 1
    assert first == second == ask(django, path, method)
    rows = columns()
    assert len(rows) == 3 and rows[0] == rows[1] == rows[2]


def test_each_link_leads_to_its_own_target(door: Door, ask: Ask) -> None:
    ask(door, click())
    _, headers, _ = ask(door, click(8, 1, "https://ours.example/annat"))
    assert dict(headers)[b"location"] == b"https://ours.example/annat"
    assert Hit.objects.order_by("-id")[0].url == "https://ours.example/annat"


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/c/x", "GET", {}, 404),
        (f"/c/{tokens.trap_token(7)}", "GET", {}, 404),
        (f"/t/{tokens.click_token(7, 1, TARGET)}", "GET", {}, 404),
        ("/c/%C3%85", "GET", {}, 404),
        (click(), "POST", {}, 403),
        (click(), "GET", {"host": "evil.example"}, 400),
    ],
    ids=["not a token", "a trap's token", "a click's token", "not ASCII", "POST", "another host"],
)
def test_whatever_is_not_a_good_link_is_djangos_and_leaves_no_hit(
    door: Door, django: Counting, ask: Ask, path: str, method: str, headers: dict[str, str], status: int
) -> None:
    ask(door, click())
    Hit.objects.all().delete()
    before = django.asked
    assert ask(door, path, method, **headers)[0] == status
    assert django.asked == before + 1
    assert not Hit.objects.exists()


def test_what_django_would_answer_otherwise_is_asked_of_django(
    door: Door, django: Counting, ask: Ask
) -> None:
    ask(door, click())
    ask(door, click(), accept_language="en")
    assert django.asked == 2, "another language"
    ask(door, click(), cookie="sessionid=1")
    assert django.asked == 3, "a visitor we may know"
    with override_settings(SECURE_SSL_REDIRECT=True):
        strict = Counting()
        secure = Door(strict)
        for _ in range(2):
            assert ask(secure, click())[0] == 301
        strict.close()
    assert Hit.objects.count() == 3


def test_the_link_of_a_test_mail_is_nobodys(door: Door, ask: Ask) -> None:
    ask(door, click(send_id=0))
    assert ask(door, click(send_id=0))[0] == 302
    assert not Hit.objects.exists()


def test_hostile_headers_are_kept_as_text(door: Door, ask: Ask) -> None:
    ask(door, click())
    agent = "<script>\\u0000\x00'\"" + "Å" * 5000
    ask(door, click(), user_agent=agent, purpose="x" * 400)
    kept = Hit.objects.order_by("-id")[0]
    assert len(kept.agent) == 400 and kept.agent.startswith("<script>\\u0000'\"Å")
    assert len(kept.headers["Purpose"]) == 100


def test_a_hit_that_the_group_cannot_write_still_leads_on(door: Door, django: Counting, ask: Ask) -> None:
    ask(door, click())
    assert ask(door, click(7, 2**40))[0] == 302, "a number beyond its column stands for any failure"
    assert django.asked == 2
    assert ask(door, click())[0] == 302, "and the next one is written again"
    assert Hit.objects.count() == 2


def test_a_line_that_the_server_closed_is_opened_again(door: Door, django: Counting, ask: Ask) -> None:
    ask(door, click())
    ask(door, click())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    ask(door, click())
    assert (django.asked, Hit.objects.count()) == (1, 3)


def test_many_at_once_are_each_written_once_and_in_fewer_commits(door: Door, ask: Ask, loop: Loop) -> None:
    ask(door, click())
    groups: list[int] = []
    write = hit._TOGETHER._commit

    async def counted(rows: list[Any]) -> None:
        groups.append(len(rows))
        await write(rows)

    async def hand(number: int) -> None:
        for one in range(20):
            await exchange(door, click(100 * number + one))

    async def hands() -> None:
        await asyncio.gather(*[hand(number) for number in range(1, 13)])

    hit._TOGETHER._commit = counted  # type: ignore[method-assign]  # it is watched, not replaced
    try:
        loop.run(hands())
    finally:
        del hit._TOGETHER._commit
    written = list(Hit.objects.filter(send_id__gte=100).values_list("send_id", flat=True))
    assert sorted(written) == sorted(100 * n + m for n in range(1, 13) for m in range(20))
    assert sum(groups) == 240 and max(groups) > 1 and len(groups) < 240


@pytest.mark.parametrize("is_written_first", [True, False])
def test_a_press_counts_once_when_the_line_breaks_around_its_commit(
    door: Door, django: Counting, ask: Ask, is_written_first: bool
) -> None:
    ask(door, click())
    ask(door, click())  # the line stands
    together, run = hit._TOGETHER, hit._TOGETHER._run
    calls: list[str] = []

    async def breaks(statement: str, words: list[str] | None) -> None:
        if words is None:
            await run(statement, words)
            return
        calls.append(statement)
        if len(calls) > 1 or is_written_first:
            await run(statement, words)
        if len(calls) == 1:
            raise OperationalError("server closed the connection unexpectedly")

    together._run = breaks  # type: ignore[method-assign]  # the database is the real one; only the answer is lost
    try:
        status, _headers, _body = ask(door, click(8, 1))
    finally:
        del together._run
    assert status == 302 and len(calls) == 2 and django.asked == 1
    assert Hit.objects.filter(send_id=8).count() == 1
    ask(door, click(8, 1))
    assert Hit.objects.filter(send_id=8).count() == 2, "a second press is a second hit"


def test_everybody_of_a_group_that_fails_hears_of_it(loop: Loop) -> None:
    broken = Together(
        "silo_broken",
        "INSERT INTO nurturing_hit (nothing) SELECT 1 FROM json_to_recordset($1) AS v(a int)",
        unless_there="",
    )

    async def all_write() -> list[BaseException | None]:
        return await asyncio.gather(*[broken.write({"a": 1}) for _ in range(8)], return_exceptions=True)

    outcomes = loop.run(all_write())
    assert [type(one) for one in outcomes] == [NotWritten] * 8


def test_who_stops_waiting_takes_nothing_from_the_others(door: Door, ask: Ask, loop: Loop) -> None:
    ask(door, click())

    async def one_leaves() -> None:
        hands = [asyncio.ensure_future(exchange(door, click(number))) for number in (21, 22, 23)]
        await asyncio.sleep(0)
        hands[1].cancel()
        await asyncio.gather(*hands, return_exceptions=True)
        assert [hand.cancelled() for hand in hands] == [False, True, False]

    loop.run(one_leaves())
    assert set(Hit.objects.filter(send_id__gt=20).values_list("send_id", flat=True)) >= {21, 23}
