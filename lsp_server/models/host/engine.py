"""The engine's thread: opens the model, then works through the queue until the host ends."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lsp_server.models.backend import ModelError, ModelInfo
from lsp_server.models.gguf import check_file
from lsp_server.models.host.scheduler import Scheduler
from lsp_server.models.host.settings import HostSettings
from lsp_server.models.memory import machine_memory

log = logging.getLogger(__name__)

CRASHED = 70
"""Exit code when llama.cpp failed in a way that leaves its state in doubt (EX_SOFTWARE of sysexits.h)."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears of the engine; all are called on its thread."""

    percent: Callable[[int], None]
    ready: Callable[[ModelInfo], None]
    failed: Callable[[ModelError], None]


class Engine(threading.Thread):
    """Runs as a daemon: the process may end while llama.cpp computes."""

    def __init__(self, settings: HostSettings, scheduler: Scheduler, listeners: Listeners) -> None:
        super().__init__(name="engine", daemon=True)
        self._settings = settings
        self._scheduler = scheduler
        self._listeners = listeners
        self._count: Callable[[str], int] | None = None

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text; from any thread, once the model is ready."""
        if self._count is None:
            raise ModelError("no-model", "The model is not loaded yet.")
        return self._count(text)

    def run(self) -> None:
        try:
            self._work()
        except ModelError as error:
            self._listeners.failed(error)
        except Exception:
            log.exception("the engine failed")
            # Other threads cannot go on without it, and the memory of llama.cpp is not to be trusted.
            logging.shutdown()
            os._exit(CRASHED)

    def _work(self) -> None:
        settings = self._settings
        window = check(settings)
        try:
            from lsp_server.models.host.llama import Llama
        except ImportError as error:
            raise ModelError("no-backend", NO_BACKEND, permanent=True) from error
        from lsp_server.models.host.sequences import Sequences

        model = Llama(settings, self._listeners.percent)
        model.abort = self._scheduler.abort
        self._count = lambda text: len(model.tokenise(text))
        sequences = Sequences(model, settings.sequences, min(model.window, window))
        self._listeners.ready(
            ModelInfo(settings.name, settings.path, model.window, model.fim, model.repo, 0.0, model.device)
        )
        self._scheduler.run(model, sequences)


NO_BACKEND = (
    "Local models need llama-cpp-python, which is not installed for this Fathom: "
    "install it with `pip install 'fathom-ls[local]'`."
)


def check(settings: HostSettings) -> int:
    """Look at the file and the memory before llama.cpp does; returns the window in tokens. Raises ModelError.

    llama.cpp ends the process on some broken files, and the system does when memory runs out.
    """
    header = check_file(Path(settings.path))
    window = min(settings.context, header.context or settings.context)
    needed, memory = header.memory(window), machine_memory()
    if memory.fit(needed) == "no":
        raise ModelError(
            "no-memory",
            f"{settings.name} needs about {needed / 1e9:.1f} GB of memory, and this machine has "
            f"{(memory.total or 0) / 1e9:.1f} GB. Choose a smaller model: `fathom models list` shows what "
            "each one needs.",
            permanent=True,
        )
    return window
