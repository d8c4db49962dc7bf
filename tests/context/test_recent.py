"""Where the user has edited lately."""

from __future__ import annotations

from context.recent import MOST, Edit, with_edit
from context.snapshot import Change, Workspace

URI, OTHER = "file:///a.py", "file:///b.py"


def edited(*changes: tuple[int, str]) -> tuple[Edit, ...]:
    """The edits after texts were inserted at the start of lines of a document of 100 lines."""
    workspace = Workspace()
    workspace.opened(URI, None, "python", 1, "x = 1\n" * 100)
    for version, (line, text) in enumerate(changes, 2):
        workspace.changed(URI, version, [Change(((line, 0), (line, 0)), text)], "utf-16")
    return workspace.snapshot.edits


def test_an_edit_is_remembered_with_the_line_at_which_it_ends() -> None:
    assert edited((3, "a")) == (Edit(URI, 3),)
    assert edited((3, "a\nb\n")) == (Edit(URI, 5),)


def test_keys_on_neighbouring_lines_are_one_edit() -> None:
    assert edited((3, "a"), (3, "b"), (4, "c")) == (Edit(URI, 4),)


def test_the_latest_edit_stands_last_and_lines_move_with_the_text() -> None:
    assert edited((50, "a"), (3, "one\ntwo\n")) == (Edit(URI, 52), Edit(URI, 5))


def test_a_document_that_is_closed_is_forgotten() -> None:
    workspace = Workspace()
    for uri in (URI, OTHER):
        workspace.opened(uri, None, "python", 1, "x\n")
        workspace.changed(uri, 2, [Change(((0, 0), (0, 0)), "a")], "utf-16")
    workspace.closed(URI)
    assert workspace.snapshot.edits == (Edit(OTHER, 0),)


def test_only_so_many_are_kept() -> None:
    edits: tuple[Edit, ...] = ()
    for line in range(1000, 0, -20):
        edits = with_edit(edits, URI, line, line, 0)
    assert len(edits) == MOST


def test_an_edit_that_makes_no_sense_leaves_no_trace() -> None:
    workspace = Workspace()
    workspace.opened(URI, None, "python", 1, "x\n")
    workspace.changed(URI, 2, [Change(((-1, 0), (0, 0)), "a")], "utf-16")
    assert workspace.snapshot.edits == ()
