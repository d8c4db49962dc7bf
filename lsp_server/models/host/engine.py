"""The engine's thread: opens the model, then works through the queue until the host ends."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.models.backend import ModelError, ModelInfo
from lsp_server.models.gguf import check_file
from lsp_server.models.host.fit import choose
from lsp_server.models.host.ladder import descend, ladder
from lsp_server.models.host.machine import at_rest
from lsp_server.models.host.plan import Figures, Plan
from lsp_server.models.host.scheduler import Scheduler
from lsp_server.models.host.settings import HostSettings
from lsp_server.models.host.shortages import Shortages

if TYPE_CHECKING:
    from lsp_server.models.host.llama import Llama

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
        header = check_file(Path(settings.path))
        try:
            import llama_cpp

            from lsp_server.models.host.llama import Llama
            from lsp_server.models.host.opening import NativeLog
        except ImportError as error:
            raise ModelError("no-backend", NO_BACKEND, permanent=True) from error
        from lsp_server.models.host.sequences import Sequences
        from lsp_server.models.host.warm import Warm, warm_folder

        native_log = NativeLog()
        figures = Figures.of(settings.name, header)
        plans = ladder(choose(figures, settings.local, at_rest()), figures, settings.local)
        shortages = Shortages.of(settings)
        rung, model = descend(
            plans, lambda plan: Llama(settings, plan, native_log, self._listeners.percent), shortages.rung()
        )
        native_log.on_shortage = partial(shortages.note, rung + 1)
        plan = plans[rung]
        _tell(plan)
        model.abort = self._scheduler.abort
        self._count = lambda text: len(model.tokenise(text))
        warm = Warm(settings.path, _identity(settings, plan, llama_cpp.__version__), warm_folder())
        sequences = Sequences(model, settings.sequences, plan.context, warm)
        self._listeners.ready(_info(settings, plan, model))
        self._scheduler.run(model, sequences)


NO_BACKEND = (
    "Local models need llama-cpp-python, which is not installed for this Fathom: "
    "install it with `pip install 'fathom-ls[local]'`."
)


def _identity(settings: HostSettings, plan: Plan, version: str) -> str:
    """All that the memory of a text depends on, so that none is taken for that of another model."""
    file = Path(settings.path).stat()
    return repr(
        (file.st_size, file.st_mtime_ns, version, settings.kernels, plan.kv, plan.stretch, plan.gpu_layers)
    )


def _tell(plan: Plan) -> None:
    log.info(plan.reason)
    for note in plan.notes:
        log.warning(note)


def _info(settings: HostSettings, plan: Plan, model: Llama) -> ModelInfo:
    return ModelInfo(
        settings.name,
        settings.path,
        plan.context,
        model.fim,
        model.repo,
        0.0,
        model.device,
        plan=plan.reason,
        note=" ".join(plan.notes),
    )
