"""The index as it is read: what the files of a workspace define, use, import and say.

`Index` reads what `indexing.py` has written, also while it writes. Each call sees the last commit. Paths are
absolute, offsets are string indices in the stored text. Where there is no index yet, or a damaged one, it is
empty: no call raises.
"""

from __future__ import annotations

import json
import os
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from context.outline import Import, Kind
from context.rank import Graph
from context.rank import unpacked as unpacked_graph
from context.rows import KIND_NAMES, NAME, SEARCH, SHIFT, ids_in, imports_of, key_of, passage_of, uses_of
from context.search import Hit, Search

if TYPE_CHECKING:
    import sqlite3

MOST_PLACES = 1000
"""Definitions of one name that are looked at. Most are methods that every class has."""
FROM_ONE_FILE = 2
MOST_PIECES = 2000
"""Passages that are kept, and definitions that were found by their words."""
MOST_NAMES = 4000
"""Names whose definitions are kept."""
PATIENCE = 0.1
"""Seconds that are waited for a writer that is just replacing the journal."""
CACHE_KILOBYTES = 16_000
"""Pages of the database that are kept; it may have ten times as many."""

_KINDS = range(len(KIND_NAMES))
_DAMAGE = (ValueError, TypeError, zlib.error, OSError)
"""What is raised by bytes that mean nothing."""
_COLUMNS = (
    "path, name, kind, coalesce(qualified, name), signature, doc, start, end, signature_at, line, has_body"
)
_JOINED = f"FROM definitions JOIN files ON content = definitions.id >> {SHIFT}"
_SITE = f"SELECT {_COLUMNS} {_JOINED}"
_NUMBERED = (
    f"SELECT {_COLUMNS}, definitions.id {_JOINED} WHERE definitions.id IN (SELECT value FROM json_each(?))"
)
_TEXTS = (
    "SELECT content, path, text FROM files JOIN contents ON contents.id = content"
    " WHERE content IN (SELECT value FROM json_each(?)) GROUP BY content"
)
_NUMBERS = "SELECT id FROM definitions WHERE key = ? LIMIT ?"


@dataclass(frozen=True, slots=True)
class Site:
    """A definition somewhere in the workspace."""

    path: str
    name: str
    kind: Kind
    qualified: str
    """The names of what it is in and its own, with dots between them."""
    signature: str
    """What stands before the body, as it is written; at most 600 characters."""
    doc: str
    """The first lines of its comment, at most 300 characters."""
    start: int
    """The first line of its comment, to its end."""
    end: int
    signature_at: int
    line: int
    """Of the name, from 0."""
    has_body: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a file that was found by its words. Scores can be compared within one search only."""

    path: str
    start: int
    end: int
    text: str
    score: float


class Index:
    """The index in a folder. It belongs to the thread that uses it first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = str(folder.absolute() / NAME)
        self._db: sqlite3.Connection | None = None
        self._identity = (0, 0)
        self._search: Search | None = None
        self._search_state: tuple[object, ...] = ()
        self._graph: Graph | None = None
        self._graph_name = ""
        self._shares: dict[int, float] = {}
        self._sites: dict[tuple[str, int], list[Site]] = {}
        """What was asked for by name since the last commit, since from key to key nearly the same is."""
        self._sites_of = 0
        self._pieces: dict[tuple[int, int, int], tuple[str, str]] = {}
        """Path and text of passages that were found since the last commit."""
        self._numbered: dict[int, Site] = {}
        self._pieces_of = 0
        self._folders: dict[str, list[str]] = {}
        self._folders_version = 0

    def close(self) -> None:
        """Let go of the files. The next call opens them again."""
        db, self._db, self._search, self._search_state = self._db, None, None, ()
        self._sites_of = self._pieces_of = -1
        if db is not None:
            db.close()

    def version(self) -> int:
        """A number that every commit of the writer changes; 0 while there is no index."""
        rows = self._rows("SELECT value FROM meta WHERE key = 'version'")
        return rows[0][0] if rows and isinstance(rows[0][0], int) else 0

    def named(self, names: Collection[str], most: int = 24) -> dict[str, list[Site]]:
        """Where these names are defined, at most `most` places each; those that matter most come first.

        Names that are nowhere are left out.
        """
        version = self.version()
        if version != self._sites_of or len(self._sites) > MOST_NAMES:
            self._sites, self._sites_of = {}, version
        self._look_up([name for name in dict.fromkeys(names) if (name, most) not in self._sites], most)
        found = {name: self._sites[name, most] for name in names}
        return {name: list(sites) for name, sites in found.items() if sites}

    def inside(self, path: str) -> list[Site]:
        """What a file defines, in its order."""
        content = self._content(path)
        statement = f"{_SITE} WHERE definitions.id BETWEEN ? AND ? AND path = ? ORDER BY definitions.id"
        return [_site(row) for row in self._rows(statement, *ids_in(content), os.fsencode(path))]

    def imports(self, path: str) -> list[Import]:
        """What a file imports, in its order."""
        with suppress(*_DAMAGE):
            return [each for data in self._of_content("imports", path) for each in imports_of(data)]
        return []

    def text(self, path: str) -> str | None:
        """The text of a file as it was stored, without what looked like a secret."""
        with suppress(*_DAMAGE):
            for data in self._of_content("text", path):
                return passage_of(data)
        return None

    def language(self, path: str) -> str | None:
        """The language of a file."""
        return next((str(language) for language in self._of_content("language", path)), None)

    def paths(self, folder: str = "/") -> list[str]:
        """All files in a folder, however deep, in the order of their names."""
        start = os.fsencode(folder.rstrip("/") + "/")
        statement = "SELECT path FROM files WHERE path >= ? AND path < ? ORDER BY path"
        return _paths(self._rows(statement, start, start[:-1] + b"0"))

    def by_stem(self, stem: str) -> list[str]:
        """The files whose name without its last ending is this."""
        return _paths(self._rows("SELECT path FROM files WHERE stem = ? ORDER BY path", os.fsencode(stem)))

    def in_folder(self, folder: str) -> list[str]:
        """The files that are directly in a folder."""
        statement = "SELECT path FROM files WHERE folder = ? ORDER BY path"
        return _paths(self._rows(statement, os.fsencode(folder)))

    def in_folders_named(self, name: str) -> list[str]:
        """The files that are directly in a folder of this name, wherever it is."""
        if self._folders_version != (version := self.version()):
            self._folders_version, self._folders = version, {}
            for (folder,) in self._rows("SELECT DISTINCT folder FROM files"):
                path = os.fsdecode(folder)
                self._folders.setdefault(path.rpartition("/")[2], []).append(path)
        return [path for folder in self._folders.get(name, ()) for path in self.in_folder(folder)]

    def users(self, name: str, most: int = 50) -> list[tuple[str, int]]:
        """The files in which a name is used, and how often; most uses first."""
        rows = self._rows(
            "SELECT path, count FROM"
            " (SELECT content, count FROM uses WHERE key = ? ORDER BY count DESC LIMIT ?) AS used"
            " JOIN files ON files.content = used.content ORDER BY count DESC, path LIMIT ?",
            key_of(name),
            most,
            most,
        )
        return [(os.fsdecode(path), count) for path, count in rows]

    def uses(self, path: str) -> dict[str, int]:
        """The names that a file uses, and how often."""
        with suppress(*_DAMAGE):
            return dict(pair for data in self._of_content("uses", path) for pair in uses_of(data).items())
        return {}

    def used_in(self, names: Collection[str]) -> dict[str, int]:
        """In how many contents each of these names is used."""
        found = {}
        for name in names:
            rows = self._rows("SELECT count(*) FROM uses WHERE key = ?", key_of(name))
            found[name] = int(rows[0][0]) if rows else 0
        return found

    def importers(self, module_or_name: Collection[str], most: int = 50) -> list[str]:
        """The files that import one of these names, or a module whose last part is one of them."""
        keys = [key_of(name) for name in module_or_name]
        rows = self._rows(
            "SELECT DISTINCT path FROM importers JOIN files ON files.content = importers.content"
            f" WHERE key IN ({_marks(keys)}) LIMIT ?",
            *keys,
            most,
        )
        return _paths(rows)

    def find(self, words: Sequence[str], count: int, without: Collection[str] = ()) -> list[Passage]:
        """The pieces that say most of these words, the best first; none of these files."""
        left_out = {self._content(path) for path in without}
        search = self._searched()
        with suppress(*_DAMAGE):
            hits = search.find(words, count, left_out) if search else []
            return list(self._passages(hits))
        return []

    def find_sites(self, words: Sequence[str], count: int) -> list[Site]:
        """The definitions whose names and signatures say most of these words, the best first."""
        search = self._searched()
        found: list[tuple[int, float]] = []
        with suppress(*_DAMAGE):
            found = search.find_definitions(words, count) if search else []
        self._forget_pieces()
        sites = self._numbered
        if missing := [number for number, _ in found if number not in sites]:
            sites.update((number, _site(row)) for *row, number in self._rows(_NUMBERED, json.dumps(missing)))
        return [sites[number] for number, _ in found if number in sites]

    def ranks(self, paths: Collection[str] = ()) -> dict[str, float]:
        """How much files matter to some of them, or to all: of 1 in all. What hardly matters is left out."""
        graph = self._graph_now()
        if graph is None:
            return {}
        if not paths:
            shares = self._shares
            rows = self._rows("SELECT content, path FROM files")
        else:
            shares = graph.from_some(map(self._content, paths))
            rows = self._rows(f"SELECT content, path FROM files WHERE content IN ({_marks(shares)})", *shares)
        return {os.fsdecode(path): shares[content] for content, path in rows if content in shares}

    def _look_up(self, names: Sequence[str], most: int) -> None:
        """Keep where these names are defined. Of one file not more than some come before all others."""
        self._graph_now()
        best: dict[str, list[int]] = {}
        for name in names:
            numbers = [number for (number,) in self._rows(_NUMBERS, key_of(name), MOST_PLACES)]
            best[name] = sorted(numbers, key=self._order(numbers, most))[:most]
        sites: dict[int, list[Site]] = {}
        for *row, number in self._rows(_NUMBERED, json.dumps([*chain.from_iterable(best.values())])):
            sites.setdefault(number, []).append(_site(row))
        for name, numbers in best.items():
            found = (site for number in numbers for site in sites.get(number, ()) if site.name == name)
            self._sites[name, most] = list(islice(found, most))

    def _order(self, numbers: Sequence[int], most: int) -> Callable[[int], tuple[bool, float]]:
        """What definitions with one name are sorted by."""
        shares, late = self._shares, set[int]()
        if len(numbers) > most:
            before: Counter[int] = Counter()
            for number in numbers:
                before[number >> SHIFT] += 1
                if before[number >> SHIFT] > FROM_ONE_FILE:
                    late.add(number)
        return lambda number: (number in late, -shares.get(number >> SHIFT, 0.0))

    def _graph_now(self) -> Graph | None:
        """The graph of the last big sweep."""
        for (name,) in self._rows("SELECT value FROM meta WHERE key = 'graph_name'"):
            if name != self._graph_name:
                self._graph, self._shares, self._graph_name = None, {}, name
                for (data,) in self._rows("SELECT value FROM meta WHERE key = 'graph'"):
                    with suppress(*_DAMAGE):
                        self._graph = unpacked_graph(data)
                        self._shares = self._graph.from_all()
            return self._graph
        return None

    def _rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What a statement gives; nothing where there is no index, or a damaged one."""
        import sqlite3

        try:
            db = self._connected()
            return [] if db is None else db.execute(statement, values).fetchall()
        except (sqlite3.Error, OSError, ValueError):
            self.close()
            return []

    def _connected(self) -> sqlite3.Connection | None:
        """The database as it is now: the file may have been removed and made anew."""
        import sqlite3

        try:
            status = os.stat(self._path)  # noqa: PTH116 - each call of the index does it
        except OSError:
            self.close()
            return None
        if self._db is None or (status.st_dev, status.st_ino) != self._identity:
            self.close()
            self._identity = status.st_dev, status.st_ino
            self._db = sqlite3.connect(
                f"{Path(self._path).as_uri()}?mode=ro",
                uri=True,
                timeout=PATIENCE,
                isolation_level=None,
                check_same_thread=False,
            )
            self._db.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
        return self._db

    def _searched(self) -> Search | None:
        """The search that belongs to the last commit."""
        rows = self._rows("SELECT value FROM meta WHERE key IN ('version', 'search') ORDER BY key")
        state = tuple(value for (value,) in rows)
        if len(state) < 2 or state == self._search_state:
            return self._search if len(state) == 2 else None
        try:
            if self._search is None or state[0] != self._search_state[0]:
                self._search = Search.existing(self._folder / SEARCH / str(state[0]))
            else:
                self._search.refresh()
        except _DAMAGE:
            self._search = None
        self._search_state = state
        return self._search

    def _passages(self, hits: Sequence[Hit]) -> Iterator[Passage]:
        self._forget_pieces()
        keys = [(hit.content, hit.start, hit.end) for hit in hits]
        missing = [key for key in keys if key not in self._pieces]
        if missing:
            rows = self._rows(_TEXTS, json.dumps([content for content, _, _ in missing]))
            stored = {content: (os.fsdecode(path), text) for content, path, text in rows}
            for content, start, end in missing:
                if content in stored:
                    path, data = stored[content]
                    self._pieces[content, start, end] = path, passage_of(data, start, end)
        for key, hit in zip(keys, hits, strict=True):
            if key in self._pieces:
                path, text = self._pieces[key]
                yield Passage(path, hit.start, hit.end, text, hit.score)

    def _forget_pieces(self) -> None:
        """Forget passages and definitions that were found before the last commit, or too many of them."""
        version = self.version()
        if version != self._pieces_of or len(self._pieces) + len(self._numbered) > MOST_PIECES:
            self._pieces, self._numbered, self._pieces_of = {}, {}, version

    def _content(self, path: str) -> int:
        """The id of what a file says; 0 for a file that is not there."""
        rows = self._rows("SELECT content FROM files WHERE path = ?", os.fsencode(path))
        return int(rows[0][0]) if rows else 0

    def _of_content(self, column: str, path: str) -> Iterator[Any]:
        """A column of the content of a file, if there is one."""
        statement = f"SELECT {column} FROM files JOIN contents ON contents.id = content WHERE path = ?"
        return (value for (value,) in self._rows(statement, os.fsencode(path)))


def _site(row: Sequence[Any]) -> Site:
    path, name, kind, qualified, signature, doc, start, end, signature_at, line, has_body = row
    return Site(
        os.fsdecode(path),
        name,
        KIND_NAMES[kind] if kind in _KINDS else "variable",
        qualified,
        signature,
        doc,
        start,
        end,
        signature_at,
        line,
        bool(has_body),
    )


def _paths(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    return [os.fsdecode(path) for (path,) in rows]


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))
