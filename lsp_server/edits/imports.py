"""Lines that import something: the only ones that a change may bring beside the part that it is for."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from context.grammars import LIKE
from context.outline import Span
from context.parse import import_statements
from lsp_server.edits.types import Edit

KEYWORDS = MappingProxyType(
    {
        "c": ("#",),
        "cpp": ("#",),
        "csharp": ("using",),
        "go": ("import",),
        "java": ("import",),
        "javascript": ("import",),
        "kotlin": ("import",),
        "python": ("import", "from"),
        "rust": ("use", "extern"),
        "scala": ("import",),
        "swift": ("import",),
        "typescript": ("import",),
        "typescriptreact": ("import",),
    }
)
"""How statements begin that only import, in languages in which each of them stands by itself."""


def statements(text: str, language: str) -> list[Span]:
    """Where a text imports, statement by statement; nothing in languages that are not in KEYWORDS."""
    keywords = KEYWORDS.get(LIKE.get(language, language))
    if keywords is None:
        return []
    spans = [_without_blanks(text, span) for span in import_statements(text, language)]
    return [span for span in spans if text.startswith(keywords, span.start)]


def beside(edits: Sequence[Edit], scope: Span) -> tuple[Edit, ...]:
    """The edits that reach beyond a part of a text."""
    return tuple(edit for edit in edits if edit.start < scope.start or edit.end > scope.end)


def bring_only_imports(text: str, after: str, edits: Sequence[Edit], scope: Span, language: str) -> bool:
    """Whether all that edits change outside of a part is that whole lines of imports come before it.

    `after` is the text after all the edits.
    """
    others = beside(edits, scope)
    if not others:
        return True
    imports, by = statements(after, language), 0
    for edit in edits:
        new = Span(edit.start + by, edit.start + by + len(edit.text))
        by += len(edit.text) - (edit.end - edit.start)
        if edit in others and not (_is_line_before(text, edit, scope) and _is_covered(after, new, imports)):
            return False
    return True


def starts_line(text: str, offset: int) -> bool:
    """Whether a line begins here."""
    return offset == 0 or text[offset - 1] in "\n\r\ufeff"


def _is_line_before(text: str, edit: Edit, scope: Span) -> bool:
    inserts = edit.start == edit.end <= scope.start and starts_line(text, edit.start)
    return inserts and edit.text.endswith(("\n", "\r"))


def _is_covered(text: str, span: Span, parts: Sequence[Span]) -> bool:
    """Whether nothing but blanks stands in a span beside whole parts of it."""
    at = span.start
    for part in parts:
        if at <= part.start and part.end <= span.end:
            if text[at : part.start].strip(" \t\r\n;"):
                return False
            at = part.end
    return at > span.start and not text[at : span.end].strip(" \t\r\n;")


def _without_blanks(text: str, span: Span) -> Span:
    return Span(span.start, span.start + len(text[span.start : span.end].rstrip()))
