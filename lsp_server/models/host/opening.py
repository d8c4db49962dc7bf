"""Opening a model with llama.cpp: its weights, and a context that holds what it has read."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import llama_cpp as native

from lsp_server.models.backend import ModelError
from lsp_server.models.host.settings import HostSettings

BATCH = 512
"""Most tokens in one call of llama.cpp."""
ALL_LAYERS = 999


class NativeLog:
    """Takes what llama.cpp says: keeps the last error and the layers on the GPU, passes on warnings."""

    OFFLOADED = re.compile(r"offloaded (\d+/\d+) layers to GPU")
    WARNING, ERROR, CONTINUED = 3, 4, 5
    """Levels of `ggml_log_level` in ggml.h."""

    def __init__(self) -> None:
        self.last = "it gave no reason"
        self.offloaded = ""
        self._level = 0
        self._callback = native.llama_log_callback(self._take)
        native.llama_log_set(self._callback, None)

    def _take(self, level: int, data: bytes, _: object) -> None:
        text = data.decode("utf-8", "replace")
        self._level = self._level if level == self.CONTINUED else level
        if found := self.OFFLOADED.search(text):
            self.offloaded = found[1] if not found[1].startswith("0/") else ""
        if self._level == self.ERROR and text.strip():
            self.last = text.strip().rstrip(".")
        if self._level in (self.WARNING, self.ERROR):
            sys.stderr.write(text)


def load_model(settings: HostSettings, log: NativeLog, on_percent: Callable[[int], None]) -> Any:
    """The model of a file; `on_percent` hears of the loading. Raises ModelError."""
    native.llama_backend_init()
    params = native.llama_model_default_params()
    wanted = ALL_LAYERS if settings.gpu_layers < 0 else settings.gpu_layers
    params.n_gpu_layers = wanted if native.llama_supports_gpu_offload() else 0

    def progress(share: float, _: object) -> bool:
        on_percent(int(100 * share))
        return True

    params.progress_callback = callback = native.llama_progress_callback(progress)
    params.use_extra_bufts = settings.kernels == "fast"
    model = native.llama_model_load_from_file(settings.path.encode("utf-8", "surrogateescape"), params)
    del callback  # it had to live as long as the loading
    if not model:
        raise ModelError(
            "bad-model",
            f"llama.cpp cannot open {settings.path}: {log.last}. "
            "Fetch the model again, or choose another one.",
            permanent=True,
        )
    return model


def open_context(model: Any, settings: HostSettings, window: int, log: NativeLog, on_abort: Any) -> Any:
    """A context of `window` tokens for all sequences together; `on_abort` is llama.cpp's callback, or None.

    Raises ModelError, and frees the model then.
    """
    params = native.llama_context_default_params()
    params.n_ctx = window
    params.n_batch = params.n_ubatch = BATCH
    params.n_seq_max = settings.sequences
    params.n_threads = params.n_threads_batch = settings.threads
    params.kv_unified = True
    params.no_perf = True
    if on_abort is not None:
        params.abort_callback = on_abort
    context = native.llama_init_from_model(model, params)
    if not context:
        native.llama_model_free(model)
        raise ModelError(
            "no-memory",
            f"There is not enough memory for a window of {window:,} tokens with {settings.name} "
            f"({log.last}). Close other programs, or choose a smaller model.",
            permanent=True,
        )
    return context
