"""Looking at the machine in a process that has llama.cpp, until what it says holds."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep

from lsp_server.models.host.devices import devices, gpus
from lsp_server.models.host.plan import Machine
from lsp_server.models.memory import machine_memory

PAUSE, LOOKS = 0.25, 20
"""Seconds between two looks at the GPUs, and looks at most: five seconds in all."""


def look() -> Machine:
    """What there is to compute with. Raises ImportError without llama.cpp."""
    import llama_cpp

    llama_cpp.llama_backend_init()
    return Machine(machine_memory(), gpus(devices()), bool(llama_cpp.llama_supports_gpu_offload()))


def at_rest(look: Callable[[], Machine] = look, pause: Callable[[float], None] = sleep) -> Machine:
    """The machine, once its GPUs get no memory back any more.

    The memory of a process that has ended, of the last model host as often as not, comes back only when the
    driver has seen to it. Without a GPU this is one look.
    """
    there = look()
    if not there.offload or not there.gpus:
        return there
    for _ in range(LOOKS):
        pause(PAUSE)
        before, there = there, look()
        if there.gpu_room <= before.gpu_room:
            break
    return there
