"""The anchor: where the prompt is frozen, how long it stays frozen, what that leaves to evaluate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.features.anchor import (
    LINES_BACK,
    MOST_LINES,
    MOST_TYPED,
    Anchor,
    Budget,
    hole_at,
    moved,
    place_anchor,
    still_holds,
)

SMALL = Budget(prefix=400, grown=1200, suffix=150)
LINES = [f"    value_{number} = compute({number})\n" for number in range(200)]
FILE = "def f():\n" + "".join(LINES)
LINE = st.text(alphabet="ab(){}\"' \t:;é🦊\r", max_size=12)
DOCUMENT = st.lists(LINE, max_size=30).map("\n".join)


def place(text: str, cursor: int, last: Anchor | None = None, budget: Budget = SMALL) -> Anchor:
    return place_anchor("file:///a", text, cursor, budget, last=last)


def middle() -> int:
    """A cursor at the end of a line in the middle of FILE."""
    return FILE.index("value_100") + len("value_100 = compute(100)")


@settings(deadline=None)
@given(DOCUMENT, st.data())
def test_prefix_typed_text_and_suffix_are_the_document(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    budget = Budget(data.draw(st.integers(1, 100)), 150, data.draw(st.integers(0, 100)))
    anchor = place(text, cursor, budget=budget)
    hole = hole_at(anchor, text, cursor)
    window = hole.prefix + hole.typed + hole.suffix
    assert window == text[anchor.start : anchor.start + len(window)]
    assert len(hole.prefix) <= budget.prefix
    assert len(hole.suffix) <= budget.suffix


@settings(deadline=None)
@given(DOCUMENT, st.data())
def test_a_fresh_anchor_holds_where_it_was_placed(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    assert still_holds(place(text, cursor), text, cursor)


@settings(deadline=None)
@given(DOCUMENT, st.text(alphabet="ab \n(", max_size=40), st.data())
def test_typing_keeps_the_anchor_and_changes_only_the_typed_text(
    text: str, typed: str, data: st.DataObject
) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    anchor = place(text, cursor)
    for count in range(1, min(len(typed), 20)):
        changed = text[:cursor] + typed[:count] + text[cursor:]
        assert still_holds(anchor, changed, cursor + count)
        before, after = hole_at(anchor, text, cursor), hole_at(anchor, changed, cursor + count)
        assert replace(after, typed="") == replace(before, typed="")
        assert after.typed == before.typed + typed[:count]


@settings(deadline=None)
@given(DOCUMENT, DOCUMENT, st.data())
def test_what_holds_is_true_of_the_document(text: str, other: str, data: st.DataObject) -> None:
    anchor = place(text, data.draw(st.integers(0, len(text))))
    cursor = data.draw(st.integers(0, len(other)))
    if still_holds(anchor, other, cursor):
        hole = hole_at(anchor, other, cursor)
        assert hole.prefix + hole.typed == other[anchor.start : cursor]
        assert anchor.suffix in other[cursor:]


def test_the_anchor_stands_some_lines_back_at_the_start_of_a_line() -> None:
    anchor = place(FILE, middle())
    typed = hole_at(anchor, FILE, middle()).typed
    assert FILE[anchor.offset - 1] == "\n"
    assert typed.count("\n") == LINES_BACK


def test_the_window_begins_at_the_start_of_a_line_and_leaves_room_to_grow() -> None:
    anchor = place(FILE, middle())
    assert FILE[anchor.start - 1] == "\n"
    assert 0.5 * SMALL.prefix < len(anchor.prefix) < 0.8 * SMALL.prefix


def test_the_window_begins_rather_at_a_block_than_inside_one() -> None:
    text = "".join(f"def f{number}():\n    a = 1\n    b = 2\n    return a + b\n\n\n" for number in range(60))
    anchor = place(text, len(text) - 3)
    assert anchor.prefix.startswith("def f")


def test_a_short_file_is_taken_from_its_start() -> None:
    assert place("a = 1\nb = ", 10).start == 0


def test_one_endless_line_has_an_anchor_all_the_same() -> None:
    text = "x, " * 100_000
    anchor = place(text, 150_000)
    assert len(anchor.prefix) <= SMALL.prefix
    assert 0 < anchor.offset <= 150_000


@pytest.mark.parametrize(
    ("inserted", "after"),
    [("(", ")"), ("[", "]"), ('"', '"'), ("({[", "]})"), ("{\n        ", "\n    }"), ('f("', '")')],
)
def test_closers_that_the_editor_inserts_do_not_move_the_anchor(inserted: str, after: str) -> None:
    cursor = middle()
    anchor = place(FILE, cursor)
    text = FILE[:cursor] + inserted + after + FILE[cursor:]
    assert still_holds(anchor, text, cursor + len(inserted))


def test_typing_over_a_closer_that_was_inserted_does_not_move_the_anchor() -> None:
    cursor = middle()
    anchor = place(FILE, cursor)
    for typed, after in (("(", ")"), ("(x", ")"), ("(x)", "")):
        assert still_holds(anchor, FILE[:cursor] + typed + after + FILE[cursor:], cursor + len(typed))


def test_taking_back_what_was_typed_does_not_move_the_anchor() -> None:
    cursor = middle()
    anchor = place(FILE, cursor)
    assert still_holds(anchor, FILE[: cursor - 5] + FILE[cursor:], cursor - 5)


@pytest.mark.parametrize(
    "change",
    [
        lambda text, cursor: (text, cursor + 40),
        lambda text, cursor: (text, cursor - 40),
        lambda text, cursor: (text, 3),
        lambda text, cursor: (text[: cursor + 30] + "pasted" + text[cursor + 30 :], cursor),
        lambda text, cursor: (text[: cursor - 250] + "pasted" + text[cursor - 250 :], cursor + 6),
        lambda text, cursor: (
            text[:cursor] + "x\n" * (MOST_LINES + 2) + text[cursor:],
            cursor + 2 * MOST_LINES + 4,
        ),
        lambda text, cursor: (text[:cursor] + "x" * MOST_TYPED + text[cursor:], cursor + MOST_TYPED),
    ],
    ids=["on", "back", "far", "paste after", "paste before", "many lines", "long line"],
)
def test_a_jump_or_an_edit_elsewhere_needs_a_new_anchor(change) -> None:  # type: ignore[no-untyped-def]
    anchor = place(FILE, middle())
    assert not still_holds(anchor, *change(FILE, middle()))


def test_text_behind_a_suffix_that_reached_the_end_is_seen() -> None:
    text = "a = 1\nb = "
    anchor = place(text, len(text))
    assert anchor.reach == "end"
    assert not still_holds(anchor, text + "\nmore = 2\n", len(text))
    assert not still_holds(anchor, text, 3)


def test_a_new_anchor_keeps_the_window_so_that_only_new_lines_are_evaluated() -> None:
    cursor = middle()
    first = place(FILE, cursor)
    typed = "\n    more = 1" * (MOST_LINES + 2)
    text = FILE[:cursor] + typed + FILE[cursor:]
    assert not still_holds(first, text, cursor + len(typed))
    second = place(text, cursor + len(typed), first)
    assert second.start == first.start
    assert second.prefix.startswith(first.prefix)


def test_a_window_that_has_grown_too_long_begins_anew() -> None:
    cursor = middle()
    first = place(FILE, cursor)
    typed = "\n    more = 1" * 200
    text = FILE[:cursor] + typed + FILE[cursor:]
    second = place(text, cursor + len(typed), first)
    assert len(second.prefix) <= SMALL.prefix


def test_a_window_that_has_changed_near_its_end_is_kept() -> None:
    first = place(FILE, middle())
    second = place(FILE.replace("value_93", "changed", 1), middle(), first)
    assert second.start == first.start


def test_a_window_that_has_changed_near_its_start_begins_anew() -> None:
    first = place(FILE, middle())
    changed = FILE[: first.start + 20] + "changed" + FILE[first.start + 20 :]
    second = place(changed, middle() + 7, first)
    assert second.start != first.start
    assert second.prefix == changed[second.start : second.offset]


def test_with_a_larger_budget_a_small_window_is_given_up() -> None:
    first = place(FILE, middle())
    large = place(FILE, middle(), first, Budget(prefix=3000, grown=6000, suffix=500))
    assert len(large.prefix) > 1500


def test_an_edit_before_the_window_moves_the_anchor_with_its_text() -> None:
    cursor = middle()
    anchor = place(FILE, cursor)
    text = "import os\n" + FILE
    assert not still_holds(anchor, text, cursor + 10)
    assert still_holds(moved(anchor, text, cursor + 10), text, cursor + 10)


def test_an_anchor_whose_text_is_gone_stays_where_it_is() -> None:
    anchor = place(FILE, middle())
    assert moved(anchor, "something else", 3) == anchor


def test_a_window_at_the_start_of_the_file_takes_in_a_new_first_line() -> None:
    text = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\ng = "
    anchor = place(text, len(text))
    assert anchor.prefix
    changed = "import os\n" + text
    assert moved(anchor, changed, len(changed)) == anchor
    assert place(changed, len(changed), anchor).prefix.startswith("import os\n")
