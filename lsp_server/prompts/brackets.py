"""Brackets and quotes in a piece of code: which are open, which closers close something outside of it.

A scan line by line that knows strings and line comments; no parser, so it works on unfinished text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

CLOSER = {"(": ")", "[": "]", "{": "}"}
OPENER = {closer: opener for opener, closer in CLOSER.items()}
TRIPLES = ('"""', "'''")

COMMENT_MARKS = {
    "#": """python ruby perl shellscript sh bash zsh fish yaml toml dockerfile makefile make r elixir
        julia nix cmake""",
    "//": """c cpp csharp java javascript javascriptreact typescript typescriptreact go rust swift kotlin
        scala php dart zig groovy proto proto3 objective-c objective-cpp cuda cuda-cpp jsonc less scss""",
    "--": "lua sql haskell elm ada vhdl",
}
COMMENT_MARK = {language: mark for mark, languages in COMMENT_MARKS.items() for language in languages.split()}
"""What begins a comment that ends with its line, by language; nothing for the others."""

NO_CHARACTER_STRINGS = frozenset(
    {"rust", "go", "java", "c", "cpp", "csharp", "zig", "swift", "kotlin", "scala", "haskell"}
)
"""Languages in which ' holds one character, or begins a lifetime."""
LONGEST_CHARACTER = 4
MULTILINE_BACKTICK = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact", "go"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A bracket or quote that has no partner in the text."""

    at: int
    character: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What a text leaves open, and what it closes of the text before it; both in order."""

    closers: tuple[Mark, ...]
    openers: tuple[Mark, ...]
    quote: str
    """The string that is still open at the end; empty if none is."""


def balance(text: str, language: str, quote: str = "") -> Balance:
    """Match the brackets of a text that begins inside a string opened by `quote`, if one is given."""
    closers: list[Mark] = []
    openers: list[Mark] = []
    if quote:
        at = _end_of_string(text, 0, quote)
        if at < 0:
            return Balance((), (), quote)
        closers.append(Mark(at - len(quote), quote))
        rest = balance(text[at:], language)
        closers += [Mark(mark.at + at, mark.character) for mark in rest.closers]
        return Balance(tuple(closers), tuple(Mark(m.at + at, m.character) for m in rest.openers), rest.quote)
    tokens = _Tokens(text, language)
    for at, character in tokens:
        if character in CLOSER:
            openers.append(Mark(at, character))
        elif openers and openers[-1].character == OPENER[character]:
            openers.pop()
        elif not openers:
            closers.append(Mark(at, character))
        # A closer of another kind than the last opener is a mistake of the text or of this scan.
    return Balance(tuple(closers), tuple(openers), tokens.quote)


class _Tokens:
    """The brackets of a text outside its strings and comments; afterwards `quote` is the string left open."""

    def __init__(self, text: str, language: str) -> None:
        self.quote = ""
        self._text = text
        self._language = language
        self._comment = COMMENT_MARK.get(language, "")

    def __iter__(self) -> Iterator[tuple[int, str]]:
        text, at = self._text, 0
        while at < len(text):
            character = text[at]
            if character in CLOSER or character in OPENER:
                yield at, character
                at += 1
            elif self._comment and text.startswith(self._comment, at):
                at = _line_end(text, at)
            elif character in "\"'`":
                at = self._skip_string(at)
            else:
                at += 1

    def _skip_string(self, at: int) -> int:
        """Where scanning goes on after the quote at `at`."""
        quote = opening_quote(self._text, at, self._language)
        if not quote:
            return at + 1
        end = _end_of_string(self._text, at + len(quote), quote, self._language)
        if end >= 0:
            return end
        line_end = _line_end(self._text, at)
        if _spans_lines(quote, self._language) or line_end == len(self._text):
            self.quote = quote
            return len(self._text)
        return line_end


def opening_quote(text: str, at: int, language: str) -> str:
    """The quote that begins a string here; empty where it is an apostrophe or a lifetime."""
    if language == "python" and text.startswith(TRIPLES, at):
        return text[at : at + 3]
    if text[at] != "'":
        return text[at]
    if language not in NO_CHARACTER_STRINGS:
        # An apostrophe inside a word is none.
        return "" if at and text[at - 1].isalnum() and COMMENT_MARK.get(language) != "#" else "'"
    end = _end_of_string(text, at + 1, "'", language)
    return "'" if 0 <= end <= at + 2 + LONGEST_CHARACTER else ""


def _spans_lines(quote: str, language: str) -> bool:
    return len(quote) == 3 or (quote == "`" and language in MULTILINE_BACKTICK)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _end_of_string(text: str, at: int, quote: str, language: str = "") -> int:
    """The offset behind the closing quote; -1 if it does not come where it has to."""
    spans = _spans_lines(quote, language)
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(quote, at):
            return at + len(quote)
        elif text[at] == "\n" and not spans:
            return -1
        else:
            at += 1
    return -1
