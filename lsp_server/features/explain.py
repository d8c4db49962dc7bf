"""An answer in words about a part of a document: what it does, or tests for it. Nothing is changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import cast

from context.parse import parse
from context.snapshot import Document, Snapshot
from lsp_server.features.ask import encodable
from lsp_server.features.counts import estimate
from lsp_server.features.edit_options import EditOptions, edit_budget
from lsp_server.features.edit_request import (
    EditRequest,
    Listener,
    NotEdited,
    Reading,
    ReadOn,
    Written,
    ignore,
)
from lsp_server.features.sources import is_secret, place_in_repository
from lsp_server.features.surroundings import around
from lsp_server.models.backend import Backend, ModelError, ModelInfo, Piece, Sampling
from lsp_server.models.host.supervise import in_thread
from lsp_server.prompts.explain import lay_out
from lsp_server.prompts.rewrite import Excerpt
from lsp_server.prompts.types import Prompt

MAX_TOKENS = 1024
"""Of an answer."""
LONGEST_PARSED = 400_000
"""Characters of a document whose definitions are looked for."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What the model says, in Markdown."""

    text: str
    model: str


async def explain(
    snapshot: Snapshot,
    backend: Backend,
    request: EditRequest,
    options: EditOptions,
    listener: Listener = ignore,
) -> Explained | NotEdited:
    """Ask the model about lines. Raises neither for bad input nor for a model that fails."""
    document = snapshot.documents.get(request.uri)
    refusal = _refusal(document, options)
    if document is None or refusal is not None:
        return refusal or NotEdited("not-open", "The editor has not opened this document.")
    try:
        info = await backend.info()
        prompt = await in_thread(partial(_prompt, snapshot, document, request, options, info), "fathom-edit")
        if prompt is None:
            return NotEdited("too-long", "So many lines are too long for this model. Select fewer.")
        text = await _answer(backend, prompt, options, listener)
    except ModelError as error:
        return NotEdited("no-model" if error.code == "no-model" else "model-failed", str(error))
    if not text.strip():
        return NotEdited("empty", "The model had nothing to say.")
    return Explained(text.strip() + "\n", info.name)


def _refusal(document: Document | None, options: EditOptions) -> NotEdited | None:
    if document is None:
        return None
    if is_secret(document):
        return NotEdited("excluded", "Files of this kind are never given to a model.")
    if len(document.text) > options.max_document_chars:
        return NotEdited("too-large", f"The file has more than {options.max_document_chars:,} characters.")
    return None


def _prompt(
    snapshot: Snapshot, document: Document, request: EditRequest, options: EditOptions, info: ModelInfo
) -> Prompt | None:
    """The prompt; None if it is too long for the model."""
    text = document.text
    start, end = sorted((request.start, request.end))
    first, last = text.line_at(start), text.line_at(max(start, end - 1))
    lines = text.slice(text.line_start(first), text.line_start(last + 1))
    needed = estimate(lines) + MAX_TOKENS
    if needed > info.context:
        return None
    source = text.string if len(text) <= LONGEST_PARSED else ""
    budget = edit_budget(options, info, needed).around
    above, below = around(text, parse(source, document.language), first, last, budget)
    path = place_in_repository(snapshot, document)[1]
    asked = lay_out(path, document.language, Excerpt(first + 1, lines), (*above, *below), request.instruction)
    return tuple(encodable(part) if isinstance(part, str) else part for part in asked)


async def _answer(backend: Backend, prompt: Prompt, options: EditOptions, listener: Listener) -> str:
    listener(Reading(sum(estimate(part) for part in prompt if isinstance(part, str))))
    sampling = Sampling(max_tokens=MAX_TOKENS, temperature=options.temperature, top_p=0.8, top_k=20)
    said, count = "", 0
    # Every backend's stream is an async generator; only closing it stops the model at once.
    stream = cast("AsyncGenerator[Piece, None]", backend.stream(prompt, sampling, "action"))
    async with aclosing(stream):
        async for piece in stream:
            if piece.read is not None:
                listener(ReadOn(piece.read))
            said += piece.text
            lines = said.split("\n")
            if len(lines) - 1 > count:
                listener(Written(tuple(lines[count:-1]), len(lines) - 1))
                count = len(lines) - 1
    return said
