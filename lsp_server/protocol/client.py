"""What the client can do, read once from its initialize request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

from context.text import Encoding
from lsp_server.features.actions import Instructions
from lsp_server.protocol.convert import choose_encoding
from lsp_server.protocol.fields import pick, pick_list, pick_text


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
    preview: bool = False
    """It wants `fathom/edit`, what becomes of an edit while it is made."""
    instructions: Instructions = "comment"
    """How it comes by what is to be done: it asks the user itself, or a comment says so."""
    edits: bool = True
    """It takes changes. Kate does and does not say so; it takes one that says no for there to be none."""
    document_changes: bool = False
    """It knows changes of a version of a document."""
    creates: bool = False
    deletes: bool = False
    """It makes and deletes files in a change."""
    annotations: bool = False
    """It shows what it is to ask the user about before a change."""
    actions: bool = False
    """It asks for code actions."""
    action_literals: bool = False
    """It knows code actions; others know commands only."""
    disabled_actions: bool = False
    action_tags: bool = False
    """It shows which actions a model is behind."""
    documents: bool = False
    """It shows a document when it is asked to."""


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
        preview=pick(params, "capabilities", "experimental", "fathom", "edit") is True,
        instructions="asks" if _asks_for_instructions(params) else "comment",
        documents=pick(params, "capabilities", "window", "showDocument", "support") is True,
        **_of_changes(pick(params, "capabilities", "workspace")),
        **_of_actions(pick(params, "capabilities", "textDocument", "codeAction")),
    )


class _Changes(TypedDict):
    edits: bool
    document_changes: bool
    creates: bool
    deletes: bool
    annotations: bool


def _of_changes(workspace: object) -> _Changes:
    """What it can do with a change.

    Annotations and operations on files exist in versioned changes only: Neovim names those and not these.
    """
    annotations = isinstance(pick(workspace, "workspaceEdit", "changeAnnotationSupport"), Mapping)
    operations = list(pick_list(workspace, "workspaceEdit", "resourceOperations"))
    named = pick(workspace, "workspaceEdit", "documentChanges") is True
    return {
        "edits": pick(workspace, "applyEdit") is not False,
        "document_changes": named or annotations or bool(operations),
        "creates": "create" in operations,
        "deletes": "delete" in operations,
        "annotations": annotations,
    }


class _Actions(TypedDict):
    actions: bool
    action_literals: bool
    disabled_actions: bool
    action_tags: bool


def _of_actions(actions: object) -> _Actions:
    return {
        "actions": isinstance(actions, Mapping),
        "action_literals": isinstance(pick(actions, "codeActionLiteralSupport"), Mapping),
        "disabled_actions": pick(actions, "disabledSupport") is True,
        "action_tags": 1 in pick_list(actions, "tagSupport", "valueSet"),
    }


def _asks_for_instructions(params: object) -> bool:
    """Whether it asks the user what to do, and runs the command with the answer."""
    return pick(params, "capabilities", "experimental", "fathom", "instruction") is True


def _wants_status(params: object, *, ghost_text: bool) -> bool:
    """Whether to send `fathom/status`.

    A client says so with `experimental.fathom.status`. One that says nothing gets it only if it shows ghost
    text: Emacs warns its user at every notification that it does not know.
    """
    wanted = pick(params, "capabilities", "experimental", "fathom", "status")
    return wanted if isinstance(wanted, bool) else ghost_text
