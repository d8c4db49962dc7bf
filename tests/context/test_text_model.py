"""Whatever an editor sends, the text is the one that a plain string would be."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from context import text as module
from context.snapshot import Change, Workspace
from context.text import Encoding, Text
from tests.context import plain

URI = "file:///a.py"
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
PIECES = (
    *("\n", "\r\n", "\r", "\n\r"),
    # Line ends of other standards, which are none here.
    *("\f", "\v", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"),
    *("a", "b c", "\t", "\0", "é", "e\u0301", "中", "\ufeff", "\uffff"),
    *("🦊", "\U0010ffff", "👩\u200d👧", "\ud83e", "\udd8a", "\ud83e\udd8a"),
)
"""Of the last three, two are halves of 🦊, and one is both halves side by side, which Python keeps as two."""

SMALL_BLOCK = 4

strings = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
short_strings = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
encodings = st.sampled_from(ENCODINGS)
far = st.sampled_from([1000, 2**31 - 1, 2**64])
line_numbers = st.one_of(*[st.integers(0, 5)] * 8, far)
columns = st.one_of(*[st.integers(0, 16)] * 8, far)


@st.composite
def spans(draw: st.DrawFn) -> tuple[tuple[int, int], tuple[int, int]]:
    """Mostly short ranges, or a text would never be longer than a few characters; some are reversed."""
    line, column = draw(line_numbers), draw(columns)
    further = draw(st.sampled_from([0] * 8 + [1, -1]))
    beside = draw(st.integers(-4, 4) | columns)
    return (line, column), (max(0, line + further), max(0, column + beside))


edits = st.lists(st.tuples(st.one_of(*[spans()] * 9, st.none()), short_strings), min_size=1, max_size=4)


class Editing(RuleBasedStateMachine):
    """An editor with one document, beside a string that is edited by hand."""

    @initialize(string=strings)
    def open(self, string: str) -> None:
        self.string, self.version = string, 1
        self.workspace = Workspace()
        self.workspace.opened(URI, None, "python", self.version, string)
        self.older: list[tuple[Text, str]] = []

    @property
    def text(self) -> Text:
        return self.workspace.snapshot.documents[URI].text

    @rule(edits=edits, encoding=encodings, step=st.integers(1, 3))
    def change(
        self,
        edits: list[tuple[tuple[tuple[int, int], tuple[int, int]] | None, str]],
        encoding: Encoding,
        step: int,
    ) -> None:
        self.older.append((self.text, self.string))
        self.version += step
        self.workspace.changed(URI, self.version, [Change(*edit) for edit in edits], encoding)
        for span, new in edits:
            self.string = new if span is None else plain.replaced(self.string, *span, new, encoding)

    @rule(at=st.integers(-3, 80), length=st.integers(-3, 20), encoding=encodings)
    def look(self, at: int, length: int, encoding: Encoding) -> None:
        inside = min(max(at, 0), len(self.string))
        assert self.text.position(at, encoding) == plain.position(self.string, inside, encoding)
        assert self.text.slice(at, at + length) == self.string[max(at, 0) : max(at + length, 0)]

    @rule(line=line_numbers, more=far, encoding=encodings)
    def find(self, line: int, more: int, encoding: Encoding) -> None:
        for column in (*range(24), more):
            found = self.text.offset(line, column, encoding)
            assert found == plain.offset(self.string, line, column, encoding)
            assert self.text.offset(*self.text.position(found, encoding), encoding) == found

    @rule()
    def join(self) -> None:
        """From here on the text has its string, and answers from that."""
        assert self.text.string == self.string

    @invariant()
    def the_lines_are_those_of_the_string(self) -> None:
        wanted = plain.lines(self.string)
        starts = list(accumulate(map(len, wanted), initial=0))
        assert len(self.text) == len(self.string)
        assert self.text.line_count == len(wanted)
        assert [self.text.line(number) for number in range(len(wanted) + 1)] == [*wanted, ""]
        assert [self.text.line_start(number) for number in range(len(wanted) + 1)] == starts
        numbers = [number for number, line in enumerate(wanted) for _ in line]
        assert [self.text.line_at(at) for at in range(len(self.string))] == numbers

    @invariant()
    def it_is_in_sync(self) -> None:
        assert self.workspace.snapshot.documents[URI].in_sync

    def teardown(self) -> None:
        assert self.text == Text(self.string)
        for text, string in self.older:
            assert text.string == string


@pytest.mark.parametrize("longest", [SMALL_BLOCK, module.LONGEST])
def test_edits_leave_what_they_leave_of_a_plain_string(longest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", longest)
    monkeypatch.setattr(module, "SHORTEST", longest // 2)
    limits = settings(max_examples=200, stateful_step_count=25, deadline=None, report_multiple_bugs=False)
    run_state_machine_as_test(Editing, settings=limits)


LONG_PIECES = {"one line": "x" * 5000, "CRLF": "\r\n" * 4000, "CR": "\r" * 3000, "LF": "def f():\n" * 900}
long_names = st.lists(st.sampled_from([*PIECES, *LONG_PIECES]), max_size=6)
"""Names and not the pieces themselves, so that an example that fails can be read."""
shares = st.floats(0, 1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names=long_names, edits=st.lists(st.tuples(shares, shares, long_names), min_size=1, max_size=8))
def test_a_text_of_many_blocks_is_spliced_as_a_string_is(
    names: list[str], edits: list[tuple[float, float, list[str]]]
) -> None:
    string = long_string(names)
    text = Text(string)
    for one, other, more in edits:
        new = long_string(more)
        start, end = sorted((int(one * len(string)), int(other * len(string))))
        text, string = text.splice(start, end, new), string[:start] + new + string[end:]
        around = max(0, start - 3), start + len(new) + 3
        assert same(text.slice(*around), string[slice(*around)])
    starts = list(accumulate(map(len, plain.lines(string))))
    assert same(text.string, string)
    assert [text.line_start(number + 1) for number in range(text.line_count)] == starts


def same(one: str, other: str) -> bool:
    """As ==, but a test that fails does not print long texts."""
    return one == other


def long_string(names: list[str]) -> str:
    return "".join(LONG_PIECES.get(name, name) for name in names)
