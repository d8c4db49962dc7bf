"""What taking changes back makes of the texts as they are now; later work is never lost.

Where a text is as a change left it, it becomes what it was before. Where it was edited since, only what the
change did is taken back, and only if the later edits are elsewhere in the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lsp_server.edits.apply import apply
from lsp_server.edits.diff import edits_between
from lsp_server.edits.journal import Change, FileChange
from lsp_server.edits.rebase import rebase_onto
from lsp_server.edits.types import Base, EditSet, FileEdit, Refusal, digest_of


def undo_of(changes: Sequence[Change], texts: Mapping[str, str | None]) -> tuple[FileChange, ...] | Refusal:
    """What becomes of each file when changes are taken back, the last one first: of all of them or of none.

    `texts` are the texts as they are now, by URI, None for a file that is not there. Refused with
    "already-undone" or "later-work".
    """
    now = dict(texts)
    files = {file.uri: file for change in changes for file in change.files}
    for change in changes:
        for file in change.files:
            result = _restored(file, now.get(file.uri))
            if isinstance(result, Refusal):
                return result
            now[file.uri] = result
    return tuple(FileChange(uri, file.path, texts.get(uri), now[uri]) for uri, file in files.items())


def edit_set_of(files: Sequence[FileChange], title: str) -> EditSet:
    """The same as edits for an editor. Files that are to go are left out: an editor deletes them itself."""
    return EditSet(title, tuple(edit for file in files if (edit := _edit(file)) is not None))


def _edit(file: FileChange) -> FileEdit | None:
    if file.after is None:
        return None
    edits = edits_between(file.before or "", file.after)
    return FileEdit(file.uri, file.path, Base(digest_of(file.before), file.version), edits)


def _restored(file: FileChange, now: str | None) -> str | Refusal | None:
    """A text without what a change did to it."""
    if now == file.after:
        return file.before
    name = file.path or file.uri
    if now == file.before:
        message = f"{name} is already as it was before this change. Nothing is to be taken back."
        return Refusal("already-undone", message, file.uri)
    if now is None or file.before is None or file.after is None:
        message = f"{name} was {'deleted' if now is None else 'edited'} since. Take this change back by hand."
        return Refusal("later-work", message, file.uri)
    back = FileEdit(file.uri, file.path, Base(digest_of(file.after)), edits_between(file.after, file.before))
    rebased = rebase_onto(back, file.after, now)
    result = rebased if isinstance(rebased, Refusal) else apply(rebased, now)
    if isinstance(result, Refusal):
        message = f"{name} was edited since in the same lines, and that would be lost. Take it back by hand."
        return Refusal("later-work", message, file.uri)
    return result
