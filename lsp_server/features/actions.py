"""Which actions are offered for a part of a document, and to which lines each of them applies.

Offering asks no model and parses nothing, since editors ask at every movement of the cursor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from context import words
from context.nesting import Found
from context.outline import TYPES, Kind, Span
from context.parse import parse
from context.snapshot import Document
from context.text import Text
from lsp_server.features.edit_options import EditOptions
from lsp_server.features.edit_request import Diagnostic
from lsp_server.features.instructions import BUILT_IN, Action, instruction_in
from lsp_server.features.sources import is_secret

Trigger = Literal["asked", "automatic"]
"""Whether the user has opened the menu, or the editor looks by itself whether there is anything."""
Instructions = Literal["asks", "comment"]
"""How an instruction comes: the client asks for it, or it stands in a comment at the top of the selection."""

KINDS: frozenset[Kind] = TYPES | {"function", "method", "macro"}
"""Definitions that are documented and tested."""
LINES_ABOVE, LINES_BELOW = 120, 60
"""In which the definition around the cursor is looked for, when actions are offered."""
LONGEST_PARSED = 400_000
"""Characters of a document that is parsed."""
NO_INSTRUCTION = (
    "Write what is to be done into a comment at the top of the selection: `fathom: make this async`."
)
MOST_FIXES = 8
MOST_OF_MESSAGE = 60
"""Characters of a diagnostic that a title shows."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an editor asks: a part of a document by offsets, with what it shows there.

    `only` are the kinds that it wants, or None for all.
    """

    start: int
    end: int
    diagnostics: tuple[Diagnostic, ...] = ()
    only: tuple[str, ...] | None = None
    trigger: Trigger = "asked"
    instructions: Instructions = "comment"


@dataclass(frozen=True, slots=True)
class Offer:
    """An entry of the menu. `diagnostic` is the index of the one that it fixes.

    `disabled` says why it cannot be used as things are.
    """

    action: Action
    title: str
    diagnostic: int | None = None
    disabled: str = ""
    asks: bool = False
    """Nothing says yet what is to be done: the client asks the user."""


def offered(
    document: Document, question: Question, options: EditOptions, own: Iterable[Action] = ()
) -> tuple[Offer, ...]:
    """The actions for a part of a document; none where it cannot be edited at all."""
    if is_secret(document) or not document.in_sync:
        return ()
    if len(document.text) > options.max_document_chars:
        return ()
    wanted = [action for action in (*BUILT_IN, *own) if is_wanted(action.kind, question.only)]
    here = _here(document, question, wanted)
    offers = (offer for action in wanted for offer in _offers(here, question, action))
    if question.trigger == "asked":
        return tuple(offers)
    return tuple(offer for offer in offers if not offer.disabled)[:1]


def is_wanted(kind: str, only: Iterable[str] | None) -> bool:
    """Whether a kind is one of those, or below one of them; the empty kind is above all."""
    return only is None or any(not each or kind == each or kind.startswith(f"{each}.") for each in only)


def span_for(document: Document, action: Action, start: int, end: int) -> Span | None:
    """The part of a document to which an action applies; None where there is none. Parses the document."""
    text = document.text
    start, end = sorted((start, end))
    if action.scope == "file":
        return Span(0, len(text))
    says_it = not action.instruction and start == end and _is_instruction(document, start)
    if action.scope == "diagnostic" or says_it:
        return _whole_lines(text, start, end)
    if action.scope == "selection" or text.slice(start, end).strip():
        return Span(start, end)
    return _definition(document, start, end)


@dataclass(frozen=True, slots=True)
class _Here:
    """What is known of the place: the text that is selected, or else the definition around the cursor."""

    selected: str
    name: str
    says_instruction: bool


def _here(document: Document, question: Question, wanted: Iterable[Action]) -> _Here:
    selected = document.text.slice(question.start, question.end).strip()
    if selected:
        return _Here(selected, "", instruction_in(selected.split("\n", 1)[:1], document.language) is not None)
    looks = question.trigger == "asked" and any(action.scope == "definition" for action in wanted)
    name = _name_near(document, question.start) if looks else ""
    return _Here("", name, _is_instruction(document, question.start))


def _offers(here: _Here, question: Question, action: Action) -> Iterator[Offer]:
    title = _titled(action.title)
    says_it = bool(action.instruction) or here.says_instruction
    asks = not says_it and question.instructions == "asks"
    if action.scope == "diagnostic":
        yield from _fixes(action, question.diagnostics)
    elif question.trigger == "automatic":
        # Whatever is offered by itself draws a light bulb at every place where it is.
        return
    elif action.scope == "file":
        yield Offer(action, title)
    elif here.selected:
        yield Offer(action, title, disabled="" if says_it or asks else NO_INSTRUCTION, asks=asks)
    elif action.scope == "definition" and here.name:
        yield Offer(action, f"{title}: {here.name}")
    elif action.scope == "selection" and not action.instruction and (says_it or asks):
        yield Offer(action, title, asks=asks)


def _fixes(action: Action, diagnostics: tuple[Diagnostic, ...]) -> Iterator[Offer]:
    for index, diagnostic in enumerate(diagnostics[:MOST_FIXES]):
        said = " ".join(diagnostic.message.split())
        short = said if len(said) <= MOST_OF_MESSAGE else f"{said[:MOST_OF_MESSAGE].rstrip()} …"
        yield Offer(action, _titled(f"{action.title}: {short}" if short else action.title), index)


def _titled(title: str) -> str:
    """A menu has the entries of all servers: the user has to see whose this is."""
    return f"Fathom: {title}"


def _is_instruction(document: Document, offset: int) -> bool:
    """Whether the line says what is to be done."""
    text = document.text
    return instruction_in([text.line(text.line_at(offset))], document.language) is not None


def _whole_lines(text: Text, start: int, end: int) -> Span:
    """The lines of a part, without the last line end. A part that ends at a line's start ends before it."""
    first, last = text.line_at(start), text.line_at(end)
    if last > first and text.line_start(last) == end:
        last -= 1
    return Span(text.line_start(first), text.line_start(last) + len(text.line(last).rstrip("\r\n")))


# --- The definition around the cursor ---


def _name_near(document: Document, offset: int) -> str:
    """The name of the definition around a place, as far as keywords and indentation tell; "" for none."""
    text = document.text
    if document.language in words.PROSE:
        return ""
    line = text.line_at(offset)
    first = max(0, line - LINES_ABOVE)
    begin = text.line_start(first)
    part = text.slice(begin, text.line_start(line + LINES_BELOW + 1))
    at = (text.line_start(line) - begin, text.line_start(line + 1) - begin)
    depth = _depth(text.line(line)) if text.line(line).strip() else 0
    found = [
        each
        for each in words.definitions(part, document.language)
        if each.kind in KINDS and _is_around(each, part, at, depth)
    ]
    return max(found, key=lambda each: each.start).name if found else ""


def _is_around(found: Found, part: str, line: tuple[int, int], depth: int) -> bool:
    """Whether a definition holds a line, whose indentation is so deep."""
    start, end = line
    if start <= found.start < end or found.start < start < found.end:
        return True
    last = part[part.rfind("\n", 0, found.end) + 1 : found.end].lstrip()
    # Keywords see a signature of several lines end with its bracket, and no body.
    has_body = last.startswith(")") and found.start < start
    return has_body and _depth(part[part.rfind("\n", 0, found.start) + 1 :]) < depth


def _depth(line: str) -> int:
    line = line.partition("\n")[0]
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(8))


def _definition(document: Document, start: int, end: int) -> Span | None:
    """The innermost definition that holds a part of the document, from the start of its first line."""
    text = document.text
    if len(text) > LONGEST_PARSED:
        return None
    line = Span(text.line_start(text.line_at(start)), text.line_start(text.line_at(end) + 1))
    around = [
        each
        for each in parse(text.string, document.language).definitions
        if each.kind in KINDS
        and text.line_start(text.line_at(each.start)) <= line.start
        and line.start < each.end
    ]
    if not around:
        return None
    inner = max(around, key=lambda each: each.start)
    return Span(text.line_start(text.line_at(inner.start)), inner.end)
