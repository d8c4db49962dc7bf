"""What the user is told of the index: a display, a part of the status, a message."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from lsp_server.indexers import IndexState, Phase
from lsp_server.models.host import supervise
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.protocol import server as server_module
from lsp_server.protocol.extensions import RESTART, STATUS, IndexStatus
from lsp_server.protocol.indexes import step_of, told_of
from lsp_server.protocol.progress import Step
from tests.protocol.editor import GHOST_TEXT, Editor, open_editor
from tests.stand_in import BROKEN, COMMAND, say, script

PROGRESS = {**GHOST_TEXT, "window": {"workDoneProgress": True}}
CREATE = "window/workDoneProgress/create"
ONE, TWO = Path("/one"), Path("/two")


# --- many roots as one ---


def state(root: Path, phase: Phase, **more: Any) -> IndexState:
    return IndexState(root, phase, **more)


def test_without_a_root_nothing_is_said_of_an_index() -> None:
    assert told_of([]) is None
    assert step_of([]).is_over


def test_files_of_all_roots_are_counted_and_the_phase_that_matters_most_is_told() -> None:
    ready, reading = state(ONE, "ready", files=5), state(TWO, "reading", files=2)
    assert told_of([ready]) == IndexStatus("ready", 5, "")
    assert told_of([ready, reading]) == IndexStatus("reading", 7, "")
    assert told_of([ready, state(TWO, "stopped")]) == IndexStatus("starting", 5, "")
    failed = state(ONE, "failed", message="It broke.")
    assert told_of([reading, failed]) == IndexStatus("failed", 2, "It broke.")


def test_the_same_sentence_about_two_roots_is_said_once() -> None:
    states = [state(root, "ready", message="It is temporary.") for root in (ONE, TWO)]
    assert told_of([*states, state(Path("/c"), "shared", message="Another window.")]) == IndexStatus(
        "shared", 0, "It is temporary. Another window."
    )


def test_how_far_it_is_has_a_percentage_only_where_the_end_is_known() -> None:
    one, two = (
        state(ONE, "reading", done=1000, total=2000),
        state(TWO, "reading", done=500, total=1000),
    )
    assert step_of([one, two]) == Step("reading the workspace: 1,500 of 3,000 files", 50)
    assert step_of([one, state(TWO, "reading", done=500)]) == Step("reading the workspace: 1,500 files")
    assert step_of([one, state(TWO, "ready", files=7, settled=True)]).percent == 50
    assert step_of([state(ONE, "reading", done=30, total=20)]).percent == 100


@pytest.mark.parametrize(
    "states",
    [
        [state(ONE, "ready", settled=True)],
        [state(ONE, "reading", settled=True)],
        [state(ONE, "shared", settled=True), state(TWO, "missing")],
        [state(ONE, "pausing"), state(TWO, "refused", message="It is too much.")],
    ],
)
def test_nobody_waits_for_what_is_read_again_or_is_not_read_at_all(states: list[IndexState]) -> None:
    assert step_of(states) == Step("ready", is_over=True)


# --- with a process that says what the test wants ---


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The display does not wait for a second."""
    monkeypatch.setattr(server_module, "PATIENCE", 0.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ended is started again at once."""
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 0.01)


@pytest.fixture
def roots(tmp_path: Path) -> tuple[Path, Path]:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    return one, two


async def opened(editor: Editor, *roots: Path, capabilities: object = PROGRESS) -> None:
    """Open folders, and wait until each indexer has said a word."""
    folders = [{"uri": root.as_uri(), "name": root.name} for root in roots]
    await editor.initialize(capabilities, workspaceFolders=folders)
    await until_phases(editor, dict.fromkeys(roots, "reading"))


async def until_phases(editor: Editor, wanted: dict[Path, Phase]) -> None:
    session, changed = editor.server.session, asyncio.Event()
    session.indexers.listen(lambda _: changed.set())
    async with asyncio.timeout(20):
        while wanted != {root: state.phase for root, state in session.indexers.states.items()}:
            await changed.wait()
            changed.clear()


async def agree(editor: Editor) -> None:
    """Agree to the display when it is asked for."""
    asked = await editor.wait_for(lambda message: message.get("method") == CREATE)
    editor.receive(id=asked["id"], result=None)


async def until_shown(editor: Editor, kind: str, words: str) -> None:
    def fits(message: dict[str, Any]) -> bool:
        value = message.get("params", {}).get("value", {}) if message.get("method") == "$/progress" else {}
        return value.get("kind") == kind and words in value.get("message", "")

    await editor.wait_for(fits)


def kinds(editor: Editor) -> list[str]:
    return [params["value"]["kind"] for params in editor.sent("$/progress")]


def indexes(editor: Editor) -> list[dict[str, Any] | None]:
    """What the statuses said of the index."""
    return [status.get("index") for status in editor.sent(STATUS)]


async def until_told(editor: Editor, **index: object) -> None:
    await editor.wait_for(
        lambda message: (
            message.get("method") == STATUS
            and (message["params"].get("index") or {}).items() >= index.items()
        )
    )


@pytest.mark.process
@pytest.mark.usefixtures("at_once")
async def test_the_first_reading_of_two_roots_is_one_display_from_begin_to_end(
    roots: tuple[Path, Path],
) -> None:
    one, two = roots
    async with open_editor(indexer=COMMAND) as editor:
        await opened(editor, one, two)
        indexers = editor.server.session.indexers
        await agree(editor)
        await until_shown(editor, "begin", "reading the workspace: 0 files")
        say(indexers, one, phase="reading", done=30, total=100)
        say(indexers, two, phase="reading", done=20, total=100)
        await until_shown(editor, "report", "50 of 200 files")
        say(indexers, one, phase="ready", files=100)
        await until_shown(editor, "report", "20 of 100 files")
        say(indexers, two, phase="ready", files=100)
        await until_shown(editor, "end", "ready")
        say(indexers, two, phase="reading", done=1, total=100)
        await until_told(editor, phase="reading", files=200)
        assert len(editor.sent(CREATE)) == 1
        assert (kinds(editor)[0], kinds(editor)[-1]) == ("begin", "end")
        assert len({params["token"] for params in editor.sent("$/progress")}) == 1


@pytest.mark.process
async def test_what_is_read_within_a_second_is_not_shown(roots: tuple[Path, Path]) -> None:
    async with open_editor(indexer=COMMAND) as editor:
        await opened(editor, roots[0])
        say(editor.server.session.indexers, roots[0], phase="ready", files=3)
        await until_told(editor, phase="ready", files=3)
        for task in [task for task in asyncio.all_tasks() if task.get_name() == "progress of the index"]:
            await task
        assert editor.sent(CREATE) == []


@pytest.mark.process
async def test_what_takes_longer_is_shown(roots: tuple[Path, Path]) -> None:
    async with open_editor(indexer=COMMAND) as editor:
        await opened(editor, roots[0])
        await agree(editor)
        await until_shown(editor, "begin", "reading the workspace")


@pytest.mark.process
@pytest.mark.usefixtures("at_once", "impatient")
async def test_a_display_ends_with_an_index_that_fails_and_the_user_is_told_once(
    roots: tuple[Path, Path],
) -> None:
    one, two = roots
    async with open_editor(indexer=COMMAND) as editor:
        await opened(editor, one, two)
        indexers = editor.server.session.indexers
        await agree(editor)
        await until_shown(editor, "begin", "reading")
        say(indexers, two, phase="ready", files=1)
        say(indexers, one, exit=7)
        for _ in range(supervise.CRASHES - 1):
            await until_phases(editor, {one: "pausing", two: "ready"})
            await until_phases(editor, {one: "reading", two: "ready"})
            say(indexers, one, exit=7)
        await until_phases(editor, {one: "failed", two: "ready"})
        assert kinds(editor)[-1] == "end"
        (shown,) = editor.sent("window/showMessage")
        assert "exit code 7" in shown["message"]
        last = indexes(editor)[-1]
        assert last is not None
        assert (last["phase"], last["files"], last["message"]) == ("failed", 1, shown["message"])


@pytest.mark.process
@pytest.mark.usefixtures("at_once")
async def test_a_display_ends_when_the_session_closes(roots: tuple[Path, Path]) -> None:
    async with open_editor(indexer=COMMAND) as editor:
        await opened(editor, roots[0])
        await agree(editor)
        await until_shown(editor, "begin", "reading")
        await editor.ask("shutdown")
    assert kinds(editor)[-1] == "end"
    assert kinds(editor).count("end") == 1


@pytest.mark.process
@pytest.mark.usefixtures("impatient")
async def test_an_index_that_failed_for_good_is_tried_again_on_request(roots: tuple[Path, Path]) -> None:
    async with open_editor(ScriptedBackend(["1"]), indexer=BROKEN) as editor:
        folder = {"uri": roots[0].as_uri(), "name": "one"}
        await editor.initialize({"window": {}}, workspaceFolders=[folder])
        await until_phases(editor, {roots[0]: "failed"})
        (shown,) = editor.sent("window/showMessage")
        assert "it broke" in shown["message"]
        assert editor.sent(STATUS) == []
        await editor.ask(RESTART, None)
        await until_phases(editor, {roots[0]: "starting"})
        await until_phases(editor, {roots[0]: "failed"})


@pytest.mark.process
async def test_the_status_says_how_much_is_indexed_and_not_at_every_file(roots: tuple[Path, Path]) -> None:
    async with open_editor(indexer=COMMAND) as editor:
        await opened(editor, roots[0], capabilities=GHOST_TEXT)
        indexers = editor.server.session.indexers
        for files in range(20):
            say(indexers, roots[0], phase="reading", files=files)
        say(indexers, roots[0], phase="ready", files=20, message="Mind this.")
        await until_told(editor, phase="ready")
        told = indexes(editor)
        assert {"phase": "reading", "files": 0, "message": ""} in told
        assert told[-1] == {"phase": "ready", "files": 20, "message": "Mind this."}
        assert len(told) < 10
        editor.open("x = ")
        await editor.answer(editor.ask_ghost(0, 4))
        assert indexes(editor)[-1] == told[-1]
        say(indexers, roots[0], phase="missing", files=20)
        await until_told(editor, phase="missing")
        assert editor.sent(STATUS)[-1]["reason"] == "shown"


@pytest.mark.process
async def test_files_that_an_editor_saves_or_watches_are_told_to_the_indexer(
    roots: tuple[Path, Path],
) -> None:
    one, _ = roots
    async with open_editor(indexer=COMMAND) as editor:
        await opened(editor, one)
        saved = script(one, phase="ready", files=1).as_uri()
        editor.notify("textDocument/didSave", {"textDocument": {"uri": saved}})
        await until_told(editor, phase="ready", files=1)
        watched = script(one, phase="missing", files=2).as_uri()
        changes = [None, {}, {"uri": "untitled:x", "type": 1}, {"uri": watched, "type": 2}]
        editor.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        await until_told(editor, phase="missing", files=2)


async def test_clients_are_asked_to_tell_what_they_save_without_its_text() -> None:
    async with open_editor() as editor:
        offered = (await editor.initialize())["capabilities"]
        assert offered["textDocumentSync"]["save"] == {"includeText": False}


@pytest.mark.process
async def test_a_setting_of_the_editor_switches_the_index_off_and_on(roots: tuple[Path, Path]) -> None:
    one, _ = roots
    async with open_editor(indexer=COMMAND) as editor:
        await opened(editor, one, capabilities=GHOST_TEXT)
        for wanted in (False, True):
            editor.notify("workspace/didChangeConfiguration", {"settings": {"fathom": {"index": wanted}}})
            await until_phases(editor, {one: "reading"} if wanted else {})
        await editor.wait_for(
            lambda message: message.get("method") == STATUS and "index" in message["params"]
        )


async def test_the_home_directory_is_not_read_and_the_status_says_why(own_home: Path) -> None:
    async with open_editor(indexer=("no such command",)) as editor:
        folder = {"uri": own_home.as_uri(), "name": "home"}
        await editor.initialize(workspaceFolders=[folder])
        await until_told(editor, phase="refused", files=0)
        last = indexes(editor)[-1]
        assert last is not None
        assert "is your home directory" in last["message"]
        assert editor.sent("window/showMessage") == []
