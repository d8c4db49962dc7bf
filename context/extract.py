"""What the index keeps of one content: compact rows, which cross from one process to another as they are.

Pure: from bytes to rows. `pool.py` runs it in other processes, `store.py` and `search.py` take the rows.
"""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from context import words
from context.chunks import chunks_of
from context.contents import text_of
from context.heads import heads_of
from context.outline import Import, Kind, Outline, Reference, References
from context.parse import parse
from context.redact import redact
from context.rows import key_of, packed, packed_text
from context.search import Piece, words_of

MOST_DEFINITIONS = 1 << 16
"""Of one content. A file of a megabyte that people wrote has some thousands."""

SAYS_NOTHING = words.PROSE | {"gettext", "json", "jsonc", "jsonl", "yaml", "xml", "svg", "csv", "tsv", "diff"}
"""Languages whose words are no uses of a name: text search finds what they say."""

_ENDINGS = "c cjs css h hh hpp hxx inc js json jsx less lua mjs php py rb scss sh svelte ts tsx vue"
ENDINGS = frozenset(_ENDINGS.split())
"""Of files that are imported by their names; behind any other dot stands a part of a module's name."""

DefinitionRow = tuple[int, str, Kind, str, str, str, int, int, int, int, bool]
"""The key of the name, then what a `Site` has, in its order and without the path."""

_PARTS = re.compile(r"[/\\]|::")


@dataclass(frozen=True, slots=True)
class Extract:
    """The rows of one content."""

    length: int
    """Characters of its text."""
    text: bytes
    """Compressed, as are `uses` and `imports`."""
    chunks: bytes
    """Start and end of each, as numbers of four bytes."""
    chunk_words: list[str]
    definitions: list[DefinitionRow]
    definition_words: list[str]
    uses: bytes
    """How often it uses each name."""
    use_keys: list[tuple[int, int]]
    """The same by the keys of the names."""
    imports: bytes
    import_keys: list[int]
    """Keys of the names by which other files are imported."""

    def pieces(self) -> Iterator[Piece]:
        """What is searched of it."""
        places = array("I", self.chunks)
        for start, end, said in zip(places[::2], places[1::2], self.chunk_words, strict=True):
            yield Piece(start, end, said)


def hash_of(data: bytes, language: str) -> bytes:
    """What tells contents apart. The same bytes say something else in another language."""
    return blake2b(data, digest_size=16, person=blake2b(language.encode(), digest_size=16).digest()).digest()


def extract(data: bytes, language: str, stem: str, read: Callable[[str, str], Outline] = parse) -> Extract:
    """Read a content; `stem` is the name of its file without ending, by which its definitions are found too.

    With `words.read` in place of the parser, no native code sees the text.
    """
    text = redact(text_of(data)).text
    outline = read(text, language)
    chunks = chunks_of(outline, text)
    definitions = outline.definitions[:MOST_DEFINITIONS]
    places = array("I", [at for chunk in chunks for at in (chunk.start, chunk.end)]).tobytes()
    uses = {} if language in SAYS_NOTHING else Counter(_names(outline.references))
    return Extract(
        length=len(text),
        text=packed_text(text),
        chunks=places,
        chunk_words=[piece.words for piece in pieces_of(text, places)],
        definitions=[(key_of(head[0]), *head) for head in heads_of(definitions, text)],
        definition_words=[definition_words(each.qualified, each.signature, stem) for each in definitions],
        uses=packed(json.dumps(uses, ensure_ascii=False, separators=(",", ":"))),
        use_keys=sorted((key_of(name), count) for name, count in uses.items()),
        imports=packed(_imports(outline.imports)),
        import_keys=import_keys(outline.imports),
    )


def pieces_of(text: str, chunks: bytes) -> list[Piece]:
    """What is searched of a content, from what was stored of it."""
    places = array("I", chunks)
    return [
        Piece(start, end, " ".join(words_of(text[start:end])))
        for start, end in zip(places[::2], places[1::2], strict=True)
    ]


def definition_words(qualified: str, signature: str, stem: str) -> str:
    """The words by which a definition is found."""
    return " ".join([*words_of(qualified), *words_of(signature), *words_of(stem)])


def import_keys(imports: Iterable[Import]) -> list[int]:
    """Keys by which imports are looked for: of the name, and of the last part of the module."""
    return sorted(set(map(key_of, _imported(imports))))


def _names(references: Sequence[Reference]) -> Iterable[str]:
    if isinstance(references, References):
        return references.names
    return (each.name for each in references)


def _imports(imports: Iterable[Import]) -> str:
    return json.dumps([[each.module, each.name, each.alias, each.offset] for each in imports])


def _imported(imports: Iterable[Import]) -> Iterator[str]:
    """`shop/cart.h` is looked for as `cart.h` and as `cart`, `shop.cart` as `cart`."""
    for each in imports:
        last = _PARTS.split(each.module)[-1]
        before, _, ending = last.rpartition(".")
        yield from {each.name, *((last, before) if ending in ENDINGS else (ending,))} - {"", "*"}
