"""The file of the index: its tables, how it is opened for writing, and what is done when it is no good.

Everything that is said by a content hangs on its hash, so that the same text is kept and read once, wherever
it lies. Names are numbers here (`rows.key_of`). A file that is damaged, is none of ours, or was made by
other rules is thrown away: all that is in it can be read from the workspace again.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

from context.rows import NAME, SEARCH

APPLICATION = 0x46544D49
"""Says in the header of the file whose it is."""

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

RULES = (
    "captures chunks contents database extract grammars imports kinds nesting outline parse search words"
    " redact redact_forms redact_judge redact_names redact_pem redact_rules rows"
)
"""Modules that decide what is stored of a content. When one of them changes, all contents are read anew."""
_GRAMMARS = "bash c c-sharp cpp go java javascript kotlin lua php python ruby rust scala swift typescript"
_PACKAGES = (
    "tree-sitter",
    *(f"tree-sitter-{each}" for each in _GRAMMARS.split()),
    "semble-grammars",
    "tantivy",
)

CHANGES_KEPT = 16_000_000
"""Bytes of SQLite's journal that stay on disk."""


class StoreError(Exception):
    """The index cannot be written; the message is for the user."""


class BusyError(StoreError):
    """Another process writes this index."""


class DamagedError(StoreError):
    """The index is damaged. Opened anew, it is made anew."""


class SearchDamagedError(DamagedError):
    """Only the text search is damaged, and was thrown away. All else stays."""


class ForeignError(Exception):
    """A database of something else, or one that was made by other rules."""


def open_database(path: Path) -> sqlite3.Connection:
    """Open the database for writing, and make it if there is none. Raises ForeignError or sqlite3.Error."""
    is_new = not os.path.lexists(path)
    if path.is_symlink():
        raise ForeignError
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        path.chmod(0o600)
        if is_new:
            _create(db)
        elif not _is_ours(db):
            raise ForeignError
        # Nothing of a file that has become secret or ignored stays in free pages.
        db.execute("PRAGMA secure_delete = ON")
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
    if application != APPLICATION or meta(db, "rules") != rules():
        return False
    (damage,) = db.execute("PRAGMA quick_check(1)").fetchone()
    return bool(damage == "ok")


def meta(db: sqlite3.Connection, key: str) -> str:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return "" if row is None else str(row[0])


def throw_away(folder: Path) -> None:
    """Remove all but the lock. The database goes first: without it, its journal means nothing."""
    for name in (NAME, f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal", SEARCH):
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def identity(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino


@cache
def rules() -> str:
    """What tells by which code an index was made: that of another version may mean something else."""
    # It takes a while to import, and only the writer wants it.
    from importlib.metadata import PackageNotFoundError, version

    digest = blake2b(digest_size=16)
    here = Path(__file__).parent
    files = [here / f"{name}.py" for name in RULES.split()]
    for path in (*files, *sorted((here / "queries").glob("*.scm"))):
        digest.update(path.read_bytes() if path.exists() else b"")
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            digest.update(f"{package} {version(package)}\n".encode())
    return digest.hexdigest()


@contextmanager
def errors(folder: Path) -> Iterator[None]:
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
