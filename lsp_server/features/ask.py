"""What the model is asked for a completion: the anchor and its window, other documents, and the prompt."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from context.snapshot import Document, Snapshot
from lsp_server.features.anchor import Anchor, Budget, hole_at, moved, place_anchor, still_holds
from lsp_server.features.completion_options import CompletionOptions, budget
from lsp_server.features.sources import ChooseSources, open_documents, place_in_repository
from lsp_server.models.backend import ModelInfo
from lsp_server.prompts.fim import Form, lay_out, stable_parts, stop_strings
from lsp_server.prompts.types import Prompt

_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt, the strings at which the model has to end, and where the prompt is frozen."""

    prompt: Prompt
    stable: int
    """Parts at its start that stay the same for long."""
    stop: tuple[str, ...]
    form: Form
    anchor: Anchor


async def ask(
    snapshot: Snapshot,
    document: Document,
    cursor: int,
    taken: str,
    info: ModelInfo,
    options: CompletionOptions,
    last: Anchor | None = None,
    latest: str = "",
    choose: ChooseSources = open_documents,
) -> Asked:
    """Lay out the prompt at a cursor. `taken` is text that is to stand there first.

    `last` is the document's anchor of before, `latest` the document of the last prompt.
    """
    anchor = await _anchor(snapshot, document, cursor, info, options, last, latest, choose)
    return asked_at(anchor, document.text.string, cursor, info, taken)


def asked_at(anchor: Anchor, text: str, cursor: int, info: ModelInfo, taken: str = "") -> Asked:
    """Lay out the prompt of an anchor that holds at the cursor."""
    hole = hole_at(anchor, text, cursor)
    hole = replace(hole, typed=hole.typed + taken)
    form = _form(info, anchor)
    prompt = tuple(encodable(part) if isinstance(part, str) else part for part in lay_out(hole, form))
    return Asked(prompt, stable_parts(hole, form), stop_strings(hole, form), form, anchor)


async def anchor_at(
    snapshot: Snapshot,
    document: Document,
    cursor: int,
    room: Budget,
    last: Anchor | None,
    choose: ChooseSources,
) -> Anchor:
    """A new anchor with all that there is room for, the other files as they are now."""
    kept = last.sources if last else ()
    # What was read once stands in front of all else: to leave it out would cost more than to keep it.
    space = max(room.sources, sum(len(source.path) + len(source.text) + 2 for source in kept))
    sources = await choose(snapshot, document, cursor, space, kept) if space else ()
    repository, path = place_in_repository(snapshot, document)
    return place_anchor(
        document.uri,
        document.text.string,
        cursor,
        room,
        last=last,
        path=path,
        repository=repository,
        sources=sources,
    )


async def _anchor(
    snapshot: Snapshot,
    document: Document,
    cursor: int,
    info: ModelInfo,
    options: CompletionOptions,
    last: Anchor | None,
    latest: str,
    choose: ChooseSources,
) -> Anchor:
    text, room = document.text.string, budget(options, info)
    last = moved(last, text, cursor) if last is not None else None
    if last is None:
        return await anchor_at(snapshot, document, cursor, room, None, choose)
    sources = last.sources
    if latest != document.uri and room.sources:
        # Coming from another document, what the user has done there is to be seen here. Where reading is
        # slow, it is seen after the next pause.
        sources = await choose(snapshot, document, cursor, room.sources, sources)
    if sources == last.sources and still_holds(last, text, cursor):
        return last
    repository, path = place_in_repository(snapshot, document)
    anchor = place_anchor(
        document.uri, text, cursor, room, last=last, path=path, repository=repository, sources=sources
    )
    if anchor.start == last.start or not room.sources:
        return anchor
    # Nearly all has to be evaluated anew, so the other files may be new as well.
    return replace(anchor, sources=await choose(snapshot, document, cursor, room.sources, sources))


def _form(info: ModelInfo, anchor: Anchor) -> Form:
    if not info.fim:
        return "prefix"
    return "repository" if info.repo and anchor.sources else "file"


def encodable(text: str) -> str:
    """The text without halves of UTF-16 pairs, which no encoding can carry to the model."""
    return _HALF_CHARACTER.sub("\ufffd", text)
