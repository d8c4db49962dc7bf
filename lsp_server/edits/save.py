"""Changes written to files, and taken back in files: recorded in the journal, and whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from lsp_server.edits.apply import apply_all
from lsp_server.edits.journal import Change, FileChange, forget, journal_folder, record
from lsp_server.edits.types import EditSet, Refusal
from lsp_server.edits.undo import undo_of
from lsp_server.edits.write import FileWrite, recover, write_all, writes_folder


def read_text(path: Path) -> str | Refusal | None:
    """The text of a file with its line ends and byte order mark; None if it is not there. Raises OSError.

    Refused with "not-text" if it is not UTF-8: it could not be written again as it was.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return Refusal(
            "not-text", f"{path} is not text in UTF-8. Change it by hand.", path.absolute().as_uri()
        )


def save(edits: EditSet, turn: str = "") -> Change | Refusal:
    """Apply a change to files on the disk and remember it. Raises OSError, after which nothing has changed.

    Nothing is checked here but that the files are what the change was made for; see `check.check`.
    """
    recover(writes_folder())
    texts = _texts((file.uri, file.path) for file in edits.files)
    if isinstance(texts, Refusal):
        return texts
    results = apply_all(edits, texts)
    if isinstance(results, Refusal):
        return results
    files = [
        FileChange(file.uri, file.path, texts[file.uri], results[file.uri], file.base.version)
        for file in edits.files
    ]
    return _written(files, edits.title, turn, ())


def undo(changes: Sequence[Change]) -> Change | Refusal:
    """Take changes back in their files, the last one first; that can be taken back itself.

    Raises OSError, after which nothing has changed.
    """
    recover(writes_folder())
    texts = _texts((file.uri, file.path) for change in changes for file in change.files)
    if isinstance(texts, Refusal):
        return texts
    files = undo_of(changes, texts)
    if isinstance(files, Refusal):
        return files
    title = f"Undo: {changes[-1].title}"
    return _written(files, title, "", [change.number for change in changes])


def _texts(files: Iterable[tuple[str, Path | None]]) -> dict[str, str | None] | Refusal:
    texts: dict[str, str | None] = {}
    for uri, path in files:
        if path is None:
            return Refusal("not-a-file", f"{uri} lies on no disk. Undo it in the editor.", uri)
        text = read_text(path)
        if isinstance(text, Refusal):
            return text
        texts[uri] = text
    return texts


def _written(files: Sequence[FileChange], title: str, turn: str, undoes: Sequence[int]) -> Change | Refusal:
    """Remember first: what is remembered but was not made is found out, the other way round it is not."""
    writes = []
    for file in files:
        try:
            contents = [None if text is None else text.encode() for text in (file.before, file.after)]
        except UnicodeEncodeError:
            return Refusal("not-text", "The new text has characters that no file can hold.", file.uri)
        writes.append(FileWrite(file.path or Path(), *contents))
    change = record(journal_folder(), title, turn, files, undoes)
    try:
        write_all(writes, writes_folder())
    except OSError:
        with suppress(OSError):
            forget(journal_folder(), change.number)
        raise
    return change
