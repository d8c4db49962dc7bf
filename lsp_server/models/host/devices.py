"""What llama.cpp can compute on here: its build, its devices and their memory."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

KINDS = ("CPU", "GPU", "integrated GPU", "accelerator", "combined")
"""Names of `ggml_backend_dev_type` in ggml-backend.h, by number."""
GPU, INTEGRATED = KINDS[1:3]


@dataclass(frozen=True, slots=True)
class Device:
    """A processor; memory in bytes."""

    name: str
    kind: str
    total: int
    free: int


def gpus(devices: Iterable[Device]) -> tuple[Device, ...]:
    """Those to which llama.cpp gives layers: an integrated one only where there is no other."""
    found = tuple(devices)
    dedicated = tuple(device for device in found if device.kind == GPU)
    return dedicated or tuple(device for device in found if device.kind == INTEGRATED)


def describe() -> dict[str, Any]:
    """The build of llama.cpp and its devices. Raises ImportError where it is not installed."""
    import llama_cpp

    from lsp_server.models.host.settings import default_threads

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def silent(level: int, text: bytes, _: object) -> None:
        """Keep what llama.cpp tells of itself away from the answer."""

    llama_cpp.llama_log_set(silent, None)
    llama_cpp.llama_backend_init()
    return {
        "gpu_offload": bool(llama_cpp.llama_supports_gpu_offload()),
        "devices": [asdict(device) for device in devices()],
        "system": llama_cpp.llama_print_system_info().decode(errors="replace").strip(),
        "threads": default_threads(),
        "version": llama_cpp.__version__,
    }


def devices() -> list[Device]:
    """Ask ggml, whose functions the bindings leave out; an unknown build has no devices to tell of.

    Raises ImportError where llama.cpp is not installed.
    """
    import llama_cpp

    folder = Path(llama_cpp.__file__).parent / "lib"
    base = next((file for name in ("libggml-base.*", "ggml-base.*") for file in folder.glob(name)), None)
    registry = next((file for name in ("libggml.*", "ggml.*") for file in folder.glob(name)), None)
    if base is None or registry is None:
        return []
    names, listing = ctypes.CDLL(str(base)), ctypes.CDLL(str(registry))
    try:
        return list(_listed(names, listing))
    except AttributeError:
        return []


def _listed(base: ctypes.CDLL, listing: ctypes.CDLL) -> list[Device]:
    listing.ggml_backend_dev_count.restype = ctypes.c_size_t
    listing.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    listing.ggml_backend_dev_get.restype = ctypes.c_void_p
    base.ggml_backend_dev_description.argtypes = [ctypes.c_void_p]
    base.ggml_backend_dev_description.restype = ctypes.c_char_p
    base.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    base.ggml_backend_dev_type.restype = ctypes.c_int
    base.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, *[ctypes.POINTER(ctypes.c_size_t)] * 2]
    base.ggml_backend_dev_memory.restype = None
    found = []
    for index in range(listing.ggml_backend_dev_count()):
        device = listing.ggml_backend_dev_get(index)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        name = base.ggml_backend_dev_description(device).decode(errors="replace")
        kind = base.ggml_backend_dev_type(device)
        found.append(Device(name, KINDS[kind] if kind < len(KINDS) else "other", total.value, free.value))
    return found
