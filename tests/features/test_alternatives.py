"""What else could stand where a text is shown: different texts, made once, and only when asked again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from lsp_server.features.alternatives import TEMPERATURE, alternatives
from lsp_server.features.complete import CompletionOptions, Memory, Place, complete
from lsp_server.models.backend import Lane, ModelError, ModelState, Piece, Sampling
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.prompts.types import Prompt
from tests.features.test_complete import URI, at, document, world

PLACE = "def add(a, b):\n    return ‸\n"
OPTIONS = CompletionOptions()


class Sampled(ScriptedBackend):
    """Remembers how it was to choose its words."""

    def __init__(self, replies: list[str]) -> None:
        super().__init__(replies)
        self.samplings: list[Sampling] = []

    def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        self.samplings.append(sampling)
        return super().stream(prompt, sampling, lane)


async def first(backend: ScriptedBackend, memory: Memory, marked: str = PLACE) -> str:
    text, cursor = at(marked)
    return (await complete(world(document(text)), backend, Place(URI, cursor), OPTIONS, memory)).text


async def again(
    backend: ScriptedBackend,
    memory: Memory,
    options: CompletionOptions = OPTIONS,
    marked: str = PLACE,
    selected: str | None = None,
) -> list[str]:
    """All choices of whoever asks once more, the shown one first."""
    text, cursor = at(marked)
    snapshot, place = world(document(text)), Place(URI, cursor, selected)
    shown = await complete(snapshot, backend, place, options, memory)
    assert shown.reason == "typed-through"
    others = await alternatives(snapshot, backend, place, shown, options, memory)
    return [shown.text, *(each.text for each in others)]


async def test_who_asks_again_gets_others_behind_the_shown_one() -> None:
    backend, memory = Sampled(["a + b", "sum((a, b))", "b + a"]), Memory()
    assert await first(backend, memory) == "a + b"
    assert await again(backend, memory) == ["a + b", "sum((a, b))", "b + a"]
    greedy, *free = backend.samplings
    assert greedy.temperature == 0.0
    assert [(each.temperature, each.seed) for each in free] == [(TEMPERATURE, 1), (TEMPERATURE, 2)]
    assert set(backend.prompts) == {backend.prompts[0]}
    assert all(each == replace(free[0], seed=each.seed) for each in free)


async def test_those_that_were_made_are_not_made_again() -> None:
    backend, memory = ScriptedBackend(["a + b", "sum((a, b))", "b + a"]), Memory()
    await first(backend, memory)
    before = await again(backend, memory)
    assert await again(backend, memory) == before
    assert len(backend.prompts) == 3


async def test_what_says_nothing_or_the_same_is_dropped() -> None:
    backend, memory = ScriptedBackend(["a + b", "a + b  ", ""]), Memory()
    await first(backend, memory)
    assert await again(backend, memory) == ["a + b"]


@pytest.mark.parametrize(("wanted", "made"), [(1, 0), (2, 1), (5, 4)])
async def test_a_setting_says_how_many_there_are(wanted: int, made: int) -> None:
    backend, memory = ScriptedBackend(["a + b", "1", "2", "3", "4"]), Memory()
    await first(backend, memory)
    shown, *others = await again(backend, memory, replace(OPTIONS, alternatives=wanted))
    assert (shown, len(others)) == ("a + b", made)


def test_fewer_than_one_make_no_sense() -> None:
    with pytest.raises(ValueError, match="alternatives has to be at least 1"):
        CompletionOptions(alternatives=0)


async def test_after_a_key_there_is_one_at_first() -> None:
    backend, memory = ScriptedBackend(["a + b", "a * b", "a - b"]), Memory()
    await first(backend, memory)
    typed = PLACE.replace("‸", "a ‸")
    assert await again(backend, memory, marked=typed) == ["+ b"]
    assert len(backend.prompts) == 1
    assert await again(backend, memory, marked=typed) == ["+ b", "a * b", "a - b"]


async def test_an_alternative_can_be_typed_through() -> None:
    backend, memory = ScriptedBackend(["a + b", "sum((a, b))"]), Memory()
    await first(backend, memory)
    await again(backend, memory, replace(OPTIONS, alternatives=2))
    assert await first(backend, memory, PLACE.replace("‸", "su‸")) == "m((a, b))"
    assert await first(backend, memory) == "a + b"


async def test_the_selected_item_of_the_popup_begins_all_of_them() -> None:
    backend, memory = ScriptedBackend(["nt(1)", "nt(2)"]), Memory()
    text, cursor = at("pri‸\n")
    place = Place(URI, cursor, "print")
    await complete(world(document(text)), backend, place, OPTIONS, memory)
    found = await again(backend, memory, replace(OPTIONS, alternatives=2), "pri‸\n", "print")
    assert all(each.startswith("nt") for each in found)
    assert len(found) == 2


async def test_a_model_that_fails_has_none() -> None:
    class Failing(ScriptedBackend):
        async def info(self) -> None:  # type: ignore[override]
            raise ModelError("host-lost", "The model host died.")

    memory = Memory()
    await first(ScriptedBackend(["a + b"]), memory)
    assert await again(Failing([]), memory) == ["a + b"]


async def test_nobody_waits_for_a_model_that_is_being_loaded() -> None:
    backend, memory = ScriptedBackend(["a + b"]), Memory()
    await first(backend, memory)
    backend.enter(ModelState("loading"))
    assert await again(backend, memory) == ["a + b"]


async def test_one_cancel_stops_all() -> None:
    gate = asyncio.Event()
    gate.set()
    backend, memory = ScriptedBackend(["a + b", "b + a", "a - b"], gate=gate), Memory()
    await first(backend, memory)
    gate.clear()
    both = asyncio.Event()
    backend.listen(lambda _: both.set() if backend.running == 2 else None)
    asking = asyncio.ensure_future(again(backend, memory))
    await both.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert backend.running == 0
