"""Where a file imports: the place at its start to which another import belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from context.languages import language as known_language
from context.outline import Span
from lsp_server.edits.imports import starts_line, statements
from lsp_server.edits.lines import line_end_near, lines_in
from lsp_server.edits.types import BOM, Edit

FIRST_IN = frozenset({"go", "java", "javascript", "python", "typescript", "typescriptreact"})
"""Languages of which it is known where imports go in a file that has none yet."""

_DOCSTRING = re.compile(
    r"""[rRuU]?(?:(\"{3}|'{3})(?:[^\\]|\\.)*?\1|"[^"\r\n]*"|'[^'\r\n]*')[ \t]*(?=[\r\n]|\Z)""", re.DOTALL
)
_OPENING = re.compile(r"#!|package\b|['\"]use \w+['\"];?\Z|# *-\*-|# *(?:en)?coding[:=]")
"""Lines that have to stay above all imports."""
_FUTURE = "from __future__"


@dataclass(frozen=True, slots=True)
class Block:
    """Where imports go: behind the statements that stand together at the start, if there are any."""

    spans: tuple[Span, ...]
    """All that the file imports above the lines, in no block."""
    first: int
    """Where those go that have to be before all others."""
    last: int
    """Where the others go."""
    end: str
    """The line end."""
    before: str = ""
    after: str = ""
    """Line ends that part the first imports of a file from what stands above and below."""

    def edits(self, new: Sequence[str]) -> Iterator[Edit]:
        """The edits that bring these statements; none for none."""
        early = [each for each in new if each.startswith(_FUTURE)]
        late = [each for each in new if not each.startswith(_FUTURE)]
        if self.first == self.last:
            early, late = [], [*early, *late]
        for offset, group in ((self.first, early), (self.last, late)):
            if group:
                lines = "".join(f"{each}\n" for each in group).replace("\n", self.end)
                yield Edit(offset, offset, f"{self.before}{lines}{self.after}")


def block_above(text: str, language: str, start: int) -> Block | None:
    """The place for imports, if it is above `start`; None as well where the first code begins there."""
    spans = [span for span in statements(text, language) if starts_line(text, span.start)]
    if not spans:
        return _first_block(text, language, start)
    run = tuple(_together(text, spans, language))
    last = _next_line(text, run[-1].end)
    if last > start or not starts_line(text, last):
        return None
    above = tuple(span for span in spans if span.end <= start)
    return Block(above, run[0].start, last, line_end_near(text, Span(run[0].end, last)))


def _together(text: str, spans: Sequence[Span], language: str) -> Iterator[Span]:
    """The first statements between which there is no code."""
    at = spans[0].start
    for span in spans:
        if _has_code(text[at : span.start], language):
            return
        yield span
        at = _next_line(text, span.end)


def _first_block(text: str, language: str, start: int) -> Block | None:
    """Behind what has to stand at the top of a file that imports nothing."""
    offset = _top(text, language)
    if language not in FIRST_IN or offset > start or not starts_line(text, offset):
        return None
    if not _has_code(text[offset:start], language):
        return None
    end = line_end_near(text, Span(offset, offset))
    above, below = text[:offset].removeprefix(BOM).splitlines(), text[offset:]
    before = end if above and above[-1].strip() else ""
    parts = 2 if language == "python" and re.match(r"async def|def|class|@", below) else 1
    after = "" if below.startswith(("\n", "\r")) else end * parts
    return Block((), offset, offset, end, before, after)


def _top(text: str, language: str) -> int:
    """Where code may begin: behind a licence, a docstring of the module, the name of a package."""
    known = known_language(language)
    marks = tuple(known.line_comments)
    at = top = 1 if text.startswith(BOM) else 0
    while at < len(text):
        quoted = _DOCSTRING.match(text, at) if language == "python" else None
        comment = _comment_end(text, at, known.block_comments)
        stop = _next_line(text, quoted.end() if quoted else comment)
        said = text[at:stop].strip()
        if quoted or _OPENING.match(said):
            top = stop
        elif not said:
            # What is parted from the rest by a blank line says something of the whole file.
            top = at if text[top:at].strip() else top
        if quoted or (said and comment == at and not _OPENING.match(said) and not said.startswith(marks)):
            return top
        at = stop
    return top


def _comment_end(text: str, at: int, comments: Sequence[tuple[str, str]]) -> int:
    """Where the comment ends that begins here; the same place if there is none."""
    for opening, closing in comments:
        if text.startswith(opening, at) and (end := text.find(closing, at + len(opening))) >= 0:
            return end + len(closing)
    return at


def _has_code(text: str, language: str) -> bool:
    """Whether there is a line that is neither blank nor a comment of a line."""
    marks = tuple(known_language(language).line_comments)
    said = (text[line.start : line.end].strip() for line in lines_in(text))
    return any(each and not (marks and each.startswith(marks)) for each in said)


def _next_line(text: str, offset: int) -> int:
    """Where the line behind that of an offset begins."""
    found = re.compile(r"\r\n?|\n").search(text, offset)
    return found.end() if found else len(text)
