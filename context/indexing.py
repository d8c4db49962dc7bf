"""Keeps the index of a workspace true: files are walked, read, parsed in other processes, and stored.

    with writing(folder, roots) as indexing:    # BusyError where another process writes
        for progress in indexing.sweep():       # all that has changed since the last time
            show(progress)                      # after each commit; `update` may be called in between
        progress = indexing.update(paths)       # what a watcher saw: new, changed, removed files and folders
        indexing.settle()                       # when it is quiet: the text search learns of updates

All may be stopped or killed at any time. Readers see each commit; the text search learns of it a little
later, and what it still has to learn survives. All of it belongs to one thread.
"""

from __future__ import annotations

import errno
import os
import time
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from context.database import DamagedError, SearchDamagedError, StoreError
from context.disk import begin_of
from context.extract import Extract, hash_of
from context.files import Folder, Found, Out, WalkOptions, walk, walk_below
from context.pool import Job, Pool
from context.rank import MOST_DEFINERS, MOST_USERS, graph_of, packed
from context.roots import distinct, places_in
from context.rows import ids_in
from context.search import Search, is_whole
from context.shelf import remember
from context.store import Known, Store, opened

BATCH_SECONDS = 2.0
"""Time between two commits of a sweep."""
BATCH_FILES = 500
SEARCH_SECONDS = 10.0
"""Time between two commits of the search in a sweep. Each makes a segment, and segments have to be merged."""
MOST_WORKERS = 4
CHANGED_SHARE = 50
"""One file of so many has to change before the graph is made anew: that takes seconds in a big workspace."""
MOST_PLACES = 300
"""Paths that are looked at one by one; for more, a sweep costs less."""
NO_SPACE = os.strerror(errno.ENOSPC)


Entry = Found | Folder | Out


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep or an update is, and what it came upon."""

    files: int = 0
    """Files that are in."""
    bytes: int = 0
    parsed: int = 0
    """Contents that were read by a parser, and how long they are."""
    parsed_bytes: int = 0
    unchanged: int = 0
    """Files that were not opened."""
    removed: int = 0
    seconds: float = 0.0
    done: bool = False


@contextmanager
def writing(
    folder: Path,
    roots: Sequence[Path],
    patience: float = 0.0,
    options: WalkOptions = WalkOptions(),  # noqa: B008 - it is frozen
    workers: int | None = None,
) -> Iterator[Indexing]:
    """The index in a folder, for the files below these roots, to be written by this process alone.

    Waits so many seconds for another process that writes it; then raises BusyError. StoreError says in a
    sentence for the user why nothing can be written; DamagedError, one of these, that what was damaged is
    thrown away, and that all will be well when this is called again.

    Without `workers` files are read in this process.
    """
    most = min(MOST_WORKERS, os.cpu_count() or 1)
    with opened(folder, patience) as store:
        indexing = Indexing(store, roots, options, most if workers is None else workers)
        remember(folder, roots)
        try:
            yield indexing
        finally:
            indexing.close()
            remember(folder, roots)


def sweep(roots: Sequence[Path], folder: Path, workers: int | None = None) -> Progress:
    """Bring the index in a folder up to date and return what was done. Raises StoreError."""
    for _ in range(2):
        with suppress(DamagedError), writing(folder, roots, workers=workers) as indexing:
            *_, progress = indexing.sweep()
            return progress
    raise StoreError(f"The index in {folder} is damaged again and again.")


class Indexing:
    """What is written to: the store, the search, and the processes that read."""

    def __init__(self, store: Store, roots: Sequence[Path], options: WalkOptions, workers: int) -> None:
        self._store = store
        self._roots = distinct(roots)
        self._options = options
        self._pool = Pool(workers)
        with store.guarded():
            self._search = _opened_search(store)
        self._added: set[int] = set()
        """Contents that the search has got, but not committed."""
        self._updated: set[str] = set()
        """Files that were updated since the sweep began, which knows less of them."""

    def sweep(self, notice: Callable[[Entry], object] = lambda _: None) -> Iterator[Progress]:
        """Bring everything up to date, and say after each commit how far it is.

        `notice` is given what the walk comes upon: what is in, what is out, and the folders to watch.
        """
        self.settle()
        with self._store.guarded():
            known = self._store.files()
        self._updated = set()
        languages = [
            language for language, _ in Counter(each.language for each in known.values()).most_common(3)
        ]
        entries = walk(self._roots, replace(self._options, known=_languages(known)))
        run = _Run(known, self._updated)
        yield from self._written(_noticed(entries, notice), run)
        self.settle()
        self._pool.rest()
        self._pool.prepare(languages)
        with self._store.guarded():
            if run.has_changed_much() or not self._store.has_graph():
                yield run.progress()
                self._store.put_graph(packed(graph_of(self._store.uses(MOST_DEFINERS, MOST_USERS))))
                self._store.commit()
        run.done = True
        yield run.progress()

    def update(self, paths: Iterable[Path], notice: Callable[[Entry], object] = lambda _: None) -> Progress:
        """Bring these files and folders up to date, whatever has happened to them. Paths are absolute.

        The text search learns of it when `settle` is called.
        """
        places = places_in(paths, self._roots)
        with self._store.guarded():
            known = self._known_at(places)
        options = replace(self._options, known=_languages(known))
        entries: Iterable[Entry] = walk(self._roots, options)
        if len(places) <= MOST_PLACES:
            entries = chain.from_iterable(walk_below(Path(place), self._roots, options) for place in places)
        self._updated.update(known)
        noted = _noticed(entries, lambda entry: self._updated.add(str(entry.path)))
        run = _Run(known, frozenset())
        for _ in self._written(_noticed(noted, notice), run):
            pass
        self._pool.rest()
        run.done = True
        return run.progress()

    def _known_at(self, places: Sequence[str]) -> dict[str, Known]:
        if len(places) > MOST_PLACES:
            return self._store.files()
        return {path: file for place in places for path, file in self._store.files_at(place).items()}

    def settle(self) -> None:
        """Let the text search learn what was committed since it last did.

        That takes tenths of a second, however little there is to learn, and no time where there is nothing.
        So it is done once for many updates. A sweep does it itself.
        """
        with self._store.guarded(), self._undoing():
            self._commit_search()

    def close(self) -> None:
        """End the processes and forget what was not committed."""
        self._pool.close()
        self._search.close()

    def _written(self, entries: Iterable[Entry], run: _Run) -> Iterator[Progress]:
        """Store what is found; of the files that are known and were not found, nothing stays."""
        with self._store.guarded(), self._undoing():
            for job, extract in self._pool.extracted(self._jobs(entries, run)):
                self._add(job, extract, run)
                if run.is_due():
                    self._store.commit()
                    if run.is_search_due():
                        self._commit_search()
                    yield run.progress()
            for path in run.known:
                if path not in run.skipped:
                    self._store.remove_file(path)
                    run.removed += 1
            self._store.commit()

    def _jobs(self, entries: Iterable[Entry], run: _Run) -> Iterator[Job]:
        """What has to be read; files with a content that is known are stored on the way."""
        for entry in entries:
            if not isinstance(entry, Found) or str(entry.path) in run.skipped:
                continue
            was = run.known.get(str(entry.path))
            run.files += 1
            run.bytes += entry.size
            if was is not None and was.is_same(entry.size, entry.mtime_ns, entry.inode):
                del run.known[str(entry.path)]
                run.unchanged += 1
                continue
            data = _read(entry, self._options.max_bytes)
            if data is None:
                continue
            run.known.pop(str(entry.path), None)
            content_hash = hash_of(data, entry.language)
            if content_hash in run.waiting:
                run.waiting[content_hash].append(entry)
            elif (content := self._store.content(content_hash)) is not None:
                self._put(entry, content)
            else:
                run.waiting[content_hash] = [entry]
                yield Job(content_hash, entry.language, _stem(entry.path), data)

    def _add(self, job: Job, extract: Extract, run: _Run) -> None:
        # An update may have stored it while this one was read.
        content = self._store.content(job.hash)
        if content is None:
            content = self._store.add_content(job.hash, job.language, extract)
            self._search.add(
                content, extract.pieces(), enumerate(extract.definition_words, ids_in(content)[0])
            )
            self._added.add(content)
        for found in run.waiting.pop(job.hash):
            if str(found.path) not in run.skipped:
                self._put(found, content)
        run.parsed += 1
        run.parsed_bytes += len(job.data)

    def _put(self, found: Found, content: int) -> None:
        self._store.put_file(str(found.path), (found.size, found.mtime_ns, found.inode), content)

    def _commit_search(self) -> None:
        """Tell the search what it has still to learn."""
        pending = self._store.pending()
        if not pending:
            return
        self._store.sync()
        with self._searching():
            for content, is_stored in pending.items():
                if is_stored and content in self._added:
                    continue
                self._search.remove(content)
                if (words := self._store.words(content)) is not None:
                    self._search.add(content, *words)
            self._search.commit()
        self._added = set()
        self._store.searched(pending)

    @contextmanager
    def _undoing(self) -> Iterator[None]:
        """Forget at an error what was not committed. The search gets it again later, since it is pending."""
        try:
            yield
        except BaseException:
            self._added = set()
            self._search.close()
            self._store.rollback()
            raise

    @contextmanager
    def _searching(self) -> Iterator[None]:
        """Throw the search away when it fails, but not for a full disk. Raises StoreError."""
        try:
            yield
        except ValueError as error:
            problem = _search_error(self._store, error)
            if isinstance(problem, SearchDamagedError):
                self._store.rollback()
                self._store.renew_search()
            raise problem from error


class _Run:
    """What a sweep or an update has come upon so far."""

    def __init__(self, known: dict[str, Known], skipped: Container[str]) -> None:
        self.known = known
        """Files that were there and have not been found again yet."""
        self.skipped = skipped
        self.waiting: dict[bytes, list[Found]] = {}
        """Files by the content that is being read."""
        self.files = self.bytes = self.parsed = self.parsed_bytes = self.unchanged = self.removed = 0
        self.done = False
        self._started = self._committed = self._searched = time.monotonic()
        self._parsed_then = 0

    def is_due(self) -> bool:
        """Whether it is time for a commit."""
        now = time.monotonic()
        if self.parsed - self._parsed_then < BATCH_FILES and now - self._committed < BATCH_SECONDS:
            return False
        self._committed, self._parsed_then = now, self.parsed
        return True

    def is_search_due(self) -> bool:
        """Whether it is time for a commit of the search."""
        if self._committed - self._searched < SEARCH_SECONDS:
            return False
        self._searched = self._committed
        return True

    def has_changed_much(self) -> bool:
        """Whether what needs what may have become something else."""
        return self.parsed + self.removed > self.files // CHANGED_SHARE

    def progress(self) -> Progress:
        """The figures."""
        return Progress(
            self.files,
            self.bytes,
            self.parsed,
            self.parsed_bytes,
            self.unchanged,
            self.removed,
            time.monotonic() - self._started,
            self.done,
        )


def _noticed(entries: Iterable[Entry], notice: Callable[[Entry], object]) -> Iterator[Entry]:
    for entry in entries:
        notice(entry)
        yield entry


def _opened_search(store: Store) -> Search:
    """The search of a store; a damaged one, or one that is gone, is made anew."""
    folder = store.search_folder()
    with suppress(ValueError, TypeError, LookupError, OSError):
        search = Search.existing(folder)
        if search is not None and is_whole(folder):
            return search
    try:
        return Search(store.renew_search())
    except ValueError as error:
        raise _search_error(store, error) from error


def _search_error(store: Store, error: ValueError) -> StoreError:
    message = f"The text search in {store.folder} cannot be written: {error}"
    return StoreError(message) if NO_SPACE in str(error) else SearchDamagedError(message)


def _languages(known: dict[str, Known]) -> Callable[[str, os.stat_result], str | None]:
    """What tells a walk the language of files that have not changed."""

    def language(path: str, status: os.stat_result) -> str | None:
        was = known.get(path)
        same = was is not None and was.is_same(status.st_size, status.st_mtime_ns, status.st_ino)
        return was.language if was is not None and same else None

    return language


def _read(found: Found, most: int) -> bytes | None:
    """The content of a file; None for one that has vanished, has grown too much or cannot be read."""
    try:
        data = begin_of(found.path, most + 1)
    except OSError:
        return None
    return data if len(data) <= most else None


def _stem(path: Path) -> str:
    return path.name.rpartition(".")[0] or path.name
