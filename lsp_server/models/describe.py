"""What llama.cpp can do on this machine, asked of a process of its own: it may end that process, not ours."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.models.backend import ModelError
from lsp_server.models.host.devices import Device
from lsp_server.models.host.settings import UNAVAILABLE

COMMAND = (sys.executable, "-I", "-m", "lsp_server.models.host", "--describe")
PATIENCE = 20.0
"""Seconds; drivers of GPUs are slow the first time."""
INSTALL = "Install it with `pip install 'fathom-ls[local]'`, or `make setup` in a copy of the repository."


@dataclass(frozen=True, slots=True)
class Build:
    """The llama.cpp that is installed, and what it found to compute on."""

    version: str
    gpu_offload: bool
    devices: tuple[Device, ...]
    threads: int
    """Threads that a model host would use."""
    system: str
    """The instructions of the processor that were compiled in, as llama.cpp lists them."""


async def describe(command: Sequence[str] = COMMAND, patience: float = PATIENCE) -> Build:
    """Start the process, and wait for its one line of JSON. Raises ModelError (no-backend)."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise _unusable(f"it cannot be started: {error}") from error
    try:
        async with asyncio.timeout(patience):
            said, complained = await process.communicate()
    except BaseException as error:
        if process.returncode is None:
            process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            raise _unusable(f"it did not answer within {patience:.0f} seconds") from error
        raise
    if process.returncode == UNAVAILABLE:
        raise ModelError("no-backend", f"{_last_line(complained)}.", permanent=True)
    if process.returncode != 0:
        raise _unusable(f"it ended with {process.returncode}, {_last_line(complained) or 'without a word'}")
    return _build(said)


def _build(said: bytes) -> Build:
    try:
        told = json.loads(said.splitlines()[-1])
        return Build(
            version=str(told["version"]),
            gpu_offload=bool(told["gpu_offload"]),
            devices=tuple(Device(**device) for device in told["devices"]),
            threads=int(told["threads"]),
            system=str(told["system"]),
        )
    except (ValueError, LookupError, TypeError) as error:
        raise _unusable(f"it gave no answer that makes sense ({said[:100]!r})") from error


def _last_line(complained: bytes) -> str:
    lines = complained.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].rstrip(".") if lines else ""


def _unusable(why: str) -> ModelError:
    return ModelError("no-backend", f"llama.cpp cannot be used: {why}.", permanent=True)
