"""The names of an import statement: which of them are new, and the statement with these alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from context.outline import Import
from context.parse import parse

Name = tuple[str, str, str]
"""The module, the name in it, and the name that it gets."""

ONCE = frozenset({"go", "javascript", "typescript", "typescriptreact", "rust"})
"""Languages in which it is an error to import a name twice."""
SAYS_ITS_NAMES = frozenset({"go", "java", "javascript", "python", "typescript", "typescriptreact"})
"""Languages in which what is imported is used by the names that the import says, as a rule."""

_LISTS = {"python": re.compile(r"\bimport\b[ \t]*\(?([^()#]*)\)?\s*\Z")}
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_DEFAULT = re.compile(r"(import\s+)[\w$]+\s*,\s*(?=\{)")
"""The name in front of the list, in JavaScript."""


def is_used(statement: str, language: str, words: Collection[str]) -> bool:
    """Whether one of the names is among the words; true as well where no name has to be said."""
    imports = imports_of(statement, language)
    if language not in SAYS_ITS_NAMES or not imports:
        return True
    said = [_said(each, language) for each in imports]
    return any(name in words or not name.isidentifier() for name in said)


def _said(each: Import, language: str) -> str:
    """The name by which code speaks of an import; what is no name where it has none, or nobody knows."""
    if each.module == "__future__" or (each.name == "*" and not each.alias) or each.alias in ("_", "."):
        return ""
    if each.alias or each.name:
        return each.alias or each.name
    if language not in ("go", "python"):
        return ""
    parts = [part for part in each.module.split("/") if not re.fullmatch(r"v\d+", part)]
    # `gopkg.in/yaml.v3` is `yaml`, `a.b` of Python is `a`.
    return parts[-1].split(".")[0] if parts else ""


def one_by_one(statement: str, language: str) -> list[str]:
    """The statement, or one for each import where several may stand in brackets that are no list of names."""
    if language != "go":
        return [statement]
    imports = [
        (f"{each.alias} " if each.alias else "", each.module) for each in imports_of(statement, language)
    ]
    return [f'import {alias}"{module}"' for alias, module in imports]


def imports_of(statement: str, language: str) -> tuple[Import, ...]:
    """What a statement imports."""
    return parse(statement, language).imports


def name_of(each: Import) -> Name:
    """By what two imports are the same: `use a::b` is the same as `use a::b::{self}`."""
    module, name = each.module, each.name
    if not name and "::" in module:
        module, _, name = module.rpartition("::")
    return module, name, each.alias


def with_new_names(statement: str, language: str, known: Collection[Name]) -> str | None:
    """The statement without the names that are known, at least one of which is not.

    None where it cannot be parted and a name may not be imported twice.
    """
    imports = imports_of(statement, language)
    old = [each for each in imports if name_of(each) in known]
    if not old:
        return statement
    new = [name_of(each) for each in imports if name_of(each) not in known]
    parted = _parted(statement, language, old)
    if [name_of(each) for each in imports_of(parted, language)] == new:
        return parted
    return None if language in ONCE else statement


def _parted(statement: str, language: str, old: Sequence[Import]) -> str:
    """The statement without these, as far as they stand in one list."""
    found = _LISTS.get(language, _IN_BRACES).search(statement)
    if found is None:
        return statement
    inner, at = found[1], found.start(1)
    kept = []
    for item in inner.split(","):
        if item.strip() and not any(at <= each.offset < at + len(item) for each in old):
            kept.append(item.strip())
        at += len(item) + 1
    lead, trail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    comma = "," if inner.rstrip().endswith(",") else ""
    between = f",{lead}" if "\n" in lead else ", "
    names = f"{lead}{between.join(kept)}{comma}{trail}"
    parted = f"{statement[: found.start(1)]}{names}{statement[found.end(1) :]}"
    return _DEFAULT.sub(r"\1", parted) if any(each.name == "default" for each in old) else parted
