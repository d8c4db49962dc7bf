"""What `doctor.py` looks at, one thing a function: from facts to findings."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lsp_server.models.backend import ModelError
from lsp_server.models.choose import Chosen
from lsp_server.models.describe import INSTALL, Build
from lsp_server.models.fetch import free_space, megabytes
from lsp_server.models.gguf import GgufHeader
from lsp_server.models.host.devices import Device, gpus
from lsp_server.models.host.link import HostStatus
from lsp_server.models.host.plan import Plan
from lsp_server.models.host.settings import LocalOptions
from lsp_server.models.memory import Memory

Mark = Literal["ok", "note", "problem"]
"""A problem keeps completions from working; a note is worth knowing."""

GPU_SIGNS = (
    ("proc/driver/nvidia/version", "NVIDIA", "-DGGML_CUDA=ON"),
    ("dev/kfd", "AMD", "-DGGML_HIP=ON"),
)
"""Files that show a GPU with its driver, its maker, and the CMake option for it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `advice` says what to do."""

    name: str
    mark: Mark
    message: str
    advice: str = ""


def backend(build: Build | ModelError) -> Finding:
    """Whether llama.cpp is there, and what it computes on."""
    if isinstance(build, ModelError):
        return Finding("llama.cpp", "problem", str(build), INSTALL)
    devices = (described(device) for device in build.devices)
    kind = "with support for GPUs" if build.gpu_offload else "for the CPU alone"
    message = f"llama-cpp-python {build.version}, built {kind}: {', '.join(devices) or 'no device is known'}."
    return Finding("llama.cpp", "ok", message)


def described(device: Device) -> str:
    """A processor with its memory, for the user."""
    # Of the processor ggml only knows the memory in all.
    free = f", {megabytes(device.free)} free" if device.kind != "CPU" else ""
    return f"{device.name.strip()} ({device.kind}, {megabytes(device.total)}{free})"


def idle_gpu(build: Build, root: Path) -> Iterator[Finding]:
    """A GPU that is not used. Its signs are looked for below `root`."""
    if build.gpu_offload and not gpus(build.devices):
        message = "llama.cpp is built with support for GPUs, and finds none."
        yield Finding("GPU", "note", message, "Look at the driver of the GPU.")
    for sign, maker, option in GPU_SIGNS:
        if not build.gpu_offload and (root / sign).exists():
            yield Finding(
                "GPU",
                "note",
                f"This machine has a GPU of {maker}, and llama.cpp is built without support for it.",
                f"Build it anew: `CMAKE_ARGS={option} pip install --force-reinstall --no-cache-dir "
                "llama-cpp-python`.",
            )


def model(chosen: Chosen, header: GgufHeader) -> Finding:
    """What the model is and can do."""
    known = chosen.model
    origin = (
        f"{known.title}, {known.licence}, hash verified" if known else "a file of your own, hash not known"
    )
    message = f"{chosen.name} ({origin}): {chosen.path}, {megabytes(header.size)}, {header.architecture}"
    if header.fills_in:
        chat = "has a chat template" if header.chat_template else "has no chat template"
        return Finding("model", "ok", f"{message}; it fills in the middle and {chat}.")
    return Finding(
        "model",
        "note",
        f"{message}; it has no tokens to fill in the middle, so it sees only what is before the cursor.",
        "Choose one with FIM from `fathom models list`.",
    )


def fit(plan: Plan | ModelError, memory: Memory) -> Iterator[Finding]:
    """How the model would be opened here, and why so."""
    if isinstance(plan, ModelError):
        yield Finding("memory", "problem", str(plan))
        return
    if memory.total is None:
        yield Finding("memory", "note", f"{plan.reason} This system does not say how much memory it has.")
    else:
        yield _memory(plan, memory)
    for note in plan.notes:
        yield Finding("plan", "note", note, UNDO)


def _memory(plan: Plan, memory: Memory) -> Finding:
    assert memory.total is not None
    message = f"{plan.reason} This machine has {megabytes(memory.total)}"
    message += f", {megabytes(memory.available)} of them free." if memory.available is not None else "."
    if memory.fit(plan.host) == "fits":
        return Finding("memory", "ok", message)
    return Finding("memory", "note", f"{message} Little is left for anything else.", SMALLER)


SMALLER = "Choose a smaller model: `fathom models list` shows what each of them needs."
UNDO = "The settings under [local] decide that, see docs/SETTINGS.md."


def hosts(running: Sequence[HostStatus], local: LocalOptions) -> Iterator[Finding]:
    """What the model hosts of this user do."""
    if not running:
        yield Finding("host", "ok", "No model is loaded; the first completion loads one.")
    for host in running:
        if host.phase == "silent":
            advice = f"Wait, or end it with `kill {host.pid}`."
            yield Finding("host", "note", f"Process {host.pid} does not answer.", advice)
        elif host.phase == "failed":
            message = f"Process {host.pid} could not open {host.model}."
            yield Finding("host", "note", message, "`fathom complete` at any place says why.")
        else:
            yield from _host(host, local)


def _host(host: HostStatus, local: LocalOptions) -> Iterator[Finding]:
    """A host that has a model, or will have it in a moment."""
    used = f"{host.clients} client(s), {megabytes(host.memory)} in memory"
    on = f" on the {host.device}" if host.device else ""
    message = f"{host.model} is loaded in process {host.pid}{on}: {host.phase}, {used}. {host.plan}"
    yield Finding("host", "ok", message.strip())
    if host.note:
        yield Finding("host", "note", host.note, UNDO)
    if unlike := local.unlike(host.settings):
        yield Finding(
            "host", "note", unlike, f"Or end it with `kill {host.pid}`: it is started again at once."
        )


def settings(config: Path, problems: Sequence[str], enabled: bool) -> Iterator[Finding]:
    """The user's own file of settings."""
    for problem in problems:
        yield Finding("settings", "note", problem, f"Mend {config}; until then the default is used.")
    if not problems:
        state = "read" if _exists(config) else "not there, so everything is as by default"
        yield Finding("settings", "ok", f"{config}: {state}.")
    if not enabled:
        advice = f"Set `enabled = true` in {config}."
        yield Finding("settings", "note", "Suggestions are switched off by a setting.", advice)


def folders(models: Path, log: Path, sockets: Path | ModelError) -> Iterator[Finding]:
    """Where files are, and whether they can be written."""
    place = _nearest(models)
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        yield Finding("models", "ok", f"{models}, with {megabytes(free_space(place))} free.")
    else:
        advice = "Set FATHOM_HOME to a folder of your own, or give yourself the right."
        yield Finding("models", "note", f"{models} cannot be written, so no model can be fetched.", advice)
    if isinstance(sockets, ModelError):
        yield Finding("sockets", "problem", str(sockets))
    else:
        yield Finding("sockets", "ok", f"{sockets}, for this user alone.")
    if os.access(_nearest(log), os.W_OK):
        yield Finding("log", "ok", f"{log}: {_size(log)}.")
    else:
        yield Finding(
            "log", "note", f"{log} cannot be written, so there is no log.", "Give yourself the right."
        )


def _nearest(path: Path) -> Path:
    """The path, or the folder above it that exists."""
    return next(place for place in (path, *path.parents) if _exists(place))


def _exists(path: Path) -> bool:
    """Whether it is there for us; what may not be looked at is not."""
    try:
        return path.exists()
    except OSError:
        return False


def _size(path: Path) -> str:
    return megabytes(path.stat().st_size) if _exists(path) else "not there yet"
