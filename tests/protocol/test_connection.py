"""JSON-RPC as such, with methods made for the test: every request is answered exactly once."""

from __future__ import annotations

import asyncio
import json
import logging
from functools import partial
from typing import Any

import pytest

from lsp_server.protocol.connection import Connection, Later, Notice, Now, RequestError, Work
from lsp_server.protocol.framing import Unreadable


class World:
    """What the test's methods work on."""

    def __init__(self) -> None:
        self.number = 0
        self.gate = asyncio.Event()
        self.began = asyncio.Event()
        self.stopped: list[int] = []
        self.sent: list[dict[str, Any]] = []
        self.crowded = False

    def send(self, message: dict[str, object]) -> None:
        self.sent.append(json.loads(json.dumps(message)))

    def answers(self, number: object) -> list[dict[str, Any]]:
        return [message for message in self.sent if message.get("id") == number]


def count(world: World, step: Any) -> None:
    world.number += step


def read_later(world: World, _: object) -> Work:
    return partial(_wait_and_give, world, world.number)


async def _wait_and_give(world: World, number: int) -> int:
    world.began.set()
    try:
        await world.gate.wait()
    except asyncio.CancelledError:
        world.stopped.append(number)
        raise
    return number


def fail(_: World, params: object) -> None:
    raise KeyError(params)


def fail_later(_: World, params: object) -> Work:
    return partial(_fail, params)


async def _fail(params: object) -> None:
    raise KeyError(params)


def refuse(_: World, __: object) -> None:
    raise RequestError(-32001, "Not today.")


def not_json(_: World, __: object) -> object:
    return object()


TABLE = {
    "initialize": Now(None, lambda world, params: "welcome"),
    "count": Notice(None, count),
    "now": Now(None, lambda world, params: world.number),
    "later": Later(None, read_later),
    "latest": Later(None, read_later, subject=lambda params: params["about"], superseded=[]),
    "fail": Now(None, fail),
    "fail later": Later(None, fail_later),
    "refuse": Now(None, refuse),
    "not json": Now(None, not_json),
    "exit": Notice(None, lambda world, params: count(world, 100)),
}


@pytest.fixture
async def world() -> World:
    return World()


@pytest.fixture
async def connection(world: World) -> Any:
    async with asyncio.TaskGroup() as tasks:
        connection = Connection(TABLE, world, lambda work, name: tasks.create_task(work, name=name))
        connection.server = world
        connection.phase = "running"
        yield connection
        connection.shut_down()


async def settle(world: World, number: object) -> dict[str, Any]:
    """The one answer to a request, once the loop has nothing more to do about it."""
    for _ in range(20):
        await asyncio.sleep(0)
    (answer,) = world.answers(number)
    return answer


def code(answer: dict[str, Any]) -> int:
    number: int = answer["error"]["code"]
    return number


async def test_a_request_sees_the_world_as_it_was_on_arrival(connection: Connection, world: World) -> None:
    connection.receive({"id": 1, "method": "later"})
    connection.receive({"method": "count", "params": 5})
    world.gate.set()
    assert (await settle(world, 1))["result"] == 0


async def test_a_cancelled_request_is_answered_at_once_and_its_work_stops(
    connection: Connection, world: World
) -> None:
    connection.receive({"id": "a", "method": "later"})
    await world.began.wait()
    connection.receive({"method": "$/cancelRequest", "params": {"id": "a"}})
    assert code(world.answers("a")[0]) == -32800
    await settle(world, "a")
    assert world.stopped == [0]


async def test_a_request_cancelled_before_its_work_began_is_answered_once(
    connection: Connection, world: World
) -> None:
    connection.receive({"id": 1, "method": "later"})
    connection.receive({"method": "$/cancelRequest", "params": {"id": 1}})
    assert code(await settle(world, 1)) == -32800
    assert world.stopped == []


@pytest.mark.parametrize(
    "params", [{"id": 99}, {"id": "1"}, {"id": None}, {"id": [1]}, {}, None, [], {"id": True}]
)
async def test_a_cancel_that_names_no_waiting_request_is_ignored(
    connection: Connection, world: World, params: object, caplog: pytest.LogCaptureFixture
) -> None:
    connection.receive({"id": 7, "method": "later"})
    connection.receive({"method": "$/cancelRequest", "params": params})
    world.gate.set()
    assert (await settle(world, 7))["result"] == 0
    assert not caplog.records


async def test_a_finished_request_can_not_be_cancelled_any_more(connection: Connection, world: World) -> None:
    connection.receive({"id": 1, "method": "now"})
    connection.receive({"method": "$/cancelRequest", "params": {"id": 1}})
    assert (await settle(world, 1))["result"] == 0


async def test_a_newer_request_about_the_same_replaces_the_older(
    connection: Connection, world: World
) -> None:
    connection.receive({"id": 1, "method": "latest", "params": {"about": "a"}})
    connection.receive({"id": 2, "method": "latest", "params": {"about": "b"}})
    await world.began.wait()
    connection.receive({"id": 3, "method": "latest", "params": {"about": "a"}})
    assert world.answers(1) == [{"jsonrpc": "2.0", "id": 1, "result": []}]
    world.gate.set()
    assert (await settle(world, 2))["result"] == 0
    assert (await settle(world, 3))["result"] == 0
    assert len(world.stopped) == 1


async def test_a_thousand_requests_each_replaced_by_the_next_are_answered_once_each(
    connection: Connection, world: World
) -> None:
    for number in range(1000):
        connection.receive({"id": number, "method": "latest", "params": {"about": "a"}})
        await asyncio.sleep(0)
    assert len(world.stopped) <= 999
    world.gate.set()
    assert (await settle(world, 999))["result"] == 0
    assert [len(world.answers(number)) for number in range(1000)] == [1] * 1000


async def test_shutting_down_answers_everything_that_waits(connection: Connection, world: World) -> None:
    for number in range(20):
        connection.receive({"id": number, "method": "later"})
    connection.shut_down()
    assert [code(await settle(world, number)) for number in range(20)] == [-32802] * 20


@pytest.mark.parametrize("phase", ["new", "shutdown"])
async def test_only_exit_is_heard_outside_the_life_of_the_session(
    connection: Connection, world: World, phase: Any
) -> None:
    connection.phase = phase
    connection.receive({"method": "count", "params": 1})
    assert world.number == 0
    connection.receive({"method": "exit"})
    assert world.number == 100


@pytest.mark.parametrize(
    ("phase", "method", "expected"),
    [("new", "now", -32002), ("running", "initialize", -32600), ("shutdown", "now", -32600)],
)
async def test_a_request_in_the_wrong_phase_is_refused(
    connection: Connection, world: World, phase: Any, method: str, expected: int
) -> None:
    connection.phase = phase
    connection.receive({"id": 1, "method": method})
    assert code(await settle(world, 1)) == expected


@pytest.mark.parametrize(
    "message",
    [
        [{"id": 1, "method": "now"}],
        [],
        3,
        "text",
        None,
        True,
        {},
        {"id": 1},
        {"method": 3, "id": 1},
        {"id": 1.5, "method": "now"},
        {"id": None, "method": "now"},
        {"id": True, "method": "now"},
        {"id": {}, "method": "now"},
    ],
)
async def test_what_is_no_message_gets_one_error_without_an_id(
    connection: Connection, world: World, message: object
) -> None:
    connection.receive(message)
    assert [code(answer) for answer in world.answers(None)] == [-32600]


async def test_an_unreadable_message_gets_a_parse_error(connection: Connection, world: World) -> None:
    connection.receive(Unreadable("a body that is not JSON"))
    assert code(world.answers(None)[0]) == -32700


@pytest.mark.parametrize("method", ["fail", "fail later"])
async def test_an_error_inside_gives_a_short_answer_and_one_log_entry(
    connection: Connection, world: World, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    connection.receive({"id": 1, "method": method, "params": "text of a file"})
    answer = await settle(world, 1)
    assert code(answer) == -32603
    assert "text of a file" not in json.dumps(answer)
    assert "Traceback" not in json.dumps(answer)
    assert len(caplog.records) == 1
    connection.receive({"id": 2, "method": "now"})
    assert (await settle(world, 2))["result"] == 0


async def test_a_failing_notification_is_logged_and_nothing_is_sent(
    connection: Connection, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    connection.receive({"method": "count", "params": "one"})
    assert world.sent == []
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_a_refusal_carries_its_own_code_and_words(connection: Connection, world: World) -> None:
    connection.receive({"id": 1, "method": "refuse"})
    assert (await settle(world, 1))["error"] == {"code": -32001, "message": "Not today."}


async def test_a_result_that_is_not_json_is_answered_with_an_error(
    connection: Connection, world: World
) -> None:
    connection.receive({"id": 1, "method": "not json"})
    assert code(await settle(world, 1)) == -32603


@pytest.mark.parametrize("method", ["$/unknown", "workspace/unknown"])
async def test_an_unknown_notification_is_ignored(
    connection: Connection, world: World, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    connection.receive({"method": method, "params": {"deep": [1]}})
    assert world.sent == []
    assert not caplog.records


async def test_an_unknown_request_is_refused(connection: Connection, world: World) -> None:
    connection.receive({"id": 1, "method": "$/unknown"})
    assert code(await settle(world, 1)) == -32601


async def test_an_id_that_is_still_in_use_is_refused_and_the_first_goes_on(
    connection: Connection, world: World
) -> None:
    connection.receive({"id": 1, "method": "later"})
    connection.receive({"id": 1, "method": "now"})
    world.gate.set()
    for _ in range(5):
        await asyncio.sleep(0)
    first, second = world.answers(1)
    assert code(first) == -32600
    assert second["result"] == 0


async def test_the_client_is_asked_and_its_answer_comes_back(connection: Connection, world: World) -> None:
    asking = asyncio.ensure_future(connection.request("client/ask", {"a": 1}, timeout=5))
    await asyncio.sleep(0)
    connection.receive({"id": world.sent[0]["id"], "result": "yes"})
    assert await asking == "yes"


async def test_a_client_that_refuses_or_never_answers_raises(connection: Connection, world: World) -> None:
    asking = asyncio.ensure_future(connection.request("client/ask", None, timeout=5))
    await asyncio.sleep(0)
    connection.receive({"id": world.sent[0]["id"], "error": {"code": 1, "message": "no"}})
    with pytest.raises(RequestError, match="no"):
        await asking
    with pytest.raises(TimeoutError):
        await connection.request("client/ask", None, timeout=0)


@pytest.mark.parametrize("number", [1, "fathom-9", None, []])
async def test_an_answer_that_nobody_asked_for_is_ignored(
    connection: Connection, world: World, number: object
) -> None:
    connection.receive({"id": number, "result": 1})
    assert world.sent == []


async def test_news_is_kept_from_a_client_that_reads_slowly(connection: Connection, world: World) -> None:
    world.crowded = True
    connection.mention("$/progress", {})
    connection.notify("window/showMessage", {})
    assert [message["method"] for message in world.sent] == ["window/showMessage"]
