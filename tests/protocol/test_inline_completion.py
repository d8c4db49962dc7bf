"""Ghost text: which world it sees, what the item looks like, what happens to requests that are overtaken."""

from __future__ import annotations

import asyncio

import pytest

from lsp_server.config import Options
from lsp_server.models.backend import ModelError, ModelInfo, ModelState
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.protocol.connection import REQUEST_CANCELLED
from lsp_server.protocol.extensions import STATUS
from tests.protocol.editor import GHOST_TEXT, URI, Editor, ghost_params, items_of, open_editor

STATUS_TOO = {**GHOST_TEXT, "experimental": {"fathom": {"status": True}}}


def change(editor: Editor, version: int, line: int, character: int, text: str) -> None:
    """Insert text."""
    place = {"line": line, "character": character}
    editor.notify(
        "textDocument/didChange",
        {
            "textDocument": {"uri": URI, "version": version},
            "contentChanges": [{"range": {"start": place, "end": place}, "text": text}],
        },
    )


async def test_the_item_replaces_the_line_from_its_start_so_that_typing_on_keeps_it() -> None:
    async with open_editor(ScriptedBackend(["(total)"])) as editor:
        await editor.initialize()
        editor.open("def f():\n    print")
        (item,) = items_of(await editor.answer(editor.ask_ghost(1, 9)))
        assert item["insertText"] == item["filterText"] == "    print(total)"
        assert item["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 9}}


async def test_what_stands_before_the_cursor_on_an_endless_line_is_not_sent_back() -> None:
    async with open_editor(ScriptedBackend(["1"])) as editor:
        await editor.initialize()
        editor.open("x = " + "0, " * 500)
        (item,) = items_of(await editor.answer(editor.ask_ghost(0, 1504)))
        assert item["insertText"] == "1"
        assert item["range"]["start"] == item["range"]["end"] == {"line": 0, "character": 1504}


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 8), ("utf-16", 6), ("utf-32", 5)])
async def test_columns_are_counted_in_the_encoding_that_was_agreed(encoding: str, column: int) -> None:
    async with open_editor(ScriptedBackend([" + 1"])) as editor:
        ghost = {"inlineCompletion": {"dynamicRegistration": False}}
        await editor.initialize({"textDocument": ghost, "general": {"positionEncodings": [encoding]}})
        editor.open("'🦊' +")
        (item,) = items_of(await editor.answer(editor.ask_ghost(0, column)))
        assert item["range"]["end"] == {"line": 0, "character": column}
        # Behind the fox: VS Code shows no item that repeats a character beyond the basic plane.
        assert item["range"]["start"] == {"line": 0, "character": column - 3}
        assert item["insertText"] == "' + + 1"


async def test_whoever_asks_again_gets_several_items_the_shown_one_first() -> None:
    async with open_editor(ScriptedBackend(["(total)", "(sum)", "(total)"])) as editor:
        await editor.initialize()
        editor.open("print")
        invoked = {"triggerKind": 1}
        (shown,) = items_of(await editor.answer(editor.ask_ghost(0, 5, **invoked)))
        (same,) = items_of(await editor.answer(editor.ask_ghost(0, 5)))
        found = items_of(await editor.answer(editor.ask_ghost(0, 5, **invoked)))
        assert same == found[0] == shown
        assert [item["insertText"] for item in found] == ["print(total)", "print(sum)"]
        assert {str(item["range"]) for item in found} == {str(shown["range"])}
        assert editor.sent(STATUS)[-1]["reason"] == "typed-through"


async def test_alternatives_that_are_being_made_end_with_their_request() -> None:
    gate = asyncio.Event()
    gate.set()
    backend = ScriptedBackend(["(total)", "(sum)", "(1)"], gate=gate)
    async with open_editor(backend) as editor:
        await editor.initialize()
        editor.open("print")
        await editor.answer(editor.ask_ghost(0, 5))
        gate.clear()
        both = asyncio.Event()
        backend.listen(lambda _: both.set() if backend.running == 2 else None)
        number = editor.ask_ghost(0, 5, triggerKind=1)
        await both.wait()
        ended = asyncio.Event()
        backend.listen(lambda _: None if backend.running else ended.set())
        editor.notify("$/cancelRequest", {"id": number})
        assert (await editor.answer(number))["error"]["code"] == REQUEST_CANCELLED
        await ended.wait()


class Loading(ScriptedBackend):
    """A model that is being loaded until it is told that it is there, or has failed."""

    def __init__(self, failure: ModelError | None = None) -> None:
        super().__init__(["(total)"])
        self._failure = failure
        self._there = asyncio.Event()
        self.enter(ModelState("loading", message="The model is being loaded."))

    def arrive(self) -> None:
        self.enter(ModelState("failed" if self._failure else "ready"))
        self._there.set()

    async def info(self) -> ModelInfo:
        await self._there.wait()
        if self._failure is not None:
            raise self._failure
        return await super().info()


async def test_whoever_asked_while_the_model_was_being_loaded_gets_the_text_as_soon_as_it_is() -> None:
    backend = Loading()
    async with open_editor(backend) as editor:
        await editor.initialize(STATUS_TOO)
        editor.open("print")
        asked = editor.ask_ghost(0, 5)
        await editor.wait_for(lambda message: message.get("params", {}).get("reason") == "loading")
        assert editor.answers(asked) == []
        backend.arrive()
        (item,) = items_of(await editor.answer(asked))
        assert item["insertText"] == "print(total)"


async def test_a_model_that_cannot_be_loaded_ends_the_waiting_with_a_reason() -> None:
    backend = Loading(ModelError("bad-model", "The file is damaged.", permanent=True))
    async with open_editor(backend) as editor:
        await editor.initialize(STATUS_TOO)
        editor.open("print")
        asked = editor.ask_ghost(0, 5)
        await editor.wait_for(lambda message: message.get("params", {}).get("reason") == "loading")
        backend.arrive()
        assert items_of(await editor.answer(asked)) == []
        assert editor.sent(STATUS)[-1]["reason"] == "model-failed"


async def test_typing_on_while_the_model_is_being_loaded_leaves_one_request_waiting() -> None:
    backend = Loading()
    async with open_editor(backend) as editor:
        await editor.initialize()
        editor.open("print")
        older = [editor.ask_ghost(0, 5) for _ in range(20)]
        newest = editor.ask_ghost(0, 5)
        for number in older:
            assert items_of(await editor.answer(number)) == []
        backend.arrive()
        assert items_of(await editor.answer(newest))
    assert len(backend.prompts) == 1


async def test_the_completion_sees_the_document_as_it_was_when_the_request_came() -> None:
    backend = ScriptedBackend(["tail"])
    async with open_editor(backend) as editor:
        await editor.initialize()
        editor.open("before ")
        number = editor.ask_ghost(0, 7)
        change(editor, 2, 0, 0, "changed ")
        await editor.answer(number)
        assert "changed" not in str(backend.prompts[0])


async def test_a_newer_request_takes_the_place_of_the_older_and_both_are_answered() -> None:
    gate = asyncio.Event()
    backend = ScriptedBackend(["one", "two"], gate=gate)
    async with open_editor(backend) as editor:
        await editor.initialize()
        editor.open("x = ")
        first = editor.ask_ghost(0, 4)
        second = editor.ask_ghost(0, 4)
        assert items_of(editor.answers(first)[0]) == []
        gate.set()
        assert len(items_of(await editor.answer(second))) == 1
        assert len(editor.answers(first)) == 1


async def test_requests_in_two_documents_do_not_disturb_each_other() -> None:
    async with open_editor() as editor:
        await editor.initialize()
        editor.open("x = ")
        editor.open("y = ", uri="file:///project/other.py")
        first, second = editor.ask_ghost(0, 4), editor.ask_ghost(0, 4, uri="file:///project/other.py")
        assert items_of(await editor.answer(first))
        assert items_of(await editor.answer(second))


async def test_a_cancelled_request_stops_the_model() -> None:
    gate = asyncio.Event()
    backend = ScriptedBackend(["one"], gate=gate)
    async with open_editor(backend) as editor:
        await editor.initialize()
        editor.open("x = ")
        number = editor.ask_ghost(0, 4)
        await editor.wait_for(lambda message: message.get("params", {}).get("state") == "generating")
        editor.notify("$/cancelRequest", {"id": number})
        assert editor.answers(number)[0]["error"]["code"] == -32800
        await editor.wait_for(lambda message: message.get("params", {}).get("state") == "idle")
        assert backend.running == 0


@pytest.mark.parametrize("kind", [0, 1, 2, 3, "Automatic", None])
async def test_any_kind_of_trigger_is_taken(kind: object) -> None:
    async with open_editor() as editor:
        await editor.initialize()
        editor.open("x = ")
        assert items_of(await editor.answer(editor.ask_ghost(0, 4, triggerKind=kind)))


@pytest.mark.parametrize(("line", "character"), [(900, 0), (0, 900), (900, 900), (2**31 - 1, 2**31 - 1)])
async def test_a_position_past_the_end_is_taken_as_the_nearest_place(line: int, character: int) -> None:
    async with open_editor() as editor:
        await editor.initialize()
        editor.open("x = 1\ny = ")
        answer = await editor.answer(editor.ask_ghost(line, character))
        assert "error" not in answer


@pytest.mark.parametrize(
    "params", [None, {}, [], {"textDocument": {"uri": URI}}, {**ghost_params(0, 0), "position": 4}]
)
async def test_parameters_that_are_none_are_refused(params: object) -> None:
    async with open_editor() as editor:
        await editor.initialize()
        answer = await editor.answer(editor.request("textDocument/inlineCompletion", params))
        assert answer["error"]["code"] == -32602


async def test_a_document_that_was_never_opened_or_was_closed_gets_nothing() -> None:
    async with open_editor() as editor:
        await editor.initialize()
        assert items_of(await editor.answer(editor.ask_ghost(0, 0, uri="file:///never.py"))) == []
        editor.open("x = ")
        editor.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        assert items_of(await editor.answer(editor.ask_ghost(0, 0))) == []


@pytest.mark.parametrize(
    "uri", ["untitled:Untitled-1", "vscode-vfs://github/x/y.py", "git:/a.py?x", "not a uri", ""]
)
async def test_a_document_without_a_file_is_completed_from_its_text(uri: str) -> None:
    async with open_editor() as editor:
        await editor.initialize()
        editor.open("x = ", uri=uri)
        assert items_of(await editor.answer(editor.ask_ghost(0, 4, uri=uri)))


@pytest.mark.parametrize(
    "text",
    ["\0\1\2\xff" * 5000, "x" * 3_000_000, "a\n" * 400_000, "\ud800 = ", "\ufeffx = ", ""],
    ids=["binary", "one line", "lines", "surrogate", "mark", "empty"],
)
async def test_an_odd_document_does_no_harm(text: str) -> None:
    async with open_editor() as editor:
        await editor.initialize()
        editor.open(text)
        assert "error" not in await editor.answer(editor.ask_ghost(0, 1))
        editor.open("x = ", uri="file:///good.py")
        assert items_of(await editor.answer(editor.ask_ghost(0, 4, uri="file:///good.py")))


async def test_an_edit_of_a_document_that_is_not_open_is_ignored() -> None:
    async with open_editor() as editor:
        await editor.initialize()
        change(editor, 2, 0, 0, "x")
        editor.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        editor.open("x = ")
        assert items_of(await editor.answer(editor.ask_ghost(0, 4)))


async def test_a_document_that_is_opened_twice_has_its_newer_text() -> None:
    async with open_editor() as editor:
        await editor.initialize()
        editor.open("old")
        editor.open("new")
        assert editor.server.session.workspace.snapshot.documents[URI].text.string == "new"


async def test_a_repeated_or_falling_version_gives_nothing_until_the_document_is_sent_whole() -> None:
    async with open_editor() as editor:
        await editor.initialize()
        editor.open("x = ")
        change(editor, 5, 0, 0, "a")
        change(editor, 3, 0, 0, "b")
        assert items_of(await editor.answer(editor.ask_ghost(0, 6))) == []
        editor.open("x = ")
        assert items_of(await editor.answer(editor.ask_ghost(0, 4)))


@pytest.mark.parametrize(
    "event",
    [
        None,
        {},
        {"text": 3},
        {"text": "a", "range": 3},
        {"text": "a", "range": {"start": {"line": 0, "character": 0}}},
        {"text": "a", "range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}},
        {"text": "a", "range": {"start": {"line": "0", "character": 0}, "end": {"line": 0, "character": 0}}},
    ],
)
async def test_after_an_edit_that_cannot_be_read_nothing_is_shown_until_the_text_is_sent_whole(
    event: object,
) -> None:
    async with open_editor() as editor:
        await editor.initialize()
        editor.open("x = ")
        document = {"uri": URI, "version": 2}
        editor.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [event]})
        assert items_of(await editor.answer(editor.ask_ghost(0, 4))) == []
        assert editor.sent("fathom/status")[-1]["reason"] == "out-of-sync"
        document = {"uri": URI, "version": 3}
        whole = {"text": "y = "}
        editor.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [whole]})
        assert items_of(await editor.answer(editor.ask_ghost(0, 4)))


@pytest.mark.parametrize("params", [None, [], {}, {"textDocument": None}, {"textDocument": {"uri": 3}}])
@pytest.mark.parametrize("event", ["didOpen", "didChange", "didClose", "didSave"])
async def test_document_news_without_a_document_is_ignored(event: str, params: object) -> None:
    async with open_editor() as editor:
        await editor.initialize()
        editor.notify(f"textDocument/{event}", params)
        editor.open("x = ")
        assert items_of(await editor.answer(editor.ask_ghost(0, 4)))


async def test_a_request_waits_for_a_newer_one_as_long_as_the_user_set() -> None:
    backend = ScriptedBackend(["one"])
    async with open_editor(backend, Options(debounce_ms=60_000)) as editor:
        await editor.initialize()
        editor.open("x = ")
        first = editor.ask_ghost(0, 4)
        second = editor.ask_ghost(0, 4, triggerKind=1)
        assert items_of(await editor.answer(second))
        assert items_of(editor.answers(first)[0]) == []
        assert len(backend.prompts) == 1


async def test_a_model_that_is_missing_is_named_once_and_the_server_goes_on() -> None:
    def no_model(_: str) -> ScriptedBackend:
        raise ModelError("no-model", "There is no model; run `fathom models pull`.", permanent=True)

    async with open_editor(opener=no_model) as editor:
        await editor.initialize()
        editor.open("x = ")
        for _ in range(3):
            assert items_of(await editor.answer(editor.ask_ghost(0, 4))) == []
        assert len(editor.sent("window/showMessage")) == 1
        assert editor.sent("fathom/status")[-1]["reason"] == "no-model"


async def test_the_model_is_opened_by_the_first_request_only() -> None:
    opened: list[str] = []

    def opener(name: str) -> ScriptedBackend:
        opened.append(name)
        return ScriptedBackend(["one"])

    async with open_editor(options=Options(model="mine"), opener=opener) as editor:
        await editor.initialize()
        editor.open("x = ")
        assert opened == []
        for _ in range(2):
            await editor.answer(editor.ask_ghost(0, 4))
        assert opened == ["mine"]


@pytest.mark.parametrize("options", [Options(enabled=False), Options(disabled_languages=("python",))])
async def test_completion_that_is_switched_off_gives_nothing_and_says_why(options: Options) -> None:
    async with open_editor(options=options) as editor:
        await editor.initialize()
        editor.open("x = ")
        assert items_of(await editor.answer(editor.ask_ghost(0, 4))) == []
        assert editor.sent("fathom/status")[-1]["state"] == "disabled"
