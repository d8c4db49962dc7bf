"""From a selection to the lines that are rewritten, and back into the document, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context.text import Text
from lsp_server.edits.apply import spliced
from lsp_server.features.target import edits_for, new_text, target_of


def marked(text: str) -> tuple[Text, int, int]:
    """A text with its selection between « and », or its cursor at ‸."""
    if "‸" in text:
        at = text.index("‸")
        return Text(text.replace("‸", "")), at, at
    start = text.index("«")
    return Text(text.replace("«", "").replace("»", "")), start, text.index("»") - 1


def put(before: str, *lines: str, dropped: int = 0) -> str | None:
    """The text after these lines were put in place of the selection, through its edits."""
    text, start, end = marked(before)
    target = target_of(text, start, end, dropped)
    new = new_text(target, text, lines)
    if new is None:
        return None
    edits = edits_for(target, text, new)
    assert all(target.scope.start <= edit.start and edit.end <= target.scope.end for edit in edits)
    after = spliced(text.string, edits)
    assert isinstance(after, str)
    assert after == text.string[: target.scope.start] + new + text.string[target.scope.end :]
    return after


CASES: dict[str, tuple[str, Sequence[str], str | None]] = {
    "whole lines": ("a\n«b\n»c\n", ["x", "y"], "a\nx\ny\nc\n"),
    "without the last line end": ("a\n«b»\nc\n", ["x"], "a\nx\nc\n"),
    "the last line has none": ("a\n«b»", ["x"], "a\nx"),
    "from the indentation on": ("a\n  «b\n»c\n", ["  x"], "a\n  x\nc\n"),
    "into the next line's indentation": ("a\n«  b\n  »c\n", ["  x"], "a\n  x\n  c\n"),
    "blank lines around": ("a\n«\n\nb\n\n»c\n", ["x"], "a\n\n\nx\n\nc\n"),
    "all of it": ("«a\nb\n»", ["x"], "x\n"),
    "in the middle of a line": ("f(«a + b», c)\n", ["f(g(a), c)"], "f(g(a), c)\n"),
    "the middle, with more changed": ("f(«a + b», c)\n", ["g(a, c)"], None),
    "from the middle of a line on": ("x = «1\ny = 2\n»z\n", ["x = 3", "y = 4"], "x = 3\ny = 4\nz\n"),
    "up to the middle of a line": ("«x = 1\ny = »2\n", ["x = 5", "y = 3 + 2"], "x = 5\ny = 3 + 2\n"),
    "head and tail must not be one": ("ab«c»ab\n", ["ab"], None),
    "windows line ends": ("a\r\n«b\r\nc\r\n»d\r\n", ["b", "x", "c"], "a\r\nb\r\nx\r\nc\r\nd\r\n"),
    "old line ends": ("a\r«b\r»c\r", ["x", "y"], "a\rx\ry\rc\r"),
    "mixed line ends stay": ("«a\r\nb\nc\r\n»d\n", ["a", "x", "c"], "a\r\nx\nc\r\nd\n"),
    "a byte order mark stays": ("\ufeff«a\n»b\n", ["x"], "\ufeffx\nb\n"),
    "a byte order mark is not selected": ("«\ufeffa\n»b\n", ["x"], "\ufeffx\nb\n"),
    "blanks at an end stay": ("«a  \nb\n»", ["a", "x"], "a  \nx\n"),
    "lines that go": ("a\n«b\nc\n»d\n", [], "a\nd\n"),
    "lines that go without their end": ("a\n«b»\nd\n", [], "a\nd\n"),
    "a part of a line cannot go as a line": ("a«b»c\n", [], None),
    "other line breaks are characters": ("«a\x0cb\u2028c\n»d\n", ["a\x0cx\u2028c"], "a\x0cx\u2028c\nd\n"),
}


@pytest.mark.parametrize(("before", "lines", "after"), CASES.values(), ids=CASES)
def test_lines_take_the_place_of_a_selection(before: str, lines: Sequence[str], after: str | None) -> None:
    assert put(before, *lines) == after


INSERTIONS: dict[str, tuple[str, Sequence[str], str]] = {
    "an empty file": ("‸", ["x = 1"], "x = 1\n"),
    "a file with a mark only": ("\ufeff‸", ["x = 1"], "\ufeffx = 1\n"),
    "a blank line": ("a\n‸\nb\n", ["x"], "a\nx\nb\n"),
    "behind the last line": ("a\n‸", ["x"], "a\nx\n"),
    "behind a last line without end": ("a‸", ["x"], "a\nx"),
    "before a line": ("a\n‸b\n", ["x"], "a\nx\nb\n"),
    "in the indentation": ("a\n  ‸b\n", ["  x"], "a\n  x\n  b\n"),
    "in the middle of a line": ("ab‸cd\ne\n", ["x"], "abcd\nx\ne\n"),
    "at the end of a line": ("ab‸\r\ncd\r\n", ["x"], "ab\r\nx\r\ncd\r\n"),
    "parted as others are": (
        "def a():\n    1\n‸\n\ndef b():\n",
        ["x", "y"],
        "def a():\n    1\n\n\nx\ny\n\n\ndef b():\n",
    ),
    "not parted in a block": ("if a {\n‸\n}\n", ["x", "y"], "if a {\nx\ny\n}\n"),
    "one line is not parted": ("a\n‸\nb\n", ["x"], "a\nx\nb\n"),
    "blanks on the line go": ("a\n  ‸\nb\n", ["  x"], "a\n  x\nb\n"),
    "selected blank lines": ("a\n«\n\n»b\n", ["x"], "a\nx\n\nb\n"),
}


@pytest.mark.parametrize(("before", "lines", "after"), INSERTIONS.values(), ids=INSERTIONS)
def test_lines_are_inserted(before: str, lines: Sequence[str], after: str) -> None:
    assert put(before, *lines) == after


@pytest.mark.parametrize(
    ("text", "indentation"),
    [
        ("def f():\n‸\n", "    "),
        ("if a {\n\tx()\n‸\n}\n", "\t"),
        ("if a {\n‸\n\tx()\n}\n", "\t"),
        ("class A:\n    def f(self):\n        1\n‸\n    def g(self):\n", "    "),
        ("a\n  ‸\nb\n", "  "),
        ("class A {\n    f() {\n    }\n‸\n}\n", "    "),
        ("‸", ""),
    ],
)
def test_an_insertion_is_indented_as_its_place_asks(text: str, indentation: str) -> None:
    assert target_of(*marked(text)).region.indentation == indentation


def test_the_model_sees_whole_lines_without_common_indentation() -> None:
    target = target_of(*marked("if a:\n    x = «1\n    y» = 2\nz\n"))
    assert target.region.shown == ("x = 1", "y = 2")
    assert (target.first, target.covered) == (1, (1, 2))
    assert (target.head, target.tail) == ("    x = ", " = 2")


def test_a_comment_at_the_top_is_not_shown_and_goes() -> None:
    before = "a\n«# fathom: do\nb\n»c\n"
    target = target_of(*marked(before), dropped=1)
    assert target.region.lines == ("b",)
    assert (target.first, target.covered) == (2, (1, 2))
    assert put(before, "x", dropped=1) == "a\nx\nc\n"


def test_a_comment_alone_is_replaced() -> None:
    assert put("a\n«  # fathom: do\n»c\n", "  x", "  y", dropped=1) == "a\n  x\n  y\nc\n"


def test_lines_that_stay_get_no_edit() -> None:
    text, start, end = marked("«a\nb\nc\nd\n»")
    target = target_of(text, start, end)
    new = new_text(target, text, ["x", "b", "c", "y"])
    assert new is not None
    assert len(edits_for(target, text, new)) == 2


TEXTS = st.text(alphabet="ab{ \t\n\r\ufeff", max_size=40)


@given(TEXTS, st.integers(0, 40), st.integers(0, 40))
def test_the_old_lines_change_nothing(before: str, one: int, other: int) -> None:
    text = Text(before)
    target = target_of(text, one, other)
    if target.region.lines:
        new = new_text(target, text, target.region.lines)
        assert new is not None
        assert edits_for(target, text, new) == ()


@given(TEXTS, st.integers(0, 40), st.integers(0, 40), st.lists(st.sampled_from(["", "x", "  y"]), max_size=4))
def test_nothing_outside_of_the_scope_changes(before: str, one: int, other: int, lines: list[str]) -> None:
    text = Text(before)
    target = target_of(text, one, other)
    new = new_text(target, text, lines)
    if new is not None:
        after = spliced(before, edits_for(target, text, new))
        assert after == before[: target.scope.start] + new + before[target.scope.end :]
