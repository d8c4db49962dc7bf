"""The index on disk: its tables, and the one that writes them.

Everything that is said by a content hangs on its hash, so that the same text is kept and read once, wherever
it lies. Names are numbers here (`extract.key_of`). What the text search still has to learn is marked in
`pending`, in the commit that changed it: whenever the writer dies, the next one mends the search by that.

Only one process writes, the one that holds the lock. Readers (`index.py`) need none. A store that is damaged,
is none, or was made with other rules is thrown away: all that is in it can be read from the files again.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import get_args

from context.extract import (
    DefinitionRow,
    Extract,
    definition_words,
    import_keys,
    imports_of,
    key_of,
    pieces_of,
    unpacked,
    uses_of,
)
from context.outline import Kind
from context.search import Piece

NAME = "index.sqlite"
LOCK = "lock"
SEARCH = "search"
APPLICATION = 0x46544D49
"""Says in the header of the file whose it is."""
SHIFT = 20
"""Bits for the number of a definition in its content. Both are its id, so that it lies with the others."""

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, language TEXT NOT NULL,
    length INTEGER NOT NULL, chunks BLOB NOT NULL, imports BLOB NOT NULL, uses BLOB NOT NULL,
    text BLOB NOT NULL
);
CREATE TABLE files (
    path BLOB NOT NULL UNIQUE, folder BLOB NOT NULL, stem BLOB NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, content INTEGER NOT NULL
);
CREATE INDEX files_by_content ON files (content);
CREATE INDEX files_by_folder ON files (folder);
CREATE INDEX files_by_stem ON files (stem);
CREATE TABLE definitions (
    id INTEGER PRIMARY KEY, key INTEGER NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL, qualified TEXT,
    signature TEXT NOT NULL, doc TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    signature_at INTEGER NOT NULL, line INTEGER NOT NULL, has_body INTEGER NOT NULL
);
CREATE INDEX definitions_by_key ON definitions (key);
CREATE TABLE uses (
    key INTEGER NOT NULL, content INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (key, content)
) WITHOUT ROWID;
CREATE TABLE importers (
    key INTEGER NOT NULL, content INTEGER NOT NULL, PRIMARY KEY (key, content)
) WITHOUT ROWID;
CREATE TABLE pending (content INTEGER PRIMARY KEY);
"""

KIND_NAMES: tuple[Kind, ...] = get_args(Kind)
_KIND_NUMBERS = {kind: number for number, kind in enumerate(KIND_NAMES)}

RULES = (
    "captures chunks contents extract grammars imports kinds nesting outline parse redact search store words"
)
"""Modules that decide what is stored of a content. When one of them changes, all contents are read anew."""
_GRAMMARS = "bash c c-sharp cpp go java javascript kotlin lua php python ruby rust scala swift typescript"
_PACKAGES = (
    "tree-sitter",
    *(f"tree-sitter-{each}" for each in _GRAMMARS.split()),
    "semble-grammars",
    "tantivy",
)

TRUSTED_AFTER = 2.0
"""Seconds. A file that was changed so short a time ago may change again and keep its time."""
CHANGES_KEPT = 16_000_000
"""Bytes of SQLite's journal that stay on disk."""


class StoreError(Exception):
    """The index cannot be written; the message is for the user."""


class BusyError(StoreError):
    """Another process writes this index."""


class DamagedError(StoreError):
    """The index is damaged. Opened anew, it is made anew."""


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
    with _errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    with _locked(folder, patience):
        with _errors(folder):
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
            self._db = _open(folder / NAME)
        except (sqlite3.Error, _ForeignError):
            _throw_away(folder)
            self._db = _open(folder / NAME)
        self._identity = _identity(folder / NAME)
        self._is_damaged = False
        self._left: set[int] = set()
        self._uses: list[tuple[int, int, int]] = []

    def close(self) -> None:
        """Forget what was not committed, and all of a store that has turned out to be damaged."""
        with suppress(sqlite3.Error):
            self._db.close()
        if self._is_damaged:
            with suppress(OSError):
                _throw_away(self.folder)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Raise StoreError for what SQLite or the disk says; DamagedError for a store that has to be made anew."""
        try:
            with _errors(self.folder):
                yield
        except DamagedError:
            self._is_damaged = True
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
                    _KIND_NUMBERS[kind],
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
        if _identity(self.folder / NAME) != self._identity:
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

    # --- what the search has still to learn ---

    def search_folder(self) -> Path:
        """Where the search lies that belongs to this store."""
        return self.folder / SEARCH / _meta(self._db, "search")

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
        return pieces_of(unpacked(text), chunks), said

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")


def _row(number: int, definition: DefinitionRow) -> tuple[object, ...]:
    key, name, kind, qualified, *rest = definition
    return number, key, name, _KIND_NUMBERS[kind], None if qualified == name else qualified, *rest


def ids_in(content: int) -> tuple[int, int]:
    """The first and the last id that a definition in this content can have."""
    return content << SHIFT, ((content + 1) << SHIFT) - 1


# --- the file ---


class _ForeignError(Exception):
    """A database of something else, or one that was made with other rules."""


def _open(path: Path) -> sqlite3.Connection:
    """Open the database for writing, and make it if there is none. Raises _ForeignError or sqlite3.Error."""
    is_new = not path.exists() or path.stat().st_size == 0
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        path.chmod(0o600)
        if is_new:
            _create(db)
        elif not _is_ours(db):
            raise _ForeignError
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA cache_size = -24000")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute(f"PRAGMA journal_size_limit = {CHANGES_KEPT}")
        # Says at once whether it can be written.
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE meta SET value = value + 1 WHERE key = 'version'")
        db.execute("COMMIT")
    except BaseException:
        db.close()
        raise
    return db


def _create(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA page_size = 8192")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA.split(";"):
        db.execute(statement)
    # Higher than in any index that was here before: readers compare it.
    values = {"rules": rules(), "version": time.time_ns() // 1000, "search": secrets.token_hex(8)}
    db.executemany("INSERT INTO meta VALUES (?,?)", values.items())
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute("COMMIT")


def _is_ours(db: sqlite3.Connection) -> bool:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION or _meta(db, "rules") != rules():
        return False
    (damage,) = db.execute("PRAGMA quick_check(1)").fetchone()
    return bool(damage == "ok")


def _meta(db: sqlite3.Connection, key: str) -> str:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return "" if row is None else str(row[0])


def _throw_away(folder: Path) -> None:
    """Remove all but the lock. The database goes first: without it, its journal means nothing."""
    for name in (NAME, f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal", SEARCH):
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino


@cache
def rules() -> str:
    """What tells by which code an index was made: that of another version may mean something else."""
    digest = blake2b(digest_size=16)
    here = Path(__file__).parent
    files = [here / f"{name}.py" for name in RULES.split()]
    for path in (*files, *sorted((here / "queries").glob("*.scm"))):
        digest.update(path.read_bytes() if path.exists() else b"")
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            digest.update(f"{package} {version(package)}\n".encode())
    return digest.hexdigest()


# --- its folder ---


@contextmanager
def _locked(folder: Path, patience: float) -> Iterator[None]:
    end = time.monotonic() + patience
    with _errors(folder):
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _lock(descriptor):
            if time.monotonic() >= end:
                raise BusyError(f"Another process writes the index in {folder}.")
            time.sleep(min(0.2, max(0.0, end - time.monotonic())))
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _errors(folder: Path) -> Iterator[None]:
    """Turn what the disk and SQLite say into one sentence for the user."""
    try:
        yield
    except zlib.error as error:
        raise DamagedError(f"The index in {folder} is damaged.") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise DamagedError(f"The index in {folder} is damaged.") from error
        if code == sqlite3.SQLITE_FULL:
            raise StoreError(f"There is no space left for the index in {folder}.") from error
        raise StoreError(f"The index in {folder} cannot be written: {error}.") from error
    except OSError as error:
        raise StoreError(f"The index in {folder} cannot be written: {error.strerror or error}.") from error
