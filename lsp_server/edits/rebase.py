"""Edits carried over later changes elsewhere in the text: moved, or refused where the change is inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from context.outline import Span
from lsp_server.edits.diff import edits_between
from lsp_server.edits.imports import beside, starts_line
from lsp_server.edits.types import Base, Edit, FileEdit, Refusal, digest_of

INSIDE = "The text was edited where this change is to be made. Make the change anew."


def moved(span: Span, changes: Iterable[Edit]) -> Span | None:
    """Where a part of a text lies after changes; None if one of them was inside.

    Each change is in offsets of the text that the one before it left, as an editor tells of them. What is
    typed right before the part or right behind it is outside; into an empty part, inside.
    """
    for change in changes:
        before, after = change.end <= span.start, change.start >= span.end
        if before and after and change.text:
            return None
        if before:
            by = len(change.text) - (change.end - change.start)
            span = Span(span.start + by, span.end + by)
        elif not after:
            return None
    return span


def rebase(
    edit: FileEdit, changes: Iterable[Edit], text: str, version: int | None = None
) -> FileEdit | Refusal:
    """The same edits for the text that the user's changes have left, which is `text` in `version`.

    Refused with "typed-inside" where a change was in the scope of the edits, or between two of them.
    """
    changes = tuple(changes)
    old = _reach(edit)
    new = moved(old, changes)
    others = beside(edit.edits, old)
    imports = [_moved_import(each, changes, text) for each in others]
    found = tuple(each for each in imports if each is not None)
    if new is None or new.end > len(text) or len(found) < len(others):
        return Refusal("typed-inside", INSIDE, edit.uri)
    inside = replace(edit, edits=tuple(each for each in edit.edits if each not in others))
    shifted = _shifted(inside, new.start - old.start, text, version)
    return replace(shifted, edits=(*found, *shifted.edits))


def _moved_import(edit: Edit, changes: Iterable[Edit], text: str) -> Edit | None:
    """Lines that are inserted above the scope, where they go after changes; None if no line begins there.

    They move otherwise than the scope. What is typed right there follows them.
    """
    at = edit.start
    for change in changes:
        if change.start < at < change.end:
            return None
        if change.start < at:
            at += len(change.text) - (change.end - change.start)
    fits = edit.start == edit.end and at <= len(text) and starts_line(text, at)
    return replace(edit, start=at, end=at) if fits else None


def rebase_onto(edit: FileEdit, before: str, text: str, version: int | None = None) -> FileEdit | Refusal:
    """The same where only the texts are known: `before`, for which the edits were made, and the one now.

    What changed is found by comparing lines, which can be wrong by a line where lines repeat; so a change
    that touches the lines of the edits, or one beside them, is inside.
    """
    old = _all(edit)
    near = Span(_line_before(before, old.start), _line_behind(before, old.end))
    changes = edits_between(before, text)
    if any(change.start < near.end and change.end > near.start for change in changes) or any(
        change.start == change.end and near.start <= change.start <= near.end for change in changes
    ):
        return Refusal("typed-inside", INSIDE, edit.uri)
    by = sum(len(change.text) - (change.end - change.start) for change in changes if change.end <= near.start)
    if before[near.start : near.end] != text[near.start + by : near.end + by]:
        return Refusal("typed-inside", INSIDE, edit.uri)
    return _shifted(edit, by, text, version)


def _reach(edit: FileEdit) -> Span:
    """What must not change: the scope, or from the first of the edits to the last."""
    if edit.scope is not None:
        return edit.scope
    return Span(edit.edits[0].start, max(each.end for each in edit.edits)) if edit.edits else Span(0, 0)


def _all(edit: FileEdit) -> Span:
    """What must not change where only the texts are known: also what stands between imports and the scope."""
    old = _reach(edit)
    return Span(min([old.start, *(each.start for each in edit.edits)]), old.end)


def _shifted(edit: FileEdit, by: int, text: str, version: int | None) -> FileEdit:
    edits = tuple(Edit(each.start + by, each.end + by, each.text) for each in edit.edits)
    scope = edit.scope and Span(edit.scope.start + by, edit.scope.end + by)
    return replace(edit, base=Base(digest_of(text), version), edits=edits, scope=scope)


def _line_before(text: str, offset: int) -> int:
    """Where the line above that of an offset begins."""
    start = text.rfind("\n", 0, offset) + 1
    return text.rfind("\n", 0, max(0, start - 1)) + 1


def _line_behind(text: str, offset: int) -> int:
    """Where the line below that of an offset ends."""
    end = text.find("\n", offset)
    end = text.find("\n", end + 1) if end >= 0 else -1
    return len(text) if end < 0 else end + 1
