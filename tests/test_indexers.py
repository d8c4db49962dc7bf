"""The near end of the indexers, with processes that do what a test tells them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from context.index import Index
from lsp_server import indexers
from lsp_server.indexers import Indexers, IndexState
from lsp_server.models.host import supervise

pytestmark = pytest.mark.process

OBEDIENT = """
import json, os, sys
print(json.dumps({"phase": "reading", "done": 1, "total": 2, "files": 0}), flush=True)
print("not JSON", flush=True)
print(json.dumps({"phase": "nonsense"}), flush=True)
who = json.dumps([sys.argv[1:], os.getpid()])
print(json.dumps({"phase": "ready", "files": 2, "message": who}), flush=True)
print("said on stderr", file=sys.stderr, flush=True)
for line in sys.stdin:
    print(json.dumps({"phase": "ready", "message": json.loads(line)}), flush=True)
"""
STUBBORN = """
import json, os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(json.dumps({"phase": "ready", "message": str(os.getpid())}), flush=True)
time.sleep(60)
"""
ENVIRONMENT = """
import json, os, sys
print(json.dumps({"phase": "ready", "message": json.dumps(sorted(os.environ))}), flush=True)
sys.stdin.read()
"""


def ending_with(code: int) -> str:
    return f"import sys; print('it broke', file=sys.stderr); sys.exit({code})"


class Listening:
    """What was told, in order."""

    def __init__(self) -> None:
        self.told: list[IndexState] = []
        self._changed = asyncio.Event()

    def __call__(self, state: IndexState) -> None:
        self.told.append(state)
        self._changed.set()

    async def until(self, is_it: Callable[[IndexState], object]) -> IndexState:
        """The first state of that kind, from now on or before."""
        seen = 0
        while True:
            for state in self.told[seen:]:
                if is_it(state):
                    return state
            seen = len(self.told)
            self._changed.clear()
            async with asyncio.timeout(20):
                await self._changed.wait()


@asynccontextmanager
async def opened(program: str) -> AsyncIterator[tuple[Indexers, Listening]]:
    async with asyncio.TaskGroup() as tasks:
        found = Indexers(
            lambda work, name: tasks.create_task(work, name=name), (sys.executable, "-c", program)
        )
        listening = Listening()
        found.listen(listening)
        try:
            yield found, listening
        finally:
            await found.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 0.01)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_ready(state: IndexState) -> bool:
    return state.phase == "ready"


async def test_what_the_process_says_is_told(tmp_path: Path) -> None:
    async with opened(OBEDIENT) as (found, listening):
        found.use([tmp_path])
        ready = await listening.until(is_ready)
        place = found.places[tmp_path]
        arguments, pid = json.loads(ready.message)
        assert arguments == ["--index", str(place.folder), str(tmp_path)]
        assert [state.phase for state in listening.told] == ["starting", "reading", "ready"]
        assert (listening.told[1].done, listening.told[1].total) == (1, 2)
        assert ready.files == 2
        assert found.states == {tmp_path: ready}
        assert is_running(pid)
    assert not is_running(pid)
    assert listening.told[-1].phase == "stopped"
    assert "said on stderr" in place.log.read_text()
    assert place.log.stat().st_mode & 0o777 == 0o600


async def test_roots_that_leave_the_workspace_have_no_process(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    async with opened(OBEDIENT) as (found, listening):
        found.use([one, two])
        await listening.until(lambda state: is_ready(state) and state.root == one)
        stays = await listening.until(lambda state: is_ready(state) and state.root == two)
        found.use([two])
        await listening.until(lambda state: state.phase == "stopped")
        assert found.states == {two: stays}
        found.use([two])
        assert found.states == {two: stays}


async def test_a_file_that_was_saved_is_passed_on_by_its_real_name(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    async with opened(OBEDIENT) as (found, listening):
        found.saved(tmp_path / "link/a.py")
        found.use([tmp_path / "link"])
        await listening.until(is_ready)
        found.saved(tmp_path / "other.py")
        found.saved(tmp_path / "link/a.py")
        echo = await listening.until(lambda state: state.message.endswith(".py"))
        assert echo.message == str(tmp_path / "real/a.py")


@pytest.mark.usefixtures("impatient")
async def test_a_process_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async with opened(OBEDIENT) as (found, listening):
        found.use([tmp_path])
        for _ in range(2):
            ready = await listening.until(is_ready)
            listening.told.clear()
            os.kill(json.loads(ready.message)[1], signal.SIGKILL)
            pausing = await listening.until(lambda state: state.phase == "pausing")
            assert "SIGKILL" in pausing.message
        assert (await listening.until(is_ready)).files == 2


@pytest.mark.usefixtures("impatient")
async def test_a_process_that_never_works_is_given_up_with_the_reason(tmp_path: Path) -> None:
    async with opened(ending_with(3)) as (found, listening):
        found.use([tmp_path])
        failed = await listening.until(lambda state: state.phase == "failed")
        starts = sum(state.phase == "starting" for state in listening.told)
        assert starts == supervise.CRASHES
        assert "exit code 3" in failed.message
        assert "it broke" in failed.message
        assert found.states[tmp_path].phase == "failed"


@pytest.mark.usefixtures("impatient")
async def test_a_command_that_cannot_be_run_is_given_up_too(tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as tasks:
        found = Indexers(lambda work, name: tasks.create_task(work, name=name), (str(tmp_path / "nothing"),))
        listening = Listening()
        found.listen(listening)
        found.use([tmp_path])
        failed = await listening.until(lambda state: state.phase == "failed")
        assert "cannot be started" in failed.message
        await found.close()


async def test_a_process_that_does_not_want_to_end_is_killed_in_time(tmp_path: Path) -> None:
    async with opened(STUBBORN) as (found, listening):
        found.use([tmp_path])
        pid = int((await listening.until(is_ready)).message)
        began = time.monotonic()
        await found.close()
        assert time.monotonic() - began < 1.5
        assert not is_running(pid)


async def test_the_process_gets_nothing_of_the_environment_that_it_does_not_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_TOKEN", "secret")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with opened(ENVIRONMENT) as (found, listening):
        found.use([tmp_path])
        names = set(json.loads((await listening.until(is_ready)).message))
        assert {"HOME", "PATH", "XDG_CACHE_HOME"} <= names
        assert names <= {*indexers.INHERITED, "LC_CTYPE", "LC_ALL"}


async def test_without_a_cache_that_can_be_written_there_is_one_notice_and_a_folder_that_goes(
    tmp_path: Path, own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (own_home / "cache_home/fathom").write_text("a file where a folder should be\n")
    one, two = tmp_path / "one", tmp_path / "two"
    async with opened(ENVIRONMENT) as (found, listening):
        found.use([one, two])
        for root in (one, two):
            await listening.until(lambda state, root=root: is_ready(state) and state.root == root)
        shelves = {place.folder.parent for place in found.places.values()}
        assert len(shelves) == 1
        assert all(folder.is_dir() for folder in shelves)
        assert "temporary" in listening.told[0].message
    assert not any(folder.exists() for folder in shelves)
    assert sum("temporary" in record.message for record in caplog.records) == 1


async def test_indexers_that_are_closed_at_once_leave_nothing(tmp_path: Path) -> None:
    async with opened(OBEDIENT) as (found, listening):
        found.use([tmp_path])
        await asyncio.sleep(0)
    assert all(state.phase in ("starting", "stopped") for state in listening.told)


# --- with the real process ---


async def test_the_real_indexer_keeps_the_index_of_a_root_and_survives_a_kill(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.py").write_text("def first():\n    pass\n")
    async with asyncio.TaskGroup() as tasks:
        found = Indexers(lambda work, name: tasks.create_task(work, name=name))
        listening = Listening()
        found.listen(listening)
        found.use([root])
        assert (await listening.until(is_ready)).files == 1
        index = Index(found.places[root].folder)
        assert list(index.named(["first"])) == ["first"]
        listening.told.clear()
        (pid,) = children("context.indexer")
        os.kill(pid, signal.SIGKILL)
        (root / "b.py").write_text("def second():\n    pass\n")
        assert (await listening.until(is_ready)).files == 2
        assert list(index.named(["second"])) == ["second"]
        (pid,) = children("context.indexer")
        began = time.monotonic()
        await found.close()
        assert time.monotonic() - began < 1.5
        assert not is_running(pid)
        index.close()


def children(module: str) -> list[int]:
    """The processes that this one has started to run a module."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], check=True, capture_output=True, text=True)
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [int(pid) for pid, parent, command in rows if parent == str(os.getpid()) and module in command]
