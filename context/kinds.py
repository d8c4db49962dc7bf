"""General rules for languages without a query of ours: a query from the names that their grammar has.

Grammars call things alike: a `function_definition` or `function_item` with a field `name`. Each line of the
query is for one kind of node. Those that a grammar cannot have are left out by whoever compiles them, as far
as tree-sitter says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from context.outline import Kind

SUBJECTS: dict[str, Kind] = {
    "function": "function",
    "func": "function",
    "fun": "function",
    "fn": "function",
    "procedure": "function",
    "proc": "function",
    "subroutine": "function",
    "rpc": "function",
    "recipe": "function",
    "method": "method",
    "constructor": "method",
    "modifier": "method",
    "class": "class",
    "object": "class",
    "contract": "class",
    "struct": "struct",
    "record": "struct",
    "message": "struct",
    "union": "struct",
    "table": "struct",
    "view": "struct",
    "interface": "interface",
    "trait": "interface",
    "protocol": "interface",
    "service": "interface",
    "mixin": "interface",
    "enum": "enum",
    "extension": "implementation",
    "instance": "implementation",
    "type": "type",
    "typealias": "type",
    "data": "type",
    "newtype": "type",
    "scalar": "type",
    "module": "module",
    "namespace": "module",
    "package": "module",
    "library": "module",
    "macro": "macro",
    "const": "constant",
    "constant": "constant",
    "field": "field",
    "property": "field",
}
ENDINGS = frozenset(
    [
        "definition",
        "declaration",
        "item",
        "statement",
        "def",
        "defn",
        "decl",
        "signature",
        "specifier",
        "spec",
        "interface",
        "implementation",
    ]
)
PARTS = frozenset(["name", "identifier", "header", "type", "modifier"])
"""As the second word: `class_name`, `function_type` are a part of a definition, or the use of one."""
IMPORTS = frozenset(["import", "include", "use", "using", "require", "open"])
NAMES = (
    "identifier",
    "simple_identifier",
    "type_identifier",
    "name",
    "variable",
    "constant",
    "symbol",
    "word",
    "value_name",
)
CALLED = ("function", "name", "target")
CALLS = frozenset(
    {"call", "call_expression", "function_call", "function_call_expression", "invocation", "apply"}
)


def lines(kinds: Iterable[str]) -> Iterator[list[str]]:
    """Yield lines of a query for kinds of nodes, together those of which the first that fits is enough."""
    known = sorted(set(kinds))
    names = [name for name in NAMES if name in known]
    for kind in known:
        subject = _subject(kind)
        if subject is not None:
            yield from _definitions(kind, subject, names)
        if kind.split("_")[0] in IMPORTS and kind.split("_")[-1] not in PARTS:
            yield [f"({kind}) @import.guess"]
        if kind in CALLS:
            yield [f"({kind} {field}: ({name}) @reference.call)" for field in CALLED for name in names]
        if "comment" in kind:
            yield [f"({kind}) @lead"]
        if kind.endswith(("block", "body", "compound_statement", "declaration_list")):
            yield [f"({kind}) @block"]
    for name in names:
        yield [f"({name}) @reference.{'type' if name.startswith('type') else 'name'}"]


def _subject(kind: str) -> Kind | None:
    words = kind.split("_")
    if len(words) == 1:
        return SUBJECTS.get(kind)
    if words[-1] not in ENDINGS or words[1] in PARTS:
        return None
    return next((SUBJECTS[word] for word in reversed(words[:-1]) if word in SUBJECTS), None)


def _definitions(kind: str, subject: Kind, names: list[str]) -> Iterator[list[str]]:
    captured = f"@definition.{subject}"
    part = kind.rpartition("_")[0] or kind
    yield [
        *(f"({kind} {field}: (_) @name body: (_) @body) {captured}" for field in ("name", "left")),
        *(f"({kind} {field}: (_) @name) {captured}" for field in ("name", "left")),
    ]
    yield [
        *(
            f"({kind} declarator: (_ declarator: ({name}) @name) body: (_) @body) {captured}"
            for name in names
        ),
        *(f"({kind} declarator: ({name}) @name) {captured}" for name in names),
    ]
    yield [f"({kind} . ({each}_name) @name.first) {captured}" for each in (kind, part)]
    yield [f"({kind} ({name}) @name.first) {captured}" for name in names]
