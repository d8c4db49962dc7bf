"""Keeps an index fresh: what changes is read again, and from time to time everything is looked at.

One thread does it all, so one build runs at a time. What changes meanwhile is gathered, and is the one build
that is wanted after it; a sweep lets changed files go first. Events tell at once what changed, but they can
be lost, and some folders cannot be watched: a sweep finds what nobody told.

The text search takes longest to learn of a change, and the next file that is saved would wait for that. So it
learns of several at once, when it is quiet.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Literal

from context.changes import Changes, Pending
from context.files import Folder, Found
from context.indexing import Entry, Indexing
from context.watch import Watch

Phase = Literal["shared", "reading", "ready", "missing", "failed"]
"""Where the index stands. "shared": another process writes it. "missing": a root is not there."""

STARTED = "it is the first"
BACK = "a root is another folder than before"
DEAD = "the watch has ended"
UNWATCHED = "some folders cannot be watched"
SAFETY = "it is time"
HINTED = "git has worked here"

REST = 2.0
"""However often a sweep is wanted, the pause after it is so many times as long as it took."""
NEVER = float("inf")
SOON = 1.0
"""Seconds. A sweep that takes no longer changes nothing that the user should know."""


@dataclass(frozen=True, slots=True)
class Report:
    """How far it is."""

    phase: Phase
    files: int = 0
    """Files that are in the index."""
    done: int = 0
    """Files that a sweep has looked at."""
    total: int = 0
    """Files that there were in the sweep before; 0 in the first."""
    why: str = ""
    """The reason for the last sweep."""
    message: str = ""
    """What the user has to know; mostly nothing."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds."""

    look: float = 2.0
    """Between two looks at the roots and at the watch itself."""
    hint: float = 10.0
    """From a hint that something may have changed to a sweep."""
    poll: float = 45.0
    """Between two sweeps where some folders cannot be watched."""
    safety: float = 300.0
    """The same where all are."""
    share: float = 20.0
    """A pause between sweeps is so many times as long as a sweep took, at least."""
    quiet: float = 0.2
    """From the last update to when the text search learns of it."""
    unsettled: float = 1.0
    """The same from the first, however many follow."""


class Refresh:
    """The watch over some roots, and when everything was looked at last. Belongs to one thread."""

    def __init__(
        self,
        roots: Sequence[Path],
        pending: Pending,
        tell: Callable[[Report], None],
        times: Times = Times(),
    ) -> None:
        self._roots = roots
        self._pending = pending
        self._tell = tell
        self._times = times
        self._watch: Watch | None = None
        self._identities: list[tuple[int, int] | None] = []
        self._seen: set[str] = set()
        """Folders that were entered since the last sweep began."""
        self._files = 0
        self._wanted = STARTED
        """Why there has to be a sweep; empty if there has not."""
        self._due = 0.0
        """When there has to be one without a reason, on a monotonic clock."""
        self._why_due = SAFETY
        self._rested = 0.0
        """When there may be one, however much it is wanted; likewise."""
        self._took = 0.0
        """Seconds that the last sweep took."""
        self._settle_by = self._settle_at = NEVER
        """When the text search has to learn of updates at the latest, and when if no more come; likewise."""

    def run(self, index: Indexing, stopped: Event) -> None:
        """Keep the index fresh until it is stopped; `pending.wake` ends a wait."""
        try:
            while not stopped.is_set():
                pause = self._pause()
                if missing := self._look():
                    pause = self._times.look
                    self._tell(Report("missing", self._files, message=f"{missing} is not there."))
                elif self._wanted and pause == 0:
                    self._sweep(index, stopped)
                    continue
                changes = self._pending.take(min(pause, self._settle_in()))
                if not stopped.is_set():
                    self._treat(changes, index)
                    self._want_what_is_due()
            if self._settle_at < NEVER:
                index.settle()
        finally:
            self.close()

    def close(self) -> None:
        """Stop watching. Another run begins anew."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.close()
        self._wanted, self._rested = STARTED, 0.0
        self._settle_by = self._settle_at = NEVER

    # --- one build ---

    def _treat(self, changes: Changes, index: Indexing) -> None:
        """Read what changed, note why everything has to be looked at; when it is quiet, settle."""
        if changes.lost:
            # Nobody knows which of the watched folders are still the same.
            self._renew_watch()
        self._wanted = self._wanted or changes.sweep
        if changes.hint:
            self._due_in(max(self._times.hint, self._took * self._times.share), HINTED)
        paths = [Path(path) for path in sorted(changes.files | changes.folders)]
        if paths and None not in map(_identity, self._roots):
            index.update(paths, self._watch_folder)
            now = time.monotonic()
            self._settle_by = min(self._settle_by, now + self._times.unsettled)
            self._settle_at = min(self._settle_by, now + self._times.quiet)
        if self._settle_in() == 0:
            index.settle()
            self._settle_by = self._settle_at = NEVER

    def _settle_in(self) -> float:
        """Seconds until the text search has to learn of updates."""
        return max(0.0, self._settle_at - time.monotonic())

    def _sweep(self, index: Indexing, stopped: Event) -> None:
        """Look at everything; files that change meanwhile go first."""
        assert self._watch is not None
        why, self._wanted = self._wanted, ""
        started = time.monotonic()
        self._seen = set()
        self._watch.retry()
        reading = _Reading(self._tell, why, self._files)

        def notice(entry: Entry) -> None:
            reading.add(entry)
            self._watch_folder(entry)

        for progress in index.sweep(notice):
            if stopped.is_set():
                return
            if progress.done:
                self._files = progress.files
            else:
                self._treat(self._pending.take(0), index)
        self._watch.keep(self._seen)
        self._took = time.monotonic() - started
        self._plan()
        self._tell(Report("ready", self._files, why=why, message=self._note()))

    def _plan(self) -> None:
        """When to look at everything again."""
        self._rested = time.monotonic() + self._took * REST
        complete = self._watch is not None and self._watch.complete
        pause = self._times.safety if complete else self._times.poll
        self._why_due = SAFETY if complete else UNWATCHED
        self._due = time.monotonic() + max(pause, self._took * self._times.share)

    def _due_in(self, seconds: float, why: str) -> None:
        due = time.monotonic() + seconds
        if due < self._due:
            self._due, self._why_due = due, why

    def _want_what_is_due(self) -> None:
        if not self._wanted and time.monotonic() >= self._due:
            self._wanted = self._why_due

    def _pause(self) -> float:
        """Seconds to wait for changes."""
        due = self._rested if self._wanted else self._due
        return min(self._times.look, max(0.0, due - time.monotonic()))

    def _note(self) -> str:
        if self._watch is None or self._watch.complete:
            return ""
        return (
            f"The system cannot watch all folders of the workspace: changes are found every "
            f"{self._times.poll:.0f} s. On Linux, a higher fs.inotify.max_user_watches helps."
        )

    # --- what is watched ---

    def _watch_folder(self, entry: Entry) -> None:
        """Watch a folder before anybody looks into it: what comes later is told, what is there is found."""
        if isinstance(entry, Folder) and self._watch is not None:
            name = str(entry.path)
            self._seen.add(name)
            self._watch.add(name)

    def _look(self) -> str:
        """Begin anew with the watch if it has ended, or watches what is not there any longer.

        Returns a root that is not there. The index stays as it is then, since the root may come back.
        """
        identities = [_identity(root) for root in self._roots]
        if None in identities:
            self._identities = []
            return str(self._roots[identities.index(None)])
        if self._watch is None:
            self._renew_watch()
        elif identities != self._identities:
            self._renew_watch()
            self._wanted = BACK
        elif not self._watch.alive:
            self._renew_watch()
            self._wanted = DEAD
        self._identities = identities
        return ""

    def _renew_watch(self) -> None:
        if self._watch is not None:
            self._watch.close()
        self._watch = Watch(self._pending)
        for root in self._roots:
            self._watch.add_repository(str(root))


class _Reading:
    """How far a sweep is. One that is over soon is not worth telling of, but for the first."""

    def __init__(self, tell: Callable[[Report], None], why: str, total: int) -> None:
        self._tell = tell
        self._why = why
        self._total = total
        self._done = 0
        self._silent_until = time.monotonic() + SOON
        if why == STARTED:
            tell(self._report())

    def add(self, entry: Entry) -> None:
        """Count what the walk has come upon."""
        if not isinstance(entry, Found):
            return
        self._done += 1
        if self._why == STARTED or (self._done % 64 == 0 and time.monotonic() > self._silent_until):
            self._tell(self._report())

    def _report(self) -> Report:
        files = max(self._total, self._done)
        return Report("reading", files, self._done, self._total, self._why)


def _identity(root: Path) -> tuple[int, int] | None:
    """What tells a folder from another one of its name; None if there is none."""
    try:
        status = os.stat(root)  # noqa: PTH116 - a link to a folder is followed, as everybody does
    except OSError:
        return None
    return (status.st_dev, status.st_ino)
