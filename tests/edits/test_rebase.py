"""Edits are carried over what the user types elsewhere, and stopped by what is typed inside."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context.outline import Span
from lsp_server.edits.apply import apply, spliced
from lsp_server.edits.rebase import moved, rebase, rebase_onto
from lsp_server.edits.types import Edit, FileEdit, Refusal, file_edit

PATH = Path("/work/a.py")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], Span(5, 8)),
        ([Edit(0, 0, "ab")], Span(7, 10)),
        ([Edit(0, 5, "")], Span(0, 3)),
        ([Edit(5, 5, "x")], Span(6, 9)),
        ([Edit(8, 8, "x")], Span(5, 8)),
        ([Edit(8, 12, "")], Span(5, 8)),
        ([Edit(6, 6, "x")], None),
        ([Edit(4, 6, "")], None),
        ([Edit(0, 20, "x")], None),
        ([Edit(0, 0, "ab"), Edit(6, 6, "c")], Span(8, 11)),
        ([Edit(0, 0, "ab"), Edit(8, 8, "c")], None),
        ([Edit(6, 6, "")], None),
    ],
)
def test_a_part_moves_with_changes_before_it_and_is_lost_by_one_inside(
    changes: list[Edit], expected: Span | None
) -> None:
    assert moved(Span(5, 8), changes) == expected


def test_typing_at_an_insertion_is_inside() -> None:
    assert moved(Span(5, 5), [Edit(5, 5, "x")]) is None
    assert moved(Span(5, 5), [Edit(3, 5, "x")]) == Span(4, 4)


def test_the_scope_is_kept_as_a_whole() -> None:
    edit = file_edit(PATH, "abcdef", [Edit(2, 3, "X")], scope=Span(1, 5))
    result = rebase(edit, [Edit(4, 4, "!")], "abcd!ef")
    assert isinstance(result, Refusal)
    assert result.reason == "typed-inside"


TEXTS = st.lists(st.sampled_from(["a", "b\n", "\n", "c\r\n", "  d\n"]), max_size=12).map("".join)


@st.composite
def edited(draw: st.DrawFn, text: str) -> Edit:
    start = draw(st.integers(0, len(text)))
    return Edit(start, draw(st.integers(start, len(text))), draw(st.sampled_from(["", "x", "\n", "y\nz\n"])))


@settings(deadline=None, max_examples=100)
@given(TEXTS, st.data())
def test_a_rebased_edit_changes_the_same_characters(text: str, data: st.DataObject) -> None:
    edit, change = data.draw(edited(text)), data.draw(edited(text))
    made = file_edit(PATH, text, [edit])
    now = spliced(text, [change])
    assert isinstance(now, str)
    for result in (rebase(made, [change], now, 7), rebase_onto(made, text, now, 7)):
        if isinstance(result, FileEdit):
            (new,) = result.edits
            assert now[new.start : new.end] == text[edit.start : edit.end]
            assert isinstance(apply(result, now, 7), str)


def test_edits_find_their_place_in_a_text_that_changed_far_away() -> None:
    before = "import os\n\n\ndef f():\n    return 1\n\n\ndef g():\n    pass\n"
    made = file_edit(PATH, before, [Edit(before.index("1"), before.index("1") + 1, "2")])
    now = "import os\nimport sys\n\n\ndef f():\n    return 1\n\n\ndef g():\n    return\n"
    result = rebase_onto(made, before, now)
    assert isinstance(result, FileEdit)
    assert apply(result, now) == now.replace("1", "2")


@pytest.mark.parametrize("old", ["return 1", "def f", "\n    pass"])
def test_a_change_in_the_lines_of_an_edit_or_beside_them_is_inside(old: str) -> None:
    before = "x\n\ndef f():\n    return 1\n    pass\n"
    made = file_edit(PATH, before, [Edit(before.index("1"), before.index("1") + 1, "2")])
    result = rebase_onto(made, before, before.replace(old, f"  {old}"))
    assert isinstance(result, Refusal)
