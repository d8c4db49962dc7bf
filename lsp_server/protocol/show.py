"""Texts that are shown beside the documents: in a document of their own, or in a message."""

from __future__ import annotations

import logging
import re
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import platformdirs
from lsprotocol import types

from lsp_server.models.host.supervise import in_thread
from lsp_server.protocol.connection import RequestError
from lsp_server.protocol.fields import pick
from lsp_server.protocol.messages import say
from lsp_server.protocol.server import Server

log = logging.getLogger(__name__)

MOST_FILES = 20
MOST_OF_MESSAGE = 2_000
"""Characters of a text that a message shows."""
TIMEOUT = 30.0
"""Seconds that a client may take to show a document."""


def shown_folder() -> Path:
    """Where the last texts that were shown lie."""
    return platformdirs.user_state_path("fathom") / "shown"


async def show_text(server: Server, name: str, text: str) -> None:
    """Show a text to the user; the name says what it is, and by its ending in which language."""
    if await show_document(server, name, text):
        return
    more = " …" if len(text) > MOST_OF_MESSAGE else ""
    say(server, types.MessageType.Info, f"{text[:MOST_OF_MESSAGE]}{more}")


async def show_document(server: Server, name: str, text: str) -> bool:
    """Show a text in a document of its own; False where the client cannot."""
    if not server.client.documents:
        return False
    try:
        path = await in_thread(partial(_write, shown_folder(), name, text), "fathom-show")
        params = types.ShowDocumentParams(uri=path.as_uri(), take_focus=True)
        answer = await server.connection.request(types.WINDOW_SHOW_DOCUMENT, params, TIMEOUT)
    except (OSError, RequestError, TimeoutError) as error:
        log.warning("a document could not be shown: %s", error)
        return False
    return pick(answer, "success") is True


def _write(folder: Path, name: str, text: str) -> Path:
    """Write a text among the last ones. It may quote the user's files: nobody else reads it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem, dot, ending = name.rpartition(".")
    plain = re.sub(r"[^\w.-]+", "-", stem).strip("-.")[:60]
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**9:09}-{plain}{dot}{ending}"
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8", errors="replace")
    for old in sorted(folder.iterdir())[:-MOST_FILES]:
        with suppress(OSError):
            old.unlink()
    return path
