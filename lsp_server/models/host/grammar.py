"""Looks at a grammar before llama.cpp does, which ends the process on some that are wrong.

The form is GBNF, as llama.cpp 0.3.36's parser takes it. A grammar passes when it is of moderate size, can be
read, defines what it names, and has no left recursion, not even through parts that may be empty: on such a
grammar llama.cpp computes without end. What passes may still be one that no token fits (`constrained.py` sees
that), or one that reads the same text in very many ways, and is slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

ROOT = "root"
LONGEST = 1 << 16
"""Bytes; a grammar for a large schema has 10,000."""
DEEPEST = 64
"""Parentheses inside of each other."""
MOST_TIMES = 1000
"""Of a repetition such as {0,1000}."""
MOST_RULES = 2000
"""With one more for each group and each repetition."""
MOST_ELEMENTS = 1 << 17
"""Characters, classes and names, with all repetitions written out."""

_ESCAPE = r'\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[trn\\"\[\]-])'
_TOKENS = re.compile(
    rf"""
    (?P<space>[ \t]+|\#[^\r\n]*)
  | (?P<line>\r\n?|\n)
  | (?P<is>::=)
  | (?P<literal>"(?:[^"\\]|{_ESCAPE})*")
  | (?P<class>\[(?!\^\])\^?(?:[^\]\\]|{_ESCAPE})+\])
  | (?P<token>!?<(?:\[[0-9]{{1,9}}\]|[^>\[\r\n][^>\r\n]*)>)
  | (?P<name>[A-Za-z0-9-]+)
  | (?P<times>[*+?]|\{{[ \t]*[0-9]{{1,9}}[ \t]*(?:,[ \t]*(?:[0-9]{{1,9}}[ \t]*)?)?\}})
  | (?P<mark>[|().])
    """,
    re.VERBOSE,
)
_NUMBERS = re.compile(r"[0-9]+")
_CHARACTERS = re.compile(_ESCAPE + "|.", re.DOTALL)

Alternative = list[str]
"""The names of a sequence; characters are the empty name."""


class BadGrammar(Exception):  # noqa: N818 - it reads as what is wrong
    """`str()` is a sentence about the grammar."""


@dataclass(slots=True)
class Rules:
    """The rules of a grammar, with one more for each group and each repetition."""

    alternatives: dict[str, list[Alternative]] = field(default_factory=dict)
    elements: int = 0

    def add(self, name: str, alternatives: list[Alternative]) -> None:
        self.alternatives[name] = alternatives
        if len(self.alternatives) > MOST_RULES:
            raise BadGrammar(f"It has more than {MOST_RULES:,} rules, groups and repetitions.")

    def another(self, alternatives: list[Alternative]) -> str:
        """A rule without a name of its own; names in a grammar have no parenthesis."""
        name = f"({len(self.alternatives)}"
        self.add(name, alternatives)
        return name


def check_grammar(text: str) -> None:
    """Raises BadGrammar."""
    if "\0" in text or len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        raise BadGrammar(f"It is longer than {LONGEST:,} bytes, or has a zero byte in it.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadGrammar("It has half a character in it.")
    rules = _Reader(text).rules()
    _check_names(rules)
    _check_recursion(rules)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    place: int


class _Reader:
    """Reads rules by recursive descent."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0
        self._rules = Rules()

    def rules(self) -> Rules:
        self._skip_lines()
        while self._peek().kind != "end":
            self._rule()
        return self._rules

    def _rule(self) -> None:
        name = self._take("name").text
        self._take("is")
        self._skip_lines()
        self._rules.add(name, self._alternatives(0))
        if self._peek().kind != "end":
            self._take("line")
        self._skip_lines()

    def _alternatives(self, depth: int) -> list[Alternative]:
        if depth > DEEPEST:
            raise BadGrammar(f"It has more than {DEEPEST} parentheses inside of each other.")
        found = [self._sequence(depth)]
        while self._peek().text == "|":
            self._next += 1
            self._skip_lines()
            found.append(self._sequence(depth))
        return found

    def _sequence(self, depth: int) -> Alternative:
        found: Alternative = []
        symbol: list[str] = []
        size = 0
        while True:
            if depth:
                self._skip_lines()
            token = self._peek()
            if token.kind == "times":
                symbol = self._repeated(symbol, size)
                # llama.cpp multiplies repetitions that follow each other; nobody needs that.
                found, size = found + symbol, 0
                symbol = []
                continue
            found += symbol
            if token.kind not in ("literal", "class", "token", "name") and token.text not in ("(", "."):
                return found
            symbol, size = self._symbol(depth)
            self._count(size)

    def _symbol(self, depth: int) -> tuple[list[str], int]:
        """The names of the next symbol, and how many elements it has."""
        token = self._peek()
        self._next += 1
        if token.text == "(":
            self._skip_lines()
            name = self._rules.another([])
            self._rules.alternatives[name] = self._alternatives(depth + 1)
            self._take("mark", ")")
            return [name], 1
        if token.kind == "name":
            return [token.text], 1
        if token.kind in ("literal", "class"):
            size = sum(1 for _ in _CHARACTERS.finditer(token.text[1:-1]))
            return ([""] if size else []), size
        return [""], 1

    def _repeated(self, symbol: list[str], size: int) -> list[str]:
        token = self._peek()
        self._next += 1
        if not symbol:
            raise self._bad("There is nothing to repeat", token)
        least, most = _times(token.text)
        if least > MOST_TIMES or (most is not None and not least <= most <= MOST_TIMES):
            raise self._bad(f"A repetition has to be of at most {MOST_TIMES}, from less to more", token)
        self._count(size * max(least, most or 0))
        more: list[str] = []
        if most is None:
            name = self._rules.another([])
            self._rules.alternatives[name] = [[*symbol, name], []]
            more = [name]
        elif most > least:
            more = [self._rules.another([symbol, []])]
        return (symbol if least else []) + more

    def _count(self, elements: int) -> None:
        self._rules.elements += elements
        if self._rules.elements > MOST_ELEMENTS:
            raise BadGrammar(f"It has more than {MOST_ELEMENTS:,} elements.")

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, kind: str, text: str = "") -> _Token:
        token = self._peek()
        if token.kind != kind or (text and token.text != text):
            named = {"is": "::=", "name": "the name of a rule", "line": "a new line"}
            raise self._bad(f"There should be {named.get(kind, text)}", token)
        self._next += 1
        return token

    def _skip_lines(self) -> None:
        while self._peek().kind == "line":
            self._next += 1

    def _bad(self, what: str, token: _Token) -> BadGrammar:
        line = self._text.count("\n", 0, token.place) + 1
        return BadGrammar(f"{what} in line {line}, at {token.text or 'the end'!r}.")


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        found = _TOKENS.match(text, place)
        if found is None:
            line = text.count("\n", 0, place) + 1
            raise BadGrammar(f"Line {line} cannot be read from {text[place : place + 20]!r} on.")
        if found.lastgroup != "space":
            yield _Token(found.lastgroup or "", found[0], place)
        place = found.end()
    yield _Token("end", "", place)


def _times(text: str) -> tuple[int, int | None]:
    """The least and the most times of a repetition; None where it has no end."""
    if text in "*+?":
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[text]
    numbers = [int(number) for number in _NUMBERS.findall(text)]
    if "," not in text:
        return numbers[0], numbers[0]
    return numbers[0], numbers[1] if len(numbers) == 2 else None


def _check_names(rules: Rules) -> None:
    if ROOT not in rules.alternatives:
        raise BadGrammar(f"It has no rule {ROOT}.")
    named = {name for alternatives in rules.alternatives.values() for one in alternatives for name in one}
    missing = sorted(named - rules.alternatives.keys() - {""})
    if missing:
        raise BadGrammar(f"It has no rule {missing[0]}.")


def _check_recursion(rules: Rules) -> None:
    """Refuse rules that can begin with themselves."""
    empty = _may_be_empty(rules)
    firsts = {name: _firsts(alternatives, empty) for name, alternatives in rules.alternatives.items()}
    done: set[str] = set()
    for start in firsts:
        path, waiting = [start], [iter(firsts[start] - done)]
        while waiting:
            name = next(waiting[-1], None)
            if name is None:
                waiting.pop()
                done.add(path.pop())
            elif name in path:
                raise BadGrammar(
                    f"A rule begins with itself: {_shown(path[path.index(name) :])}. "
                    "That is left recursion, or a repetition of something that may be empty."
                )
            elif name not in done:
                path.append(name)
                waiting.append(iter(firsts[name]))


def _may_be_empty(rules: Rules) -> set[str]:
    empty: set[str] = set()
    while True:
        more = {
            name
            for name, alternatives in rules.alternatives.items()
            if name not in empty and any(empty.issuperset(one) for one in alternatives)
        }
        if not more:
            return empty
        empty |= more


def _firsts(alternatives: list[Alternative], empty: set[str]) -> set[str]:
    """The names that a rule can begin with."""
    found: set[str] = set()
    for one in alternatives:
        for name in one:
            if name:
                found.add(name)
            if name not in empty:
                break
    return found


def _shown(path: list[str]) -> str:
    return ", ".join(name for name in path if not name.startswith("(")) or ROOT
