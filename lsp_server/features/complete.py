"""Completion at a place: from a snapshot to the text that may be shown, or the reason why there is none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Literal

from context.snapshot import Document, Snapshot
from lsp_server.features.answer import Answer, answer, greedy
from lsp_server.features.ask import ask
from lsp_server.features.completion_options import CompletionOptions, most_tokens
from lsp_server.features.memory import Memory
from lsp_server.features.sent import Sent
from lsp_server.features.sources import ChooseSources, is_secret, open_documents
from lsp_server.models.backend import Backend, ModelError, ModelInfo, Usage
from lsp_server.prompts.clean import RULES
from lsp_server.prompts.scene import Scene, scene_at, taken_from

__all__ = [
    "Completion",
    "CompletionOptions",
    "Memory",
    "Place",
    "Reason",
    "Timings",
    "complete",
]

START_GRACE = 0.4
"""Seconds in which a model counts as there: that of another window needs only to be connected."""

Reason = Literal[
    "shown",
    "typed-through",
    "loading",
    "no-model",
    "model-failed",
    "excluded",
    "too-large",
    "out-of-sync",
    "not-open",
    "empty",
    "filtered:above",
    "filtered:blank-line",
    "filtered:block-end",
    "filtered:brackets",
    "filtered:dedent",
    "filtered:fence",
    "filtered:max-lines",
    "filtered:nothing-new",
    "filtered:one-line",
    "filtered:repetition",
    "filtered:rest",
    "filtered:suffix",
    "filtered:token",
    "filtered:too-long",
    "superseded",
    "cancelled",
    "timeout",
    "disabled",
]
"""What became of a request; after `filtered:` comes the rule of docs/PROMPT.md that withheld the text."""

LOADING = "The model is being loaded."


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor in an open document. `selected` is the text of the popup's selected item, if there is any."""

    uri: str
    offset: int
    selected: str | None = None


@dataclass(frozen=True, slots=True)
class Timings:
    """Times in ms from the arrival of the request; `context` is what went by before the model was asked."""

    context: float = 0.0
    queue: float = 0.0
    prefill: float = 0.0
    first: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` to put in place of what stands from `start` to `end`; or why there is none."""

    text: str
    start: int
    """The cursor, as an offset in the document of the snapshot."""
    end: int
    """At the cursor or behind closers on its line, which `text` says itself."""
    reason: str
    detail: str
    model: str
    usage: Usage
    ms: Timings


class _Refusal(Exception):  # noqa: N818 - it is an answer, not an error
    """Ends a request with a reason; never leaves this module."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason


@dataclass(slots=True)
class _Clock:
    """When the request came, when the model was asked, when it began to speak; in seconds."""

    came: float = field(default_factory=perf_counter)
    asked: float = 0.0
    spoke: float = 0.0
    sent: Sent | None = None
    """What the model was asked."""

    def times(self, usage: Usage) -> Timings:
        now = perf_counter()
        return Timings(
            context=1000 * ((self.asked or now) - self.came),
            queue=usage.queue_ms,
            prefill=usage.prefill_ms,
            first=1000 * (self.spoke - self.came) if self.spoke else 0.0,
            total=1000 * (now - self.came),
        )


async def complete(
    snapshot: Snapshot,
    backend: Backend,
    place: Place,
    options: CompletionOptions,
    memory: Memory,
    choose: ChooseSources = open_documents,
) -> Completion:
    """Complete at a place. Raises neither for bad input nor for a model that fails: the reason tells."""
    clock = _Clock()
    try:
        completion = await _completed(snapshot, backend, place, options, memory, choose, clock)
    except asyncio.CancelledError:
        memory.sent.end(clock.sent, "cancelled")
        raise
    memory.sent.end(clock.sent, completion.reason, completion.usage)
    return completion


async def _completed(
    snapshot: Snapshot,
    backend: Backend,
    place: Place,
    options: CompletionOptions,
    memory: Memory,
    choose: ChooseSources,
    clock: _Clock,
) -> Completion:
    try:
        document = _document(snapshot, place, options)
        text = document.text.string
        scene = scene_at(text, place.offset, document.language)
        taken = taken_from(scene, place.selected)
        rest = memory.shown.find(place.uri, scene)
        if rest is not None and rest.text.startswith(taken):
            end = place.offset + rest.covered
            return Completion(
                rest.text, place.offset, end, "typed-through", "", rest.model, Usage(), clock.times(Usage())
            )
        info = await _ready(backend, options)
        last = memory.anchor(place.uri, text, place.offset)
        asked = await ask(snapshot, document, place.offset, taken, info, options, last, memory.latest, choose)
        if not asked.prompt:
            raise _Refusal("empty", "There is no text that this model could go on from.")
        memory.keep(asked.anchor)
        clock.asked = perf_counter()
        most = most_tokens(options, info)
        clock.sent = memory.sent.begin(Sent("fill", snapshot, document, place.offset, asked, most, info.name))
        behind = replace(scene, before=scene.before + taken)
        answered = await answer(backend, asked, greedy(asked, options), behind, options)
        clock.spoke = answered.spoke
    except _Refusal as refusal:
        return _nothing(place, refusal.reason, str(refusal), clock)
    except ModelError as error:
        return _nothing(place, "no-model" if error.code == "no-model" else "model-failed", str(error), clock)
    return _completion(answered, taken, scene, place, info, memory, clock)


def _document(snapshot: Snapshot, place: Place, options: CompletionOptions) -> Document:
    """The document, if it may be completed."""
    document = snapshot.documents.get(place.uri)
    if document is None:
        raise _Refusal("not-open", "The editor has not opened this document.")
    if is_secret(document):
        raise _Refusal("excluded", "Files of this kind are never given to a model.")
    if not document.in_sync:
        raise _Refusal("out-of-sync", "An edit could not be understood; close the file and open it again.")
    if len(document.text) > options.max_document_chars:
        raise _Refusal("too-large", f"The file has more than {options.max_document_chars:,} characters.")
    if not 0 <= place.offset <= len(document.text):
        raise _Refusal("out-of-sync", "The cursor lies outside of the document.")
    return document


async def _ready(backend: Backend, options: CompletionOptions) -> ModelInfo:
    """The model, started if need be. Who does not wait for it is told so; it starts all the same."""
    if options.wait == "for-model":
        return await backend.info()
    if backend.state.phase in ("downloading", "starting", "loading", "waiting"):
        raise _Refusal("loading", backend.state.message or LOADING)
    try:
        async with asyncio.timeout(START_GRACE):
            return await backend.info()
    except TimeoutError:
        raise _Refusal("loading", backend.state.message or LOADING) from None


def _completion(
    answered: Answer, taken: str, scene: Scene, place: Place, info: ModelInfo, memory: Memory, clock: _Clock
) -> Completion:
    """Show what the model said, or say why not."""
    cleaned, usage = answered.cleaned, answered.usage
    if not cleaned.text:
        reason, detail = _why_nothing(answered)
        return replace(
            _nothing(place, reason, detail, clock), model=info.name, usage=usage, ms=clock.times(usage)
        )
    text, end = taken + cleaned.text, place.offset + cleaned.covered
    memory.shown.add(place.uri, scene, text, cleaned.covered, info.name)
    return Completion(text, place.offset, end, "shown", "", info.name, usage, clock.times(usage))


def _why_nothing(answered: Answer) -> tuple[str, str]:
    rule = answered.cleaned.rule
    if rule:
        return f"filtered:{rule}", RULES[rule]
    if answered.end == "clock":
        return "timeout", "The model was not done in time."
    return "empty", "The model had nothing to add."


def _nothing(place: Place, reason: str, detail: str, clock: _Clock) -> Completion:
    return Completion("", place.offset, place.offset, reason, detail, "", Usage(), clock.times(Usage()))
