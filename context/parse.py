"""From source text to its `Outline`. The only file that knows tree-sitter, and that no tree outlives.

Grammars are native code. Those of the sixteen commonest languages come with Fathom; `semble-grammars`, if it
is installed, brings about sixty more. Nothing is fetched when a file is read. What to take from a tree is
said by the queries in `queries/`, or by the general rules in `kinds.py`; where there is no grammar,
`words.py` reads the text. Nothing here raises, whatever the text is.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from sys import intern
from typing import TYPE_CHECKING, cast

from context import kinds, words
from context.captures import Match, Place, definitions_in, imports_in
from context.grammars import GRAMMARS, LIKE, PACK, PACK_NAMES
from context.nesting import Surroundings, arrange, repaired
from context.outline import USES, Definition, How, Outline, Reference, References, Span

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Query, QueryCursor, Tree

LONGEST = 1_000_000
"""Characters of a source that is parsed. Longer ones are data or generated, and read by their words.

A query of so many keeps other threads waiting for 50 ms.
"""
LONGEST_TIME = 2.0
"""Seconds of processor time. A source that takes longer was made to (usual are 100 ms for a megabyte)."""
DEEPEST = 5_000
"""Nodes in nodes. Code that people wrote stays below 200."""
WIDEST = 10_000
"""Parts of one error. A query takes the square of them: 0.07 s for so many, 7 s for ten times as many."""
MOST_STATES = 2_000
"""Half-found matches of a query at one time."""
MOST_REFERENCES = 50_000
MOST_FAULTS = 1_000
MOST_VISITED = 100_000
"""Nodes that are looked at in search of faults."""

QUERIES = Path(__file__).parent / "queries"
QUERY_PARTS = {"javascript": ("javascript", "jsx"), "typescriptreact": ("typescript", "jsx")}
"""Files of languages that are another one and something more; all others have one with their name."""

_OF_IMPORTS = ("import_spec_list", "import_declaration")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """A place at which a source breaks the rules of its language; `missing` is what should stand there."""

    span: Span
    missing: str = ""


@dataclass(frozen=True, slots=True)
class _Reader:
    """How a language is read: its grammar, a query for what is matched whole, and one for single nodes."""

    language: Language
    how: How
    matches: Query
    marks: Query
    settings: list[dict[str, str | None]]
    """What is set in each pattern of the query."""


def how_parsed(language: str) -> How:
    """Return how the sources of a language are read here, with the grammars that are installed."""
    like = LIKE.get(language, language)
    if like in GRAMMARS and _own_grammar(like) is not None:
        return "query"
    return "kinds" if like not in words.PROSE and _pack_name(like) in _pack_names() else "text"


def parse(source: str, language: str) -> Outline:
    """Return the outline of a source in a language, named as the language server protocol does.

    What is broken gives what can be had of it.
    """
    reader = None if language in words.PROSE else _reader(LIKE.get(language, language))
    if reader is None:
        return words.read(source, language)
    tree = _tree(source, reader.language) if len(source) <= LONGEST else None
    if tree is None or _takes_too_long(tree):
        return replace(words.read(source, language), complete=False)
    outline = _outline(source, language, reader, tree)
    return outline if reader.how == "query" else _with_words(outline, words.read(source, language))


def syntax_faults(source: str, language: str) -> tuple[Fault, ...] | None:
    """Return what is wrong with the syntax of a source, in order, at most MOST_FAULTS places.

    None where that is not known: there is no grammar, or the source is too long or takes too much time.
    """
    reader = None if language in words.PROSE else _reader(LIKE.get(language, language))
    if reader is None or len(source) > LONGEST:
        return None
    tree = _tree(source, reader.language)
    return None if tree is None else tuple(_faults(tree))


def import_statements(source: str, language: str) -> tuple[Span, ...]:
    """Return where statements stand that import something, in order; none without a grammar of our own."""
    reader = None if language in words.PROSE else _reader(LIKE.get(language, language))
    if reader is None or reader.how != "query" or len(source) > LONGEST:
        return ()
    tree = _tree(source, reader.language)
    if tree is None or _takes_too_long(tree):
        return ()
    found = _cursor(reader.matches).matches(tree.root_node)
    nodes = (_statement(node) for _, named in found for node in named.get("import", ()))
    return tuple(Span(*span) for span in sorted({(node.start_byte, node.end_byte) for node in nodes}))


def _statement(node: Node) -> Node:
    """Return the statement of which a node is one of several imports, as in Go."""
    parent = node.parent
    return _statement(parent) if parent is not None and parent.type in _OF_IMPORTS else node


def _with_words(outline: Outline, plain: Outline) -> Outline:
    """Return an outline by general rules, with what the text says where those found nothing."""
    return replace(
        outline,
        references=outline.references or plain.references,
        imports=outline.imports or plain.imports,
    )


def _outline(source: str, language: str, reader: _Reader, tree: Tree) -> Outline:
    root = tree.root_node
    matches = [
        Match(rank, {name: _place(nodes[0]) for name, nodes in found.items()}, reader.settings[rank])
        for rank, found in _cursor(reader.matches).matches(root)
    ]
    marks = _cursor(reader.marks).captures(root)
    spans = {name: _spans(nodes) for name, nodes in marks.items() if not name.startswith("reference.")}
    around = Surroundings(*(spans.get(name, []) for name in ("lead", "wrap", "wrap.signature")))
    found = list(definitions_in(source, matches))
    unsure = spans.get("error", []) if reader.how == "query" else [Span(0, len(source))]
    if unsure:
        found = repaired(found, words.definitions(source, language), unsure, around)
    definitions = arrange(source, found, around)
    return Outline(
        language,
        reader.how,
        len(source),
        definitions,
        _references(source, marks, definitions),
        imports_in(source, matches),
        tuple(_blocks(marks.get("block", []))),
        complete=not root.has_error,
    )


def _place(node: Node) -> Place:
    return Place(node.start_byte, node.end_byte, node.start_point[0], node.end_point[0])


def _references(source: str, marks: dict[str, list[Node]], definitions: tuple[Definition, ...]) -> References:
    """Return each use of a name once. That it is called says more than that it is a name.

    The same names come again and again in all files, so that their strings are shared.
    """
    defined = {definition.name_at for definition in definitions}
    references: dict[int, Reference] = {}
    for use in USES:
        for node in marks.get(f"reference.{use}", ())[:MOST_REFERENCES]:
            start, end = node.start_byte, node.end_byte
            if start < end and start not in defined and start not in references:
                references[start] = Reference(intern(source[start:end]), start, use)
    return References.of(references[start] for start in sorted(references))


def _blocks(nodes: list[Node]) -> list[Span]:
    spans = _spans([node for node in nodes if node.end_point[0] > node.start_point[0]])
    return sorted(set(spans), key=lambda span: (span.start, -span.end))


def _spans(nodes: list[Node]) -> list[Span]:
    return [Span(node.start_byte, node.end_byte) for node in nodes]


# --- tree-sitter ---


def _tree(source: str, language: Language) -> Tree | None:
    """Parse within the time that is given; None if it was not enough."""
    from tree_sitter import Parser

    data = _one_byte_each(source)
    end = time.thread_time() + LONGEST_TIME
    try:
        return Parser(language).parse(
            lambda at, _: data[at : at + 65536], progress_callback=lambda *_: time.thread_time() > end
        )
    except ValueError:
        return None


def _one_byte_each(source: str) -> bytes:
    """Return the source with one byte for each character, so that offsets in bytes are string indices.

    Names are taken from the source itself, so any letter does for one that is not ASCII. A NUL would be an
    end to many grammars, and a lone carriage return no line break.
    """
    source = words.only_newlines(source)
    if not source.isascii():
        source = _NOT_ASCII.sub(lambda run: "".join(map(_letter, run[0])), source)
    return source.replace("\0", " ").encode("ascii")


def _letter(character: str) -> str:
    if character.isspace() or character in "\ufeff\u200b\u2060":
        return " "
    return "X" if character.isupper() else "x"


def _takes_too_long(tree: Tree) -> bool:
    """Whether a query would take long: a tree that is very deep, or has an error with very many parts.

    Both have thousands of nodes in a row, so a look at some places of the tree finds them.
    """
    root = tree.root_node
    if root.descendant_count < DEEPEST:
        return False
    cursor = tree.walk()
    for index in range(0, root.descendant_count, max(1000, root.descendant_count // 200)):
        cursor.goto_descendant(index)
        if cursor.depth > DEEPEST:
            return True
        while cursor.goto_parent():
            node = cursor.node
            if node is not None and node.is_error and node.child_count > WIDEST:
                return True
    return False


def _faults(tree: Tree) -> list[Fault]:
    """Return the errors and what is missing; only nodes with one of them inside are entered."""
    cursor, visited = tree.walk(), 0
    faults: list[Fault] = []
    while visited < MOST_VISITED and len(faults) < MOST_FAULTS:
        visited += 1
        node = cursor.node
        if node is not None and (node.is_error or node.is_missing):
            faults.append(Fault(Span(node.start_byte, node.end_byte), node.type if node.is_missing else ""))
        if node is not None and node.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return faults
    return faults


def _cursor(query: Query) -> QueryCursor:
    from tree_sitter import QueryCursor

    return QueryCursor(query, match_limit=MOST_STATES)


# --- Grammars ---


@cache
def _reader(language: str) -> _Reader | None:
    grammar = _own_grammar(language) if language in GRAMMARS else None
    if grammar is not None:
        names = QUERY_PARTS.get(language, (language,))
        parts = [(QUERIES / f"{name}.scm").read_text(encoding="utf-8") for name in names]
        return _compiled(grammar, "query", "\n".join(parts))
    grammar = _pack_grammar(language)
    return None if grammar is None else _compiled(grammar, "kinds", _general(grammar))


def _compiled(grammar: Language, how: How, text: str) -> _Reader:
    """Part a query, of which each line is a pattern.

    Single nodes are found twice as fast when they are not put together to matches.
    """
    from tree_sitter import Query

    lines = [line for line in text.splitlines() if line.startswith("(")]
    whole = [line for line in lines if "@definition." in line or "@import" in line]
    single = [line for line in lines if line not in whole]
    matches, marks = Query(grammar, "\n".join(whole)), Query(grammar, "\n".join([*single, "(ERROR) @error"]))
    settings = [matches.pattern_settings(index) for index in range(matches.pattern_count)]
    return _Reader(grammar, how, matches, marks, settings)


@cache
def _own_grammar(language: str) -> Language | None:
    from tree_sitter import Language

    module, function = GRAMMARS[language]
    try:
        return Language(getattr(import_module(module), function)())
    except (ImportError, AttributeError, OSError, ValueError):
        return None


@cache
def _pack_grammar(language: str) -> Language | None:
    if _pack_name(language) not in _pack_names():
        return None
    pack = import_module(PACK)
    try:
        return cast("Language", pack.get_language(_pack_name(language)))
    except (pack.GrammarLoadError, ValueError):
        return None


def _pack_name(language: str) -> str:
    return PACK_NAMES.get(language, language)


@cache
def _pack_names() -> frozenset[str]:
    if find_spec(PACK) is None:
        return frozenset()
    pack = import_module(PACK)
    try:
        return frozenset(pack.available_languages())
    except pack.UnsupportedPlatformError:
        return frozenset()


def _general(grammar: Language) -> str:
    """Return the lines of the general query that this grammar can have."""
    names = {
        name
        for number in range(grammar.node_kind_count)
        if grammar.node_kind_is_named(number)
        and grammar.node_kind_is_visible(number)
        and (name := grammar.node_kind_for_id(number))
    }
    fitting = (next((line for line in lines if _fits(grammar, line)), "") for lines in kinds.lines(names))
    return "\n".join(line for line in fitting if line)


def _fits(grammar: Language, line: str) -> bool:
    from tree_sitter import Query, QueryError

    try:
        return Query(grammar, line).pattern_count > 0
    except QueryError:
        return False
