"""Edits apply whole, to the text that they were made for, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.edits.apply import apply, apply_all
from lsp_server.edits.types import Edit, EditSet, FileEdit, Refusal, file_edit

PATH = Path("/work/a.py")
TEXT = "one\r\ntwo\r\n"


def reason(result: object) -> str:
    assert isinstance(result, Refusal), result
    return result.reason


def made(*edits: Edit, text: str | None = TEXT, version: int | None = None) -> FileEdit:
    return file_edit(PATH, text, edits, version=version)


def test_edits_apply_in_any_order_that_they_are_given() -> None:
    assert apply(made(Edit(5, 8, "2"), Edit(0, 3, "1")), TEXT) == "1\r\n2\r\n"


def test_an_insertion_may_stand_where_another_edit_ends() -> None:
    assert apply(made(Edit(0, 3, "1"), Edit(3, 3, "!")), TEXT) == "1!\r\ntwo\r\n"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ((Edit(0, 4, ""), Edit(3, 5, "")), "overlap"),
        ((Edit(2, 2, "a"), Edit(2, 2, "b")), "overlap"),
        ((Edit(2, 2, "a"), Edit(2, 3, "b")), "overlap"),
        ((Edit(-1, 2, ""),), "out-of-range"),
        ((Edit(3, 2, ""),), "out-of-range"),
        ((Edit(0, 11, ""),), "out-of-range"),
    ],
)
def test_edits_that_make_no_sense_are_refused(edits: tuple[Edit, ...], expected: str) -> None:
    assert reason(apply(made(*edits), TEXT)) == expected


def test_another_text_or_another_version_is_refused() -> None:
    assert reason(apply(made(Edit(0, 1, "")), TEXT + " ")) == "base-changed"
    assert reason(apply(made(Edit(0, 1, "")), None)) == "base-changed"
    assert reason(apply(made(Edit(0, 1, ""), version=3), TEXT, 4)) == "base-changed"
    assert apply(made(Edit(0, 3, "1"), version=3), TEXT, 3) == "1\r\ntwo\r\n"


def test_a_file_that_is_to_be_created_must_not_be_there() -> None:
    new = made(Edit(0, 0, "new"), text=None)
    assert apply(new, None) == "new"
    assert reason(apply(new, "")) == "base-changed"


def test_of_several_files_all_are_edited_or_none() -> None:
    other = file_edit(Path("/work/b.py"), "x", [Edit(0, 1, "y")])
    good = made(Edit(0, 3, "1"))
    texts: dict[str, str | None] = {good.uri: TEXT, other.uri: "x"}
    assert apply_all(EditSet("t", (good, other)), texts) == {good.uri: "1\r\ntwo\r\n", other.uri: "y"}
    assert reason(apply_all(EditSet("t", (good, other)), {**texts, other.uri: "z"})) == "base-changed"
    assert reason(apply_all(EditSet("t", (good, good)), texts)) == "overlap"
