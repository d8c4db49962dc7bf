"""Uses in Python as jedi finds them, which shares nothing with Fathom's own parser."""

from __future__ import annotations

import ast
import io
import random
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.cli.bench.recall.cases import (
    ACCESSES,
    Access,
    Target,
    Use,
    access_of,
    may_be_asked,
    may_be_found,
)

if TYPE_CHECKING:
    from jedi.api.classes import Name

NAME = "jedi"
TYPES = frozenset({"class", "function", "property", "statement"})
MOST_PLACES = 3
FROM_A_FILE = 2
"""Names of each way of access that are looked up before another file is."""
LOOKED_UP = 60
"""Names that are looked up for each use that is wanted, at most."""


def uses_of(root: Path, texts: Mapping[str, str], count: int, seed: str) -> Iterator[Use]:
    """Yield about so many uses of each way of access, from texts by their path in the repository.

    Raises ValueError where jedi is not installed.
    """
    try:
        import jedi
    except ImportError as error:
        raise ValueError("jedi is not installed: pip install 'fathom-ls[bench]'") from error
    chance = random.Random(seed)
    project = jedi.Project(root, smart_sys_path=True)
    found: Counter[Access] = Counter()
    names = _names(texts, chance)
    for _, (path, name) in zip(range(count * LOOKED_UP), names, strict=False):
        if found[name.access] >= count:
            continue
        script = jedi.Script(texts[path], path=root / path, project=project)
        targets = _targets(_looked_up(script, name), root, texts)
        named = [target for target in targets if may_be_found(path, target, name.name)]
        if named and len(named) == len(targets) <= MOST_PLACES:
            found[name.access] += 1
            yield Use(path, name.line, name.character, name.name, name.access, tuple(named))
        if all(found[access] >= count for access in ACCESSES if access != "not-imported"):
            return


def _names(texts: Mapping[str, str], chance: random.Random) -> Iterator[tuple[str, Use]]:
    """Yield names that are used, in an order by chance, a few of a file at a time, without their targets."""
    order = sorted(path for path in texts if path.endswith(".py"))
    while order:
        chance.shuffle(order)
        for path in list(order):
            names = names_in(path, texts[path])
            if not names:
                order.remove(path)
                continue
            for access in ACCESSES:
                of_access = [name for name in names if name.access == access]
                chosen = chance.sample(of_access, min(FROM_A_FILE, len(of_access)))
                yield from ((path, name) for name in chosen)


def names_in(path: str, text: str) -> list[Use]:
    """The names of a text that may be asked for, without their targets."""
    try:
        imported = _imported(text)
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, ValueError, tokenize.TokenError):
        return []
    lines = text.split("\n")
    names = []
    for token in tokens:
        if token.type != tokenize.NAME:
            continue
        line, character = token.start[0] - 1, token.start[1]
        if may_be_asked(path, lines[line], token.string):
            access = access_of(lines[line], character, token.string, imported)
            names.append(Use(path, line, character, token.string, access, ()))
    return names


def _imported(text: str) -> frozenset[str]:
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    return frozenset(alias.asname or alias.name for node in nodes for alias in node.names)


def _looked_up(script: object, name: Use) -> Sequence[Name]:
    """Where a name leads; nowhere if jedi stumbles over it."""
    try:
        found: Sequence[Name] = script.goto(  # type: ignore[attr-defined]
            name.line + 1, name.character, follow_imports=True, follow_builtin_imports=False
        )
    except Exception:
        return ()
    return [each for each in found if each.name == name.name]


def _targets(found: Sequence[Name], root: Path, texts: Mapping[str, str]) -> list[Target]:
    """Definitions in other files as targets; one that is elsewhere is kept apart by an empty path."""
    targets = []
    for each in found:
        path = each.module_path
        inside = path is not None and path.is_relative_to(root) and each.type in TYPES
        name = path.relative_to(root).as_posix() if path is not None and inside else ""
        if each.line is None or name not in texts:
            return []
        targets.append(Target(name, each.line - 1, texts[name].split("\n")[each.line - 1].rstrip("\r")))
    return targets
