"""The live parts of one user's session: documents, model, memory of typing, background tasks.

Every shell (LSP, terminal) opens one and drives it; features never see it.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from context.snapshot import Snapshot, Workspace
from lsp_server.config import Options
from lsp_server.features.ahead import Spot, is_in_vain, read_ahead
from lsp_server.features.alternatives import alternatives
from lsp_server.features.complete import LOADING, Completion, Memory, Place, Timings, complete
from lsp_server.features.edit_request import EditRequest, Listener, NotEdited, Outcome, ignore
from lsp_server.features.explain import Explained, explain
from lsp_server.features.offers import current_model
from lsp_server.features.repository import PATIENCE, UNHURRIED, IndexedRoot, Repositories
from lsp_server.features.rewrite import rewrite
from lsp_server.features.sent import NotedEdit
from lsp_server.indexers import COMMAND, Indexers, IndexState
from lsp_server.models.backend import (
    AT_WORK,
    Backend,
    ModelError,
    ModelState,
    StateListener,
    Usage,
)
from lsp_server.models.obtain import obtain

log = logging.getLogger(__name__)

T = TypeVar("T")

OpenBackend = Callable[[str], Backend]
"""Opens the model of a name; raises ModelError.

It must be quick: the model itself starts with the first request.
"""

CLOSE_TIMEOUT = 1.5
"""Seconds that giving the model back may take."""
CHANGED = "Another model is used now; ask again."
UNFINISHED = frozenset({"stopped", "starting", "reading", "pausing"})
"""Phases of an index in which it is waited for."""


class Session:
    """Made by `open_session`; belongs to the event loop on which it was opened."""

    def __init__(
        self,
        options: Options,
        open_backend: OpenBackend,
        tasks: asyncio.TaskGroup,
        indexer: tuple[str, ...] = COMMAND,
    ) -> None:
        self.options = options
        self.workspace = Workspace()
        self.memory = Memory()
        patience = UNHURRIED if options.completion.wait == "for-model" else PATIENCE
        self.repositories = Repositories(patience)
        self.repositories.pins.use(options.pinned)
        self.indexers = Indexers(self.start, indexer)
        self.indexers.listen(self._index_changed)
        self._open_backend = open_backend
        self._backend: Backend | None = None
        self._candidate: Backend | None = None
        """A model that takes the place of another one, if it can be loaded."""
        self._fetching: ModelState | None = None
        """How far a download is, during which the model that there is goes on answering."""
        self._tasks = tasks
        self._running: set[asyncio.Task[None]] = set()
        self._listeners: list[StateListener] = []
        self._spot: Spot | None = None
        self._ahead: asyncio.Task[None] | None = None

    def listen(self, listener: StateListener) -> None:
        """Call `listener` at every change of the model's state, of whichever backend is open."""
        self._listeners.append(listener)

    @property
    def state(self) -> ModelState:
        """The model's state; "stopped" before the first request."""
        if self._fetching is not None:
            return self._fetching
        return self._backend.state if self._backend else ModelState("stopped")

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run work in the background until it ends or the session closes; an error in it ends it alone."""
        task = self._tasks.create_task(_guarded(work, name), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        # A task that is cancelled before its first step never awaits the work.
        task.add_done_callback(lambda _: work.close())
        return task

    def moved(self, roots: Iterable[Path]) -> None:
        """The workspace has these roots now."""
        self.workspace.moved(roots)
        self.use(self.options)

    def use(self, options: Options) -> None:
        """Go on with other settings."""
        self.options = options
        self.repositories.pins.use(options.pinned)
        self.indexers.use(self.workspace.snapshot.roots if options.index else ())
        self._use_indexes()

    async def indexed(self) -> None:
        """Wait until the indexes of the workspace are as new as they will get without a change."""
        changed = asyncio.Event()
        self.indexers.listen(lambda _: changed.set())
        while any(state.phase in UNFINISHED for state in self.indexers.states.values()):
            await changed.wait()
            changed.clear()

    def _index_changed(self, _: IndexState) -> None:
        self._use_indexes()

    def _use_indexes(self) -> None:
        """Let completions know the indexes of the roots that there are now."""
        places = self.indexers.places.values()
        self.repositories.use(IndexedRoot(place.root, place.real, place.folder) for place in places)

    def backend(self) -> Backend:
        """The model, opened at the first call. Raises ModelError."""
        if self._backend is None:
            self._take(self._open_backend(self.options.model), self.options.model)
            assert self._backend is not None
        return self._backend

    async def complete(self, snapshot: Snapshot, place: Place) -> Completion:
        """Complete at a place in a snapshot. Never raises for bad input or a model that fails."""
        options = self.options
        document = snapshot.documents.get(place.uri)
        if not options.enabled or (document and document.language in options.disabled_languages):
            return _nothing(place, "disabled", "Completion is switched off in the settings.")
        try:
            backend = self.backend()
        except ModelError as error:
            return _nothing(place, "no-model" if error.code == "no-model" else "model-failed", str(error))
        if document is not None:
            self._arrive(Spot(snapshot, document, place.offset))
        choose = self.repositories.sources
        completion = await complete(snapshot, backend, place, options.completion, self.memory, choose)
        if completion.reason == "model-failed" and backend is not self._backend:
            return replace(completion, reason="loading", detail=LOADING)
        if self._ahead is None and options.completion.read_ahead_ms and self.memory.anchors(place.uri):
            self._ahead = self.start(self._read_ahead(backend), "read ahead")
            self._ahead.add_done_callback(self._end_ahead)
        return completion

    async def alternatives(
        self, snapshot: Snapshot, place: Place, shown: Completion
    ) -> tuple[Completion, ...]:
        """What else could stand where `shown` is. Never raises, either."""
        if self._backend is None:
            return ()
        options, choose = self.options.completion, self.repositories.sources
        return await alternatives(snapshot, self._backend, place, shown, options, self.memory, choose)

    async def edit(self, snapshot: Snapshot, request: EditRequest, listener: Listener = ignore) -> Outcome:
        """Make a change of a document; nothing is applied. Never raises for bad input or a failing model."""
        try:
            backend = self.backend()
        except ModelError as error:
            return NotEdited("no-model" if error.code == "no-model" else "model-failed", str(error))
        choose = self.repositories.for_edit
        noted = NotedEdit(self.memory.sent, snapshot, request, self.options.edit, listener)
        try:
            outcome = await rewrite(snapshot, backend, request, self.options.edit, choose, noted)
        except asyncio.CancelledError:
            noted.end("cancelled")
            raise
        reason = outcome.reason if isinstance(outcome, NotEdited) else "shown"
        noted.end(reason, outcome.usage if outcome.tries == 1 else None, outcome.model)
        return self._still(backend, outcome)

    async def explain(
        self, snapshot: Snapshot, request: EditRequest, listener: Listener = ignore
    ) -> Explained | NotEdited:
        """Answer in words about a part of a document, and never raise, either."""
        try:
            backend = self.backend()
        except ModelError as error:
            return NotEdited("no-model" if error.code == "no-model" else "model-failed", str(error))
        return self._still(backend, await explain(snapshot, backend, request, self.options.edit, listener))

    def _still(self, backend: Backend, outcome: T) -> T | NotEdited:
        """An outcome; of a failure because the model was changed meanwhile, that."""
        failed = isinstance(outcome, NotEdited) and outcome.reason == "model-failed"
        return NotEdited("model-failed", CHANGED) if failed and backend is not self._backend else outcome

    def at_work(self) -> Backend | None:
        """The model if it is loaded; None where it would have to be waited for."""
        return self._backend if self._backend and self._backend.state.phase in AT_WORK else None

    async def loaded(self) -> None:
        """Wait until the model can answer or has failed; the next completion says which."""
        with suppress(ModelError):
            await self.backend().info()

    async def rested(self) -> None:
        """Wait until the model has read all that it reads while the user pauses."""
        while self._ahead is not None:
            await asyncio.wait([self._ahead])

    def _arrive(self, spot: Spot) -> None:
        """The user is at a spot: what is read ahead for another one is of no use."""
        self._spot = spot
        if self._ahead is not None and is_in_vain(self.memory.reading, spot):
            self._ahead.cancel()

    async def _read_ahead(self, backend: Backend) -> None:
        """Wait for a pause in typing, then let the model read for whichever spot is the latest."""
        waited_at = None
        while waited_at is not self._spot:
            waited_at = self._spot
            await asyncio.sleep(self.options.completion.read_ahead_ms / 1000)
        folders = absolute(self.options.warm_folders)
        choose = self.repositories.sources
        await read_ahead(self._latest_spot, backend, self.options.completion, self.memory, folders, choose)

    def _latest_spot(self) -> Spot:
        assert self._spot is not None
        return self._spot

    def _end_ahead(self, task: asyncio.Task[None]) -> None:
        if self._ahead is task:
            self._ahead = None

    async def restart_model(self) -> None:
        """Give the model back; the next request opens it anew, even one that crashes stopped for good."""
        await self._give_back(lambda backend: backend.leave())

    async def use_model(self, wanted: str) -> str:
        """Fetch a model if it is not here, load it in place of the one in use, and return its name.

        Raises ModelError. After that, or when this is cancelled, the former model is in use as before.
        """
        name = await obtain(wanted, self._fetch_went_on)
        former = self.options.model
        if self._backend is not None and name == current_model(former):
            await self._backend.info()
            return name
        candidate = self._open_backend(name)
        await self._give_back(lambda backend: backend.leave())
        self._candidate = candidate
        self._take(candidate, name)
        try:
            await candidate.info()
        except BaseException:
            if self._backend is candidate:
                await self._give_back(lambda backend: backend.leave())
                self.options = replace(self.options, model=former)
            raise
        finally:
            self._candidate = None
        self.options = replace(self.options, model=name)
        return name

    def _fetch_went_on(self, state: ModelState | None) -> None:
        """Tell how far a download is; None when it is over."""
        self._fetching = state
        self._tell(self.state)

    def _take(self, backend: Backend, name: str) -> None:
        """Use a backend that has been opened."""
        self.options = replace(self.options, model=name)
        self._backend = backend
        backend.listen(partial(self._tell_of, backend))

    async def _give_back(self, give: Callable[[Backend], Awaitable[None]]) -> None:
        if self._ahead is not None:
            self._ahead.cancel()
        backend, self._backend = self._backend, None
        self.memory = Memory()
        if backend is None:
            return
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await give(backend)
        except (ModelError, OSError, TimeoutError) as error:
            log.warning("the model did not close: %s", error)
        self._tell(ModelState("stopped"))

    async def close(self) -> None:
        """Stop the background tasks and give the model back."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(self._give_back(lambda backend: backend.close()), self.indexers.close())
        self.repositories.close()

    def _tell_of(self, backend: Backend, state: ModelState) -> None:
        """Pass on the state of a backend, unless it has been given back meanwhile.

        That a model works is nothing new while another one is fetched; and why one cannot take the place of
        another is for whoever wanted it.
        """
        if backend is not self._backend or (self._fetching and state.phase in AT_WORK):
            return
        if backend is not self._candidate or state.phase != "failed":
            self._tell(state)

    def _tell(self, state: ModelState) -> None:
        for listener in self._listeners:
            listener(state)


@asynccontextmanager
async def open_session(
    options: Options, open_backend: OpenBackend, indexer: tuple[str, ...] = COMMAND
) -> AsyncIterator[Session]:
    """A session for the time of an `async with`; after it every task has ended, the model is given back.

    `indexer` is the command that keeps an index; tests have others.
    """
    failure: Exception | None = None
    async with asyncio.TaskGroup() as tasks:
        session = Session(options, open_backend, tasks, indexer)
        try:
            yield session
        except Exception as error:
            # Raised again outside, since a task group would wrap it into an ExceptionGroup.
            failure = error
        finally:
            await session.close()
    if failure is not None:
        raise failure


def absolute(names: Iterable[str]) -> list[Path]:
    """Folders as the user names them. One that is relative means nothing, since a server has no folder."""
    paths = (Path(os.path.expanduser(name)) for name in names)  # noqa: PTH111 - Path raises for a strange ~
    return [path for path in paths if path.is_absolute()]


async def _guarded(work: Coroutine[Any, Any, None], name: str) -> None:
    try:
        await work
    except Exception:
        # One of the three edges where any error may end: a task must not take the others with it.
        log.exception("background task %s failed", name)


def _nothing(place: Place, reason: str, detail: str) -> Completion:
    return Completion(
        text="",
        start=place.offset,
        end=place.offset,
        reason=reason,
        detail=detail,
        model="",
        usage=Usage(),
        ms=Timings(),
    )
