"""What ours is compared with: nothing, the ring of chunks of llama.vim, and BM25 over chunks.

Both are written anew from what they do. They never read the file with the place.
"""

from __future__ import annotations

import hashlib
import heapq
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lsp_server.cli.bench.recall import own
from lsp_server.cli.bench.recall.place import Place, Snippet, packed
from lsp_server.cli.bench.recall.vocabulary import Vocabulary

RING_LINES, RING_CHUNKS = 64, 16
RING_SAME, RING_HERE = 0.9, 0.5
"""From which similarity on a chunk gives way to a new one, and is not sent beside the text at the cursor."""
RING_OPENED = 24
"""Files that were looked at before; the nearest ones last."""

BM25_LINES, BM25_QUERY = 25, 20
BM25_MOST = 100
K1, B = 1.2, 0.75

_WORD = re.compile(r"[^\W\d]\w*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")


@dataclass(frozen=True)
class Corpus:
    """The files of a repository by path, each as its lines."""

    root: Path
    files: dict[str, list[str]]


class Nothing:
    """No context at all."""

    name = "none"

    def contexts(self, _: Place, budgets: Sequence[int]) -> dict[int, str]:
        """Nothing."""
        return dict.fromkeys(budgets, "")


class Ring:
    """Chunks of files that were looked at, as llama.vim keeps them; there is no true history of editing.

    The files nearest to the place in the tree count as opened, in each one chunk around a line by chance.
    """

    name = "ring"

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._corpus = Corpus(Path(), {})

    def contexts(self, place: Place, budgets: Sequence[int]) -> dict[int, str]:
        """The last chunks of the ring that are not like the text at the cursor."""
        self._corpus = corpus_of(place.root, self._corpus)
        here = _around(place.text.split("\n"), place.line)
        chunks = [chunk for chunk in self._ring(place) if similarity(chunk.text, here) <= RING_HERE]
        return {budget: packed(reversed(chunks), budget, self._vocabulary) for budget in budgets}

    def _ring(self, place: Place) -> list[Snippet]:
        opened = nearest(place.path, place.language, self._corpus.files)[:RING_OPENED]
        chance = random.Random(f"{place.path}:{place.line}")
        ring: list[Snippet] = []
        for path in reversed(opened):
            lines = self._corpus.files[path]
            ring = pushed(ring, Snippet(path, _around(lines, chance.randrange(len(lines)))))
        return ring


def pushed(ring: Sequence[Snippet], chunk: Snippet) -> list[Snippet]:
    """A ring with a chunk more: what is like it goes, and the oldest if there are too many."""
    kept = [each for each in ring if similarity(each.text, chunk.text) < RING_SAME]
    return [*kept, chunk][-RING_CHUNKS:]


def similarity(first: str, second: str) -> float:
    """How many of the lines of two texts are the same, from 0 to 1."""
    one, other = Counter(_filled(first)), Counter(_filled(second))
    together = one.total() + other.total()
    return 2 * (one & other).total() / together if together else 1.0


def _filled(text: str) -> Iterator[str]:
    return (stripped for line in text.split("\n") if (stripped := line.strip()))


def _around(lines: Sequence[str], line: int) -> str:
    start = max(0, min(line - RING_LINES // 2, len(lines) - RING_LINES))
    return "\n".join(lines[start : start + RING_LINES])


def nearest(path: str, language: str, files: Iterable[str]) -> list[str]:
    """Other files of the same kind by how near they are in the tree; siblings first."""
    ending, folders = PurePosixPath(path).suffix, PurePosixPath(path).parts[:-1]

    def distance(other: str) -> tuple[int, str]:
        parts = PurePosixPath(other).parts[:-1]
        shared = sum(1 for _ in _shared(folders, parts))
        digest = hashlib.blake2b(f"{path} {other}".encode(), digest_size=8).hexdigest()
        return len(folders) + len(parts) - 2 * shared, digest

    like = own.endings_of(language) | {ending}
    return sorted(
        (each for each in files if each != path and PurePosixPath(each).suffix in like), key=distance
    )


def _shared(first: Sequence[str], second: Sequence[str]) -> Iterator[str]:
    for one, other in zip(first, second, strict=False):
        if one != other:
            return
        yield one


class Bm25:
    """Chunks of 25 lines, found by the words of the last 20 lines and their parts."""

    name = "bm25"

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._corpus = Corpus(Path(), {})
        self._index = Bm25Index([])

    def contexts(self, place: Place, budgets: Sequence[int]) -> dict[int, str]:
        """The chunks that say most of what the last lines say."""
        corpus = corpus_of(place.root, self._corpus)
        if corpus is not self._corpus:
            self._corpus, self._index = corpus, Bm25Index(list(chunks_of(corpus)))
        query = words_of("\n".join(place.before.split("\n")[-BM25_QUERY - 1 :]))
        found = self._index.find(query, BM25_MOST, without=place.path)
        return {budget: packed(found, budget, self._vocabulary) for budget in budgets}


def chunks_of(corpus: Corpus) -> Iterator[Snippet]:
    """All files in chunks of the same number of lines."""
    for path, lines in corpus.files.items():
        for start in range(0, len(lines), BM25_LINES):
            text = "\n".join(lines[start : start + BM25_LINES])
            if text.strip():
                yield Snippet(path, text)


def words_of(text: str) -> list[str]:
    """The names in a text and their parts, in small letters."""
    words = []
    for name in _WORD.findall(text):
        parts = [part.lower() for part in _PART.findall(name)]
        words += parts if parts == [name.lower()] else [name.lower(), *parts]
    return words


class Bm25Index:
    """Chunks by their words."""

    def __init__(self, chunks: Sequence[Snippet]) -> None:
        self._chunks = chunks
        self._lengths = [0] * len(chunks)
        self._postings: dict[str, list[tuple[int, int]]] = {}
        for number, chunk in enumerate(chunks):
            counts = Counter(words_of(chunk.text))
            self._lengths[number] = counts.total()
            for word, count in counts.items():
                self._postings.setdefault(word, []).append((number, count))
        self._mean = sum(self._lengths) / max(1, len(chunks))

    def find(self, words: Iterable[str], most: int, without: str = "") -> list[Snippet]:
        """The best chunks for some words, each of which counts once; none of the file `without`."""
        scores: dict[int, float] = {}
        for word in set(words):
            postings = self._postings.get(word, [])
            rarity = math.log(1 + (len(self._chunks) - len(postings) + 0.5) / (len(postings) + 0.5))
            for number, count in postings:
                length = K1 * (1 - B + B * self._lengths[number] / self._mean)
                scores[number] = scores.get(number, 0.0) + rarity * count * (K1 + 1) / (count + length)
        allowed = (
            (score, -number) for number, score in scores.items() if self._chunks[number].path != without
        )
        return [self._chunks[-number] for _, number in heapq.nlargest(most, allowed)]


def corpus_of(root: Path, last: Corpus) -> Corpus:
    """The files of a repository; the last corpus if it is that of this repository."""
    if last.root == root:
        return last
    return Corpus(root, {path: text.split("\n") for path, text in own.texts_of(root)})
