"""Text search: which pieces of the repository say what is said at a place, the likest first.

The measure is BM25 over words and the parts of words, so that `parse_header` finds `HeaderParser` as well.
The only importer of tantivy, which searches 42 MB in 2 ms where SQLite's full text search takes 500 ms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tantivy

MOST_WORDS = 64
"""Words of a query; what stands nearest to the cursor is what counts."""
SHORTEST, LONGEST = 2, 64
"""Characters of a word that is worth finding."""
HEAP_BYTES = 64_000_000
"""Memory for pieces that are not written yet; tantivy wants 15 MB for each of its threads."""
THREADS = 1
"""The editor wants the others."""

IDENTIFIER = re.compile(r"[^\W\d]\w*")
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")
"""Parts of an identifier: `HTTPServer2` is HTTP and Server."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file, from one string index to another."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A piece that was found. Scores can be compared within one search only."""

    path: str
    start: int
    end: int
    score: float


def words_of(text: str) -> list[str]:
    """The identifiers of a text and their parts, in small letters, in their order, each as often as it is."""
    words = []
    for identifier in IDENTIFIER.findall(text):
        parts = [part.lower() for part in PART.findall(identifier)]
        whole = identifier.lower()
        found = parts if parts == [whole] else [whole, *parts]
        words += [word for word in found if SHORTEST <= len(word) <= LONGEST]
    return words


def query_of(text: str) -> tuple[str, ...]:
    """The words to look for at the end of a text: each once, the last ones first."""
    return tuple(dict.fromkeys(reversed(words_of(text))))[:MOST_WORDS]


class Search:
    """An index in a folder, or in memory for None. Changes are seen after `commit`.

    One writer at a time: to a second one, also in another process, the first change raises ValueError.
    A folder that holds something else, or a damaged index, raises ValueError; it is best deleted then.
    """

    def __init__(self, folder: Path | None = None) -> None:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("path", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
        builder.add_unsigned_field("start", stored=True)
        builder.add_unsigned_field("end", stored=True)
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema, None if folder is None else str(folder))
        words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("whitespace", words)
        self._writer: tantivy.IndexWriter | None = None

    def replace(self, path: str, pieces: Iterable[Piece]) -> None:
        """Put the pieces of a file in place of those that it had."""
        import tantivy

        writer = self._writing()
        writer.delete_documents_by_term("path", path)
        for piece in pieces:
            if words := words_of(piece.text):
                document = tantivy.Document(
                    path=path, words=" ".join(words), start=piece.start, end=piece.end
                )
                writer.add_document(document)

    def remove(self, path: str) -> None:
        """Forget a file."""
        self._writing().delete_documents_by_term("path", path)

    def commit(self) -> None:
        """Let all changes so far be seen, and survive."""
        if self._writer is not None:
            self._writer.commit()
            self._index.reload()

    def close(self) -> None:
        """Drop what was not committed, and let others write."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.rollback()
            writer.wait_merging_threads()

    def find(self, words: Sequence[str], count: int, without: str | None = None) -> list[Hit]:
        """The `count` pieces that say most of these words, the best first; none of the file `without`."""
        import tantivy

        should, never = tantivy.Occur.Should, tantivy.Occur.MustNot
        terms = [tantivy.Query.term_query(self._schema, "words", word, "freq") for word in words[:MOST_WORDS]]
        if not terms or count < 1:
            return []
        parts = [(should, term) for term in terms]
        if without is not None:
            parts.append((never, tantivy.Query.term_query(self._schema, "path", without, "basic")))
        searcher = self._index.searcher()
        found = searcher.search(tantivy.Query.boolean_query(parts), limit=count, count=False)
        return [self._hit(searcher, float(score), place) for score, place in found.hits]

    @staticmethod
    def _hit(searcher: tantivy.Searcher, score: float, place: tantivy.DocAddress) -> Hit:
        document = searcher.doc(place)
        path, start, end = (document.get_first(name) for name in ("path", "start", "end"))
        return Hit(str(path), int(start or 0), int(end or 0), score)

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(HEAP_BYTES, THREADS)
        return self._writer
