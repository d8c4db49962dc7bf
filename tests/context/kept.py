"""An index that is kept fresh in another thread of a test."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from context.changes import Pending
from context.index import Index
from context.indexing import Indexing, writing
from context.refresh import Refresh, Report, Times

NEVER = Times(look=0.05, hint=3600, poll=3600, safety=3600)
"""Only what is told leads to anything."""


class Kept:
    """An index that is kept fresh in another thread."""

    def __init__(self, root: Path, folder: Path, times: Times) -> None:
        self.root = root
        self.pending = Pending()
        self.reports: list[Report] = []
        self.refresh = Refresh([root], self.pending, self.reports.append, times)
        self.index = Index(folder)
        self._folder = folder
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        self._indexing: Indexing | None = None
        self._thread = threading.Thread(target=self._run, name="keep an index")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self.pending.wake()
        self._thread.join()

    def end(self) -> None:
        self.stop()
        self.index.close()
        if self._failure is not None:
            raise self._failure

    def names(self) -> set[str]:
        """The files in the index, below the root."""
        return {os.path.relpath(path, self.root) for path in self.index.paths()}

    def until(self, is_it: Callable[[], object], seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while not is_it():
            assert time.monotonic() < end, (self.names(), self.reports[-3:])
            assert self._thread.is_alive(), self._failure
            time.sleep(0.005)

    def until_names(self, *names: str) -> None:
        self.until(lambda: self.names() == {*names})

    def until_defined(self, *names: str) -> None:
        """Until these functions are defined somewhere."""
        self.until(lambda: self.index.named(names).keys() == {*names})

    def until_ready(self) -> None:
        self.until(lambda: self.reports and self.reports[-1].phase == "ready")

    def count_settled(self) -> list[None]:
        """A list that grows each time that the search is to learn something from now on."""
        assert self._indexing is not None
        settled: list[None] = []
        real = self._indexing.settle

        def settle() -> None:
            real()
            settled.append(None)

        self._indexing.settle = settle  # type: ignore[method-assign]
        return settled

    def sweeps(self) -> list[str]:
        """Why there were sweeps."""
        whys = [""] + [report.why for report in self.reports]
        return [why for before, why in pairwise(whys) if why and why != before]

    def _run(self) -> None:
        try:
            with writing(self._folder, [self.root], workers=1) as indexing:
                self._indexing = indexing
                self.refresh.run(indexing, self._stopped)
        except BaseException as error:
            self._failure = error


@contextmanager
def kept(root: Path, times: Times = NEVER) -> Iterator[Kept]:
    found = Kept(root, root.parent / "index", times)
    found.start()
    try:
        yield found
    finally:
        found.end()


def define(path: Path, *names: str) -> None:
    """Write functions into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"def {name}():\n    return 1\n\n\n" for name in names))
