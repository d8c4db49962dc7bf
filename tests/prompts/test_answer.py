"""From a streamed answer to the new lines, whatever stands around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prompts.answer import MOST_REPEATED, Answer, Reader

CODE = ("def f():", "    return 2")
TEXT = "def f():\n    return 2\n"


def read(text: str, fence: str = "```", language: str = "python", size: int = 0) -> Answer:
    reader = Reader(fence, language, ["def f():", "    return 1"])
    for at in range(0, len(text), size or len(text) or 1):
        reader.feed(text[at : at + (size or len(text))])
        if reader.enough:
            break
    return reader.finish()


ANSWERS = {
    "the lines and the closing fence": f"{TEXT}```",
    "text behind the fence": f"{TEXT}```\nThis function returns 2.\n",
    "a second fence": f"{TEXT}```\n\nOr:\n```python\ndef g(): pass\n```\n",
    "no fence at the end": TEXT,
    "a fence of its own": f"```python\n{TEXT}```\n",
    "a sentence and a fence": f"Here is the rewritten code:\n\n```python\n{TEXT}```\n",
    "a sentence and a bare fence": f"Sure! I changed it.\n```\n{TEXT}```\n",
    "another sentence and a fence": f"The function now returns the value two.\n```py\n{TEXT}```",
    "a sentence without a fence": f"Here's the updated function:\n\n{TEXT}",
    "reasoning": f"<think>\nLet me see.\n```python\nx = 1\n```\n</think>\n\n{TEXT}```",
    "reasoning that was begun before": f"I should return 2.\n</think>\n```python\n{TEXT}```",
    "reasoning on one line": f"<think>no</think>\n{TEXT}```",
    "blank lines around": f"\n\n{TEXT}\n\n```",
    "carriage returns": f"{TEXT}```".replace("\n", "\r\n"),
}


@pytest.mark.parametrize("text", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("size", [0, 1, 3, 7])
def test_what_is_said_around_the_lines_is_left_out(text: str, size: int) -> None:
    assert read(text, size=size).lines == CODE


def test_there_is_enough_at_the_closing_fence() -> None:
    reader = Reader("```")
    assert reader.feed(f"{TEXT}``") == CODE
    assert not reader.enough
    reader.feed("`\nno more")
    assert reader.enough
    assert reader.finish().stop == "fence"


def test_a_shorter_fence_belongs_to_the_text() -> None:
    text = "Usage:\n```sh\nrun\n```\n````\nrest"
    assert read(text, "````", "markdown").lines == ("Usage:", "```sh", "run", "```")


def test_a_fence_that_is_indented_belongs_to_the_text() -> None:
    assert read("/// ```\n  ```\n/// x\n```\n", language="rust").lines == ("/// ```", "  ```", "/// x")


def test_a_short_fence_that_a_model_closes_with_by_mistake_ends_the_lines() -> None:
    assert read(f"{TEXT}```\nThat is it.\n", "````").lines == CODE


def test_a_short_fence_at_the_very_end_of_prose_is_none_of_the_text() -> None:
    assert read("Some words.\n```", "````", "markdown").lines == ("Some words.",)
    assert read("```\ncode\n```\n", "````", "markdown").lines == ("```", "code", "```")


@pytest.mark.parametrize(
    "text", ["NO CHANGE: it is right", "NO CHANGE: it is right\n```", "# NO CHANGE: it is right\n"]
)
def test_a_model_may_want_no_change(text: str) -> None:
    answer = read(text)
    assert (answer.lines, answer.stop, answer.reason) == ((), "no-change", "it is right")


def test_no_change_behind_the_text_ends_it() -> None:
    text = "```sh\nrun it\n```\n```\n\nNO CHANGE: hm\nmore"
    assert read(text, "````", "markdown").lines == ("```sh", "run it", "```")


def test_no_change_inside_of_the_text_means_nothing() -> None:
    assert read("x = 1\n# NO CHANGE: y\n```").lines == ("x = 1", "# NO CHANGE: y")


def test_prose_may_begin_like_talk() -> None:
    text = "Here is how to begin:\n\n1. Install it.\n````"
    assert read(text, "````", "markdown").lines == ("Here is how to begin:", "", "1. Install it.")


@pytest.mark.parametrize("line", ["Yes: 1", "OK:", "To be = 1", "Here is = {", "Sure: yes"])
def test_what_only_begins_like_talk_is_text(line: str) -> None:
    assert read(f"{line}\n  x: 1\n```", language="yaml").lines == (line, "  x: 1")


def test_a_sentence_that_stood_there_is_kept() -> None:
    reader = Reader("```", "python", ["Here is what this module does."])
    reader.feed("Here is what this module does.\nAnd more.\n```")
    assert reader.finish().lines == ("Here is what this module does.", "And more.")


def test_an_answer_that_was_cut_off_says_so() -> None:
    reader = Reader("```")
    reader.feed(TEXT)
    assert reader.finish("length").stop == "length"


def test_a_closed_answer_was_not_cut_off() -> None:
    reader = Reader("```")
    reader.feed(f"{TEXT}```\n")
    assert reader.finish("length").stop == "fence"


def test_going_round_in_circles_is_noticed() -> None:
    reader = Reader("```")
    for number in range(4 * MOST_REPEATED):
        reader.feed(f"x = {number % 3}\n")
        if reader.enough:
            break
    assert reader.finish().stop == "repetition"
    assert number < 2 * MOST_REPEATED


def test_a_table_of_equal_lines_that_stood_there_is_no_circle() -> None:
    reader = Reader("```", "python", ["    0,"] * 40)
    reader.feed("    0,\n" * 41)
    assert reader.finish().stop == "end"


def test_repeating_the_file_from_its_start_is_noticed_at_once() -> None:
    above = ["import os", "", "class A:", "    size = 1", "    name = 2"]
    reader = Reader("```", "python", ["    def f(self):"], above)
    reader.feed("import os\n\nclass A:\n    size = 1\n")
    assert reader.finish().stop == "echo"


def test_lines_come_whole_and_one_by_one() -> None:
    reader = Reader("```")
    assert reader.feed("a = 1") == ()
    assert reader.feed("\nb") == ("a = 1",)
    assert reader.feed(" = 2\nc = 3\n") == ("b = 2", "c = 3")


@given(st.text(alphabet="ab `\n<>think/:.A", max_size=80), st.integers(1, 9))
def test_the_pieces_in_which_an_answer_comes_make_no_difference(text: str, size: int) -> None:
    whole, parts = Reader("```"), Reader("```")
    shown = list(whole.feed(text))
    pieces: list[str] = []
    for at in range(0, len(text), size):
        pieces += parts.feed(text[at : at + size])
    assert pieces == shown
    one, other = whole.finish(), parts.finish()
    assert (one.lines, one.stop) == (other.lines, other.stop)
