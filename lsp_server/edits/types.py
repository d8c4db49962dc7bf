"""Edits as values. Offsets are string indices; a line end is whatever the text has there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from context.outline import Span

BOM = "\ufeff"
ABSENT = ""
"""The digest of a file that does not exist."""

Reason = Literal[
    "already-there",
    "already-undone",
    "base-changed",
    "deletion",
    "empty",
    "hard-link",
    "identical",
    "later-work",
    "malformed",
    "many-matches",
    "no-match",
    "not-a-file",
    "not-text",
    "out-of-range",
    "outside-root",
    "outside-scope",
    "overlap",
    "placeholder",
    "protected",
    "remote-schema",
    "secret",
    "syntax",
    "typed-inside",
    "unsupported",
]
"""Why something is not done, for programs."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in place of what stands from `start` to `end`; an insertion where both are the same."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Base:
    """The text that edits were made for, by its hash; and by the editor's version, where it is open."""

    digest: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class FileEdit:
    """Edits of one file, all in offsets of its base, in rising order.

    `path` is None for a document that lies on no disk. A file whose base is ABSENT is created. `scope` is the
    part of the text that may change: what was selected, or all if it is None.
    """

    uri: str
    path: Path | None
    base: Base
    edits: tuple[Edit, ...]
    scope: Span | None = None


@dataclass(frozen=True, slots=True)
class EditSet:
    """A change as a whole: applied in all files or in none. The title is for the user."""

    title: str
    files: tuple[FileEdit, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not done. The message says what to do about it, to a person or to a model."""

    reason: Reason
    message: str
    uri: str = ""
    confirmable: bool = False
    """Whether the user may allow it, asked about this one thing."""


def digest_of(text: str | None) -> str:
    """A hash of a text; ABSENT for a file that does not exist."""
    if text is None:
        return ABSENT
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def file_edit(
    path: Path,
    text: str | None,
    edits: Iterable[Edit],
    *,
    uri: str = "",
    version: int | None = None,
    scope: Span | None = None,
) -> FileEdit:
    """Bind edits to the text that they were made for, which is None for a file that is to be created.

    `uri` is the name by which an editor knows the document; without it, that of the path.
    """
    ordered = tuple(sorted(edits, key=lambda edit: (edit.start, edit.end)))
    return FileEdit(uri or path.absolute().as_uri(), path, Base(digest_of(text), version), ordered, scope)
