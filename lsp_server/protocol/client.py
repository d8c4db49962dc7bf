"""What the client can do, read once from its initialize request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from context.text import Encoding
from lsp_server.protocol.convert import choose_encoding
from lsp_server.protocol.fields import pick, pick_text


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


def read_client(params: object) -> Client:
    """Read the parameters of initialize; what is missing or odd counts as not supported."""
    inline = pick(params, "capabilities", "textDocument", "inlineCompletion")
    dynamic = pick(inline, "dynamicRegistration") is True
    name = pick_text(params, "clientInfo", "name") or ""
    return Client(
        name=name,
        encoding=choose_encoding(pick(params, "capabilities", "general", "positionEncodings")),
        inline=None if inline in (None, False) else "dynamic" if dynamic else "static",
        progress=pick(params, "capabilities", "window", "workDoneProgress") is True,
        status=_wants_status(params, ghost_text=inline is not None or name == "Neovim"),
    )


def _wants_status(params: object, *, ghost_text: bool) -> bool:
    """Whether to send `fathom/status`.

    A client says so with `experimental.fathom.status`. One that says nothing gets it only if it shows ghost
    text: Emacs warns its user at every notification that it does not know.
    """
    wanted = pick(params, "capabilities", "experimental", "fathom", "status")
    return wanted if isinstance(wanted, bool) else ghost_text
