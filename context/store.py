"""What is written into the index on disk: files, their contents, and what the text search has still to learn.

What the search has to learn is marked in `pending`, in the commit that changed it: whenever the writer dies,
the next one mends the search by that.

Only one process writes, the one that holds the lock. Readers (`index.py`) need none.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from context.database import BusyError as BusyError
from context.database import DamagedError as DamagedError
from context.database import (
    ForeignError,
    SearchDamagedError,
    errors,
    identity,
    meta,
    open_database,
    throw_away,
)
from context.database import StoreError as StoreError
from context.extract import (
    DefinitionRow,
    Extract,
    definition_words,
    import_keys,
    pieces_of,
)
from context.rows import KIND_NUMBERS, NAME, SEARCH, SHIFT, ids_in, imports_of, key_of, passage_of, uses_of
from context.search import Piece
from context.shelf import LOCK as LOCK
from context.shelf import lock

TRUSTED_AFTER = 2.0
"""Seconds. A file that was changed so short a time ago may change again and keep its time."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of a file. The time is -1 where it says nothing."""

    size: int
    mtime_ns: int
    inode: int
    content: int
    language: str

    def is_same(self, size: int, mtime_ns: int, inode: int) -> bool:
        """Whether the file need not be opened."""
        return (self.size, self.mtime_ns, self.inode) == (size, mtime_ns, inode)


@contextmanager
def opened(folder: Path, patience: float = 0.0) -> Iterator[Store]:
    """The store in a folder, which is made if need be, for this process alone.

    Waits as many seconds for another process that has it. Raises BusyError, and StoreError where nothing can
    be written.
    """
    with errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    with _locked(folder, patience):
        with errors(folder):
            store = Store(folder)
        try:
            yield store
        finally:
            store.close()


class Store:
    """The tables. Changes are seen by others, and survive, after `commit`; `rollback` forgets them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self._db = open_database(folder / NAME)
        except (sqlite3.Error, ForeignError):
            throw_away(folder)
            self._db = open_database(folder / NAME)
        self._identity = identity(folder / NAME)
        self._is_damaged = False
        self._left: set[int] = set()
        self._uses: list[tuple[int, int, int]] = []

    def close(self) -> None:
        """Forget what was not committed, and all of a store that has turned out to be damaged."""
        with suppress(sqlite3.Error):
            self._db.close()
        if self._is_damaged:
            with suppress(OSError):
                throw_away(self.folder)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Raise StoreError for what SQLite and the disk say; DamagedError where it has to be made anew."""
        try:
            with errors(self.folder):
                yield
        except DamagedError as error:
            self._is_damaged = not isinstance(error, SearchDamagedError)
            raise

    def files(self) -> dict[str, Known]:
        """All files, by their paths."""
        return self._known("")

    def files_at(self, path: str) -> dict[str, Known]:
        """The file with this path, or the files in the folder, however deep."""
        name = os.fsencode(path)
        below = name.rstrip(b"/") + b"/"
        return self._known("WHERE path = ? OR path >= ? AND path < ?", name, below, below[:-1] + b"0")

    def _known(self, where: str, *values: bytes) -> dict[str, Known]:
        rows = self._db.execute(
            "SELECT path, size, mtime_ns, inode, content, language"
            f" FROM files JOIN contents ON contents.id = content {where}",
            values,
        )
        return {os.fsdecode(path): Known(*rest) for path, *rest in rows}

    def content(self, content_hash: bytes) -> int | None:
        """The id of a content that is stored."""
        row = self._db.execute("SELECT id FROM contents WHERE hash = ?", (content_hash,)).fetchone()
        return None if row is None else int(row[0])

    def add_content(self, content_hash: bytes, language: str, extract: Extract) -> int:
        """Store what was read of a content, and return its id."""
        self._begin()
        blobs = (extract.chunks, extract.imports, extract.uses, extract.text)
        added = self._db.execute(
            "INSERT INTO contents (hash, language, length, chunks, imports, uses, text)"
            " VALUES (?,?,?,?,?,?,?)",
            (content_hash, language, extract.length, *blobs),
        )
        content = int(added.lastrowid or 0)
        first, _ = ids_in(content)
        self._db.executemany(
            "INSERT INTO definitions VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                (
                    first + number,
                    key,
                    name,
                    KIND_NUMBERS[kind],
                    None if qualified == name else qualified,
                    *rest,
                )
                for number, (key, name, kind, qualified, *rest) in enumerate(extract.definitions)
            ),
        )
        self._uses += [(key, content, count) for key, count in extract.use_keys]
        self._db.executemany(
            "INSERT INTO importers VALUES (?,?)", ((key, content) for key in extract.import_keys)
        )
        self._db.execute("INSERT OR IGNORE INTO pending VALUES (?)", (content,))
        self._left.add(content)
        return content

    def put_file(self, path: str, status: tuple[int, int, int], content: int) -> None:
        """Say which content a file has, with its size, time and inode."""
        self._begin()
        size, mtime_ns, inode = status
        self._leave(path)
        folder, name = os.path.split(path)
        stem = name.rpartition(".")[0] or name
        names = [os.fsencode(each) for each in (path, folder, stem)]
        if mtime_ns > time.time_ns() - TRUSTED_AFTER * 1e9:
            mtime_ns = -1
        self._db.execute(
            "INSERT INTO files VALUES (?,?,?,?,?,?,?) ON CONFLICT (path) DO UPDATE SET"
            " size = excluded.size, mtime_ns = excluded.mtime_ns, inode = excluded.inode,"
            " content = excluded.content",
            (*names, size, mtime_ns, inode, content),
        )

    def remove_file(self, path: str) -> None:
        """Forget a file."""
        self._begin()
        self._leave(path)
        self._db.execute("DELETE FROM files WHERE path = ?", (os.fsencode(path),))

    def _leave(self, path: str) -> None:
        """Note the content that a file has, which may be its last one."""
        rows = self._db.execute("SELECT content FROM files WHERE path = ?", (os.fsencode(path),))
        self._left.update(content for (content,) in rows)

    def commit(self) -> None:
        """Let all changes be seen, and forget the contents that no file has any longer."""
        if not self._db.in_transaction:
            return
        if identity(self.folder / NAME) != self._identity:
            raise DamagedError(f"The index in {self.folder} was removed while it was written.")
        # In their order: so each page of the table is changed once.
        self._db.executemany("INSERT INTO uses VALUES (?,?,?)", sorted(self._uses))
        for content in sorted(self._left):
            self._drop_if_left(content)
        self._db.execute("UPDATE meta SET value = value + 1 WHERE key = 'version'")
        self._db.execute("COMMIT")
        self._uses, self._left = [], set()

    def rollback(self) -> None:
        """Forget all changes since the last commit."""
        self._uses, self._left = [], set()
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _drop_if_left(self, content: int) -> None:
        if self._db.execute("SELECT 1 FROM files WHERE content = ? LIMIT 1", (content,)).fetchone():
            return
        row = self._db.execute("SELECT uses FROM contents WHERE id = ?", (content,)).fetchone()
        if row is None:
            return
        used = [(key_of(name), content) for name in uses_of(row[0])]
        self._db.executemany("DELETE FROM uses WHERE key = ? AND content = ?", used)
        row = self._db.execute("SELECT imports FROM contents WHERE id = ?", (content,)).fetchone()
        keys = [(key, content) for key in import_keys(imports_of(row[0]))]
        self._db.executemany("DELETE FROM importers WHERE key = ? AND content = ?", keys)
        self._db.execute("DELETE FROM definitions WHERE id BETWEEN ? AND ?", ids_in(content))
        self._db.execute("DELETE FROM contents WHERE id = ?", (content,))
        self._db.execute("INSERT OR IGNORE INTO pending VALUES (?)", (content,))

    # --- the graph ---

    def has_graph(self) -> bool:
        """Whether there is one, however old."""
        return self._db.execute("SELECT 1 FROM meta WHERE key = 'graph'").fetchone() is not None

    def uses(self, definers: int, users: int) -> Iterator[tuple[list[int], list[tuple[int, int]]]]:
        """For each name the contents that define it, and those that use it, where there are not more."""
        names = self._db.execute(
            "SELECT key, group_concat(content)"
            " FROM (SELECT DISTINCT key, id >> ? AS content FROM definitions)"
            " GROUP BY key HAVING count(*) <= ?",
            (SHIFT, definers),
        )
        for key, contents in names:
            found = self._db.execute(
                "SELECT content, count FROM uses WHERE key = ? LIMIT ?", (key, users + 1)
            ).fetchall()
            if len(found) <= users:
                yield [int(content) for content in contents.split(",")], found

    def put_graph(self, data: bytes) -> None:
        """Put a graph in the place of the last one."""
        self._begin()
        values = (("graph", data), ("graph_name", secrets.token_hex(8)))
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values)

    # --- what the search has still to learn ---

    def search_folder(self) -> Path:
        """Where the search lies that belongs to this store."""
        return self.folder / SEARCH / meta(self._db, "search")

    def renew_search(self) -> Path:
        """Begin a new search, which has everything to learn, and remove the old one."""
        self._begin()
        name = secrets.token_hex(8)
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'search'", (name,))
        self._db.execute("INSERT OR IGNORE INTO pending SELECT id FROM contents")
        self.commit()
        shutil.rmtree(self.folder / SEARCH, ignore_errors=True)
        return self.search_folder()

    def pending(self) -> dict[int, bool]:
        """Contents of which the search may know something else, and whether they are stored."""
        rows = self._db.execute(
            "SELECT content, contents.id IS NOT NULL FROM pending LEFT JOIN contents ON contents.id = content"
        )
        return {content: bool(is_stored) for content, is_stored in rows}

    def sync(self) -> None:
        """Let all commits survive also that the power fails: the search must not know of more."""
        with suppress(FileNotFoundError):
            descriptor = os.open(self.folder / f"{NAME}-wal", os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def searched(self, contents: Iterable[int]) -> None:
        """Say that the search knows about these."""
        self._begin()
        self._db.executemany("DELETE FROM pending WHERE content = ?", ((each,) for each in contents))
        self.commit()

    def words(self, content: int) -> tuple[list[Piece], list[tuple[int, str]]] | None:
        """What the search is told of a content; None for one that is gone."""
        row = self._db.execute(
            "SELECT text, chunks, (SELECT stem FROM files WHERE content = contents.id LIMIT 1)"
            " FROM contents WHERE id = ?",
            (content,),
        ).fetchone()
        if row is None:
            return None
        text, chunks, stem = row
        definitions = self._db.execute(
            "SELECT id, coalesce(qualified, name), signature FROM definitions WHERE id BETWEEN ? AND ?",
            ids_in(content),
        )
        name = os.fsdecode(stem or b"")
        said = [
            (number, definition_words(qualified, signature, name))
            for number, qualified, signature in definitions
        ]
        return pieces_of(passage_of(text), chunks), said

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")


def _row(number: int, definition: DefinitionRow) -> tuple[object, ...]:
    key, name, kind, qualified, *rest = definition
    return number, key, name, KIND_NUMBERS[kind], None if qualified == name else qualified, *rest


# --- its folder ---


@contextmanager
def _locked(folder: Path, patience: float) -> Iterator[None]:
    end = time.monotonic() + patience
    with errors(folder):
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not lock(descriptor):
            if time.monotonic() >= end:
                raise BusyError(f"Another process writes the index in {folder}.")
            time.sleep(min(0.2, max(0.0, end - time.monotonic())))
        if not _is_in(folder, descriptor):
            # It was waited for while somebody removed the index: who comes now begins anew.
            raise BusyError(f"The index in {folder} has just been removed.")
        yield
    finally:
        os.close(descriptor)


def _is_in(folder: Path, descriptor: int) -> bool:
    """Whether this is still the lock of the folder."""
    status = os.fstat(descriptor)
    return identity(folder / LOCK) == (status.st_dev, status.st_ino)
