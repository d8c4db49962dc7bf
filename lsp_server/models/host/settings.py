"""What a model host is started with: the model's file, and what the user wishes of how it is opened."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, field
from typing import Literal

BOUND = b"bound\n"
"""What a host writes to stdout as soon as clients can connect; the model is loaded after that."""
BAD_SETTINGS, UNAVAILABLE, TAKEN = 64, 69, 75
"""Exit codes of a host, in the sense of sysexits.h. TAKEN: there is a host for this model already."""

CONTEXT = 16_384
"""Tokens; the window that is opened unless the user wants more. The memory for it is taken at the start."""
SMALLEST_CONTEXT = 2048
"""Tokens; no smaller window is chosen, and none below this can be set: a completion needs about so many."""
SEQUENCES = 8
"""Texts that are kept side by side."""

CacheType = Literal["f16", "q8_0", "q4_0"]
"""How the attention cache is kept, in the words of ggml: 16-bit floats, or integers of 8 or 4 bits."""


def default_threads() -> int:
    """All cores but one, which is for the editor. More threads than free cores are slower than fewer."""
    return max(1, len(os.sched_getaffinity(0)) - 1) if hasattr(os, "sched_getaffinity") else _half()


def _half() -> int:
    return max(1, (os.cpu_count() or 2) // 2)


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """How a model on this machine is opened. What is not set is chosen from the memory that is free."""

    context: int = 0
    """The window in tokens, which everything shares that the model has read; 0 means 16,384, or less where
    memory is short. Up to four times what the model was trained for, with YaRN: short prompts lose a little
    by that."""
    kv: Literal["auto", "f16", "q8_0", "q4_0"] = "auto"
    """How the memory of what was read is kept: q8_0 takes half of f16, q4_0 a quarter and costs quality."""
    gpu_layers: int = -1
    """How many layers of the model go to the GPU; -1 means as many as fit, 0 none."""
    threads: int = 0
    """How many threads compute; 0 means all cores but one."""

    def __post_init__(self) -> None:
        if self.context and self.context < SMALLEST_CONTEXT:
            raise ValueError(f"context has to be 0 or at least {SMALLEST_CONTEXT}")
        if self.gpu_layers < -1:
            raise ValueError("gpu_layers has to be at least -1")
        if self.threads < 0:
            raise ValueError("threads is below 0")

    def words(self) -> str:
        """All of it in a line, as it stands in the file of settings."""
        return ", ".join(f"{name} = {value}" for name, value in dataclasses.asdict(self).items())

    def unlike(self, opened: str) -> str:
        """A sentence for a user whose settings are not those that a running host was opened with, or none."""
        if opened in ("", self.words()):
            return ""
        return (
            f"The model was loaded with other settings than yours ({opened}) and stays as it is; yours count "
            "when it is loaded again, some time after the last editor that uses it is closed."
        )


@dataclass(frozen=True, slots=True)
class HostSettings:
    """How a host opens its model. It crosses the process border as JSON."""

    path: str
    """The GGUF file; the first one of a split model."""
    name: str
    """How the user calls the model."""
    local: LocalOptions = field(default_factory=LocalOptions)
    sequences: int = SEQUENCES
    """Texts that are kept side by side."""
    kernels: Literal["fast", "plain"] = "fast"
    """`plain` leaves out code of llama.cpp for single processors: a crash in it must not repeat itself."""
    idle_s: float = 900.0
    """Seconds without work after which the host ends although clients are connected."""

    @property
    def threads(self) -> int:
        return self.local.threads or default_threads()

    def dump(self) -> str:
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def load(cls, text: str) -> HostSettings:
        """Raises ValueError or TypeError."""
        values = dict(json.loads(text))
        return cls(**{**values, "local": LocalOptions(**values.get("local", {}))})
