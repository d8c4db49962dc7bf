"""What stands in a prompt, piece by piece: in one that was sent, or in that of a completion at a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from context.pack import Packed, Part
from context.signs import Purpose
from context.snapshot import Document, Snapshot
from lsp_server.features.anchor import Anchor
from lsp_server.features.ask import anchor_at
from lsp_server.features.completion_options import CompletionOptions, budgets, most_tokens
from lsp_server.features.repository import Repositories
from lsp_server.features.sent import Sent
from lsp_server.features.sources import open_documents, place_in_repository
from lsp_server.models.backend import Backend, ModelError, ModelInfo, Usage
from lsp_server.prompts.fim import Form, Source
from lsp_server.prompts.rewrite import BLOCKS_SYSTEM, SYSTEM, Excerpt, Task

ROUNDS = 4
"""Times that a pack is made anew with better counts."""

Kind = Literal["source", "prefix", "suffix", "instruction"]


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of a prompt. Lines count from 0, and `end` is the line after the last."""

    kind: Kind
    path: str
    """As the model is shown it."""
    uri: str | None
    start: int
    end: int
    reason: str
    """Why it is there."""
    text: str
    score: float | None = None
    tokens: int = 0
    cached: bool | None = None
    """Whether the model had read it before."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A prompt: its pieces in their order, and what it cost if it was sent."""

    purpose: Literal["fill", "edit"]
    document: Document
    offset: int
    model: str
    budget: int
    tokens: int
    rows: tuple[Row, ...]
    usage: Usage | None = None
    at: float | None = None
    """When it was sent, on a monotonic clock; None for one that was not."""
    reason: str | None = None


async def inspect_sent(sent: Sent, repositories: Repositories, backend: Backend | None) -> Inspected:
    """Look at a prompt that was sent. Tokens are counted by the model if it is given, else estimated."""
    if isinstance(sent.what, Task):
        sources = sent.what.sources
        own = list(_of_edit(sent.what, sent.document))
    else:
        anchor, form = sent.what.anchor, sent.what.form
        sources = anchor.sources if form == "repository" else ()
        own = list(_of_fill(anchor, form, sent.document, sent.offset))
    others = await _of_sources(sources, sent.snapshot, sent.document, repositories)
    rows = [*own[:1], *others, *own[1:]] if isinstance(sent.what, Task) else [*others, *own]
    rows = _with_cached(await _counted(rows, repositories, backend), sent.usage)
    tokens = sent.usage.prompt if sent.usage else sum(row.tokens for row in rows)
    return Inspected(
        sent.purpose,
        sent.document,
        sent.offset,
        sent.model,
        max(sent.budget, tokens),
        tokens,
        tuple(rows),
        sent.usage,
        sent.at,
        sent.reason,
    )


async def inspect_place(
    snapshot: Snapshot,
    document: Document,
    cursor: int,
    info: ModelInfo,
    options: CompletionOptions,
    repositories: Repositories,
    backend: Backend | None,
) -> Inspected:
    """Look at what would be sent for a completion, once the model has had the time to read all it may."""
    room, packed = budgets(options, info)[-1], Packed((), 0, 0)
    if repositories.has(document):
        most = options.max_sources_tokens
        packed, _ = await packed_at(repositories, backend, snapshot, document, cursor, "fill", most)
        sources = await repositories.in_order(packed)
    else:
        sources = await open_documents(snapshot, document, cursor, room.sources, ())

    async def chosen(*_: object) -> tuple[Source, ...]:
        return sources

    anchor = await anchor_at(snapshot, document, cursor, room, None, chosen)
    form: Form = "prefix" if not info.fim else "repository" if info.repo and anchor.sources else "file"
    others = await _of_sources(
        anchor.sources if form == "repository" else (), snapshot, document, repositories
    )
    own = list(_of_fill(anchor, form, document, cursor))
    rows = await _counted([*others, *own], repositories, backend)
    marks = max(0, packed.tokens - sum(part.tokens for part in packed.parts))
    tokens = sum(row.tokens for row in rows) + (marks if others else 0)
    most = max(most_tokens(options, info), tokens)
    return Inspected("fill", document, cursor, info.name, most, tokens, tuple(rows))


async def packed_at(
    repositories: Repositories,
    backend: Backend | None,
    snapshot: Snapshot,
    document: Document,
    cursor: int,
    purpose: Purpose,
    budget: int,
) -> tuple[Packed, ModelError | None]:
    """What of other files is shown at a place, in so many tokens as the model counts them.

    Where there is none, or it fails, they are estimated; the error tells why.
    """
    packed = await repositories.packed(snapshot, document, cursor, purpose, budget)
    for _ in range(ROUNDS):
        if backend is None or repositories.counts.are_exact:
            break
        try:
            await repositories.counts.learn(backend)
        except ModelError as error:
            return packed, error
        packed = await repositories.packed(snapshot, document, cursor, purpose, budget)
    return packed, None


# --- from a prompt to its rows ---


async def _of_sources(
    sources: Iterable[Source], snapshot: Snapshot, document: Document, repositories: Repositories
) -> list[Row]:
    """Other files: the parts that they are made of, or the whole of one that is only known to be open."""
    made = [(source, repositories.parts_of(source)) for source in sources]
    parts = tuple(part for _, found in made for part in found)
    lines = await repositories.lines(snapshot, document, parts)
    opened = {place_in_repository(snapshot, other)[1]: other.uri for other in snapshot.documents.values()}
    rows: list[Row] = []
    for source, found in made:
        rows += [_of_part(source, part, lines.get((part.path, part.start, part.end))) for part in found]
        if not found:
            end = source.text.rstrip("\n").count("\n") + 1
            rows.append(Row("source", source.path, opened.get(source.path), 0, end, "open", source.text))
    return rows


def _of_part(source: Source, part: Part, lines: tuple[int, int] | None) -> Row:
    first, last = lines or (1, 1 + part.text.rstrip("\n").count("\n"))
    uri = Path(part.path).as_uri()
    return Row("source", source.path, uri, first - 1, last, part.reason, part.text, round(part.score, 4))


def _of_fill(anchor: Anchor, form: Form, document: Document, cursor: int) -> Iterator[Row]:
    """The file itself, in the order of the prompt: what was typed last stands behind what comes after it."""
    text = document.text
    path = anchor.path or document.uri

    def row(kind: Kind, start: int, shown: str, reason: str) -> Row:
        first = text.line_at(start)
        last = text.line_at(max(start, start + len(shown) - 1)) + 1
        return Row(kind, path, document.uri, first, last, reason, shown)

    typed = text.string[anchor.offset : cursor]
    if anchor.prefix:
        yield row("prefix", anchor.start, anchor.prefix, "before the cursor")
    if anchor.suffix and form != "prefix":
        yield row("suffix", cursor, anchor.suffix, "after the cursor")
    if typed:
        yield row("prefix", anchor.offset, typed, "just before the cursor")


def _of_edit(task: Task, document: Document) -> Iterator[Row]:
    """What an edit is told beside other files, in the order of the prompt."""
    system = BLOCKS_SYSTEM if task.form == "blocks" else SYSTEM
    yield Row("instruction", "", None, 0, 0, "how to answer", system)
    for kind, excerpts in _around(task):
        for excerpt in excerpts:
            end = excerpt.line - 1 + excerpt.text.count("\n")
            yield Row(kind, task.path, document.uri, excerpt.line - 1, end, "around the lines", excerpt.text)
    if task.lines:
        end = task.line - 1 + task.lines.count("\n")
        yield Row(
            "instruction", task.path, document.uri, task.line - 1, end, "lines to be rewritten", task.lines
        )
    for line, message in task.complaints:
        yield Row("instruction", task.path, document.uri, line - 1, line, "a problem in the lines", message)
    if task.part:
        reason = "what alone may change"
        yield Row("instruction", task.path, document.uri, task.line - 1, task.line, reason, task.part)
    yield Row("instruction", "", None, 0, 0, "what is to be done", task.instruction)


def _around(task: Task) -> tuple[tuple[Kind, tuple[Excerpt, ...]], ...]:
    return ("prefix", task.above), ("suffix", task.below)


# --- tokens ---


async def _counted(rows: list[Row], repositories: Repositories, backend: Backend | None) -> list[Row]:
    """The rows with their tokens."""
    counts = repositories.counts
    counted = [replace(row, tokens=counts.count(row.text)) for row in rows]
    if backend is None or counts.are_exact:
        return counted
    try:
        await counts.learn(backend)
    except ModelError:
        return counted
    return [replace(row, tokens=counts.count(row.text)) for row in rows]


def _with_cached(rows: list[Row], usage: Usage | None) -> list[Row]:
    """The rows with whether the model had read them: of a prompt, that is its beginning.

    Marks and paths between the rows are not counted by themselves, so they are shared out.
    """
    total = sum(row.tokens for row in rows)
    if usage is None or not total:
        return rows
    scale, done, judged = usage.prompt / total, 0, []
    for row in rows:
        done += row.tokens
        judged.append(replace(row, cached=done * scale <= usage.cached + 1))
    return judged
