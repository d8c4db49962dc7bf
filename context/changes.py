"""What happened to files since somebody last asked: gathered until it is quiet, but never for long.

A file that is saved is told of almost at once. Where very many change together, as when git switches to
another branch, they are not counted one by one: it is told once, and only when it is over, that all of the
tree is to be looked at.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

QUIET, LONGEST = 0.01, 0.2
"""Seconds without another event after which changes are told, and how long the first of them may wait."""
STORM = 300
"""More files than this are a storm: to look at them all in one sweep is cheaper and misses none."""
LATEST = 20
"""The last files of a storm are told of all the same: somebody may have saved one of them just now, and a
sweep may take long to come to it."""
STORM_QUIET, STORM_LONGEST = 0.3, 3.0
"""The same as the first two, for a sweep: one that runs while files still change would have to run again."""

MANY = "very many files changed"
LOST = "events were lost"


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be looked at. Paths are absolute, in the words of whoever watches."""

    files: frozenset[str] = frozenset()
    """Files that were written, came into being or went."""
    folders: frozenset[str] = frozenset()
    """Folders that came into being, with whatever may be in them already, or went with what was in them."""
    sweep: str = ""
    """Why everything has to be looked at; empty if it has not."""
    lost: bool = False
    """Whether events were lost, so that nobody knows which folders are still the same. Comes with a sweep."""
    hint: bool = False
    """Whether something says that files may have changed, though these would have told so themselves."""

    def __bool__(self) -> bool:
        return bool(self.files or self.folders or self.sweep or self.hint)


class Pending:
    """Changes that nobody has taken yet. Any thread may add to them; one takes them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._arrived = threading.Condition()
        self._files: OrderedDict[str, None] = OrderedDict()
        """In the order in which they changed."""
        self._folders: set[str] = set()
        self._sweep = ""
        self._lost = self._hint = False
        self._woken = False
        self._first = self._last = self._first_sweep = 0.0

    def file(self, path: str) -> None:
        """A file was written, came into being or went."""
        with self._arrived:
            self._note()
            self._files[path] = None
            self._files.move_to_end(path)
            self._limit()

    def folder(self, path: str) -> None:
        """A folder came into being, or went with what was in it."""
        with self._arrived:
            self._note()
            self._folders.add(path)
            self._limit()

    def sweep(self, why: str) -> None:
        """Something happened of which nobody can say what it changed."""
        with self._arrived:
            self._note()
            self._want_sweep(why)

    def lost(self) -> None:
        """Events were lost."""
        with self._arrived:
            self._note()
            self._lost = True
            self._want_sweep(LOST)

    def hint(self) -> None:
        """Something says that files may have changed."""
        with self._arrived:
            self._note()
            self._hint = True

    def wake(self) -> None:
        """End a wait that is going on, or else the next one."""
        with self._arrived:
            self._woken = True
            self._arrived.notify_all()

    def take(self, seconds: float) -> Changes:
        """Wait so long at most for changes that are to be told, and give them; none if there were none."""
        end = self._clock() + seconds
        with self._arrived:
            while not self._woken:
                now = self._clock()
                if min(self._files_due(), self._sweep_due()) <= now:
                    return self._taken(now)
                if now >= end:
                    break
                self._arrived.wait(min(self._files_due(), self._sweep_due(), end) - now)
            self._woken = False
            return Changes()

    def _note(self) -> None:
        if not (self._files or self._folders or self._hint):
            self._first = self._clock()
            # The other events only make a wait longer, which is found out when it is over.
            self._arrived.notify_all()
        self._last = self._clock()

    def _limit(self) -> None:
        if len(self._files) + len(self._folders) > STORM:
            self._want_sweep(MANY)
        if self._storms():
            self._folders.clear()
            while len(self._files) > LATEST:
                self._files.popitem(last=False)

    def _storms(self) -> bool:
        return self._sweep == MANY

    def _want_sweep(self, why: str) -> None:
        if not self._sweep:
            self._first_sweep = self._clock()
            self._arrived.notify_all()
        if not self._storms():
            self._sweep = why

    def _files_due(self) -> float:
        if self._storms() or not (self._files or self._folders or self._hint):
            return float("inf")
        return min(self._last + QUIET, self._first + LONGEST)

    def _sweep_due(self) -> float:
        if not self._sweep:
            return float("inf")
        return min(self._last + STORM_QUIET, self._first_sweep + STORM_LONGEST)

    def _taken(self, now: float) -> Changes:
        sweep = self._sweep if self._sweep_due() <= now else ""
        lost = self._lost and bool(sweep)
        taken = Changes(frozenset(self._files), frozenset(self._folders), sweep, lost, self._hint)
        self._files.clear()
        self._folders.clear()
        self._hint = False
        if sweep:
            self._sweep, self._lost = "", False
        return taken
