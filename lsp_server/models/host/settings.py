"""What a model host is started with: the model's file and how to open it."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from typing import Literal

BOUND = b"bound\n"
"""What a host writes to stdout as soon as clients can connect; the model is loaded after that."""
BAD_SETTINGS, UNAVAILABLE, TAKEN = 64, 69, 75
"""Exit codes of a host, in the sense of sysexits.h. TAKEN: there is a host for this model already."""

CONTEXT = 16_384
"""Tokens; the window that is opened unless the user wants more. The memory for it is taken at the start."""


def default_threads() -> int:
    """All cores but one, which is for the editor. More threads than free cores are slower than fewer."""
    return max(1, len(os.sched_getaffinity(0)) - 1) if hasattr(os, "sched_getaffinity") else _half()


def _half() -> int:
    return max(1, (os.cpu_count() or 2) // 2)


@dataclass(frozen=True, slots=True)
class HostSettings:
    """How a host opens its model. It crosses the process border as JSON."""

    path: str
    """The GGUF file; the first one of a split model."""
    name: str
    """How the user calls the model."""
    context: int = CONTEXT
    """Tokens of the window, shared by everything that is kept; a model trained for less gets less."""
    threads: int = dataclasses.field(default_factory=default_threads)
    gpu_layers: int = -1
    """Layers to put on the GPU; -1 means all, where the build of llama.cpp supports one."""
    sequences: int = 8
    """Texts that are kept side by side."""
    kernels: Literal["fast", "plain"] = "fast"
    """`plain` leaves out code of llama.cpp for single processors: a crash in it must not repeat itself."""
    idle_s: float = 900.0
    """Seconds without work after which the host ends although clients are connected."""

    def dump(self) -> str:
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def load(cls, text: str) -> HostSettings:
        """Raises ValueError or TypeError."""
        return cls(**json.loads(text))
