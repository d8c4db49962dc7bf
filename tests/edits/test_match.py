"""The ladder, step by step, and what it says where it finds nothing."""

from __future__ import annotations

import pytest

from context.outline import Span
from lsp_server.edits.apply import spliced
from lsp_server.edits.match import Match, match, match_all
from lsp_server.edits.types import Refusal
from lsp_server.edits.unmatched import Unmatched


def done(found: Match | Refusal, text: str) -> tuple[str, str]:
    """The step and the text after it."""
    assert isinstance(found, Match), found
    after = spliced(text, found.edits)
    assert isinstance(after, str)
    return found.step, after


def refused(found: Match | Refusal) -> Refusal:
    assert isinstance(found, Refusal), found
    return found


STEPS = {
    "exact": ("a = 1\nb = 2\n", "a = 1", "a = 3", "exact", "a = 3\nb = 2\n"),
    "inside of a line": ("f(x, y)\n", "x", "z", "exact", "f(z, y)\n"),
    "CRLF in the file, LF from the model": (
        "a\r\nb\r\nc\r\n", "a\nb\n", "a\nx\ny\n", "line-ends", "a\r\nx\r\ny\r\nc\r\n",
    ),
    "a line of a CRLF file becomes two": ("a\r\nb\r\n", "b", "x\ny", "exact", "a\r\nx\r\ny\r\n"),
    "LF in the file, CRLF from the model": ("a\nb\nc\n", "a\r\nb", "x\r\nb", "line-ends", "x\nb\nc\n"),
    "lone carriage returns": ("a\rb\rc", "a\nb", "a\nx", "line-ends", "a\rx\rc"),
    "mixed line ends stay where they are": (
        "a\r\nb\nc\r\n", "a\nb\nc", "a\nx\nc", "line-ends", "a\r\nx\nc\r\n",
    ),
    "no final newline in the file": ("a\nb", "a\nb\n", "a\nc\n", "line-ends", "a\nc"),
    "a last line without newline goes": ("a\nb", "b\n", "", "line-ends", "a\n"),
    "byte order mark": ("\ufeffa\nb\n", "a\nb\n", "c\nb\n", "exact", "\ufeffc\nb\n"),
    "byte order mark from the model, too": ("\ufeffa\nb\n", "\ufeffa", "\ufeffc", "exact", "\ufeffc\nb\n"),
    "byte order mark and indentation": (
        "\ufeffif a:\n  b\n", "  if a:\n    b\n", "  if c:\n    b\n", "indentation",
        "\ufeffif c:\n  b\n",
    ),
    "curly quotes": ("say(“hi”)  # it’s\n", 'say("hi")', 'say("ho")', "punctuation", 'say("ho")  # it’s\n'),
    "a line that the model left keeps its punctuation": (
        "x = “a”\ny = 1\n", 'x = "a"\ny = 1', 'x = "a"\ny = 2', "punctuation", "x = “a”\ny = 2\n",
    ),
    "hard blanks and dashes": ("a\u00a0–\u00a0b\n", "a - b", "a + b", "punctuation", "a + b\n"),
    "an ellipsis": ("wait…\nb\n", "wait...", "go", "punctuation", "go\nb\n"),
    "full width": ("f（a，b）\n", "f(a,b)", "f(b,a)", "punctuation", "f(b,a)\n"),
    "blanks at the ends of lines": ("a  \nb\t\nc\n", "a\nb\n", "a\nx\n", "trailing-space", "a  \nx\nc\n"),
    "blanks from the model": ("a\n\nb\n", "a \n   \nb", "c \n   \nb", "trailing-space", "c \n\nb\n"),
    "less indented by the model": (
        "class A:\n    def f(self):\n        return 1\n", "def f(self):\n    return 1\n",
        "def f(self):\n    x = 2\n\n    return x\n", "indentation",
        "class A:\n    def f(self):\n        x = 2\n\n        return x\n",
    ),
    "more indented by the model": (
        "if a:\n  b\n", "    if a:\n      b\n", "    if c:\n      b\n", "indentation", "if c:\n  b\n",
    ),
    "tabs in the file, blanks from the model": (
        "f {\n\tif a {\n\t\tb\n\t}\n}\n", "    if a {\n        b\n    }\n",
        "    if a {\n        c\n    }\n", "indentation", "f {\n\tif a {\n\t\tc\n\t}\n}\n",
    ),
    "blanks in the file, tabs from the model": (
        "f:\n    a:\n        b\n", "\ta:\n\t\tb\n", "\ta:\n\t\tc\n\t\t\td\n", "indentation",
        "f:\n    a:\n        c\n            d\n",
    ),
    "line numbers of a listing": (
        "a\nb\nc\n", "   1→a\n   2→b\n", "   1→a\n   2→x\n", "line-numbers", "a\nx\nc\n",
    ),
    "line numbers in the old text only": ("a\nb\nc\n", "2→b", "x", "line-numbers", "a\nx\nc\n"),
    "an empty file": ("", "", "a\n", "exact", "a\n"),
    "an empty file with a byte order mark": ("\ufeff", "", "a\n", "exact", "\ufeffa\n"),
    "deleting lines": ("a\nb\nc\n", "b\n", "", "exact", "a\nc\n"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "step", "after"), STEPS.values(), ids=STEPS)
def test_a_step_finds_its_place_and_keeps_what_it_may(
    text: str, old: str, new: str, step: str, after: str
) -> None:
    assert done(match(text, old, new), text) == (step, after)


REFUSED = {
    "other case": ("Value = 1\n", "value = 1", "value = 2", "no-match"),
    "other words": ("alpha = 1\nbeta = 2\n", "alpha = 1\nbeta = 3", "alpha = 2\nbeta = 2", "no-match"),
    "other blanks between words": ("a = 1\n", "a  = 1", "a = 2", "no-match"),
    "one line shifted otherwise": ("if a:\n    b\n    c\n", " if a:\n    b\n     c\n", "x\n", "no-match"),
    "mixed indentation in the file": ("f:\n\ta\n    b\n", "        a\n", "        c\n", "no-match"),
    "a new line is indented too little": ("a\nb\n", "    a\n    b\n", "    a\nx\n", "no-match"),
    "twice": ("a\nb\na\n", "a", "c", "many-matches"),
    "twice, one over the other": ("aaa\n", "aa", "b", "many-matches"),
    "twice but for line ends": ("a\r\nb\na\rb\n", "a\nb", "c", "many-matches"),
    "twice at other indentations": (
        "if a:\n  b\n    if a:\n      b\n", "  if a:\n    b\n", "c\n", "many-matches",
    ),
    "part of an ellipsis": ("wait…\n", "wait..", "go", "no-match"),
    "nothing to replace": ("a\n", "", "b", "empty"),
    "blank lines only": ("a\n  \nb\n", "\n\t\n", "x\n", "no-match"),
    "the same": ("a\n", "a", "a", "identical"),
    "the same but for line ends": ("a\r\nb\r\n", "a\r\nb", "a\nb", "identical"),
    "done already": (
        "def total(rows):\n    return sum(rows)\n", "return 0", "return sum(rows)", "already-there",
    ),
    "done already but for blanks": (
        "def f():  \n    return total\n", "return 1", "def f():\n    return total\n", "already-there",
    ),
    "a number that is no line number": ("a: http\nb\n", "80: http", "81: https", "no-match"),
    "line numbers that do not count up": ("a\nb\n", "1→a\n3→b", "x", "no-match"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_sure_is_refused(text: str, old: str, new: str, reason: str) -> None:
    assert refused(match(text, old, new)).reason == reason


def test_all_places_are_replaced_where_that_is_asked_for() -> None:
    text = "a = f(a)\r\na\r\n"
    assert done(match_all(text, "a", "b"), text) == ("exact", "b = f(b)\r\nb\r\n")
    text = "aaaaa"
    assert done(match_all(text, "aa", "b"), text) == ("exact", "bba")
    text = "x  \ny\nx\t\ny"
    assert done(match_all(text, "x\ny\n", "z\n"), text) == ("trailing-space", "z\nz")


def test_all_places_at_their_own_indentation() -> None:
    text = "  x\n  y\n\tx\n\ty\n"
    assert done(match_all(text, "x\ny\n", "z\nw\n"), text) == ("indentation", "  z\n  w\n\tz\n\tw\n")


def test_a_part_of_the_text_can_be_searched_alone() -> None:
    text = "\ufeffa\nb\na\nb\n"
    assert done(match(text, "a\nb\n", "x\n", Span(4, len(text))), text) == ("exact", "\ufeffa\nb\nx\n")
    assert refused(match(text, "a", "x", Span(2, 4))).reason == "no-match"
    assert done(match(text, "a ", "x", Span(0, 5)), text) == ("trailing-space", "\ufeffx\nb\na\nb\n")


def test_a_lenient_step_tells_the_model_where_it_matched() -> None:
    found = match("a\nb \nc\n", "b\nc\n", "d\n")
    assert isinstance(found, Match)
    assert found.note == "matched ignoring trailing whitespace at lines 2-3"


def test_the_places_of_an_ambiguous_text_are_shown_with_a_line_around_them() -> None:
    refusal = refused(match("one\nx\ntwo\nx\n", "x", "y"))
    assert isinstance(refusal, Unmatched)
    assert [(place.line, place.text) for place in refusal.nearest] == [(1, "one\nx"), (3, "two\nx")]
    assert "at 2 places" in refusal.message
    assert "   2→x" in refusal.message


def test_the_nearest_lines_are_shown_with_the_first_difference_made_visible() -> None:
    text = (
        "import os\n\n\ndef total(rows):\n\tcount = len(rows)\n    return count\n\n\ndef other():\n    pass\n"
    )
    refusal = refused(match(text, "def total(rows):\n    count = len(rows)\n    return count + 1\n", "x"))
    assert isinstance(refusal, Unmatched)
    assert refusal.nearest[0].line == 4
    assert refusal.nearest[0].text == "def total(rows):\n\tcount = len(rows)\n    return count"
    assert "   5→\tcount" in refusal.message
    assert "line 5 is ⇥count = len(rows)" in refusal.message
    assert "you wrote ····count = len(rows)" in refusal.message


def test_nothing_is_shown_where_nothing_is_near() -> None:
    refusal = refused(match("a\n" * 50, "qqqqqqqq", "x"))
    assert isinstance(refusal, Unmatched)
    assert refusal.nearest == ()


def test_a_long_text_is_searched_in_no_time() -> None:
    text = "".join(f"    value_{number} = total({number})\n\n" for number in range(20_000))
    assert refused(match(text, "value_77 = total(78)\n\nx = 3\n", "y")).reason == "no-match"
    old = "".join(f"value_{number} = total({number})\n\n" for number in range(300, 1300))
    assert done(match(text, old, old.replace("_777", "_x")), text)[0] == "indentation"
