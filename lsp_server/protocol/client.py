"""What each client can do and what the server does about it: read once, from initialize, by a table.

Nothing else looks into what a client says of itself, and nothing else knows one client from another. What is
offered to nine real ones stands in docs/PROTOCOL.md, which a test compares with this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from context.text import Encoding
from lsp_server.features.actions import Instructions
from lsp_server.protocol.convert import choose_encoding
from lsp_server.protocol.fields import pick, pick_text


@dataclass(frozen=True, slots=True)
class Client:
    """Flat flags. The defaults are for a client that says nothing."""

    name: str = ""
    encoding: Encoding = "utf-16"
    """How it counts columns, and is told that the server does."""
    inline: Literal["static", "dynamic"] | None = None
    """How it learns of ghost text. One that knows no such thing gets the text as an item of its menu."""
    progress: bool = False
    """It shows progress that the server begins. Others get messages, where something takes long."""
    status: bool = False
    """It wants `fathom/status`."""
    preview: bool = False
    """It wants `fathom/edit`, what becomes of an edit while it is made."""
    documents: bool = False
    """It shows a document when it is asked to. Others get the beginning of it as a message."""
    actions: bool = False
    """It asks for code actions."""
    action_literals: bool = False
    """It knows code actions; others get commands."""
    disabled_actions: bool = False
    """It shows why an action cannot be used; to others it is not offered."""
    action_tags: bool = False
    """It shows which actions a model is behind."""
    instructions: Instructions = "comment"
    """How it comes by what is to be done: it asks the user itself, or a comment says so."""
    edits: bool = True
    """It takes changes. Without them there are no code actions."""
    document_changes: bool = False
    """It gets a change with the versions of its documents."""
    creates: bool = False
    deletes: bool = False
    """It makes and deletes files in a change."""
    annotations: bool = False
    """It asks the user about a change that is marked for it. Others get the question as a message."""


# --- what a client says: each of these returns None where that says nothing of a flag ---

Read = Callable[[object], object]


def _is_true(said: object) -> bool | None:
    return True if said is True else None


def _is_object(said: object) -> bool | None:
    return True if isinstance(said, Mapping) else None


def _is_there(said: object) -> bool | None:
    return None if said in (None, False) else True


def _as_said(said: object) -> bool | None:
    return said if isinstance(said, bool) else None


def _has(value: object) -> Read:
    return lambda said: True if isinstance(said, list) and value in said else None


def _is_not_empty(said: object) -> bool | None:
    return True if isinstance(said, list) and said else None


def _registration(said: object) -> object:
    if said in (None, False):
        return None
    return "dynamic" if pick(said, "dynamicRegistration") is True else "static"


def _asking(said: object) -> object:
    return "asks" if said is True else None


_CHANGE = "workspace.workspaceEdit"
_ACTION = "textDocument.codeAction"

TABLE: tuple[tuple[str, str, Read], ...] = (
    # A flag, where in the capabilities it is said, and how that is read.
    # Of several rows for a flag the first that says anything holds.
    ("encoding", "general.positionEncodings", choose_encoding),
    ("inline", "textDocument.inlineCompletion", _registration),
    ("progress", "window.workDoneProgress", _is_true),
    ("status", "experimental.fathom.status", _as_said),
    # Only one that shows ghost text: Emacs warns its user at every notification that it does not know.
    ("status", "textDocument.inlineCompletion", _is_there),
    ("preview", "experimental.fathom.edit", _is_true),
    ("documents", "window.showDocument.support", _is_true),
    ("actions", _ACTION, _is_object),
    ("action_literals", f"{_ACTION}.codeActionLiteralSupport", _is_object),
    ("disabled_actions", f"{_ACTION}.disabledSupport", _is_true),
    ("action_tags", f"{_ACTION}.tagSupport.valueSet", _has(1)),
    ("instructions", "experimental.fathom.instruction", _asking),
    # Kate takes changes and does not say so; ALE takes none and says so.
    ("edits", "workspace.applyEdit", _as_said),
    ("document_changes", f"{_CHANGE}.documentChanges", _is_true),
    # These exist in versioned changes only: Neovim names them and not those.
    ("document_changes", f"{_CHANGE}.changeAnnotationSupport", _is_object),
    ("document_changes", f"{_CHANGE}.resourceOperations", _is_not_empty),
    ("creates", f"{_CHANGE}.resourceOperations", _has("create")),
    ("deletes", f"{_CHANGE}.resourceOperations", _has("delete")),
    ("annotations", f"{_CHANGE}.changeAnnotationSupport", _is_object),
)

BY_NAME: Mapping[str, Mapping[str, object]] = {
    # What holds for a client by its name, unless its capabilities say otherwise.
    # Neovim 0.11 knows no ghost text: Fathom's plugin draws it, and the status too.
    "Neovim": {"status": True},
    # lsp-mode counts characters; it offers that as UTF-32 since 2023, and says nothing before.
    "emacs": {"encoding": "utf-32"},
}

# --- what is done for all, since those that need it give no name ---

AFTER_ANSWER = 0.05
"""Seconds between the answer to a command and what it begins; the answer itself is given at once.

Emacs waits for the answer without hearing anything else, eglot for ten seconds at most, and (lsp-mode 8.0,
jsonrpc.el of Emacs 28) loses what comes in one piece with it.
"""
NEWS = 1.5
"""Seconds after which no news of typing is to be expected: eglot tells of it after half a second of quiet.

So long a client is waited for that has refused a change. One that says it was applied is not believed without
such news where the user was asked: Neovim says so where they have said no, VS Code where they ticked nothing.
"""


def read_client(params: object) -> Client:
    """Read the parameters of initialize; what is missing or odd counts as not said."""
    name = pick_text(params, "clientInfo", "name") or ""
    # Any, since the flags are of several types: a test reads every row and looks at each flag's type.
    said: dict[str, Any] = {}
    for flag, path, read in TABLE:
        value = read(pick(params, "capabilities", *path.split(".")))
        if value is not None:
            said.setdefault(flag, value)
    return Client(**{"name": name, **BY_NAME.get(name, {}), **said})
