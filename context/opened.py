"""Open documents as gather sees them: parsed once for each text, however many requests come."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from context.index import Index
from context.parse import parse
from context.repository import Memo, Opened, Repository, opened
from context.secrets import is_secret_path
from context.snapshot import Document, Snapshot
from context.text import Text

MOST = 64
"""Documents that are remembered."""
LONGEST = 400_000
"""Characters of a document that is parsed while the user types: more would be felt."""
LITTLE = 2_000
"""Characters by which a long document may differ from the text whose outline still serves."""
LONG = 60_000
"""Characters from which on a document counts as long: parsing holds up everything else for 6 ms."""


@dataclass(frozen=True, slots=True)
class _Parsed:
    text: Text
    known: Opened


class Outlines:
    """The outlines of open documents. Belongs to one thread."""

    def __init__(self) -> None:
        self.memo = Memo()
        self._parsed: OrderedDict[str, _Parsed] = OrderedDict()

    def of(self, document: Document, path: str) -> Opened | None:
        """Return a document, that lies at a path, with its outline; None for one that is too long or unsure."""
        if len(document.text) > LONGEST or not document.in_sync:
            return None
        last = self._parsed.get(document.uri)
        if last is None or last.text is not document.text:
            if last is None or not _serves(last.text, document.text):
                text = document.text.string
                last = _Parsed(document.text, opened(path, text, parse(text, document.language)))
            self._parsed[document.uri] = last
        self._parsed.move_to_end(document.uri)
        while len(self._parsed) > MOST:
            self._parsed.popitem(last=False)
        return last.known


def _serves(old: Text, new: Text) -> bool:
    """Whether an outline of an older text is good enough: a long text that has changed little, not at its head."""
    if len(new) < LONG or abs(len(new) - len(old)) > LITTLE:
        return False
    return old.slice(0, LITTLE) == new.slice(0, LITTLE)


def repository_of(
    snapshot: Snapshot,
    here: Document,
    indexes: Sequence[Index],
    outlines: Outlines,
    real: Callable[[Path], Path],
) -> Repository:
    """Return the repository as it is at a moment, seen from a document.

    `real` gives a path as the indexes name it.
    """
    documents = {}
    for document in snapshot.documents.values():
        if document.path is None or document.uri == here.uri:
            continue
        path = real(document.path)
        if is_secret_path(document.path) or is_secret_path(path):
            continue
        if known := outlines.of(document, str(path)):
            documents[known.path] = known
    outlines.memo.renew(tuple(index.version() for index in indexes))
    return Repository(indexes, documents, str(real(here.path)) if here.path else "", outlines.memo)
