"""Opening a model with llama.cpp: its weights, and a context that holds what it has read."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import llama_cpp as native

from lsp_server.models.backend import ModelError
from lsp_server.models.host.plan import Plan
from lsp_server.models.host.settings import HostSettings

BATCH = 512
"""Most tokens in one call of llama.cpp."""
SHORTAGE = re.compile(
    r"out of ?memory|outof\w*memory|insufficient memory|bad_alloc"
    r"|(failed|unable|cannot) to allocate|cannot allocate|allocation of size .*failed",
    re.IGNORECASE,
)
"""How llama.cpp and the drivers of GPUs say that there is no more memory (ggml-alloc.c, ggml-cuda.cu,
ggml-vulkan.cpp, ggml-metal, llama-mmap.cpp)."""


class NativeLog:
    """Takes what llama.cpp says: keeps the last error and the layers on the GPU, passes on warnings.

    There is one for the process, since llama.cpp has one log.
    """

    OFFLOADED = re.compile(r"offloaded (\d+/\d+) layers to GPU")
    WARNING, ERROR, CONTINUED = 3, 4, 5
    """Levels of `ggml_log_level` in ggml.h."""

    def __init__(self) -> None:
        self.last = "it gave no reason"
        self.offloaded = ""
        self.short = False
        """Whether memory was short since this was last set to false."""
        self.on_shortage: Callable[[], object] = bool
        """Called when memory is short: llama.cpp may end the process right after it has said so."""
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
            self._look_for_shortage(text)
        if self._level in (self.WARNING, self.ERROR):
            sys.stderr.write(text)

    def _look_for_shortage(self, text: str) -> None:
        if SHORTAGE.search(text):
            self.short = True
            self.on_shortage()


def load_model(settings: HostSettings, plan: Plan, log: NativeLog, on_percent: Callable[[int], None]) -> Any:
    """The model of a file; `on_percent` hears of the loading. Raises ModelError."""
    native.llama_backend_init()
    params = native.llama_model_default_params()
    params.n_gpu_layers = plan.gpu_layers

    def progress(share: float, _: object) -> bool:
        on_percent(int(100 * share))
        return True

    params.progress_callback = callback = native.llama_progress_callback(progress)
    params.use_extra_bufts = settings.kernels == "fast"
    log.short = False
    model = native.llama_model_load_from_file(settings.path.encode("utf-8", "surrogateescape"), params)
    del callback  # it had to live as long as the loading
    if not model and log.short:
        raise _no_memory(settings, plan, log)
    if not model:
        raise ModelError(
            "bad-model",
            f"llama.cpp cannot open {settings.path}: {log.last}. "
            "Fetch the model again, or choose another one.",
            permanent=True,
        )
    return model


def open_context(model: Any, settings: HostSettings, plan: Plan, log: NativeLog, on_abort: Any) -> Any:
    """The context of a plan for all sequences together; `on_abort` is llama.cpp's callback, or None.

    Raises ModelError, and frees the model then.
    """
    params = native.llama_context_default_params()
    params.n_ctx = plan.context
    params.n_batch, params.n_ubatch = BATCH, plan.batch
    params.n_seq_max = settings.sequences
    params.n_threads = params.n_threads_batch = settings.threads
    params.kv_unified = True
    params.no_perf = True
    _set_cache(params, plan)
    _set_stretch(params, plan)
    if on_abort is not None:
        params.abort_callback = on_abort
    context = native.llama_init_from_model(model, params)
    if not context:
        native.llama_model_free(model)
        raise _no_memory(settings, plan, log)
    return context


def _set_cache(params: Any, plan: Plan) -> None:
    types = {"f16": native.GGML_TYPE_F16, "q8_0": native.GGML_TYPE_Q8_0, "q4_0": native.GGML_TYPE_Q4_0}
    params.type_k = params.type_v = types[plan.kv]
    if plan.kv != "f16":
        # llama.cpp keeps values in integers with this alone; else it finds out whether the devices can do it.
        params.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_ENABLED


def _set_stretch(params: Any, plan: Plan) -> None:
    """Open a window beyond the trained one with YaRN (`--rope-scaling yarn --rope-scale N` of llama.cpp)."""
    if plan.stretch > 1:
        params.rope_scaling_type = native.LLAMA_ROPE_SCALING_TYPE_YARN
        params.rope_freq_scale = 1 / plan.stretch
        params.yarn_orig_ctx = round(plan.context / plan.stretch)


def _no_memory(settings: HostSettings, plan: Plan, log: NativeLog) -> ModelError:
    return ModelError(
        "no-memory",
        f"There is not enough memory for {settings.name} with a window of {plan.context:,} tokens and a "
        f"cache in {plan.kv} ({log.last}). Close other programs, set a smaller context under [local], "
        "or choose a smaller model.",
        permanent=True,
    )
