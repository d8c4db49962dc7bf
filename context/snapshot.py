"""Documents and snapshots: the world at one instant, frozen; and Workspace, the one mutable object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from context.complaints import Complaint, moved, with_new
from context.recent import Edit, with_edit, without
from context.text import Encoding, Text


@dataclass(frozen=True, slots=True)
class Document:
    """An open document as the editor last sent it."""

    uri: str
    path: Path | None
    """Where it lies on disk; None for untitled and virtual documents."""
    language: str
    version: int | None
    text: Text
    in_sync: bool = True
    """False after an edit that could not be understood (version going back, broken range).

    The text may then differ from the editor's.
    """


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The open documents, most recently used last, the workspace roots, and what was edited lately."""

    roots: tuple[Path, ...] = ()
    documents: Mapping[str, Document] = field(default_factory=lambda: MappingProxyType({}))
    edits: tuple[Edit, ...] = ()
    complaints: Mapping[str, tuple[Complaint, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """What was said last of the code in open documents, where anything was."""


@dataclass(frozen=True, slots=True)
class Change:
    """One edit, as an editor tells of it."""

    range: tuple[tuple[int, int], tuple[int, int]] | None
    """Line and column of start and end, counted from 0; None if the text is the whole document."""
    text: str


class Workspace:
    """The open documents and the workspace roots, with a method for each event.

    The one object of this package that changes, on the event loop only. Each event replaces the snapshot;
    one that says nothing new leaves it as it is.
    """

    def __init__(self, roots: Iterable[Path] = ()) -> None:
        self._snapshot = Snapshot(tuple(roots))

    @property
    def snapshot(self) -> Snapshot:
        """The world as it is now."""
        return self._snapshot

    def opened(self, uri: str, path: Path | None, language: str, version: int | None, text: str) -> None:
        """An editor shows a document; one that is open already is taken anew."""
        self._use(Document(uri, path, language, version, Text(text)))

    def changed(self, uri: str, version: int | None, changes: Iterable[Change], encoding: Encoding) -> None:
        """Apply the changes of one notification, in order, each to the text that the one before it left.

        Versions rise: a notification with another one, or a range with negative numbers, puts the document
        out of sync. Its text then stays as it was, until an editor sends it whole.
        A version of None is not checked, and the last one that was known stays.
        """
        document = self._snapshot.documents.get(uri)
        if document is None:
            return
        in_sync, text = document.in_sync and _rises(document.version, version), document.text
        edits, complaints = self._snapshot.edits, self._snapshot.complaints.get(uri, ())
        for change in changes:
            edited = _edited(text, change, encoding) if in_sync or change.range is None else None
            in_sync, text = edited is not None, text if edited is None else edited
            if edited is not None and change.range is not None:
                (first, _), (last, _) = sorted(change.range)
                inserted = change.text.count("\n")
                edits = with_edit(edits, uri, first, last, inserted)
                complaints = moved(complaints, last, inserted - (last - first))
        version = document.version if version is None else version
        self._snapshot = replace(self._snapshot, edits=edits)
        self._complain(uri, complaints)
        self._use(replace(document, version=version, text=text, in_sync=in_sync))

    def closed(self, uri: str) -> None:
        """An editor shows a document no longer."""
        documents = dict(self._snapshot.documents)
        if documents.pop(uri, None) is not None:
            edits = without(self._snapshot.edits, uri)
            self._snapshot = replace(self._snapshot, documents=MappingProxyType(documents), edits=edits)
            self._complain(uri, ())

    def complained(self, uri: str, first: int, last: int, complaints: Iterable[Complaint]) -> None:
        """This is what is said now of the lines from first to last of an open document."""
        if uri in self._snapshot.documents:
            known = self._snapshot.complaints.get(uri, ())
            self._complain(uri, with_new(known, first, last, complaints))

    def visited(self, uri: str) -> None:
        """The user is working in a document."""
        documents = self._snapshot.documents
        if uri in documents and uri != tuple(documents)[-1]:
            self._use(documents[uri])

    def moved(self, roots: Iterable[Path]) -> None:
        """The workspace has other roots."""
        self._snapshot = replace(self._snapshot, roots=tuple(roots))

    def _complain(self, uri: str, complaints: tuple[Complaint, ...]) -> None:
        if complaints == self._snapshot.complaints.get(uri, ()):
            return
        every = {**self._snapshot.complaints, uri: complaints}
        known = {uri: each for uri, each in every.items() if each}
        self._snapshot = replace(self._snapshot, complaints=MappingProxyType(known))

    def _use(self, document: Document) -> None:
        """Put a document behind all others."""
        documents = dict(self._snapshot.documents)
        documents.pop(document.uri, None)
        documents[document.uri] = document
        self._snapshot = replace(self._snapshot, documents=MappingProxyType(documents))


def _rises(known: int | None, new: int | None) -> bool:
    return known is None or new is None or new > known


def _edited(text: Text, change: Change, encoding: Encoding) -> Text | None:
    """The text with a range replaced; None if the range makes no sense. A reversed one is turned round."""
    if change.range is None:
        return Text(change.text)
    start, end = change.range
    if min(*start, *end) < 0:
        return None
    return text.splice(text.offset(*start, encoding), text.offset(*end, encoding), change.text)
