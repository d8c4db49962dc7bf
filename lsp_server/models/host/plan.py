"""A plan of how to open a model, and what it is made from: the model's figures and the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from lsp_server.models.gguf import GgufHeader
from lsp_server.models.host.devices import Device
from lsp_server.models.host.settings import SEQUENCES, CacheType
from lsp_server.models.memory import Memory
from lsp_server.models.model import WORKING_BYTES

NUMBER_BYTES: dict[CacheType, float] = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
"""Bytes of a number in the cache: llama.cpp keeps 32 integers in a block of 34 or of 18 bytes."""
BLOCK = 32
"""Numbers of a block; a head whose width is no multiple of it cannot have a cache of integers."""
USUAL_BATCH, LONG_BATCH, LONG = 512, 128, 131_072
"""Tokens that are computed at once, and so many in a window beyond LONG: llama.cpp keeps up to four bytes for
each token of the batch and each one of the window. On a CPU 128 are as fast as 512."""
COPIES, COPIES_BYTES = 64, 1 << 30
"""How many copies of states are kept at most, and bytes of them all; `checkpoints.py` has the same."""
RESERVE = 256_000_000
"""Bytes that are left to everything else, in the memory of the machine and in that of each GPU."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What of a model decides how much memory it takes."""

    name: str
    weights: int
    """Bytes."""
    layers: int
    cache_width: int
    """Numbers that the cache keeps for each token, over all layers."""
    head_widths: tuple[int, int]
    """Numbers of a key and of a value in one head."""
    native: int
    """Tokens of the window that the model was trained for."""
    state: int = 0
    """Bytes of the state that recurrent layers keep of a text."""

    @classmethod
    def of(cls, name: str, header: GgufHeader) -> Figures:
        return cls(
            name,
            header.weights,
            header.layers,
            header.cache_width,
            header.head_widths,
            header.context,
            4 * header.state_width,
        )

    @property
    def parts(self) -> int:
        """What can go to a GPU: the layers, and the output behind them, which llama.cpp counts as one."""
        return self.layers + 1

    @property
    def cache_types(self) -> tuple[CacheType, ...]:
        """The kinds of cache that the model can have, the best first."""
        in_blocks = all(width % BLOCK == 0 for width in self.head_widths)
        return get_args(CacheType) if in_blocks else ("f16",)


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is to compute with."""

    memory: Memory
    gpus: tuple[Device, ...] = ()
    offload: bool = False
    """Whether this build of llama.cpp can use a GPU."""

    @property
    def room(self) -> int | None:
        """Bytes of the machine's memory that a model may take; None where the system does not say."""
        if self.memory.available is None:
            return self.memory.total
        return max(0, self.memory.available - RESERVE)

    @property
    def gpu_room(self) -> int:
        """The same for weights and cache in the memory of the GPUs; each needs working buffers besides."""
        if not self.offload:
            return 0
        return sum(max(0, gpu.free - RESERVE - WORKING_BYTES) for gpu in self.gpus)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is opened, and why so."""

    context: int
    """Tokens of the window."""
    kv: CacheType
    gpu_layers: int
    parts: int
    """Layers that there are, the output counted as one."""
    batch: int
    """Tokens that are computed at once."""
    stretch: float
    """How many times the trained window it is; YaRN is used above 1."""
    cache: int
    """Bytes of the cache."""
    host: int
    """Bytes that are needed of the machine's memory."""
    gpu: int
    """Bytes for weights and what is kept that are needed of the GPUs' memory."""
    reason: str = ""
    """One sentence for the user."""
    notes: tuple[str, ...] = ()
    """Sentences that the user has to hear."""

    @property
    def needed(self) -> int:
        """Bytes in all."""
        return self.host + self.gpu

    @property
    def whole(self) -> bool:
        """Whether all of the model is on a GPU."""
        return self.gpu_layers == self.parts


def plan_of(model: Figures, context: int, kv: CacheType, gpu_layers: int) -> Plan:
    """What a model takes that is opened so. Nobody has looked whether it fits."""
    cache = int(model.cache_width * context * NUMBER_BYTES[kv])
    batch = LONG_BATCH if context > LONG else USUAL_BATCH
    weights_on_gpu = model.weights * gpu_layers // model.parts
    kept = cache + SEQUENCES * model.state
    kept_on_gpu = kept * min(gpu_layers, model.layers) // model.layers
    copies = min(COPIES_BYTES, COPIES * model.state)
    working = max(WORKING_BYTES, WORKING_BYTES // 4 + 4 * batch * context)
    return Plan(
        context=context,
        kv=kv,
        gpu_layers=gpu_layers,
        parts=model.parts,
        batch=batch,
        stretch=max(1.0, context / model.native),
        cache=cache,
        host=model.weights - weights_on_gpu + kept - kept_on_gpu + copies + working,
        gpu=weights_on_gpu + kept_on_gpu,
    )
