"""From what the user calls a model to the backend that serves it."""

from __future__ import annotations

from pathlib import Path

from lsp_server.models.backend import Backend
from lsp_server.models.choose import choose
from lsp_server.models.host.settings import HostSettings, LocalOptions
from lsp_server.models.local import LINGER, LocalBackend
from lsp_server.models.scripted import ScriptedBackend, read_replies

SCRIPT = "scripted:"
USUAL = LocalOptions()


def open_backend(name: str, local: LocalOptions = USUAL, *, linger: float = LINGER) -> Backend:
    """Open a model by its name in the catalogue or its file; empty means the default model.

    `scripted:FILE` answers from a file, without a model. Costs a look at the disk: the model itself starts
    with the first request, as `local` says. A host lives `linger` seconds longer than its last client.
    Raises ModelError.
    """
    if name.startswith(SCRIPT):
        return ScriptedBackend(read_replies(Path(name.removeprefix(SCRIPT)).expanduser()))
    chosen = choose(name)
    return LocalBackend(HostSettings(path=str(chosen.path), name=chosen.name, local=local), linger=linger)
