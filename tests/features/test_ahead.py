"""What the model reads while the user pauses: more in steps, the next anchor, and nothing in vain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import pytest

from context.snapshot import Document, Snapshot
from context.text import Text
from lsp_server.config import Options
from lsp_server.features.ahead import Spot, is_in_vain, next_to_read
from lsp_server.features.anchor import MOST_LINES, Anchor
from lsp_server.features.ask import Asked, ask
from lsp_server.features.complete import Place
from lsp_server.features.completion_options import CompletionOptions, budget, budgets
from lsp_server.features.memory import Memory
from lsp_server.models.backend import Lane, ModelError, ModelInfo, Piece, Sampling
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.prompts.fim import spelled
from lsp_server.prompts.types import Prompt
from lsp_server.session import open_session
from tests.features.at_once import at_once

URI, OTHER = "file:///project/a.py", "file:///project/b.py"
SLOW = ModelInfo("slow", "", 32_768, fim=True, repo=True, prefill_rate=100.0, device="CPU")
FAST = ModelInfo("fast", "", 32_768, fim=True, repo=True, prefill_rate=50_000.0, device="GPU")
OPTIONS = CompletionOptions()
LINES = [f"value_{number} = compute({number})\n" for number in range(900)]
CURSOR = len("".join(LINES[:600]))


def spot(text: str = "".join(LINES), cursor: int = CURSOR, *others: Document) -> Spot:
    document = Document(URI, Path("/project/a.py"), "python", 1, Text(text))
    documents = {each.uri: each for each in (*others, document)}
    return Spot(Snapshot((Path("/project"),), MappingProxyType(documents)), document, cursor)


def other(text: str = "def helper():\n    return 1\n" * 40) -> Document:
    return Document(OTHER, Path("/project/b.py"), "python", 1, Text(text))


def asked_at_once(here: Spot, info: ModelInfo = SLOW, last: Anchor | None = None) -> Asked:
    return at_once(ask(here.snapshot, here.document, here.cursor, "", info, OPTIONS, last, URI))


def remembering(anchor: Anchor | None) -> Memory:
    memory = Memory()
    if anchor is not None:
        memory.keep(anchor)
    return memory


def steps(here: Spot, last: Anchor | None, info: ModelInfo = SLOW) -> Iterator[Asked]:
    """All that is read in one long pause."""
    memory = remembering(last)
    for _ in range(20):
        step = at_once(next_to_read(here, info, OPTIONS, memory))
        if step is None:
            return
        yield step
        memory.keep(step.anchor)
    raise AssertionError("the model never rests")


def test_on_a_slow_machine_the_budget_grows_in_steps_and_on_a_fast_one_it_is_full_at_once() -> None:
    slow = budgets(OPTIONS, SLOW)
    assert slow[0] == budget(OPTIONS, SLOW)
    assert [small.total < large.total for small, large in pairwise(slow)] == [True] * 3
    assert budgets(OPTIONS, FAST) == (slow[-1],)
    tokens = OPTIONS.max_prefix_tokens + OPTIONS.max_suffix_tokens + OPTIONS.max_sources_tokens
    assert slow[-1].total == int(tokens * 3.5)


def test_in_a_pause_the_window_grows_until_the_budget_is_full() -> None:
    here = spot("".join(LINES), CURSOR, other())
    at_once = asked_at_once(here)
    read = list(steps(here, at_once.anchor))
    lengths = [len(spelled(step.prompt)) for step in read]
    assert lengths == sorted(set(lengths))
    assert len(spelled(at_once.prompt)) < 1000
    assert len(read[-1].anchor.prefix) > 4000
    assert "def helper" in spelled(read[-1].prompt)
    assert "def helper" not in spelled(at_once.prompt)


def test_after_the_pause_a_key_changes_only_the_end_of_what_was_read() -> None:
    here = spot("".join(LINES), CURSOR, other())
    *_, last = steps(here, asked_at_once(here).anchor)
    typed = spot("".join(LINES[:600]) + "x" + "".join(LINES[600:]), CURSOR + 1, other())
    assert asked_at_once(typed, SLOW, last.anchor).prompt[:-1] == last.prompt[:-1]


def test_a_small_file_on_its_own_is_read_once() -> None:
    here = spot("a = 1\nb = ", 10)
    assert list(steps(here, asked_at_once(here).anchor)) == []


def test_without_a_completion_before_it_the_small_window_is_read_first() -> None:
    here = spot()
    step = at_once(next_to_read(here, SLOW, OPTIONS, Memory()))
    assert step is not None
    assert step.prompt == asked_at_once(here).prompt


def test_an_anchor_that_holds_for_long_is_not_read_again() -> None:
    here = spot()
    *_, last = steps(here, asked_at_once(here).anchor)
    text = "".join(LINES[:600]) + "new = 1\n" * 3 + "".join(LINES[600:])
    assert list(steps(spot(text, CURSOR + 24), last.anchor)) == []


def test_an_anchor_that_wears_out_is_replaced_in_the_pause_and_keeps_its_window() -> None:
    here = spot()
    *_, last = steps(here, asked_at_once(here).anchor)
    typed = "new = 1\n" * (MOST_LINES // 2 + 1)
    text = "".join(LINES[:600]) + typed + "".join(LINES[600:])
    (step,) = steps(spot(text, CURSOR + len(typed)), last.anchor)
    assert step.anchor.start == last.anchor.start
    assert step.anchor.prefix.startswith(last.anchor.prefix)


@pytest.mark.parametrize("cursor", [30, len("".join(LINES))])
def test_after_a_jump_the_window_there_is_read(cursor: int) -> None:
    *_, last = steps(spot(), asked_at_once(spot()).anchor)
    there = spot(cursor=cursor)
    anchor = asked_at_once(there, SLOW, last.anchor).anchor
    read = [anchor, *(step.anchor for step in steps(there, anchor))]
    assert (
        read[-1].prefix + "".join(LINES)[read[-1].offset : cursor] == "".join(LINES)[read[-1].start : cursor]
    )
    assert len(read[-1].prefix) + len(read[-1].suffix) > 1000


def test_what_other_files_say_now_is_read_in_the_next_pause() -> None:
    here = spot("".join(LINES), CURSOR, other())
    *_, last = steps(here, asked_at_once(here).anchor)
    changed = spot("".join(LINES), CURSOR, other("def renamed():\n    return 2\n" * 40))
    assert "renamed" not in spelled(asked_at_once(changed, SLOW, last.anchor).prompt)
    (step,) = steps(changed, last.anchor)
    assert "renamed" in spelled(step.prompt)


def test_reading_is_in_vain_after_a_jump_and_in_another_document() -> None:
    anchor = asked_at_once(spot()).anchor
    typed = "".join(LINES[:600]) + "x = 1" + "".join(LINES[600:])
    assert not is_in_vain(None, spot())
    assert not is_in_vain(anchor, spot(typed, CURSOR + 5))
    assert is_in_vain(anchor, spot(cursor=20))
    elsewhere = Document(OTHER, None, "python", 1, Text("".join(LINES)))
    assert is_in_vain(anchor, Spot(spot().snapshot, elsewhere, CURSOR))


class Slow(ScriptedBackend):
    """A script that says of itself that it reads 100 tokens a second, and notes what may be kept on disk."""

    def __init__(self, replies: list[str]) -> None:
        super().__init__(replies)
        self.warm: list[int] = []

    async def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        if sampling.max_tokens == 0:
            self.warm.append(sampling.warm)
        async for piece in super().stream(prompt, sampling, lane):
            yield piece

    async def info(self) -> ModelInfo:
        return SLOW


def patient(pause: int = 1) -> Options:
    return Options(completion=CompletionOptions(read_ahead_ms=pause))


async def test_after_a_completion_the_model_reads_ahead_and_the_next_one_begins_with_it() -> None:
    backend = Slow(["1", "2"])
    async with open_session(patient(), lambda _: backend) as session:
        session.workspace.opened(URI, None, "python", 1, "".join(LINES))
        await session.complete(session.workspace.snapshot, Place(URI, CURSOR))
        await session.rested()
        assert len(backend.read) == len(budgets(OPTIONS, SLOW)) - 1
        session.workspace.opened(URI, None, "python", 2, "".join(LINES[:600]) + "z" + "".join(LINES[600:]))
        await session.complete(session.workspace.snapshot, Place(URI, CURSOR + 1))
        assert backend.prompts[-1][:-1] == backend.read[-1][:-1]


async def test_nothing_is_read_ahead_where_the_user_has_switched_it_off() -> None:
    backend = Slow(["1"])
    async with open_session(patient(0), lambda _: backend) as session:
        session.workspace.opened(URI, None, "python", 1, "".join(LINES))
        await session.complete(session.workspace.snapshot, Place(URI, CURSOR))
        await session.rested()
    assert backend.read == []


async def test_nothing_is_read_ahead_of_a_file_that_is_never_read() -> None:
    backend = Slow(["1"])
    async with open_session(patient(), lambda _: backend) as session:
        session.workspace.opened("file:///project/.env", Path("/project/.env"), "dotenv", 1, "A=1\nB=")
        await session.complete(session.workspace.snapshot, Place("file:///project/.env", 6))
        await session.rested()
    assert (backend.prompts, backend.read) == ([], [])


class Gated(Slow):
    """Reads ahead only as long as a gate is open, and counts who waits there."""

    def __init__(self) -> None:
        super().__init__(["1"])
        self.waiting = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.open = asyncio.Event()

    async def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        if lane == "background":
            try:
                self.waiting.set()
                await self.open.wait()
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
        async for piece in super().stream(prompt, sampling, lane):
            yield piece


async def test_a_jump_ends_the_reading_and_the_new_place_is_read() -> None:
    backend = Gated()
    async with open_session(patient(), lambda _: backend) as session:
        session.workspace.opened(URI, None, "python", 1, "".join(LINES))
        await session.complete(session.workspace.snapshot, Place(URI, CURSOR))
        await backend.waiting.wait()
        await session.complete(session.workspace.snapshot, Place(URI, 2000))
        await backend.cancelled.wait()
        backend.open.set()
        await session.complete(session.workspace.snapshot, Place(URI, 2000))
        await session.rested()
        anchor = session.memory.anchors(URI)[0]
        assert anchor.offset <= 2000 < anchor.offset + 1000


async def test_typing_on_does_not_end_the_reading() -> None:
    backend = Gated()
    async with open_session(patient(), lambda _: backend) as session:
        session.workspace.opened(URI, None, "python", 1, "".join(LINES))
        await session.complete(session.workspace.snapshot, Place(URI, CURSOR))
        await backend.waiting.wait()
        text = "".join(LINES[:600]) + "y" + "".join(LINES[600:])
        session.workspace.opened(URI, None, "python", 2, text)
        await session.complete(session.workspace.snapshot, Place(URI, CURSOR + 1))
        assert not backend.cancelled.is_set()
        backend.open.set()
        await session.rested()
        assert backend.read


PROJECT, PRIVATE = Path("/project/a.py"), Path("/private/notes.py")


@pytest.mark.parametrize(
    ("folders", "paths", "kept"),
    [
        ((), [PROJECT], False),
        (("/project",), [PROJECT], True),
        (("/project/",), [PROJECT], True),
        (("/project", "/private"), [PROJECT, PRIVATE], True),
        (("/project",), [PRIVATE, PROJECT], False),
        (("/project",), [None, PROJECT], False),
        (("/proj",), [PROJECT], False),
        (("project", "~nobody-of-this-name/x"), [PROJECT], False),
        (("/project",), [Path("/project/../private/notes.py"), PROJECT], False),
    ],
)
async def test_only_what_is_read_of_trusted_folders_may_be_kept_on_disk(
    folders: tuple[str, ...], paths: list[Path | None], kept: bool
) -> None:
    backend = Slow(["1"])
    options = Options(completion=CompletionOptions(read_ahead_ms=1), warm_folders=folders)
    async with open_session(options, lambda _: backend) as session:
        for number, path in enumerate(paths):
            session.workspace.opened(f"file:///{number}", path, "python", 1, "".join(LINES))
        await session.complete(session.workspace.snapshot, Place(f"file:///{len(paths) - 1}", CURSOR))
        await session.rested()
    assert backend.read
    assert {warm > 0 for warm in backend.warm} == {kept}


async def test_a_model_that_fails_while_it_reads_ahead_disturbs_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing(Slow):
        async def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
            if lane == "background":
                raise ModelError("host-lost", "The model host died.")
            async for piece in super().stream(prompt, sampling, lane):
                yield piece

    async with open_session(patient(), lambda _: Failing(["1"])) as session:
        session.workspace.opened(URI, None, "python", 1, "".join(LINES))
        await session.complete(session.workspace.snapshot, Place(URI, CURSOR))
        await session.rested()
        completion = await session.complete(session.workspace.snapshot, Place(URI, CURSOR + 5))
        assert completion.text == "1"
    assert caplog.records == []
