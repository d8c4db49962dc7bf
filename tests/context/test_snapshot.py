"""What each event does to the snapshot."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from context.snapshot import Change, Document, Workspace
from context.text import Text

A, B, C = "file:///a.py", "file:///b.py", "untitled:c"


@pytest.fixture
def workspace() -> Workspace:
    """Three documents at version 1, each with the text "x = 1"."""
    made = Workspace()
    for uri in (A, B, C):
        made.opened(uri, None, "python", 1, "x = 1\n")
    return made


def insert(column: int, text: str) -> Change:
    return Change(((0, column), (0, column)), text)


def state(workspace: Workspace, uri: str = A) -> tuple[str, int | None, bool]:
    document = workspace.snapshot.documents[uri]
    return document.text.string, document.version, document.in_sync


# --- documents come and go ---


def test_an_opened_document_is_there_as_it_was_sent() -> None:
    workspace = Workspace()
    workspace.opened(A, Path("/a.py"), "python", 7, "x\r\n")
    assert workspace.snapshot.documents == {A: Document(A, Path("/a.py"), "python", 7, Text("x\r\n"))}


def test_what_was_used_last_stands_last(workspace: Workspace) -> None:
    assert list(workspace.snapshot.documents) == [A, B, C]
    workspace.visited(A)
    assert list(workspace.snapshot.documents) == [B, C, A]
    workspace.changed(B, 2, [insert(0, "#")], "utf-16")
    assert list(workspace.snapshot.documents) == [C, A, B]
    workspace.opened(C, None, "go", 1, "")
    assert list(workspace.snapshot.documents) == [A, B, C]
    workspace.closed(B)
    assert list(workspace.snapshot.documents) == [A, C]


def test_a_document_that_is_opened_again_is_as_it_was_sent_last(workspace: Workspace) -> None:
    workspace.changed(A, 9, [insert(-1, "?")], "utf-16")
    workspace.opened(A, None, "go", 1, "y")
    assert state(workspace) == ("y", 1, True)
    assert workspace.snapshot.documents[A].language == "go"


def test_news_of_a_document_that_is_not_open_change_nothing(workspace: Workspace) -> None:
    before = workspace.snapshot
    workspace.changed("file:///never.py", 2, [Change(None, "x")], "utf-16")
    workspace.closed("file:///never.py")
    workspace.visited("file:///never.py")
    assert workspace.snapshot is before


def test_a_visit_to_the_document_used_last_is_no_news(workspace: Workspace) -> None:
    before = workspace.snapshot
    workspace.visited(C)
    assert workspace.snapshot is before


def test_roots_can_be_given_and_replaced(workspace: Workspace) -> None:
    assert Workspace([Path("/a")]).snapshot.roots == (Path("/a"),)
    workspace.moved([Path("/b"), Path("/c")])
    assert workspace.snapshot.roots == (Path("/b"), Path("/c"))
    assert list(workspace.snapshot.documents) == [A, B, C]
    workspace.changed(A, 2, [], "utf-16")
    assert workspace.snapshot.roots == (Path("/b"), Path("/c"))


def test_a_snapshot_stays_as_it_is_whatever_comes_later(workspace: Workspace) -> None:
    before = workspace.snapshot
    workspace.changed(A, 2, [Change(None, "new")], "utf-16")
    workspace.closed(B)
    workspace.moved([Path("/elsewhere")])
    assert list(before.documents) == [A, B, C]
    assert before.documents[A].text.string == "x = 1\n"
    assert before.roots == ()


def test_a_snapshot_cannot_be_changed(workspace: Workspace) -> None:
    with pytest.raises(TypeError):
        workspace.snapshot.documents[A] = workspace.snapshot.documents[B]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        workspace.snapshot.roots = ()  # type: ignore[misc]


# --- edits ---


def test_the_edits_of_one_notification_build_on_each_other(workspace: Workspace) -> None:
    changes = [insert(0, "ab\n"), Change(((1, 0), (1, 1)), "y"), Change(((0, 2), (1, 0)), " ")]
    workspace.changed(A, 2, changes, "utf-16")
    assert state(workspace) == ("ab y = 1\n", 2, True)


def test_columns_are_counted_in_the_encoding_of_the_client() -> None:
    for encoding, column in (("utf-8", 7), ("utf-16", 4), ("utf-32", 3)):
        workspace = Workspace()
        workspace.opened(A, None, "", 1, "🦊é|")
        workspace.changed(A, 2, [insert(column, "x")], encoding)  # type: ignore[arg-type]
        assert state(workspace)[0] == "🦊é|x"


def test_a_reversed_range_is_turned_round(workspace: Workspace) -> None:
    workspace.changed(A, 2, [Change(((0, 5), (0, 4)), "2")], "utf-16")
    workspace.changed(B, 2, [Change(((1, 0), (0, 1)), "!")], "utf-16")
    assert state(workspace) == ("x = 2\n", 2, True)
    assert state(workspace, B) == ("x!", 2, True)


def test_a_range_past_the_end_is_moved_to_the_nearest_place(workspace: Workspace) -> None:
    workspace.changed(A, 2, [Change(((0, 4), (0, 900)), "2"), insert(900, "3")], "utf-16")
    workspace.changed(A, 3, [Change(((900, 900), (2**31, 0)), "end")], "utf-16")
    assert state(workspace) == ("x = 23\nend", 3, True)


def test_all_of_a_text_can_be_deleted(workspace: Workspace) -> None:
    workspace.changed(A, 2, [Change(((0, 0), (1, 0)), "")], "utf-16")
    assert state(workspace) == ("", 2, True)


def test_a_whole_text_replaces_the_one_before(workspace: Workspace) -> None:
    workspace.changed(
        A, 2, [Change(None, "ab"), insert(1, "-"), Change(None, "cd"), insert(2, "!")], "utf-16"
    )
    assert state(workspace) == ("cd!", 2, True)


# --- out of sync ---


@pytest.mark.parametrize("version", [1, 0, -3])
def test_a_version_that_does_not_rise_puts_the_document_out_of_sync(
    workspace: Workspace, version: int
) -> None:
    workspace.changed(A, version, [insert(0, "#")], "utf-16")
    assert state(workspace)[0] == "x = 1\n"
    assert not state(workspace)[2]
    assert state(workspace, B)[2]


def test_versions_may_leave_numbers_out(workspace: Workspace) -> None:
    workspace.changed(A, 90, [insert(0, "#")], "utf-16")
    assert state(workspace) == ("#x = 1\n", 90, True)


@pytest.mark.parametrize("span", [((-1, 0), (0, 0)), ((0, -1), (0, 0)), ((0, 0), (-1, 0)), ((0, 0), (0, -1))])
def test_a_range_with_a_negative_number_puts_the_document_out_of_sync(
    workspace: Workspace, span: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    workspace.changed(A, 2, [insert(0, "#"), Change(span, "?"), insert(0, "?")], "utf-16")
    assert state(workspace) == ("#x = 1\n", 2, False)


@pytest.fixture
def lost(workspace: Workspace) -> Workspace:
    """A document out of sync."""
    workspace.changed(A, 1, [insert(0, "?")], "utf-16")
    assert not workspace.snapshot.documents[A].in_sync
    return workspace


def test_a_document_out_of_sync_stays_so_and_keeps_its_text_while_edits_come(lost: Workspace) -> None:
    lost.changed(A, 2, [insert(0, "#")], "utf-16")
    lost.changed(A, 3, [], "utf-16")
    lost.visited(A)
    assert state(lost) == ("x = 1\n", 3, False)


@pytest.mark.parametrize("version", [2, 1, 0, None])
def test_a_whole_text_brings_it_back_whatever_its_version(lost: Workspace, version: int | None) -> None:
    lost.changed(A, version, [insert(0, "?"), Change(None, "y"), insert(1, "!")], "utf-16")
    assert state(lost)[0] == "y!"
    assert state(lost)[2]


def test_opening_it_again_brings_it_back(lost: Workspace) -> None:
    lost.opened(A, None, "python", 1, "y")
    lost.changed(A, 2, [insert(1, "!")], "utf-16")
    assert state(lost) == ("y!", 2, True)


def test_a_whole_text_may_be_followed_by_a_range_that_makes_no_sense(workspace: Workspace) -> None:
    workspace.changed(A, 2, [Change(None, "y"), insert(-1, "?")], "utf-16")
    assert state(workspace) == ("y", 2, False)


def test_a_client_without_versions_is_believed(workspace: Workspace) -> None:
    workspace.opened(A, None, "python", None, "x")
    workspace.changed(A, None, [insert(0, "a")], "utf-16")
    workspace.changed(A, 0, [insert(0, "b")], "utf-16")
    assert state(workspace) == ("bax", 0, True)


def test_an_edit_without_a_version_leaves_the_version_that_was_known(workspace: Workspace) -> None:
    workspace.changed(A, 5, [insert(0, "a")], "utf-16")
    workspace.changed(A, None, [insert(0, "b")], "utf-16")
    assert state(workspace) == ("bax = 1\n", 5, True)
    workspace.changed(A, 5, [insert(0, "c")], "utf-16")
    assert not state(workspace)[2]
