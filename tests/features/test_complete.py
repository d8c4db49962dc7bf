"""Completion as a whole: what is asked, what comes back, and the reason when nothing does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context.snapshot import Document, Snapshot
from context.text import Text
from lsp_server.features.complete import (
    Completion,
    CompletionOptions,
    Memory,
    Place,
    Reason,
    complete,
)
from lsp_server.features.completion_options import LEAST_TOKENS, budget
from lsp_server.features.memory import DOCUMENTS
from lsp_server.models.backend import Lane, ModelError, ModelInfo, ModelState, Piece, Sampling
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.prompts.clean import RULES
from lsp_server.prompts.fim import spelled
from lsp_server.prompts.types import Prompt

URI = "file:///project/a.py"
ROOT = Path("/project")
OPTIONS = CompletionOptions()


def document(text: str, uri: str = URI, language: str = "python") -> Document:
    path = Path(uri.removeprefix("file://")) if uri.startswith("file://") else None
    return Document(uri, path, language, 1, Text(text))


def world(*documents: Document) -> Snapshot:
    """The last one is the one that is used."""
    return Snapshot((ROOT,), {each.uri: each for each in documents})


def at(marked: str) -> tuple[str, int]:
    before, _, after = marked.partition("‸")
    return before + after, len(before)


async def ask(
    marked: str,
    backend: ScriptedBackend,
    memory: Memory | None = None,
    options: CompletionOptions = OPTIONS,
    selected: str | None = None,
    others: tuple[Document, ...] = (),
) -> Completion:
    text, cursor = at(marked)
    snapshot = world(*others, document(text))
    return await complete(snapshot, backend, Place(URI, cursor, selected), options, memory or Memory())


def applied(text: str, completion: Completion) -> str:
    return text[: completion.start] + completion.text + text[completion.end :]


async def test_the_text_of_the_model_is_cleaned_and_shown() -> None:
    backend = ScriptedBackend(["a + b\n\nprint(add(1, 2))"])
    completion = await ask("def add(a, b):\n    return ‸\n", backend)
    assert (completion.text, completion.reason, completion.model) == ("a + b", "shown", "scripted")
    assert completion.start == completion.end == 26


async def test_a_closer_on_the_line_is_replaced_by_that_of_the_text() -> None:
    text, cursor = at("print(len(‸))\n")
    completion = await ask("print(len(‸))\n", ScriptedBackend(["items))"]))
    assert (completion.start, completion.end) == (cursor, cursor + 2)
    assert applied(text, completion) == "print(len(items))\n"


async def test_the_model_stops_as_soon_as_there_is_enough() -> None:
    backend = ScriptedBackend(["one\n" + "never\n" * 1000])
    completion = await ask("x = ‸ + 1\n", backend)
    assert completion.text == "one"
    assert backend.running == 0
    assert completion.usage.generated < 10


async def test_the_prompt_is_anchored() -> None:
    lines = "".join(f"value_{number} = {number}\n" for number in range(20))
    backend = ScriptedBackend(["1"])
    await ask(f"{lines}last = ‸\nnext = 2\n", backend)
    head = "".join(f"value_{number} = {number}\n" for number in range(15))
    typed = "".join(f"value_{number} = {number}\n" for number in range(15, 20)) + "last = "
    assert backend.prompts[0][1::2] == (head, "\nnext = 2\n", typed)


async def test_typing_on_changes_only_the_end_of_the_prompt() -> None:
    backend, memory = ScriptedBackend(["#"]), Memory()
    lines = "".join(f"value_{number} = {number}\n" for number in range(60))
    for typed in ("a", "al", "alp", "alpha", "alpha = ", "alpha = f(", "alpha = f(x"):
        await ask(f"{lines}{typed}‸\n{lines}", backend, memory)
    assert len(backend.prompts) == 7
    assert len({prompt[:-1] for prompt in backend.prompts}) == 1


async def test_typing_through_the_shown_text_needs_no_model() -> None:
    backend, memory = ScriptedBackend(["sum(items)"]), Memory()
    await ask("x = ‸\n", backend, memory)
    for typed in ("s", "su", "sum(", "su", ""):
        completion = await ask(f"x = {typed}‸\n", backend, memory)
        assert completion.reason == "typed-through"
        assert typed + completion.text == "sum(items)"
    assert len(backend.prompts) == 1


async def test_leaving_the_shown_text_asks_the_model() -> None:
    backend, memory = ScriptedBackend(["sum(items)", "t()"]), Memory()
    await ask("x = ‸\n", backend, memory)
    completion = await ask("x = se‸\n", backend, memory)
    assert (completion.text, completion.reason) == ("t()", "shown")


async def test_the_selected_item_of_the_popup_is_gone_on_from() -> None:
    backend = ScriptedBackend(["(item)"])
    completion = await ask("items.ap‸\n", backend, selected="append")
    assert completion.text == "pend(item)"
    assert spelled(backend.prompts[0]).endswith("items.append")


async def test_a_shown_text_that_contradicts_the_selected_item_is_not_used() -> None:
    backend, memory = ScriptedBackend(["ppend(item)", "(0)"]), Memory()
    await ask("items.a‸\n", backend, memory)
    completion = await ask("items.‸\n", backend, memory, selected="pop")
    assert completion.text == "pop(0)"


async def test_other_open_documents_are_shown_to_a_fast_machine() -> None:
    other = document("def helper(value):\n    return value * 2  # doubles\n", "file:///project/lib/b.py")
    backend = ScriptedBackend(["1"])
    await ask("x = ‸\n", backend, others=(other,))
    assert spelled(backend.prompts[0]).startswith(
        "<|repo_name|>project\n<|file_sep|>lib/b.py\ndef helper(value):"
    )
    assert "<|file_sep|>a.py\n<|fim_prefix|>" in spelled(backend.prompts[0])


async def test_a_secret_document_is_never_shown_to_the_model() -> None:
    secret = document("PASSWORD = 'correct horse battery staple, and more of it'\n", "file:///project/.env")
    backend = ScriptedBackend(["1"])
    await ask("x = ‸\n", backend, others=(secret,))
    assert "horse" not in spelled(backend.prompts[0])


async def test_what_was_done_in_another_document_is_seen_after_coming_back() -> None:
    backend, memory = ScriptedBackend([""]), Memory()
    old = document("def helper(value):\n    return value * 2  # doubles\n", "file:///project/b.py")
    new = replace(old, text=Text("def changed(value):\n    return value * 3  # and more\n"))
    here = document("x = \n")
    await complete(world(old, here), backend, Place(URI, 4), OPTIONS, memory)
    await complete(world(here, new), backend, Place(new.uri, 20), OPTIONS, memory)
    await complete(world(new, here), backend, Place(URI, 4), OPTIONS, memory)
    assert "helper" in spelled(backend.prompts[0])
    assert "changed" in spelled(backend.prompts[2])


@pytest.mark.parametrize(
    ("uri", "reason"),
    [("file:///other.py", "not-open"), ("file:///project/.env", "excluded")],
)
async def test_a_document_that_may_not_be_completed_gives_a_reason(uri: str, reason: str) -> None:
    snapshot = world(document("KEY = ", "file:///project/.env"), document("x = "))
    backend = ScriptedBackend(["1"])
    completion = await complete(snapshot, backend, Place(uri, 3), OPTIONS, Memory())
    assert (completion.text, completion.reason) == ("", reason)
    assert completion.detail.endswith(".")
    assert backend.prompts == []


async def test_a_document_out_of_step_with_the_editor_gets_nothing() -> None:
    snapshot = world(replace(document("x = "), in_sync=False))
    completion = await complete(snapshot, ScriptedBackend(["1"]), Place(URI, 3), OPTIONS, Memory())
    assert completion.reason == "out-of-sync"


@pytest.mark.parametrize("offset", [-1, 5, 10**9])
async def test_a_cursor_outside_of_the_document_gets_nothing(offset: int) -> None:
    snapshot = world(document("x = "))
    completion = await complete(snapshot, ScriptedBackend(["1"]), Place(URI, offset), OPTIONS, Memory())
    assert (completion.reason, completion.start) == ("out-of-sync", offset)


async def test_a_document_that_is_too_large_gets_nothing() -> None:
    options = CompletionOptions(max_document_chars=100)
    completion = await ask("x" * 101 + "‸", ScriptedBackend(["1"]), options=options)
    assert completion.reason == "too-large"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("return value", "filtered:suffix"),
        ("<|fim_middle|>", "filtered:token"),
    ],
)
async def test_a_withheld_text_has_a_reason(reply: str, reason: str) -> None:
    completion = await ask("def f(value):\n    ‸\n    return value\n", ScriptedBackend([reply]))
    assert (completion.text, completion.reason, completion.model) == ("", reason, "scripted")
    assert completion.detail.endswith(".")


def test_every_rule_is_a_reason() -> None:
    assert {f"filtered:{rule}" for rule in RULES} == {
        reason for reason in get_args(Reason) if reason.startswith("filtered:")
    }


class Broken(ScriptedBackend):
    """Fails before the first piece, or after the script's."""

    def __init__(self, error: ModelError, replies: tuple[str, ...] = ()) -> None:
        super().__init__(replies)
        self._error = error
        self._replies_given = bool(replies)

    async def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        if self._replies_given:
            yield Piece("half")
        raise self._error


@pytest.mark.parametrize("replies", [(), ("half",)])
@pytest.mark.parametrize(("code", "reason"), [("no-model", "no-model"), ("host-lost", "model-failed")])
async def test_an_error_of_the_model_is_a_reason(code: str, reason: str, replies: tuple[str, ...]) -> None:
    error = ModelError(code, "Do this and that.")  # type: ignore[arg-type]
    completion = await ask("x = ‸", Broken(error, replies))
    assert (completion.text, completion.reason, completion.detail) == ("", reason, "Do this and that.")


@pytest.mark.parametrize("phase", ["downloading", "starting", "loading", "waiting"])
async def test_while_the_model_loads_the_answer_comes_at_once(phase: str) -> None:
    backend = ScriptedBackend(["1"])
    backend.enter(ModelState(phase, message="Just a moment."))  # type: ignore[arg-type]
    completion = await ask("x = ‸", backend)
    assert (completion.reason, completion.detail) == ("loading", "Just a moment.")
    assert backend.prompts == []


async def test_who_waits_for_the_model_gets_its_answer() -> None:
    backend = ScriptedBackend(["1"])
    backend.enter(ModelState("loading"))
    completion = await ask("x = ‸", backend, options=CompletionOptions(wait="for-model"))
    assert completion.text == "1"


class Slow(ScriptedBackend):
    """Never describes itself in time."""

    async def info(self) -> ModelInfo:
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_model_that_does_not_start_at_once_is_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_server.features.complete.START_GRACE", 0.0)
    completion = await ask("x = ‸", Slow(["1"]))
    assert completion.reason == "loading"


async def test_a_model_that_is_too_slow_is_cut_off() -> None:
    backend = ScriptedBackend(["never"], gate=asyncio.Event())
    completion = await ask("x = ‸", backend, options=CompletionOptions(timeout_ms=1))
    assert (completion.text, completion.reason) == ("", "timeout")
    assert backend.running == 0


class Halting(ScriptedBackend):
    """Says something and then nothing any more."""

    async def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        yield Piece("sum(items)")
        await asyncio.Event().wait()


async def test_what_came_in_time_is_shown() -> None:
    completion = await ask("x = ‸", Halting([]), options=CompletionOptions(timeout_ms=50))
    assert (completion.text, completion.reason) == ("sum(items)", "shown")


async def test_a_cancelled_request_stops_the_model() -> None:
    gate = asyncio.Event()
    backend = ScriptedBackend(["one"], gate=gate)
    asked = asyncio.Event()
    backend.listen(lambda state: asked.set() if state.phase == "busy" else None)
    task = asyncio.ensure_future(ask("x = ‸", backend))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert backend.running == 0


async def test_a_model_without_fill_in_the_middle_goes_on_to_the_next_line() -> None:
    backend = ScriptedBackend(["a + b\n    print(total)\nmore"], fim=False)
    completion = await ask("total = ‸\n    print(total)\n", backend)
    assert completion.text == "a + b"
    assert spelled(backend.prompts[0]) == "total = "


async def test_a_model_without_fill_in_the_middle_cannot_begin_an_empty_file() -> None:
    backend = ScriptedBackend(["x"], fim=False)
    assert (await ask("‸", backend)).reason == "empty"
    assert backend.prompts == []


async def test_the_memory_of_anchors_is_bounded() -> None:
    memory, backend = Memory(), ScriptedBackend(["1"])
    for number in range(DOCUMENTS + 20):
        uri = f"file:///project/{number}.py"
        await complete(world(document("x = ", uri)), backend, Place(uri, 4), OPTIONS, memory)
    assert memory.anchors("file:///project/0.py") == ()
    assert memory.anchors(memory.latest)


TEXT = st.text(alphabet="ab(){}[]\"': \n\r\té🦊", max_size=60)


@settings(deadline=None)
@given(TEXT, st.text(max_size=40), st.data())
def test_a_completion_changes_nothing_outside_of_its_range(
    text: str, reply: str, data: st.DataObject
) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    snapshot, place = world(document(text)), Place(URI, cursor)
    completion = asyncio.run(complete(snapshot, ScriptedBackend([reply]), place, OPTIONS, Memory()))
    assert completion.start == cursor <= completion.end <= len(text)
    assert "\n" not in text[cursor : completion.end]
    after = applied(text, completion)
    assert after.startswith(text[:cursor])
    assert after.endswith(text[completion.end :])
    assert completion.text or after == text


@pytest.mark.parametrize("rate", [0.0, 10.0, 90.0, 500.0, 2000.0, 1e6])
@pytest.mark.parametrize("context", [512, 4096, 32_768, 262_144])
@pytest.mark.parametrize("repo", ["yes", "no"])
def test_the_prompt_fits_the_machine_and_the_window(rate: float, context: int, repo: str) -> None:
    info = ModelInfo("", "", context, True, repo == "yes", rate, "")
    room = budget(OPTIONS, info)
    tokens = (room.prefix + room.suffix + room.sources) / 3.5
    assert tokens <= max(LEAST_TOKENS, rate)
    assert (room.grown + room.suffix + room.sources) / 3.5 <= context
    assert room.grown >= room.prefix > room.suffix
    assert room.prefix <= OPTIONS.max_prefix_tokens * 3.5


def test_a_machine_that_reads_fast_sees_more() -> None:
    slow, fast = (budget(OPTIONS, ModelInfo("", "", 32_768, True, True, rate, "")) for rate in (90.0, 3000.0))
    assert slow.sources == 0 < fast.sources
    assert slow.prefix < fast.prefix


@pytest.mark.parametrize("name", ["max_tokens", "max_lines", "timeout_ms"])
def test_an_option_that_makes_no_sense_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        replace(OPTIONS, **{name: 0})  # type: ignore[arg-type]
