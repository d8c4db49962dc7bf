"""From what a parser found, one by one, to definitions that know their comments, signatures and parents."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from context.outline import TYPES, Definition, Kind, Span

LONGEST_SIGNATURE = 600
LONGEST_VALUE = 200
"""Characters of a definition without a body, such as a constant: what it is worth may be a long table."""
LONGEST_DOC = 2000
LONGEST_QUALIFIED = 400
FARTHEST = 200
"""Characters in which the start of a comment's line is looked for. Indentation is shorter."""

_HOLDERS: frozenset[Kind] = TYPES | {"module", "function", "method"}


@dataclass(frozen=True, slots=True)
class Found:
    """A definition by itself. Where several have the same name at the same place, the lowest rank counts."""

    kind: Kind
    start: int
    end: int
    name: str
    name_at: int
    rank: int
    scope: str = ""
    """What it belongs to by its own words: the receiver of a method in Go, `A::` before a name in C++."""
    body: Span | None = None
    body_lines: tuple[int, int] | None = None
    doc: Span | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around definitions: comments and attributes before them, and what wraps them whole."""

    leads: Sequence[Span] = ()
    wraps: Sequence[Span] = ()
    signature_wraps: Sequence[Span] = ()
    """Those with which the signature begins, such as `template <class T>`."""


def arrange(source: str, found: Iterable[Found], around: Surroundings) -> tuple[Definition, ...]:
    """Return the definitions in the order of the source, parents before what is in them."""
    starts = {_end_of(source, lead): lead.start for lead in around.leads if _begins_line(source, lead.start)}
    wraps = _by_end((*around.wraps, *around.signature_wraps))
    signature_wraps = _by_end(around.signature_wraps)
    definitions: list[Definition] = []
    open_ones: list[tuple[int, Span]] = []
    for each in sorted(_unique(found), key=lambda found: (found.start, -found.end, found.rank)):
        while open_ones and open_ones[-1][1].end <= each.name_at:
            open_ones.pop()
        parent = next((index for index, inside in reversed(open_ones) if inside.start <= each.name_at), None)
        if parent is not None and _is_local(each, definitions[parent]):
            continue
        after = 0 if parent is None else definitions[parent].name_at
        start, doc = _with_leads(source, _wrapped(each, wraps, after), starts)
        definitions.append(
            Definition(
                name=each.name,
                kind=_kind(each.kind, None if parent is None else definitions[parent].kind),
                start=start,
                end=each.end,
                name_at=each.name_at,
                signature=_signature(source, _wrapped(each, signature_wraps, after), each),
                doc=doc or ("" if each.doc is None else source[each.doc.start : each.doc.end][:LONGEST_DOC]),
                body=each.body,
                body_lines=each.body_lines,
                parent=parent,
                qualified=_qualified(each, None if parent is None else definitions[parent]),
            )
        )
        if (inside := _inside(each)) is not None:
            open_ones.append((len(definitions) - 1, inside))
    return tuple(definitions)


def repaired(
    found: Iterable[Found], guesses: Iterable[Found], errors: Sequence[Span], around: Surroundings
) -> list[Found]:
    """Return what was found in a broken source, with guesses where the parser was lost.

    That is inside of its errors, but not in comments, and where it has no end for a function or class.
    """
    known = {each.name_at: each for each in _unique(found)}
    ends = {each.name_at + len(each.name) for each in known.values()}
    lost, comments = _Spans(errors), _Spans(around.leads)
    for guess in guesses:
        same = known.get(guess.name_at)
        if same is None:
            new = guess.name_at + len(guess.name) not in ends
            if new and lost.have(guess.name_at) and not comments.have(guess.name_at):
                known[guess.name_at] = guess
        elif same.kind in _HOLDERS and _endless(same, guess):
            known[guess.name_at] = replace(guess, kind=same.kind, name=same.name)
    return list(known.values())


def _endless(found: Found, guess: Found) -> bool:
    """Whether a definition has no body, or one that begins where its indentation has ended."""
    return found.body is None or found.body.start > guess.end


class _Spans:
    """Spans, joined where they overlap."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for span in sorted(spans, key=lambda span: span.start):
            if self._ends and span.start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], span.end)
            else:
                self._starts.append(span.start)
                self._ends.append(span.end)

    def have(self, offset: int) -> bool:
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self._ends[index]


def _unique(found: Iterable[Found]) -> Iterable[Found]:
    best: dict[int, Found] = {}
    for each in found:
        known = best.get(each.name_at)
        if each.name and (known is None or each.rank < known.rank):
            best[each.name_at] = each
    return best.values()


def _by_end(spans: Iterable[Span]) -> dict[int, list[int]]:
    """Where the spans with the same end start."""
    starts: dict[int, list[int]] = {}
    for span in spans:
        starts.setdefault(span.end, []).append(span.start)
    return starts


def _wrapped(found: Found, starts: dict[int, list[int]], after: int) -> int:
    """Where a definition starts with what wraps it, which is behind a place in the one that it is in."""
    around = (start for start in starts.get(found.end, ()) if after <= start < found.start)
    return min(around, default=found.start)


def _inside(found: Found) -> Span | None:
    """Where what is defined belongs to this definition: its body, and the parameters of a type."""
    after = found.name_at + len(found.name)
    if found.kind in TYPES:
        return Span(after if found.body is None else min(after, found.body.start), found.end)
    if found.body is None and found.kind in _HOLDERS:
        return Span(after, found.end)
    return found.body


def _is_local(found: Found, parent: Definition) -> bool:
    """Whether it is only known in a function: a variable, or in C++ one that looks like a prototype."""
    names_a_value = found.kind in ("constant", "variable") or (
        found.kind == "function" and found.body is None
    )
    return names_a_value and parent.kind in ("function", "method")


def _kind(kind: Kind, parent: Kind | None) -> Kind:
    if parent in TYPES and kind == "function":
        return "method"
    return "field" if parent in TYPES and kind == "variable" else kind


def _signature(source: str, start: int, found: Found) -> str:
    if found.body is not None:
        return source[start : min(found.body.start, start + LONGEST_SIGNATURE)].rstrip()
    if found.kind in _HOLDERS:
        return _head(source[start : min(found.end, start + LONGEST_SIGNATURE)])
    return source[start : min(found.end, start + LONGEST_VALUE)].rstrip()


def _head(text: str) -> str:
    """The first lines of a definition, up to one behind which no parenthesis is open."""
    depth = 0
    for number, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character in "\r\n" and depth <= 0:
            return text[:number].rstrip()
    return text.rstrip()


def _qualified(found: Found, parent: Definition | None) -> str:
    names = [parent.qualified if parent is not None else "", found.scope, found.name]
    return ".".join(name for name in names if name)[-LONGEST_QUALIFIED:]


def _with_leads(source: str, start: int, starts: dict[int, int]) -> tuple[int, str]:
    """Go up over the comments and attributes that stand directly before a definition."""
    comments: list[str] = []
    at = start
    while (lead := starts.get(_end_before(source, at))) is not None and lead < at:
        text = source[lead : min(_end_before(source, at), lead + LONGEST_DOC)]
        if not text.startswith(("#[", "@")):
            comments.append(text)
        at = lead
    return at, "\n".join(reversed(comments))[:LONGEST_DOC]


def _end_before(source: str, at: int) -> int:
    """Where the text before a place ends; -1 if there is an empty line between them."""
    breaks = 0
    while at > 0 and source[at - 1] in " \t\r\n":
        at -= 1
        breaks += source[at] == "\n" or (source[at] == "\r" and source[at + 1 : at + 2] != "\n")
    return at if breaks < 2 else -1


def _end_of(source: str, span: Span) -> int:
    """The end of a comment without the line break that some grammars count to it."""
    end = span.end
    while end > span.start and source[end - 1] in " \t\r\n":
        end -= 1
    return end


def _begins_line(source: str, start: int) -> bool:
    """Whether only blanks stand before it: a comment behind code says nothing of the next line."""
    before = source[max(0, start - FARTHEST) : start]
    line = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    return not line.strip(" \t\f\ufeff") and (len(line) < len(before) or start <= FARTHEST)
