"""Real model hosts for tests: opened, asked, and copies of the model that have hosts of their own."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from lsp_server.models.backend import Lane, Sampling, Usage
from lsp_server.models.host.settings import HostSettings, LocalOptions
from lsp_server.models.local import LocalBackend
from lsp_server.prompts.types import Prompt

LINGER = 120.0
"""The host of the default model is shared by all tests that use it."""
SHORT = Sampling(max_tokens=12)


@asynccontextmanager
async def opened(
    model: Path, linger: float = LINGER, name: str = "", **local: Any
) -> AsyncIterator[LocalBackend]:
    """A model as it is opened with these settings; one that is open already stays as it is."""
    settings = HostSettings(str(model), name or model.name, local=LocalOptions(**local))
    backend = LocalBackend(settings, linger=linger)
    try:
        yield backend
    finally:
        await backend.close()


def another(model: Path, name: str) -> Path:
    """The same model as a file of its own, and so with a host of its own."""
    path = Path(os.environ["HOME"]) / f"{name}.gguf"
    with suppress(FileExistsError):
        try:
            path.hardlink_to(model)
        except OSError:  # another disk
            shutil.copy(model, path)
    return path


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what nobody tells of."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - another process is watched
            await asyncio.sleep(0.01)


async def said(
    backend: LocalBackend, prompt: Prompt, sampling: Sampling = SHORT, lane: Lane = "completion"
) -> tuple[str, Usage]:
    """The whole answer, and what it cost."""
    pieces = [piece async for piece in backend.stream(prompt, sampling, lane)]
    assert pieces[-1].usage is not None
    return "".join(piece.text for piece in pieces), pieces[-1].usage
