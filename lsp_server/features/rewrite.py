"""An edit: from a selection and an instruction to a checked change of the document, or the reason for none.

Nothing is applied here. What is wrong with an answer is told to the model once; after that, to the user.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import cast

from context.complaints import Complaint
from context.outline import Outline
from context.parse import parse
from context.snapshot import Document, Snapshot
from lsp_server.edits.check import check, path_refusal
from lsp_server.edits.types import Base, EditSet, FileEdit, Refusal, digest_of
from lsp_server.features.ask import encodable
from lsp_server.features.counts import estimate
from lsp_server.features.edit_options import EditOptions, edit_budget
from lsp_server.features.edit_request import (
    Diagnostic,
    Edited,
    EditRequest,
    Listener,
    NotEdited,
    NotEditedReason,
    Outcome,
    Reading,
    ReadOn,
    TriedAgain,
    Written,
    ignore,
)
from lsp_server.features.instructions import instruction_in
from lsp_server.features.judge_answer import Unusable, new_lines
from lsp_server.features.lift_imports import Lifted, lift_imports, put_together
from lsp_server.features.sources import ChooseSources, is_secret, open_documents, place_in_repository
from lsp_server.features.surroundings import around
from lsp_server.features.target import Target, edits_for, new_text, target_of
from lsp_server.models.backend import Backend, ModelError, ModelInfo, Piece, Sampling, Usage
from lsp_server.models.host.supervise import in_thread
from lsp_server.prompts.answer import Answer, Reader
from lsp_server.prompts.rewrite import Failure, Form, Task, fence, lay_out
from lsp_server.prompts.types import Prompt

TRIES = 2
SEED = 1
"""The same request gives the same answer; a second try gets another seed."""
FREER = 0.5
"""By how much the temperature is higher when a model has given back the old lines."""
TOP_P, TOP_K = 0.8, 20
"""As the makers of the model recommend."""
LONGEST_TITLE = 80
LONGEST_PARSED = 400_000
"""Characters of a document whose definitions are looked for."""
RETRIED = frozenset({"syntax", "deletion", "outside-scope", "placeholder"})
"""What a model may do better when it is told."""


@dataclass(frozen=True, slots=True)
class _Work:
    """A request that can be answered: what is asked of the model, and where its answer goes."""

    request: EditRequest
    document: Document
    roots: tuple[Path, ...]
    target: Target
    task: Task
    instruction: str
    max_tokens: int


class _Refusal(Exception):  # noqa: N818 - it is an answer, not an error
    """Ends a request with a reason; never leaves this module."""

    def __init__(self, reason: NotEditedReason, message: str) -> None:
        super().__init__(message)
        self.reason: NotEditedReason = reason


async def rewrite(
    snapshot: Snapshot,
    backend: Backend,
    request: EditRequest,
    options: EditOptions,
    choose: ChooseSources = open_documents,
    listener: Listener = ignore,
) -> Outcome:
    """Edit a part of a document. Raises neither for bad input nor for a model that fails: the outcome tells.

    Cancelling the task ends the model's work.
    """
    came = perf_counter()
    try:
        document = _document(snapshot, request, options)
        await _allow(document, snapshot.roots)
        info = await backend.info()
        work = await _prepared(snapshot, document, request, info, options, choose)
        outcome = await _tries(backend, work, options, listener)
        return replace(outcome, model=info.name, ms=1000 * (perf_counter() - came))
    except _Refusal as refusal:
        reason, message = refusal.reason, str(refusal)
    except ModelError as error:
        reason, message = "no-model" if error.code == "no-model" else "model-failed", str(error)
    return NotEdited(reason, message, ms=1000 * (perf_counter() - came))


# --- Before the model is asked ---


def _document(snapshot: Snapshot, request: EditRequest, options: EditOptions) -> Document:
    """The document, if it may be edited."""
    document = snapshot.documents.get(request.uri)
    if document is None:
        raise _Refusal("not-open", "The editor has not opened this document.")
    if is_secret(document):
        raise _Refusal("excluded", "Files of this kind are never given to a model.")
    if not document.in_sync:
        raise _Refusal("out-of-sync", "An edit could not be understood; close the file and open it again.")
    if len(document.text) > options.max_document_chars:
        raise _Refusal("too-large", f"The file has more than {options.max_document_chars:,} characters.")
    return document


async def _allow(document: Document, roots: tuple[Path, ...]) -> None:
    """Refuse a file that may not be changed, before a model works for nothing."""
    path = document.path
    if path is None:
        return
    refusal = await in_thread(partial(path_refusal, path, roots), "fathom-edit")
    if refusal is not None and not refusal.confirmable:
        raise _Refusal("refused", refusal.message)


async def _prepared(
    snapshot: Snapshot,
    document: Document,
    request: EditRequest,
    info: ModelInfo,
    options: EditOptions,
    choose: ChooseSources,
) -> _Work:
    text = document.text
    start, end = sorted((request.start, request.end))
    asked = instruction_in(text.slice(start, end).split("\n"), document.language)
    instruction = " ".join(filter(None, (request.instruction.strip(), asked.instruction if asked else "")))
    if not instruction:
        raise _Refusal("no-instruction", "Say what is to be done with these lines.")
    target = target_of(text, start, end, 1 if asked else 0)
    lines = "".join(f"{line}\n" for line in target.region.shown)
    needed = 3 * estimate(lines) + options.max_new_tokens + estimate(instruction)
    if needed > info.context:
        raise _Refusal("too-long", "So many lines are too long for this model. Select fewer.")
    budget = edit_budget(options, info, needed)
    outline = await in_thread(partial(_outline, document), "fathom-edit")
    above, below = around(text, outline, *target.covered, budget.around)
    complaints = _complaints(document, request.diagnostics, target)
    told = replace(snapshot, complaints={document.uri: complaints})
    sources = await choose(told, document, target.lines.start, budget.sources, ()) if budget.sources else ()
    task = Task(
        path=place_in_repository(snapshot, document)[1],
        language=document.language,
        instruction=instruction,
        lines=lines,
        line=target.first + 1,
        form=_form(target, options),
        above=above,
        below=below,
        sources=sources,
        part=text.slice(target.scope.start, target.scope.end) if target.head or target.tail else "",
        complaints=tuple((each.first + 1, each.message) for each in complaints),
    )
    max_tokens = 2 * estimate(lines) + options.max_new_tokens
    return _Work(request, document, snapshot.roots, target, task, instruction, max_tokens)


def _outline(document: Document) -> Outline:
    short = len(document.text) <= LONGEST_PARSED
    return parse(document.text.string if short else "", document.language)


def _form(target: Target, options: EditOptions) -> Form:
    if target.inserts:
        return "insert"
    return "whole" if len(target.region.lines) <= options.max_whole_lines else "blocks"


def _complaints(
    document: Document, diagnostics: tuple[Diagnostic, ...], target: Target
) -> tuple[Complaint, ...]:
    """The diagnostics that touch the lines, by line."""
    touching = [
        each for each in diagnostics if each.start <= target.scope.end and each.end >= target.scope.start
    ]
    lines = ((document.text.line_at(each.start), " ".join(each.message.split())) for each in touching)
    return tuple(Complaint(line, line, message) for line, message in sorted(set(lines)))


# --- Asking, and asking again ---


async def _tries(backend: Backend, work: _Work, options: EditOptions, listener: Listener) -> Outcome:
    failures: tuple[Failure, ...] = ()
    total, doubtful = Usage(), None
    for number in range(1, TRIES + 1):
        sampling = _sampling(work, options, number, failures)
        prompt = _encodable(lay_out(work.task, failures))
        answer, usage = await _answer(backend, prompt, sampling, work, listener)
        total = _added(total, usage)
        outcome, retry = await in_thread(partial(_judged, work, answer), "fathom-edit")
        if retry is None or number == TRIES:
            break
        doubtful = outcome if isinstance(outcome, Edited) else doubtful
        failures = (Failure(answer.said, retry),) if retry else ()
        listener(TriedAgain(retry or "The old lines came back."))
    if doubtful is not None and isinstance(outcome, NotEdited):
        outcome = doubtful
    return replace(outcome, tries=number, usage=total)


def _sampling(work: _Work, options: EditOptions, number: int, failures: tuple[Failure, ...]) -> Sampling:
    """How a try is made. One that is not told of the last one has to say something else by itself."""
    freer = FREER if number > 1 and not failures else 0.0
    return Sampling(
        max_tokens=work.max_tokens,
        temperature=options.temperature + freer,
        top_p=TOP_P,
        top_k=TOP_K,
        seed=SEED + number - 1,
    )


async def _answer(
    backend: Backend, prompt: Prompt, sampling: Sampling, work: _Work, listener: Listener
) -> tuple[Answer, Usage]:
    task, target = work.task, work.target
    above = [line for excerpt in task.above[:1] for line in excerpt.text.splitlines()]
    reader = Reader(fence(task), task.language, target.region.lines, above)
    listener(Reading(sum(estimate(part) for part in prompt if isinstance(part, str)), prompt, task))
    usage, ending, count, pieces = Usage(), "stop", 0, 0
    # Every backend's stream is an async generator; only closing it stops the model at once.
    stream = cast("AsyncGenerator[Piece, None]", backend.stream(prompt, sampling, "action"))
    async with aclosing(stream):
        async for piece in stream:
            if piece.read is not None:
                listener(ReadOn(piece.read))
            usage, ending = piece.usage or usage, piece.finish or ending
            lines = reader.feed(piece.text)
            count, pieces = count + len(lines), pieces + (piece.text != "")
            if lines:
                listener(Written(_previewed(lines, work), count))
            if reader.enough:
                break
    # What came with the first piece counts only that one.
    usage = replace(usage, generated=max(usage.generated, pieces))
    return reader.finish("length" if ending == "length" else "stop"), usage


def _previewed(lines: tuple[str, ...], work: _Work) -> tuple[str, ...]:
    """Lines as they will stand in the file; none of the blocks of a long answer."""
    if work.task.form == "blocks":
        return ()
    indentation = work.target.region.indentation
    return tuple(f"{indentation}{line}" if line.strip() else "" for line in lines)


def _judged(work: _Work, answer: Answer) -> tuple[Outcome, str | None]:
    """What becomes of an answer, and what to tell the model for a further try.

    None if there is to be none. "" where it is better not told: who has repeated the old lines once says
    them again when they stand there twice.
    """
    lifted = _lifted(work, answer)
    answer = replace(answer, lines=lifted.lines)
    lines = new_lines(answer, work.target.region, work.task, work.instruction)
    if isinstance(lines, Unusable):
        return NotEdited(lines.reason, lines.message), lines.for_model or None
    text, target = work.document.text, work.target
    new = new_text(target, text, lines)
    if new is None:
        return (
            NotEdited("outside-scope", "The model changed the line beyond what was selected."),
            "Other parts of the line were changed, too. They have to stay as they are.",
        )
    if lines == target.region.lines and not lifted.edits:
        return NotEdited("no-change", "The model would leave these lines as they are."), ""
    base = Base(digest_of(text.string), work.document.version)
    edits = put_together(lifted.edits, edits_for(target, text, new))
    file = FileEdit(work.document.uri, work.document.path, base, edits, target.scope)
    edit_set = EditSet(_title(work), (file,))
    languages = {file.uri: work.document.language}
    refusals = check(edit_set, {file.uri: text.string}, work.roots, work.instruction, languages)
    return _weighed(edit_set, refusals, work.instruction)


def _lifted(work: _Work, answer: Answer) -> Lifted:
    """The answer without the imports that it begins with, where those belong elsewhere."""
    document, target = work.document, work.target
    if work.task.form == "blocks" or answer.stop not in ("fence", "end") or target.head:
        return Lifted(answer.lines)
    start = max(target.lines.start, target.scope.start)
    text, language = document.text.string, document.language
    return lift_imports(text, language, start, target.region, answer.lines, work.instruction)


def _title(work: _Work) -> str:
    """What the user sees of a change, in a line."""
    title = " ".join((work.request.title or work.instruction).split())
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE].rstrip()} …"


def _weighed(
    edit_set: EditSet, refusals: tuple[Refusal, ...], instruction: str
) -> tuple[Outcome, str | None]:
    """A change with what speaks against it."""
    final = next((each for each in refusals if not each.confirmable), None)
    retry = next((each.message for each in refusals if each.reason in RETRIED), None)
    if final is None:
        return Edited(edit_set, refusals, 0, "", Usage(), 0.0, instruction), retry
    if final.reason == "identical":
        return NotEdited("no-change", "The model would leave these lines as they are."), None
    reason: NotEditedReason = final.reason if final.reason in ("outside-scope", "placeholder") else "refused"
    return NotEdited(reason, final.message), retry


def _added(one: Usage, other: Usage) -> Usage:
    """The cost of both; times are those of the second."""
    counts = ("prompt", "cached", "evaluated", "generated", "drafted", "accepted")
    return replace(other, **{name: getattr(one, name) + getattr(other, name) for name in counts})


def _encodable(prompt: Prompt) -> Prompt:
    return tuple(encodable(part) if isinstance(part, str) else part for part in prompt)
