"""What the client can do, read once from its initialize request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lsprotocol import types

from context.text import Encoding
from lsp_server.protocol.convert import choose_encoding


@dataclass(frozen=True, slots=True)
class Client:
    """Flat flags; nothing else looks into client capabilities."""

    name: str = ""
    encoding: Encoding = "utf-16"
    inline: Literal["static", "dynamic"] | None = None
    """How it learns that the server has inline completion; None if it knows no such thing."""
    progress: bool = False
    """It shows work-done progress that the server begins."""
    status: bool = False
    """It wants `fathom/status`."""


def read_client(params: types.InitializeParams) -> Client:
    capabilities = params.capabilities
    general, document, window = capabilities.general, capabilities.text_document, capabilities.window
    inline = document.inline_completion if document else None
    name = params.client_info.name if params.client_info else ""
    return Client(
        name=name,
        encoding=choose_encoding(general.position_encodings if general else None),
        inline=None if inline is None else "dynamic" if inline.dynamic_registration else "static",
        progress=bool(window and window.work_done_progress),
        status=_wants_status(capabilities.experimental, ghost_text=inline is not None or name == "Neovim"),
    )


def _wants_status(experimental: object, *, ghost_text: bool) -> bool:
    """Whether to send `fathom/status`.

    A client says so with `experimental.fathom.status`. One that says nothing gets it only if it shows ghost
    text: Emacs warns its user at every notification that it does not know.
    """
    fathom = experimental.get("fathom") if isinstance(experimental, dict) else None
    wanted = fathom.get("status") if isinstance(fathom, dict) else None
    return wanted if isinstance(wanted, bool) else ghost_text
