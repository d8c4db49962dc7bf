"""Typing through what was shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.features.shown import KEPT, Rest, Shown
from lsp_server.prompts.scene import Scene

URI = "file:///a.py"
BEFORE = "import os\n\n\ndef f(items):\n    return "
AFTER = "\n\n\nf([])\n"


def shown(text: str = "sum(items)", before: str = BEFORE, after: str = AFTER, covered: int = 0) -> Shown:
    kept = Shown()
    kept.add(URI, Scene(before, after, "python"), text, covered, "model")
    return kept


def rest(kept: Shown, before: str, after: str = AFTER) -> Rest | None:
    return kept.find(URI, Scene(before, after, "python"))


def test_the_rest_is_what_was_not_typed_yet() -> None:
    kept = shown()
    assert rest(kept, BEFORE) == Rest("sum(items)", 0, "model")
    assert rest(kept, BEFORE + "su") == Rest("m(items)", 0, "model")
    assert rest(kept, BEFORE + "sum(items") == Rest(")", 0, "model")


def test_nothing_is_left_when_all_is_typed() -> None:
    assert rest(shown(), BEFORE + "sum(items)") is None


def test_typing_something_else_ends_it() -> None:
    assert rest(shown(), BEFORE + "sun") is None
    assert rest(shown(), BEFORE + "su", "\nchanged" + AFTER) is None


def test_what_is_taken_back_is_given_again() -> None:
    kept = shown()
    assert rest(kept, BEFORE + "s") == Rest("um(items)", 0, "model")
    assert rest(kept, BEFORE[:-3]) == Rest("rn sum(items)", 0, "model")
    assert rest(kept, BEFORE[:-30]) is None


def test_a_closer_that_the_editor_inserts_is_covered() -> None:
    assert rest(shown(), BEFORE + "sum(", ")" + AFTER) == Rest("items)", 1, "model")


def test_a_closer_that_was_covered_still_is() -> None:
    kept = shown("items)", BEFORE + "sum(", ")" + AFTER, covered=1)
    assert rest(kept, BEFORE + "sum(it", ")" + AFTER) == Rest("ems)", 1, "model")


def test_several_lines_are_typed_through() -> None:
    kept = shown("first(\n        items,\n    )")
    assert rest(kept, BEFORE + "first(\n        it", "\n    )" + AFTER) is not None
    assert rest(kept, BEFORE + "first(\n        it") == Rest("ems,\n    )", 0, "model")


def test_an_edit_far_above_does_not_matter() -> None:
    long = "# " + "x" * 400 + "\n"
    kept = shown(before=long + BEFORE)
    assert rest(kept, "import sys\n" + long + BEFORE + "s") == Rest("um(items)", 0, "model")


def test_another_document_has_its_own() -> None:
    assert shown().find("file:///b.py", Scene(BEFORE, AFTER)) is None


def test_the_newest_one_counts() -> None:
    kept = shown("sum(items)")
    kept.add(URI, Scene(BEFORE, AFTER, "python"), "sum(others)", 0, "model")
    assert rest(kept, BEFORE + "sum(") == Rest("others)", 0, "model")


def test_only_so_many_are_kept() -> None:
    kept = Shown()
    for number in range(3 * KEPT):
        kept.add(URI, Scene(f"{number}", ""), "x", 0, "model")
    assert len(kept) == KEPT


@pytest.mark.parametrize("before", ["", "\n", "x"])
def test_a_document_without_text_is_no_trouble(before: str) -> None:
    kept = shown("abc", before, "")
    assert rest(kept, before + "a", "") == Rest("bc", 0, "model")


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200), st.text(min_size=1, max_size=50), st.data())
def test_typed_and_rest_are_together_what_was_shown(
    before: str, after: str, text: str, data: st.DataObject
) -> None:
    kept = shown(text, before, after)
    count = data.draw(st.integers(0, len(text) - 1))
    found = rest(kept, before + text[:count], after)
    assert found is None or (before + text[:count] + found.text).endswith(text)
    assert found is not None or not text[count:].strip()
