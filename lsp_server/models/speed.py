"""How fast a model would be on a machine, estimated before it is loaded. Pure.

What the user waits for is reading, and reading a token costs the more, the more bytes of weights take part in
it. So bytes are compared: Qwen2.5-Coder-0.5B, with 491 MB, reads 100 tokens a second on one core.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lsp_server.models.host.devices import GPU, Device
from lsp_server.models.model import WORKING_BYTES

Speed = Literal["fast", "usable", "slow"]

FAST, USABLE = 100.0, 25.0
"""Tokens of a prompt a second from which on a suggestion comes while one types, or in a pause."""
THREAD = 50e9
"""Bytes of weights times tokens that a thread gets through in a second."""
MOST_THREADS = 16
"""More threads wait for the memory."""
GPU_THREADS, INTEGRATED_THREADS = 64, 16
"""How many threads a GPU is worth. Small ones are worth so many; that large ones are worth ten times as many
makes no difference to what fits into them."""


@dataclass(frozen=True, slots=True)
class Processors:
    """What computes: threads of the processor, and the GPUs that llama.cpp can use."""

    threads: int
    gpus: tuple[Device, ...] = ()

    @property
    def gpu_room(self) -> int:
        """Bytes of a model for which the GPUs have room when nothing else is there."""
        return sum(max(0, gpu.total - WORKING_BYTES) for gpu in self.gpus)


def reading_rate(active: int, needed: int, on: Processors) -> float:
    """Tokens of a prompt a second, for a model that needs so many bytes, of which `active` make a token.

    What finds no room on a GPU is computed by the processor, one after the other.
    """
    on_gpu = min(1.0, on.gpu_room / max(1, needed))
    cpu = THREAD * min(max(1, on.threads), MOST_THREADS)
    gpu = THREAD * max((_worth(device) for device in on.gpus), default=1)
    return 1 / (max(1, active) * (on_gpu / gpu + (1 - on_gpu) / cpu))


def speed_of(rate: float) -> Speed:
    """The word for a rate of reading."""
    if rate >= FAST:
        return "fast"
    return "usable" if rate >= USABLE else "slow"


def _worth(device: Device) -> int:
    return GPU_THREADS if device.kind == GPU else INTEGRATED_THREADS
