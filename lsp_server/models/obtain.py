"""Having a model here, whatever the user calls it: one of the catalogue is fetched, a file is looked at."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lsp_server.models import catalogue, download
from lsp_server.models.backend import ModelError, ModelState
from lsp_server.models.choose import choose
from lsp_server.models.fetch import OnProgress, Progress
from lsp_server.models.gguf import check_file
from lsp_server.models.host.supervise import in_thread
from lsp_server.models.model import Model
from lsp_server.models.open import SCRIPT
from lsp_server.models.scripted import read_replies


def fetched(wanted: str, on_progress: OnProgress) -> str:
    """Fetch what is missing of a model, and return the name by which it is opened. Raises ModelError.

    It blocks, for as long as a download takes; what `on_progress` raises ends that.
    """
    if wanted.startswith(SCRIPT):
        read_replies(Path(wanted.removeprefix(SCRIPT)).expanduser())
        return wanted
    model = catalogue.find(wanted)
    if model is not None and download.installed(model) is None:
        download.pull(model, on_progress)
    chosen = choose(wanted)
    check_file(chosen.path)
    return chosen.name


async def obtain(wanted: str, tell: Callable[[ModelState | None], None]) -> str:
    """The same in a thread, without holding up the event loop, where `tell` hears of a download.

    It hears None when a download is over. Cancelled, the thread ends with the next bytes that come; what has
    come by then is kept for the next time.
    """
    loop, stopped, telling = asyncio.get_running_loop(), threading.Event(), threading.Event()

    def hear(state: ModelState) -> None:
        if not stopped.is_set():
            telling.set()
            tell(state)

    states = States(wanted, lambda state: loop.call_soon_threadsafe(hear, state))

    def on_progress(progress: Progress) -> None:
        if stopped.is_set():
            raise ModelError("no-model", "The download was stopped.")
        states(progress)

    try:
        return await in_thread(partial(fetched, wanted, on_progress), "fathom-fetch")
    finally:
        stopped.set()
        if telling.is_set():
            tell(None)


class States:
    """Makes of the progress of a pull what a session tells of it: each state once, over all files."""

    def __init__(self, name: str, tell: Callable[[ModelState], object]) -> None:
        model = catalogue.find(name)
        self._name = model.name if model else name
        self._total = _total(model)
        self._before = 0
        """Bytes of files that are done."""
        self._file: Progress | None = None
        """The last progress of the file that is being fetched."""
        self._last: ModelState | None = None
        self._tell = tell

    def __call__(self, progress: Progress) -> None:
        state = self._state(progress)
        if state != self._last:
            self._last = state
            self._tell(state)

    def _state(self, progress: Progress) -> ModelState:
        if progress.kind in ("note", "waiting"):
            return ModelState("downloading", message=progress.message)
        if progress.kind == "verifying":
            return ModelState("downloading", message=f"{self._name} is being verified.")
        return ModelState("downloading", self._percent(progress), f"{self._name} is being downloaded.")

    def _percent(self, progress: Progress) -> int | None:
        last = self._file
        if last is not None and last.done == last.total and progress.done < last.done:
            self._before += last.done
        self._file = progress
        total = self._total or progress.total
        return min(100, 100 * (self._before + progress.done) // total) if total else None


def _total(model: Model | None) -> int | None:
    """Bytes of the files of a model that are not here yet, where that is known."""
    if model is None or model.size is None:
        return None
    there = (download.folder_of(model) / file.name for file in model.files)
    return model.size - sum(path.stat().st_size for path in there if path.is_file()) or None
