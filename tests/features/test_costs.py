"""What each kind of edit costs the model: the part of a prompt with which no earlier prompt began.

Counted in characters; the model host counts in tokens and is measured by `fathom bench typing`.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pytest

from context.snapshot import Document, Snapshot
from context.text import Text
from lsp_server.features.ahead import Spot, next_to_read
from lsp_server.features.anchor import MOST_LINES
from lsp_server.features.ask import ask
from lsp_server.features.completion_options import CompletionOptions, budget, budgets
from lsp_server.features.memory import Memory
from lsp_server.models.backend import ModelInfo
from lsp_server.prompts.fim import spelled
from lsp_server.prompts.types import Prompt
from tests.features.at_once import at_once

URI = "file:///project/a.py"
SLOW = ModelInfo("slow", "", 32_768, fim=True, repo=True, prefill_rate=100.0, device="CPU")
OPTIONS = CompletionOptions()
AT_ONCE = budget(OPTIONS, SLOW)
LINES = [f"value_{number} = compute({number})\n" for number in range(900)]
HEAD = len("".join(LINES[:600]))
FRAME = 80
"""Control tokens as they are spelled, and a word or two at the borders."""
LONG_PASTE = "pasted = 1\n" * (MOST_LINES * 2)


@dataclass
class Typist:
    """Somebody who edits, and a model that keeps all that it has read."""

    text: str = "".join(LINES)
    cursor: int = HEAD
    memory: Memory = field(default_factory=Memory)
    read: list[str] = field(default_factory=list)

    def insert(self, text: str) -> int:
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)
        return self.cost()

    def delete(self, count: int) -> int:
        self.text = self.text[: self.cursor - count] + self.text[self.cursor :]
        self.cursor -= count
        return self.cost()

    def jump(self, cursor: int) -> int:
        self.cursor = cursor
        return self.cost()

    def cost(self) -> int:
        """Ask for a completion; returns how much of its prompt is new."""
        spot = self.spot()
        last = self.memory.anchor(URI, self.text, self.cursor)
        latest = self.memory.latest or URI
        asked = at_once(ask(spot.snapshot, spot.document, self.cursor, "", SLOW, OPTIONS, last, latest))
        self.memory.keep(asked.anchor)
        return self.new_in(asked.prompt)

    def pause(self) -> None:
        """Let the model read ahead until it rests."""
        while (asked := at_once(next_to_read(self.spot(), SLOW, OPTIONS, self.memory))) is not None:
            self.new_in(asked.prompt)
            self.memory.keep(asked.anchor)

    def new_in(self, prompt: Prompt) -> int:
        text = spelled(prompt)
        # In order of the alphabet, the text that begins most alike is a neighbour.
        at = bisect(self.read, text)
        known = max((_common(text, earlier) for earlier in self.read[max(0, at - 1) : at + 1]), default=0)
        self.read.insert(at, text)
        return len(text) - known

    def spot(self) -> Spot:
        document = Document(URI, Path("/project/a.py"), "python", 1, Text(self.text))
        return Spot(Snapshot((Path("/project"),), MappingProxyType({URI: document})), document, self.cursor)


def _common(one: str, other: str) -> int:
    """How many characters two texts have in common from their start on."""
    lengths = range(min(len(one), len(other)) + 1)
    return bisect(lengths, 0, key=lambda length: one[:length] != other[:length]) - 1


@pytest.fixture
def typist() -> Typist:
    """Somebody who has asked once at this place and paused."""
    somebody = Typist()
    assert somebody.cost() <= AT_ONCE.total + FRAME
    somebody.pause()
    return somebody


def test_a_key_costs_itself(typist: Typist) -> None:
    assert [typist.insert(key) for key in "total = sum("] == [1] * 12


def test_a_new_line_with_its_indentation_costs_itself(typist: Typist) -> None:
    typist.insert("if total:")
    assert typist.insert("\n    ") == 5


def test_taking_back_costs_nothing_and_typing_anew_costs_itself(typist: Typist) -> None:
    for key in "total":
        typist.insert(key)
    assert [typist.delete(1) for _ in range(3)] == [0, 0, 0]
    assert typist.insert("tal") == 0
    assert typist.insert("x") == 1


def test_deleting_lines_before_the_cursor_costs_the_little_that_is_left(typist: Typist) -> None:
    assert typist.delete(len("".join(LINES[597:600]))) == 0


def test_a_short_paste_costs_itself(typist: Typist) -> None:
    pasted = "pasted = 1\n" * 5
    assert typist.insert(pasted) <= len(pasted) + FRAME


def test_a_long_paste_costs_itself_and_a_short_suffix(typist: Typist) -> None:
    assert typist.insert(LONG_PASTE) <= len(LONG_PASTE) + AT_ONCE.suffix + 1000 + FRAME


def test_a_jump_costs_no_more_than_what_is_read_at_once(typist: Typist) -> None:
    assert typist.jump(len("".join(LINES[:100]))) <= AT_ONCE.total + FRAME
    assert typist.jump(len("".join(LINES[:850]))) <= AT_ONCE.total + FRAME


def test_a_jump_back_costs_nothing(typist: Typist) -> None:
    typist.jump(len("".join(LINES[:100])))
    assert typist.jump(HEAD) <= FRAME


def test_a_step_of_some_lines_costs_no_more_than_what_is_read_at_once(typist: Typist) -> None:
    assert typist.jump(len("".join(LINES[:606]))) <= AT_ONCE.total + FRAME
    assert typist.jump(len("".join(LINES[:590]))) <= AT_ONCE.total + FRAME


def test_an_undone_edit_costs_nothing(typist: Typist) -> None:
    typist.insert("wrong")
    assert typist.delete(5) == 0


def test_an_undone_edit_elsewhere_costs_nothing(typist: Typist) -> None:
    before, cursor = typist.text, typist.cursor
    typist.text = before.replace("value_610 = ", "value_x = ", 1)
    assert typist.jump(cursor) <= AT_ONCE.total + FRAME
    typist.text = before
    assert typist.jump(cursor) <= FRAME


def test_typing_on_without_a_pause_never_costs_much_at_a_key() -> None:
    somebody = Typist()
    somebody.cost()
    costs = [somebody.insert(key) for key in "value = compute(1)\n" * 100]
    assert max(costs) <= AT_ONCE.total + FRAME
    assert sum(costs) / len(costs) < 3


def test_with_pauses_every_key_costs_itself(typist: Typist) -> None:
    costs = []
    for line in range(60):
        costs += [typist.insert(key) for key in f"value = compute({line})\n"]
        typist.pause()
    assert max(costs) <= 2


def test_what_is_read_in_pauses_is_read_once(typist: Typist) -> None:
    full = budgets(OPTIONS, SLOW)[-1]
    reads = len(typist.read)
    for _ in range(5):
        typist.insert("x")
        typist.pause()
    assert len(typist.read) == reads + 5
    assert max(map(len, typist.read)) <= full.total
