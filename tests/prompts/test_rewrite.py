"""The prompt of an edit: what stands in it, in which order, and what stays the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.features.counts import estimate
from lsp_server.prompts.fences import fence_for, fence_of, fenced
from lsp_server.prompts.fim import Source, spelled
from lsp_server.prompts.rewrite import BLOCKS_SYSTEM, SYSTEM, Excerpt, Failure, Task, fence, lay_out
from lsp_server.prompts.types import Prompt

TASK = Task(
    path="shop/cart.py",
    language="python",
    instruction="Add type hints.",
    lines="def total(self):\n    return sum(self.prices)\n",
    line=8,
    above=(Excerpt(1, "import math\n"), Excerpt(5, "class Cart:\n    prices = []\n")),
    below=(Excerpt(11, "    def clear(self):\n"),),
    sources=(Source("shop/item.py", "PRICE = 1"),),
    complaints=((9, "prices is unknown"),),
)


def test_a_prompt_in_full() -> None:
    assert spelled(lay_out(TASK)) == (
        f"<|im_start|>system\n{SYSTEM}<|im_end|>\n"
        "<|im_start|>user\n"
        "File shop/item.py:\n```\nPRICE = 1\n```\n\n"
        "File shop/cart.py, line 1:\n```python\nimport math\n```\n\n"
        "File shop/cart.py, lines 5-6:\n```python\nclass Cart:\n    prices = []\n```\n\n"
        "File shop/cart.py, line 11:\n```python\n    def clear(self):\n```\n\n"
        "File shop/cart.py, lines 8-9, to be rewritten:\n"
        "```python\ndef total(self):\n    return sum(self.prices)\n```\n\n"
        "Problem in line 9: prices is unknown\n"
        "Instruction: Add type hints.\nAnswer with the new text of lines 8-9, all of it.<|im_end|>\n"
        "<|im_start|>assistant\nLines 8-9, rewritten:\n```python\n"
    )


def test_an_insertion_shows_no_old_lines() -> None:
    told = spelled(lay_out(replace(TASK, form="insert", lines="")))
    assert "to be rewritten" not in told
    assert told.endswith("The new lines for line 8:\n```python\n")


def test_the_first_block_is_begun() -> None:
    told = spelled(lay_out(replace(TASK, form="blocks")))
    assert BLOCKS_SYSTEM in told
    assert told.endswith("The changes:\n```\n<<<<<<< SEARCH\n")


def test_a_part_of_the_lines_is_named() -> None:
    told = spelled(lay_out(replace(TASK, part="self.prices")))
    assert "\nOnly this part is to be changed:\n```\nself.prices\n```\n\nInstruction:" in told


@pytest.mark.parametrize("system", [SYSTEM, BLOCKS_SYSTEM])
def test_the_system_turn_is_short(system: str) -> None:
    assert estimate(system) <= 150


def common(one: Prompt, other: Prompt) -> str:
    """What both begin with, in whole parts."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return spelled(one[:same])


def test_another_instruction_changes_nothing_before_it() -> None:
    one, other = lay_out(TASK), lay_out(replace(TASK, instruction="Simplify."))
    assert common(one, other).endswith("Problem in line 9: prices is unknown\n")


def test_the_instruction_is_the_last_thing_before_the_answer() -> None:
    told = spelled(lay_out(TASK))
    assert told.rindex("Instruction:") > told.rindex("Problem in line")


@given(st.lists(st.builds(Failure, st.text(max_size=40), st.text(max_size=20)), min_size=1, max_size=3))
def test_the_prompt_of_a_further_try_begins_with_all_that_was_read_and_said(failures: list[Failure]) -> None:
    before = spelled(lay_out(TASK, failures[:-1])) + failures[-1].answer
    assert spelled(lay_out(TASK, failures)).startswith(before)


@pytest.mark.parametrize(
    ("texts", "language", "wanted"),
    [
        (["x = 1"], "python", "```"),
        (["a ``` b"], "python", "````"),
        (["`````\n"], "python", "``````"),
        (["text"], "markdown", "````"),
    ],
)
def test_a_fence_is_longer_than_any_in_the_text(texts: list[str], language: str, wanted: str) -> None:
    assert fence_for(texts, language) == wanted


def test_the_fence_minds_all_that_stands_in_the_prompt() -> None:
    assert fence(replace(TASK, sources=(Source("a.md", "````"),))) == "`````"
    assert fence(replace(TASK, above=(Excerpt(1, '"""\n```\n'),))) == "````"
    assert fence(replace(TASK, instruction="Write ``` around it")) == "````"


def test_a_line_is_a_fence_at_column_0_only() -> None:
    assert fence_of("```python") == ("```", "python")
    assert fence_of("````") == ("````", "")
    assert fence_of("  ```") is None
    assert fence_of("``` and more words") is None


def test_a_text_without_line_end_is_closed_all_the_same() -> None:
    assert fenced("x", "```", "go") == "```go\nx\n```\n"
    assert fenced("", "```") == "```\n```\n"
