"""What tests of edits share: documents with a marked selection, scripted models, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from context.snapshot import Document, Snapshot
from context.text import Text
from lsp_server.edits.apply import apply
from lsp_server.features.edit_options import EditOptions
from lsp_server.features.edit_request import Diagnostic, Edited, EditRequest, Listener, Outcome, ignore
from lsp_server.features.rewrite import rewrite
from lsp_server.models.backend import Backend

OPTIONS = EditOptions()


def marked(text: str) -> tuple[str, int, int]:
    """A text with its selection between « and », or its cursor at ‸."""
    if "‸" in text:
        return text.replace("‸", ""), text.index("‸"), text.index("‸")
    start = text.index("«")
    return text.replace("«", "").replace("»", ""), start, text.index("»") - 1


def world(text: str, path: Path, language: str = "python", version: int | None = 7) -> Snapshot:
    document = Document(path.as_uri(), path, language, version, Text(text))
    return Snapshot((path.parent,), {document.uri: document})


async def edit(
    before: str,
    backend: Backend,
    path: Path,
    instruction: str = "Do it",
    *,
    language: str = "python",
    options: EditOptions = OPTIONS,
    diagnostics: Sequence[Diagnostic] = (),
    listener: Listener = ignore,
) -> Outcome:
    text, start, end = marked(before)
    request = EditRequest(path.as_uri(), start, end, instruction, diagnostics=tuple(diagnostics))
    return await rewrite(world(text, path, language), backend, request, options, listener=listener)


def applied(before: str, outcome: Outcome) -> str:
    """The text after the edit."""
    assert isinstance(outcome, Edited), outcome
    after = apply(outcome.edits.files[0], marked(before)[0], 7)
    assert isinstance(after, str), after
    return after
