"""Text search: which pieces of the repository say what is said at a place, the likest first.

The measure is BM25 over words and the parts of words, so that `parse_header` finds `HeaderParser` as well.
The only importer of tantivy, which searches 42 MB in 2 ms where SQLite's full text search takes 500 ms.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tantivy

MOST_WORDS = 64
"""Words of a query; what stands nearest to the cursor is what counts."""
SHORTEST, LONGEST = 2, 64
"""Characters of a word that is worth finding."""
MOST_KNOWN = 10_000
"""Words of which it is remembered whether anything says them."""
MOST_KEPT = 32
"""Queries whose answers are kept: a key often adds no word that stands anywhere."""
HEAP_BYTES = 40_000_000
"""Memory for what is not written yet; tantivy wants 15 MB for each of its threads."""
THREADS = 1
"""The editor wants the others."""

TABLES = ("pieces", "definitions")
"""Folders in that of a search."""

IDENTIFIER = re.compile(r"[^\W\d]\w*")
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")
"""Parts of an identifier: `HTTPServer2` is HTTP and Server."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a content, from one string index to another, and its words with blanks between them."""

    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A piece that was found. Scores can be compared within one search only."""

    content: int
    start: int
    end: int
    score: float


def words_of(text: str) -> list[str]:
    """The identifiers of a text and their parts, in small letters, in their order, each as often as it is."""
    return list(chain.from_iterable(map(_words_in, IDENTIFIER.findall(text))))


@lru_cache(maxsize=30_000)
def _words_in(identifier: str) -> tuple[str, ...]:
    """An identifier and its parts. The same ones come again and again."""
    parts = [part.lower() for part in PART.findall(identifier)]
    whole = identifier.lower()
    found = parts if parts == [whole] else [whole, *parts]
    return tuple(word for word in found if SHORTEST <= len(word) <= LONGEST)


def query_of(text: str) -> tuple[str, ...]:
    """The words to look for at the end of a text: each once, the last ones first."""
    return tuple(dict.fromkeys(reversed(words_of(text))))[:MOST_WORDS]


@contextmanager
def _panics() -> Iterator[None]:
    """A fault in native code is an error like others, and its exception one that nobody catches otherwise."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(f"the text search failed: {error}") from error


def is_whole(folder: Path) -> bool:
    """Whether the files of a search are as they were written. Raises OSError and ValueError for some damage.

    tantivy does not look, and ends the process when it merges what is damaged. It writes a checksum behind
    what is in a file, as JSON, with two numbers behind that: how long it is, and a constant.
    """
    return all(_is_whole(path) for name in TABLES for path in _files(folder / name))


def _files(folder: Path) -> Iterator[Path]:
    """The files of the last commit. Others may be left of a commit that was not finished."""
    for segment in json.loads((folder / "meta.json").read_bytes())["segments"]:
        name = str(segment["segment_id"]).replace("-", "")
        deletes = segment["deletes"]
        yield from (path for path in folder.glob(f"{name}.*") if path.suffix != ".del")
        if deletes:
            yield folder / f"{name}.{deletes['opstamp']}.del"


def _is_whole(path: Path) -> bool:
    data = path.read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    content, footer = data[: -8 - length], data[-8 - length : -8]
    return bool(zlib.crc32(content) == json.loads(footer)["crc"])


class Search:
    """Pieces of contents and their definitions, in a folder that is made if need be, or in memory for None.

    What a content says is added once and removed as a whole. Changes are seen after `commit`. One writer at a
    time: to a second one, also in another process, the first change raises ValueError. A folder that holds
    something else, or a damaged index, raises ValueError; it is best deleted then.
    """

    def __init__(self, folder: Path | None = None) -> None:
        pieces, definitions = TABLES
        self._pieces = _Table(pieces, ("start", "end"), folder)
        self._definitions = _Table(definitions, ("id",), folder)

    @classmethod
    def existing(cls, folder: Path) -> Search | None:
        """The search in a folder, if there is one."""
        parts = (folder / name / "meta.json" for name in TABLES)
        return cls(folder) if all(part.exists() for part in parts) else None

    def add(self, content: int, pieces: Iterable[Piece], definitions: Iterable[tuple[int, str]]) -> None:
        """Add what a content says: its pieces, and its definitions by their ids, with their words."""
        for piece in pieces:
            self._pieces.add(content, piece.words, (piece.start, piece.end))
        for number, words in definitions:
            self._definitions.add(content, words, (number,))

    def remove(self, content: int) -> None:
        """Forget a content."""
        self._pieces.remove(content)
        self._definitions.remove(content)

    def commit(self) -> None:
        """Let all changes so far be seen, and survive."""
        from concurrent.futures import ThreadPoolExecutor

        # Both wait for the disk most of the time, so that they take half as long together.
        with ThreadPoolExecutor(1, "commit the search") as other:
            definitions = other.submit(self._definitions.commit)
            self._pieces.commit()
            definitions.result()

    def refresh(self) -> None:
        """See what another process has committed."""
        self._pieces.refresh()
        self._definitions.refresh()

    def close(self) -> None:
        """Drop what was not committed, and let others write."""
        self._pieces.close()
        self._definitions.close()

    def find(self, words: Sequence[str], count: int, without: Collection[int] = ()) -> list[Hit]:
        """The `count` pieces that say most of these words, the best first; none of the contents `without`."""
        found = self._pieces.find(words, count, without)
        return [Hit(content, start, end, score) for score, content, (start, end) in found]

    def find_definitions(self, words: Sequence[str], count: int) -> list[tuple[int, float]]:
        """The ids of the `count` definitions that say most of these words, with scores."""
        return [(number, score) for score, _, (number,) in self._definitions.find(words, count)]


_Query = tuple[tuple[str, ...], int, tuple[int, ...]]
"""Words that stand somewhere, how many answers are wanted, and contents that are none."""
_Row = tuple[float, int, list[int]]
"""Score, content and numbers of what was found."""


class _Table:
    """One index: words of a content, with some numbers that say where they stand.

    Pieces and definitions have one each: how long a text is counts beside the mean of its index.
    """

    @_panics()
    def __init__(self, name: str, numbers: Sequence[str], folder: Path | None) -> None:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("content", stored=True, indexed=True)
        builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
        for number in numbers:
            builder.add_unsigned_field(number, stored=True)
        self._numbers = numbers
        self._schema = builder.build()
        path = None if folder is None else folder / name
        if path is not None:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._index = tantivy.Index(self._schema, None if path is None else str(path))
        words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("whitespace", words)
        self._index.config_reader("manual", 0)
        self._writer: tantivy.IndexWriter | None = None
        self._kept: dict[_Query, list[_Row]] = {}
        self._known: dict[str, bool] = {}
        """Words that were asked for, and whether anything says them."""

    @_panics()
    def add(self, content: int, words: str, numbers: Sequence[int]) -> None:
        import tantivy

        if words:
            document = tantivy.Document(words=words)
            document.add_unsigned("content", content)
            for name, number in zip(self._numbers, numbers, strict=True):
                document.add_unsigned(name, number)
            self._writing().add_document(document)

    @_panics()
    def remove(self, content: int) -> None:
        import tantivy

        # By a query: given a term, the number would be taken for a signed one, and nothing be deleted.
        query = tantivy.Query.term_query(self._schema, "content", content)
        self._writing().delete_documents_by_query(query)

    @_panics()
    def commit(self) -> None:
        if self._writer is not None:
            self._writer.commit()
            self.refresh()

    @_panics()
    def refresh(self) -> None:
        self._kept, self._known = {}, {}
        self._index.reload()

    @_panics()
    def close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            # What cannot be undone was not committed either.
            with suppress(ValueError):
                writer.rollback()
                writer.wait_merging_threads()

    @_panics()
    def find(self, words: Sequence[str], count: int, without: Collection[int] = ()) -> list[_Row]:
        """What says most of these words, the best first."""
        searcher = self._index.searcher()
        known = tuple(word for word in words[:MOST_WORDS] if self._is_known(searcher, word))
        if not known or count < 1:
            return []
        query = known, count, tuple(without)
        if query not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[query] = self._found(searcher, query)
        return self._kept[query]

    def _is_known(self, searcher: tantivy.Searcher, word: str) -> bool:
        if word not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known = {}
            self._known[word] = searcher.doc_freq("words", word) > 0
        return self._known[word]

    def _found(self, searcher: tantivy.Searcher, query: _Query) -> list[_Row]:
        import tantivy

        words, count, without = query
        should, never = tantivy.Occur.Should, tantivy.Occur.MustNot
        parts = [(should, tantivy.Query.term_query(self._schema, "words", word, "freq")) for word in words]
        parts += [(never, tantivy.Query.term_query(self._schema, "content", each)) for each in without]
        found = searcher.search(tantivy.Query.boolean_query(parts), limit=count, count=False)
        rows = []
        for score, place in found.hits:
            content, *numbers = self._stored(searcher.doc(place))
            rows.append((float(score), content, numbers))
        return rows

    def _stored(self, document: tantivy.Document) -> list[int]:
        return [int(document.get_first(name) or 0) for name in ("content", *self._numbers)]

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(HEAP_BYTES, THREADS)
            # A writer that was killed in a commit may have left files with the names of the next one.
            self._writer.garbage_collect_files()
        return self._writer
