"""Where the user has edited lately: lines of documents, the latest last."""

from __future__ import annotations

from dataclasses import dataclass, replace

MOST = 16
"""Places that are remembered."""
NEAR = 8
"""Lines between two edits that belong together."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A line of a document near which something was edited."""

    uri: str
    line: int
    """From 0, in the document as it is now."""


def with_edit(edits: tuple[Edit, ...], uri: str, first: int, last: int, inserted: int) -> tuple[Edit, ...]:
    """Return the edits after one more, that put `inserted` line breaks in place of lines from first to last.

    Lines behind it move. An edit near an earlier one takes its place.
    """
    moved = (_moved(edit, last, inserted - (last - first)) if edit.uri == uri else edit for edit in edits)
    others = [edit for edit in moved if edit.uri != uri or abs(edit.line - first) > NEAR]
    return (*others, Edit(uri, first + inserted))[-MOST:]


def _moved(edit: Edit, after: int, by: int) -> Edit:
    return replace(edit, line=max(0, edit.line + by)) if edit.line > after else edit


def without(edits: tuple[Edit, ...], uri: str) -> tuple[Edit, ...]:
    """Return the edits of other documents."""
    return tuple(edit for edit in edits if edit.uri != uri)
