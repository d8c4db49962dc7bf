"""Open documents as gather sees them: parsed once for each text, however many requests come."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from context.index import Index
from context.outline import Outline
from context.parse import parse
from context.repository import Memo, Opened, Repository, opened
from context.secrets import is_secret_path
from context.snapshot import Document, Snapshot

MOST = 64
"""Documents that are remembered."""
LONGEST = 400_000
"""Characters of a document that is parsed while the user types: more would be felt."""
LONGEST_HEAD, LONGEST_IMPORT = 20_000, 200
"""Characters at the start of a document in which it imports, and those of one more import."""
LITTLE = 2_000
"""Characters by which the document of the cursor may differ from the text whose outline still serves."""


@dataclass(frozen=True, slots=True)
class _Parsed:
    document: Document
    known: Opened

    def is_of(self, document: Document, path: str) -> bool:
        """Whether a document with this path is as it was."""
        return self.document.text is document.text and self.known.path == path

    def serves(self, document: Document) -> bool:
        """Whether the outline still serves where little has changed, and nothing where the text imports."""
        old, new, imports = self.known.text, document.text, self.known.outline.imports
        head = min(imports[-1].offset, LONGEST_HEAD) + LONGEST_IMPORT if imports else LONGEST_IMPORT
        little = abs(len(new) - len(old)) <= LITTLE and self.document.language == document.language
        return little and old.startswith(new.slice(0, head))


class Outlines:
    """The outlines of open documents. Belongs to one thread."""

    def __init__(self) -> None:
        self.memo = Memo()
        self._parsed: OrderedDict[str, _Parsed] = OrderedDict()

    def of(self, document: Document, path: str) -> Opened | None:
        """Return a document, that lies at a path, as it is now; None for one that is too long or unsure."""
        if len(document.text) > LONGEST or not document.in_sync:
            return None
        last = self._parsed.get(document.uri)
        if last is None or not last.is_of(document, path):
            return self._parse(document, path)
        self._parsed.move_to_end(document.uri)
        return last.known

    def around(self, document: Document, path: str) -> Outline:
        """Return the outline of the document in which the user types; it may be some keys old.

        Parsing takes half a millisecond for 1,000 characters, and another outline at each key says nothing
        new, unless something is imported.
        """
        last = self._parsed.get(document.uri)
        if last is not None and last.serves(document):
            return last.known.outline
        known = self.of(document, path)
        return known.outline if known else Outline(document.language, "text", 0, (), (), (), (), False)

    def _parse(self, document: Document, path: str) -> Opened:
        text = document.text.string
        known = opened(path, text, parse(text, document.language))
        self._parsed[document.uri] = _Parsed(document, known)
        self._parsed.move_to_end(document.uri)
        while len(self._parsed) > MOST:
            self._parsed.popitem(last=False)
        return known


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
        if _is_secret(document.path) or _is_secret(path):
            continue
        if known := outlines.of(document, str(path)):
            documents[known.path] = known
    edits = tuple(
        (str(real(edited.path)), edited.text.line_start(edit.line))
        for edit in snapshot.edits
        if (edited := snapshot.documents.get(edit.uri)) and edited.path is not None
    )
    outlines.memo.renew(tuple(index.version() for index in indexes))
    return Repository(indexes, documents, str(real(here.path)) if here.path else "", outlines.memo, edits)


@lru_cache(maxsize=1024)
def _is_secret(path: Path) -> bool:
    """Whether a path is never read; the same ones are asked about at every key."""
    return is_secret_path(path)
