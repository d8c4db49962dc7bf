"""Watches folders and tells of what happens in them; the only importer of watchdog.

Each folder is watched by itself, and only those that somebody has added: a package in `node_modules` costs
nothing, and may be written to as often as it likes. To notice what comes into being before its folder is
watched, add the folder first and look into it then.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from context.changes import Pending
from context.disk import NoFileError, begin_of
from context.exclusions import NAMES, REPOSITORY
from context.files import INSTALLED, MARKERS, VERSION_CONTROL

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers.inotify_c import InotifyEvent, WatchDescriptor

log = logging.getLogger(__name__)

MOST = 60_000
"""Folders that are watched. The kernel keeps about a KB of memory for each, that it never swaps out."""
LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")

RULES = "what is to be read has changed"
SWITCHED = "git switched to another commit"

_VANISHED = (errno.ENOENT, errno.ENOTDIR, errno.EACCES)
_TELLING = NAMES | MARKERS.keys()
_NEVER_ENTERED = VERSION_CONTROL | INSTALLED


class Watch:
    """Folders that are being watched. Threads of its own put into `pending` what happens in them.

    A folder that vanishes is watched no longer, even if another one of its name comes: that is told as new.
    """

    def __init__(self, pending: Pending, most: int | None = None) -> None:
        self._pending = pending
        self._most = budget() if most is None else most
        self._lock = Lock()
        self._folders: set[str] = set()
        self._repositories: set[str] = set()
        self.complete = True
        """False if a folder could not be watched: then somebody has to look from time to time."""
        self._source = self._opened()

    @property
    def alive(self) -> bool:
        """Whether anything would be told; a watch that is not is of no use any longer."""
        return self._source is None or self._source.alive

    def watches(self, folder: str) -> bool:
        """Whether a folder is watched."""
        return folder in self._folders

    def add(self, folder: str) -> None:
        """Watch what is directly in a folder; one that is watched already costs nothing."""
        with self._lock:
            if folder in self._folders:
                return
            if self._source is None or len(self._folders) >= self._most:
                self.complete = False
                return
            # Before its events can come: they are told of known folders only.
            self._folders.add(folder)
            try:
                self._source.add(folder)
            except OSError as error:
                self._folders.discard(folder)
                self.complete &= error.errno in _VANISHED

    def add_repository(self, root: str) -> None:
        """Watch which commit git has checked out, in the repository that a folder is in, if it is in one."""
        if folder := _git_folder(Path(root)):
            self._repositories.add(folder)
            self.add(folder)

    def keep(self, folders: Collection[str]) -> None:
        """Stop watching all other folders."""
        with self._lock:
            self._drop(self._folders - {*folders} - self._repositories)

    def retry(self) -> None:
        """What could not be watched may be added again: others may have left the system more room."""
        self.complete = True
        self._source = self._source or self._opened()

    def close(self) -> None:
        """Stop watching, and wait until nothing more can be told."""
        source, self._source = self._source, None
        if source is not None:
            source.close()

    # --- what a source tells; in its thread ---

    def saw(self, folder: str, name: str, *, is_folder: bool, gone: bool) -> None:
        """An entry of a watched folder was written, came into being or went."""
        path = f"{folder}{os.sep}{name}"
        if folder in self._repositories:
            self._saw_git(name)
        elif name in _TELLING:
            self._pending.sweep(RULES)
        elif not is_folder:
            self._pending.file(path)
        elif gone:
            self._saw_folder_go(path)
        elif name not in _NEVER_ENTERED:
            self._pending.folder(path)

    def lost(self, folder: str) -> None:
        """A watched folder is there no longer."""
        with self._lock:
            self._folders.discard(folder)

    def lost_events(self) -> None:
        """Nobody knows what happened."""
        self._pending.lost()

    def _saw_git(self, name: str) -> None:
        if name == "HEAD":
            self._pending.sweep(SWITCHED)
        elif name == "index":
            self._pending.hint()

    def _saw_folder_go(self, folder: str) -> None:
        """A folder that was moved goes with all that is in it, of which nothing is told."""
        inside = folder + os.sep
        with self._lock:
            if folder not in self._folders:  # nor is any below it
                return
            self._drop({each for each in self._folders if each == folder or each.startswith(inside)})
        self._pending.folder(folder)

    def _drop(self, folders: Iterable[str]) -> None:
        dropped = {*folders} & self._folders
        self._folders -= dropped
        if self._source is not None:
            self._source.drop(dropped)

    def _opened(self) -> Source | None:
        try:
            return open_source(self)
        except OSError as error:
            log.warning("files cannot be watched: %s", error)
            self.complete = False
            return None


def budget() -> int:
    """How many folders may be watched: half of what the user has, since editors watch as well."""
    try:
        return min(MOST, int(begin_of(LIMIT, 32)) // 2)
    except (OSError, ValueError):
        return MOST


class Source(Protocol):
    """Where events come from."""

    @property
    def alive(self) -> bool: ...

    def add(self, folder: str) -> None:
        """Raises OSError."""

    def drop(self, folders: Collection[str]) -> None: ...

    def close(self) -> None: ...


def open_source(watch: Watch) -> Source:
    """What this system has. Raises OSError."""
    return Inotify(watch) if sys.platform == "linux" else Recursive(watch)


class Inotify:
    """A watch of the kernel for each folder, read by one thread.

    watchdog's own observer either watches all below a folder or has a thread for each one. Measured with
    10,000 folders to watch, beside as many in `node_modules`: 0.05 s to begin, of 0.44 s for an observer of
    all and 4.2 s and 225 MB for 10,000 threads; and the observer of all was told of each file in
    `node_modules`. It also holds back everything else for 0.5 s after a file was moved out of the tree.
    """

    def __init__(self, watch: Watch) -> None:
        from watchdog.observers.inotify_c import CallbackId, InotifyConstants, InotifyFD, Mask

        self._watch = watch
        self._id = CallbackId(id(self))
        # Not what is only opened or read, as we do ourselves: such events make the queue overflow. Not each
        # write either, but its end: a log that a program keeps open would be read again and again.
        self._mask = Mask(
            InotifyConstants.IN_CLOSE_WRITE
            | InotifyConstants.IN_CREATE
            | InotifyConstants.IN_DELETE
            | InotifyConstants.IN_MOVE
            | InotifyConstants.IN_ONLYDIR
            | InotifyConstants.IN_EXCL_UNLINK
        )
        self._unmount = InotifyConstants.IN_UNMOUNT
        self._descriptors: dict[str, WatchDescriptor] = {}
        self._inotify = InotifyFD()
        self._inotify.start()

    @property
    def alive(self) -> bool:
        return self._inotify.is_alive()

    def add(self, folder: str) -> None:
        """Raises OSError."""
        told = _Told(self._watch, folder, self._unmount)
        descriptor = self._inotify.add_callback(os.fsencode(folder), self._mask, told, self._id)
        if descriptor < 0:  # nobody may look into it, so nobody reads it either
            raise PermissionError(errno.EACCES, "may not be watched", folder)
        self._descriptors[folder] = descriptor

    def drop(self, folders: Collection[str]) -> None:
        descriptors = [self._descriptors.pop(folder, None) for folder in folders]
        self._inotify.remove_callbacks([(each, self._id) for each in descriptors if each is not None])

    def close(self) -> None:
        self._inotify.stop()
        self._inotify.join()


class _Told:
    """One folder; watchdog calls it in its thread."""

    __slots__ = ("_folder", "_unmount", "_watch")

    def __init__(self, watch: Watch, folder: str, unmount: int) -> None:
        self._watch = watch
        self._folder = folder
        self._unmount = unmount

    def on_event(self, event: InotifyEvent) -> None:
        if event.name:
            gone = event.is_moved_from or event.is_delete
            self._watch.saw(self._folder, os.fsdecode(event.name), is_folder=event.is_directory, gone=gone)
        elif event.mask & self._unmount:
            self._watch.lost_events()

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:  # noqa: ARG002 - watchdog names it
        self._watch.lost(self._folder)

    def on_queue_overflow(self) -> None:
        self._watch.lost_events()


class Recursive:
    """Where a system watches all that is below a folder at no cost, as macOS and Windows do."""

    def __init__(self, watch: Watch) -> None:
        from watchdog.observers import Observer

        self._watch = watch
        self._tops: dict[str, str] = {}
        """The folders that were added, by where they really lie: that is how events call them."""
        self._observer = Observer()
        self._observer.start()

    @property
    def alive(self) -> bool:
        return self._observer.is_alive() and all(each.is_alive() for each in self._observer.emitters)

    def add(self, folder: str) -> None:
        """Raises OSError."""
        if any(Path(folder).is_relative_to(top) for top in self._tops.values()):
            return
        real = os.path.realpath(folder)
        from watchdog import events

        kinds: list[type[FileSystemEvent]] = [
            *(
                events.FileCreatedEvent,
                events.FileModifiedEvent,
                events.FileDeletedEvent,
                events.FileMovedEvent,
            ),
            *(events.DirCreatedEvent, events.DirDeletedEvent, events.DirMovedEvent),
        ]
        self._observer.schedule(_handler(self._saw), real, recursive=True, event_filter=kinds)
        self._tops[real] = folder

    def drop(self, folders: Collection[str]) -> None:
        """Nothing to do: what happens in other folders is not told."""

    def close(self) -> None:
        self._observer.stop()
        self._observer.join()

    def _saw(self, event: FileSystemEvent) -> None:
        gone = event.event_type in ("deleted", "moved")
        self._tell(os.fsdecode(event.src_path), is_folder=event.is_directory, gone=gone)
        if event.dest_path:
            self._tell(os.fsdecode(event.dest_path), is_folder=event.is_directory, gone=False)

    def _tell(self, path: str, *, is_folder: bool, gone: bool) -> None:
        folder, name = os.path.split(path)
        for real, top in list(self._tops.items()):
            if folder == real or folder.startswith(real + os.sep):
                known = top + folder[len(real) :]
                if self._watch.watches(known):
                    self._watch.saw(known, name, is_folder=is_folder, gone=gone)


def _handler(saw: Callable[[FileSystemEvent], None]) -> FileSystemEventHandler:
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            saw(event)

    return Handler()


def _git_folder(folder: Path) -> str:
    """Where git keeps what belongs to one working tree alone; empty if there is no repository."""
    for place in (folder, *folder.parents):
        path = place / REPOSITORY
        try:
            return str(place / os.fsdecode(begin_of(path, 4096)).strip().removeprefix("gitdir: "))
        except NoFileError:
            return str(path)
        except (OSError, ValueError):
            continue
    return ""
