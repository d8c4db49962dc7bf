"""The outline of a text without a grammar, by keywords, indentation and words: a guess, and a cheap one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from sys import intern

from context.imports import guessed
from context.nesting import Found, Surroundings, arrange
from context.outline import Import, Kind, Outline, Reference, References, Span, Use

LONGEST = 2_000_000
"""Characters that are read of a text."""
MOST_REFERENCES = 50_000

KEYWORDS: dict[str, Kind] = {
    "def": "function",
    "defn": "function",
    "defp": "function",
    "define": "function",
    "fn": "function",
    "fun": "function",
    "func": "function",
    "function": "function",
    "proc": "function",
    "procedure": "function",
    "sub": "function",
    "subroutine": "function",
    "task": "function",
    "rule": "function",
    "defun": "function",
    "mixin": "function",
    "macro": "macro",
    "defmacro": "macro",
    "class": "class",
    "object": "class",
    "contract": "class",
    "actor": "class",
    "struct": "struct",
    "record": "struct",
    "message": "struct",
    "entity": "struct",
    "table": "struct",
    "interface": "interface",
    "protocol": "interface",
    "defprotocol": "interface",
    "trait": "interface",
    "service": "interface",
    "enum": "enum",
    "impl": "implementation",
    "extension": "implementation",
    "type": "type",
    "typedef": "type",
    "module": "module",
    "defmodule": "module",
    "namespace": "module",
    "package": "module",
    "const": "constant",
}
_MODIFIERS = (
    "public|private|protected|internal|export|default|static|final|abstract|async|pub|local|inline|unsafe|extern"
    "|virtual|override|sealed|open|data|case|pure|recursive|elemental|global|create|or|replace|partial|mutable"
)
_DEFINITION = re.compile(
    rf"^(?P<indent>[ \t]*)[(@]?(?:(?:{_MODIFIERS})[ \t]+){{0,6}}(?P<word>{'|'.join(KEYWORDS)})"
    r"[ \t]+(?P<name>[^\W\d][\w$?!'-]*(?:(?:\.|::)[^\W\d][\w$?!'-]*){0,9})",
    re.MULTILINE | re.IGNORECASE,
)
TYPED = frozenset({"c", "cpp", "csharp", "dart", "java", "objective-c", "objective-cpp"})
"""Languages in which no keyword begins a function, but the type of what it returns."""
_TYPED = re.compile(
    r"^(?P<indent>[ \t]*)(?P<word>)(?!(?:return|else|new|throw|case|await|yield|using|delete|goto)\b)"
    r"(?:[A-Za-z_][\w:<>,\[\].?]*[ \t*&]+){1,6}(?!(?:if|for|while|switch|catch)\b)(?P<name>~?[A-Za-z_]\w*)"
    r"[ \t]*\([^;{\r\n]*\{",
    re.MULTILINE,
)
_HEADING = re.compile(r"^(?P<indent>)(?P<word>#{1,6})[ \t]+(?P<name>\S[^\r\n]{0,200})", re.MULTILINE)
_IMPORT = re.compile(
    r"^[ \t]*(?:#[ \t]*)?(?:import|use|using|include|require|require_relative|from|source|load|open)\b"
    r"[^\r\n]*",
    re.MULTILINE | re.IGNORECASE,
)
_LONE_RETURN = re.compile(r"\r(?!\n)")
_WORD = re.compile(r"(\.)?([^\W\d]\w{2,})([ \t]?\()?")
_COMMENT = re.compile(r"^[ \t]*((?://|#(?![ \t]*include)|--|;|%|/?\*)[^\r\n]*)", re.MULTILINE)
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|$)")
_CLOSING = re.compile(r"[ \t]*(?:[})\]]|end\b|fi\b|done\b|esac\b)", re.IGNORECASE)
PROSE = frozenset({"markdown", "plaintext", "restructuredtext", "asciidoc", "org"})


def read(source: str, language: str) -> Outline:
    """Return the outline of a text in any language."""
    text = only_newlines(source[:LONGEST])
    pattern = _HEADING if language in PROSE else _DEFINITION
    found = _found(text, pattern, _lines(text, _level if language in PROSE else _indentation))
    leads = (
        [] if language in PROSE else [Span(match.start(1), match.end()) for match in _COMMENT.finditer(text)]
    )
    arranged = arrange(text, found, Surroundings(leads))
    names = {definition.name_at for definition in arranged}
    return Outline(
        language=language,
        how="text",
        length=len(source),
        definitions=arranged,
        references=References.of(_references(text, names)),
        imports=() if language in PROSE else tuple(_imports(text)),
        blocks=(),
        complete=len(text) == len(source),
    )


def definitions(source: str, language: str) -> Iterator[Found]:
    """Yield the definitions by themselves, for the broken parts of a source that has a grammar."""
    text = only_newlines(source)
    lines = _lines(text, _indentation)
    yield from _found(text, _DEFINITION, lines)
    if language in TYPED:
        yield from _found(text, _TYPED, lines)


def only_newlines(source: str) -> str:
    """Return a text of the same length in which a carriage return is never the end of a line by itself."""
    return _LONE_RETURN.sub("\n", source) if "\r" in source else source


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not empty. Its end is that of its last character that is no blank."""

    number: int
    start: int
    end: int
    depth: int
    closes: bool


def _lines(text: str, depth: Callable[[str], int]) -> list[_Line]:
    lines = []
    for number, match in enumerate(_LINE.finditer(text)):
        line = match[0].rstrip()
        if line:
            closes = _CLOSING.match(line) is not None
            lines.append(_Line(number, match.start(), match.start() + len(line), depth(line), closes))
    return lines


def _indentation(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip())].expandtabs(8))


def _level(line: str) -> int:
    """How deep a heading is; what is no heading is deeper than all of them."""
    heading = _HEADING.match(line)
    return len(heading["word"]) if heading else 7


def _found(text: str, pattern: re.Pattern[str], lines: list[_Line]) -> Iterator[Found]:
    """Find definitions, each to where its indentation ends.

    From the last to the first: so it takes one walk over the lines, however many definitions are nested.
    """
    matches = {match.start(): match for match in pattern.finditer(text)}
    below: list[int] = []
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        while below and lines[below[-1]].depth > line.depth:
            below.pop()
        match = matches.get(line.start)
        if match is not None:
            after = below[-1] if below else len(lines)
            closed = below and lines[after].closes and lines[after].depth == line.depth
            yield _one(match, line, lines[max(index, after if closed else after - 1)])
        below.append(index)


def _one(match: re.Match[str], first: _Line, last: _Line) -> Found:
    long = last.number > first.number
    return Found(
        kind="section" if match["word"].startswith("#") else KEYWORDS.get(match["word"].lower(), "function"),
        start=match.start() + len(match["indent"]),
        end=last.end,
        name=match["name"].rstrip("-' \t"),
        name_at=match.start("name"),
        rank=0,
        body=Span(first.end, last.end) if long else None,
        body_lines=(first.number + 1, last.number) if long else None,
    )


def _references(text: str, names: set[int]) -> Iterator[Reference]:
    for number, match in enumerate(_WORD.finditer(text)):
        if number == MOST_REFERENCES:
            return
        use: Use = "call" if match[3] else "member" if match[1] else "name"
        if match.start(2) not in names:
            yield Reference(intern(match[2]), match.start(2), use)


def _imports(text: str) -> Iterator[Import]:
    for match in _IMPORT.finditer(text):
        yield from guessed(match[0], match.start())
