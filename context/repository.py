"""The repository as it is at one moment: what the indexes say of the disk, and the open documents over it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import PurePath
from posixpath import dirname

from context.chunks import chunks_of
from context.heads import heads_of
from context.index import Index, Passage, Site
from context.outline import Import, Outline, References
from context.resolve import module_of

FRESH = 0.8
"""What an edit counts beside the one after it."""
MOST_OF_NAME = 24
"""Definitions of one name that are looked at."""
MOST_MEMO = 100_000
"""Definitions, about, that are remembered: some 50 MB."""
MEMO_OF_FILE = 40
"""Definitions in a file, about."""
MOST_TEXT = 6_000_000
"""Characters of texts that are remembered: those of some hundred files."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open document as the index would tell of it."""

    path: str
    text: str
    outline: Outline
    sites: tuple[Site, ...]
    """What it defines, in order."""
    named: Mapping[str, Sequence[Site]]
    uses: Mapping[str, int]
    """The names that it uses, and how often."""
    passages: tuple[Passage, ...]
    """Its chunks, which nothing has scored yet."""


def opened(path: str, text: str, outline: Outline) -> Opened:
    """Return an open document, from its outline."""
    sites = tuple(sites_of(path, text, outline))
    named: dict[str, list[Site]] = {}
    for site in sites:
        named.setdefault(site.name, []).append(site)
    chunks = chunks_of(outline, text)
    passages = (Passage(path, chunk.start, chunk.end, text[chunk.start : chunk.end], 0.0) for chunk in chunks)
    return Opened(path, text, outline, sites, named, _uses(outline), tuple(passages))


def _uses(outline: Outline) -> Mapping[str, int]:
    references = outline.references
    if isinstance(references, References):
        return Counter(references.names)
    return Counter(each.name for each in references)


def sites_of(path: str, text: str, outline: Outline) -> list[Site]:
    """Return the definitions of an outline as sites, in their order."""
    return [Site(path, *head) for head in heads_of(outline.definitions, text)]


def _with_body(sites: Iterable[Site]) -> dict[str, Site]:
    return {site.qualified: site for site in sites if site.has_body}


def _imports(document: Opened, name: str) -> bool:
    """Whether a document imports a module or a name of this name."""
    imports = document.outline.imports
    return any(name == each.name or name in module_of(each, document.path).stems for each in imports)


@dataclass(slots=True)
class Memo:
    """What indexes answered since they last changed. The same names are asked for again at every key."""

    versions: tuple[int, ...] = ()
    named: dict[str, list[Site]] = field(default_factory=dict)
    inside: dict[str, list[Site]] = field(default_factory=dict)
    holders: dict[str, dict[str, Site]] = field(default_factory=dict)
    imports: dict[str, list[Import]] = field(default_factory=dict)
    uses: dict[str, frozenset[str]] = field(default_factory=dict)
    used_in: dict[str, int] = field(default_factory=dict)
    paths: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    texts: dict[str, str | None] = field(default_factory=dict)
    passages: dict[str, object] = field(default_factory=dict)
    """How passages were ranked last for a file."""
    scene: object = None
    """What lies around the file that was asked about last."""
    _characters: int = 0

    def renew(self, versions: tuple[int, ...]) -> None:
        """Forget everything if an index has changed, or if it has become too much."""
        files = len(self.inside) + len(self.imports) + len(self.uses)
        much = len(self.named) + len(self.used_in) + MEMO_OF_FILE * files > MOST_MEMO
        if much or versions != self.versions:
            self.named, self.inside, self.holders, self.imports = {}, {}, {}, {}
            self.uses, self.used_in, self.paths = {}, {}, {}
            self.scene, self.passages = None, {}
            self._forget_texts()
        self.versions = versions

    def keep_text(self, path: str, text: str | None) -> str | None:
        """Remember the text of a file, or that there is none, and return it."""
        self._characters += len(text or "")
        if self._characters > MOST_TEXT:
            self._forget_texts()
            self._characters = len(text or "")
        self.texts[path] = text
        return text

    def _forget_texts(self) -> None:
        self.texts, self._characters = {}, 0


@dataclass(frozen=True, slots=True)
class Repository:
    """One moment of all roots, seen from the file `here`, which is itself never found.

    Its copy on disk holds what the user is about to write again, or has just deleted.
    Open documents stand in front of their copies on disk. Everything else is as in `Index`.
    """

    indexes: Sequence[Index]
    documents: Mapping[str, Opened]
    here: str
    memo: Memo
    edits: Sequence[tuple[str, int]] = ()
    """Paths and offsets of open documents at which something was edited, the latest last."""

    def edits_elsewhere(self) -> tuple[tuple[int, str, int], ...]:
        """Edits of other documents than that of the cursor, each behind its age: 0 for the last of all."""
        aged = enumerate(reversed(self.edits))
        return tuple((age, path, at) for age, (path, at) in aged if path != self.here)

    def edited(self, path: str, start: int, end: int) -> float:
        """How lately a piece of an open document was edited: 1.0 for the last edit of all, 0.0 for never."""
        for age, (edited, offset) in enumerate(reversed(self.edits)):
            if edited == path and start <= offset <= end:
                return FRESH**age
        return 0.0

    def named(self, names: Collection[str]) -> dict[str, list[Site]]:
        """Definitions of names, some of each."""
        known = self.memo.named
        if missing := [name for name in names if name not in known]:
            found_by = [index.named(missing, MOST_OF_NAME) for index in self.indexes]
            known.update({name: _each_once(found.get(name, ()) for found in found_by) for name in missing})
        found = {}
        for name in names:
            sites = [site for site in known[name] if self._on_disk(site.path)]
            for document in self._others():
                sites += document.named.get(name, ())
            if sites:
                found[name] = sites
        return found

    def inside(self, path: str) -> list[Site]:
        """All definitions of a file, in order."""
        if path == self.here:
            return []
        if document := self.documents.get(path):
            return list(document.sites)
        if path not in self.memo.inside:
            found = (sites for index in self.indexes if (sites := index.inside(path)))
            self.memo.inside[path] = next(found, [])
        return self.memo.inside[path]

    def holders(self, path: str) -> Mapping[str, Site]:
        """The definitions of a file that others can be in, by their qualified names."""
        if path == self.here or path in self.documents:
            return _with_body(self.inside(path))
        if path not in self.memo.holders:
            self.memo.holders[path] = _with_body(self.inside(path))
        return self.memo.holders[path]

    def imports(self, path: str) -> list[Import]:
        """The imports of a file."""
        if path == self.here:
            return []
        if document := self.documents.get(path):
            return list(document.outline.imports)
        if path not in self.memo.imports:
            found = (imports for index in self.indexes if (imports := index.imports(path)))
            self.memo.imports[path] = next(found, [])
        return self.memo.imports[path]

    def uses(self, path: str) -> frozenset[str]:
        """The names that a file uses."""
        if path == self.here:
            return frozenset()
        if document := self.documents.get(path):
            return frozenset(document.uses)
        return self._uses_on_disk(path)

    def _uses_on_disk(self, path: str) -> frozenset[str]:
        if path not in self.memo.uses:
            found = (names for index in self.indexes if (names := index.uses(path)))
            self.memo.uses[path] = frozenset(next(found, ()))
        return self.memo.uses[path]

    def text(self, path: str) -> str | None:
        """The text of a file, without its secrets where it comes from the disk."""
        if path == self.here:
            return None
        if document := self.documents.get(path):
            return document.text
        if path in self.memo.texts:
            return self.memo.texts[path]
        found = (text for index in self.indexes if (text := index.text(path)) is not None)
        return self.memo.keep_text(path, next(found, None))

    def by_stem(self, stem: str) -> list[str]:
        """Files with a name, without its ending."""
        opened = [document.path for document in self._others() if PurePath(document.path).stem == stem]
        return self._paths("stem", stem, lambda index: index.by_stem(stem), opened)

    def in_folder(self, folder: str) -> list[str]:
        """Files that lie directly in a folder."""
        opened = [document.path for document in self._others() if dirname(document.path) == folder]
        return self._paths("folder", folder, lambda index: index.in_folder(folder), opened)

    def below(self, folder: str) -> list[str]:
        """Files in a folder, however deep."""
        opened = [each.path for each in self._others() if each.path.startswith(f"{folder}/")]
        return self._paths("below", folder, lambda index: index.paths(folder), opened)

    def in_folders_named(self, name: str) -> list[str]:
        """Files that lie directly in a folder of this name, wherever it is."""
        return self._paths("folders", name, lambda index: index.in_folders_named(name), ())

    def importers(self, name: str) -> list[str]:
        """Files that import a module or a name with this name."""
        opened = [document.path for document in self._others() if _imports(document, name)]
        found = self._paths("importers", name, lambda index: index.importers([name]), opened)
        return [path for path in found if path in opened or path not in self.documents]

    def users(self, name: str, most: int = 50) -> list[tuple[str, int]]:
        """Files in which a name is used, and how often."""
        pairs = (pair for index in self.indexes for pair in index.users(name, most))
        found = {path: count for path, count in pairs if self._on_disk(path)}
        for document in self._others():
            found[document.path] = document.uses.get(name, 0)
        return sorted(((path, count) for path, count in found.items() if count), key=_by_count)[:most]

    def used_in(self, names: Collection[str]) -> dict[str, int]:
        """In how many files on disk names are used, the one here left out."""
        known = self.memo.used_in
        if missing := [name for name in names if name not in known]:
            known.update(dict.fromkeys(missing, 0))
            for index in self.indexes:
                for name, count in index.used_in(missing).items():
                    known[name] += count
        own = self._uses_on_disk(self.here)
        return {name: known[name] - (name in own) for name in names}

    def find(self, words: Sequence[str], count: int) -> list[Passage]:
        """Passages on disk that say the words, the best first; of no open document."""
        without = [self.here, *self.documents]
        passages = chain.from_iterable(index.find(words, count, without) for index in self.indexes)
        found = {(passage.path, passage.start): passage for passage in passages}
        return sorted(found.values(), key=lambda passage: -passage.score)[:count]

    def find_sites(self, words: Sequence[str], count: int) -> list[Site]:
        """Definitions on disk whose names and signatures say the words, the best first."""
        found = _each_once(index.find_sites(words, count) for index in self.indexes)
        return [site for site in found if self._on_disk(site.path)]

    def ranks(self, paths: Collection[str]) -> dict[str, float]:
        """How much files on disk matter to some of them, beside each other."""
        ranks = [index.ranks(paths).items() for index in self.indexes]
        return {path: much for path, much in chain.from_iterable(ranks) if path != self.here}

    def paths(self) -> list[str]:
        """All files."""
        paths = chain.from_iterable(index.paths() for index in self.indexes)
        return [path for path in dict.fromkeys((*paths, *self.documents)) if path != self.here]

    def _others(self) -> Iterator[Opened]:
        return (document for document in self.documents.values() if document.path != self.here)

    def _on_disk(self, path: str) -> bool:
        return path != self.here and path not in self.documents

    def _paths(
        self, kind: str, name: str, ask: Callable[[Index], list[str]], opened: Sequence[str]
    ) -> list[str]:
        key = kind, name
        if key not in self.memo.paths:
            self.memo.paths[key] = [path for index in self.indexes for path in ask(index)]
        return [path for path in dict.fromkeys((*self.memo.paths[key], *opened)) if path != self.here]


def _each_once(found: Iterable[Iterable[Site]]) -> list[Site]:
    """Put together what several indexes found; where one root lies in another, both know of it."""
    return list(dict.fromkeys(chain.from_iterable(found)))


def _by_count(pair: tuple[str, int]) -> tuple[int, str]:
    """A key by which most uses come first."""
    return -pair[1], pair[0]
