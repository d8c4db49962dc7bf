"""From what a model gives a tool to what the tool takes, or what the model is told where that does not fit.

Nothing is guessed that could be meant otherwise, and every change is noted.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Type = Literal["string", "integer", "number", "boolean", "array", "object"]
Reason = Literal["missing", "invalid"]

TYPES: frozenset[str] = frozenset(get_args(Type))

ALIASES: Mapping[str, tuple[str, ...]] = {
    "path": ("file_path", "filename", "file", "target_file", "relative_path", "absolute_path"),
    "old_string": ("old", "old_text", "old_str", "before", "search"),
    "new_string": ("new", "new_text", "new_str", "after", "replacement", "replace"),
    "content": ("contents", "text", "file_content", "file_text"),
    "command": ("cmd",),
    "pattern": ("query", "regex"),
    "glob": ("include", "file_pattern"),
    "start_line": ("start", "line_start", "from_line"),
    "end_line": ("end", "line_end", "to_line"),
    "timeout_s": ("timeout", "timeout_seconds"),
}
"""What models call a parameter instead of its name, which they learned from other programs."""

JSON_FILES = (".json", ".jsonc", ".geojson", ".ipynb", ".webmanifest")
NULLS = frozenset({"null", "None"})
"""The absent value as JSON and as Python write it: the model's template shows it both."""
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
LONGEST_LITERAL = 20_000
"""Characters of a Python literal that is still read."""

_INTEGER = re.compile(r"([+-]?\d{1,18})(?:\.0*)?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a tool takes under a name."""

    name: str
    type: Type = "string"
    description: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as it is shown to the model. It is flat: no parameter has parameters."""

    name: str
    parameters: tuple[Parameter, ...] = ()
    description: str = ""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter that is meant by a name, if there is one."""
        plain = _plain(name)
        named = {_plain(parameter.name): parameter for parameter in self.parameters}
        if plain in named:
            return named[plain]
        return next((named[_plain(key)] for key in _ALIASED.get(plain, ()) if _plain(key) in named), None)


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it stands between tags: a text, whatever is meant by it."""

    text: str


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the tool is given, and how that differs from what the model said."""

    values: Mapping[str, object]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why the tool cannot be given what the model said, in words for the model."""

    reason: Reason
    message: str


def fit(tool: ToolSpec, given: Mapping[str, object]) -> Arguments | Misfit:
    """What a tool takes of the values that the model gave it."""
    taken, notes = _named(tool, given)
    target = _bare(taken.get("path"))
    values: dict[str, object] = {}
    for parameter in tool.parameters:
        if parameter.name not in taken:
            continue
        value = taken[parameter.name]
        if _is_absent(parameter, value):
            notes.append(f"`{parameter.name}` was null and was left out")
            continue
        try:
            values[parameter.name], note = _read(parameter.type, value, target)
        except ValueError as problem:
            return Misfit("invalid", _invalid(tool, parameter, str(problem)))
        notes += [f"`{parameter.name}` {note}"] if note else []
    missing = [each.name for each in tool.parameters if each.required and each.name not in values]
    return Misfit("missing", _missing(tool, missing)) if missing else Arguments(values, tuple(notes))


def as_given(given: Mapping[str, object]) -> Arguments:
    """The values for a tool of which nothing is known."""
    return Arguments({name: _bare(value) for name, value in given.items()})


def _named(tool: ToolSpec, given: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """The values by the tool's own names. A right name comes before one that only means the same."""
    taken: dict[str, object] = {}
    notes: list[str] = []
    exact = {parameter.name for parameter in tool.parameters}
    for name, value in sorted(given.items(), key=lambda item: item[0] not in exact):
        parameter = tool.parameter(name)
        if parameter is None or parameter.name in taken:
            notes.append(f"`{name}` is no parameter of `{tool.name}` and was left out")
            continue
        taken[parameter.name] = value
        if name != parameter.name:
            notes.append(f"`{name}` was taken for `{parameter.name}`")
    return taken, notes


def _is_absent(parameter: Parameter, value: object) -> bool:
    bare = _bare(value)
    if not isinstance(bare, str):
        return bare is None
    # The text of a required string may well be that of a file which says `null`.
    if parameter.type == "string":
        return not parameter.required and bare in NULLS
    return bare.strip() in NULLS or not bare.strip()


def _read(kind: Type, value: object, target: object) -> tuple[object, str]:
    """A value of the type, and what was done for it. Raises ValueError with what was given."""
    bare = _bare(value)
    if kind == "string":
        return _string(bare, target)
    if not isinstance(bare, str):
        read = _typed(kind, bare)
        return read, "" if type(read) is type(bare) else f"was read from {_short(bare)}"
    read, spelled = _PARSERS[kind](bare.strip())
    usual = isinstance(value, Written) and spelled
    return read, "" if usual else f"was read from the text {_short(bare)}"


def _string(bare: object, target: object) -> tuple[str, str]:
    if isinstance(bare, str):
        return bare, ""
    if not isinstance(bare, dict | list):
        return json.dumps(bare), f"was made a text from {_short(bare)}"
    if isinstance(target, str) and not target.lower().endswith(JSON_FILES):
        raise ValueError(_short(bare))
    return json.dumps(bare, ensure_ascii=False, indent=2), "was an object, and was written as JSON"


def _typed(kind: Type, bare: object) -> object:
    """A JSON value as the type. Raises ValueError."""
    if kind == "boolean" and isinstance(bare, bool | int) and bare in (0, 1):
        return bool(bare)
    if isinstance(bare, _TYPES[kind]) and not isinstance(bare, bool):
        return _checked(kind, bare) if isinstance(bare, int | float) else bare
    raise ValueError(_short(bare))


def _checked(kind: Type, number: float) -> float:
    """The number as the type. Raises ValueError."""
    if not math.isfinite(number) or (kind == "integer" and number != math.floor(number)):
        raise ValueError(_short(number))
    return int(number) if kind == "integer" else number


def _integer(text: str) -> tuple[object, bool]:
    found = _INTEGER.fullmatch(text)
    if not found:
        raise ValueError(_short(text))
    return int(found[1]), str(int(found[1])) == text


def _number(text: str) -> tuple[object, bool]:
    if not _NUMBER.fullmatch(text):
        raise ValueError(_short(text))
    value = int(text) if re.fullmatch(r"-?\d{1,18}", text) else float(text)
    if not math.isfinite(value):
        raise ValueError(_short(text))
    return value, True


def _boolean(text: str) -> tuple[object, bool]:
    if text.lower() not in BOOLEANS:
        raise ValueError(_short(text))
    return BOOLEANS[text.lower()], text in ("true", "false")


def _array(text: str) -> tuple[object, bool]:
    return _container(text, list)


def _object(text: str) -> tuple[object, bool]:
    return _container(text, dict)


def _container(text: str, kind: type) -> tuple[object, bool]:
    """A list or dict from JSON or, as an early template of the model wrote it, from Python's form."""
    for read in (json.loads, _literal):
        try:
            value = read(text)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(value, kind):
            return value, read is json.loads
    raise ValueError(_short(text))


def _literal(text: str) -> object:
    if len(text) > LONGEST_LITERAL:
        raise ValueError("too long")
    value = ast.literal_eval(text)
    # What has no form in JSON, such as a set, must not come further.
    json.dumps(value)
    return value


_TYPES: Mapping[Type, tuple[type, ...]] = {
    "integer": (int, float),
    "number": (int, float),
    "boolean": (),
    "array": (list,),
    "object": (dict,),
}
"""What JSON has for each type."""

_PARSERS: Mapping[Type, Callable[[str], tuple[object, bool]]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
}
"""For each type: what a text means, and whether it is spelled as is usual. Raises ValueError."""


def _missing(tool: ToolSpec, names: list[str]) -> str:
    those = ", ".join(f"`{name}`" for name in names)
    return (
        f"Nothing was done: the call of `{tool.name}` has no {those}. {_takes(tool)} Call it again with all."
    )


def _invalid(tool: ToolSpec, parameter: Parameter, given: str) -> str:
    article = "an" if parameter.type[0] in "aio" else "a"
    wanted = f"`{parameter.name}` of `{tool.name}` must be {article} {parameter.type}"
    return f"Nothing was done: {wanted}, and was {given}."


def _takes(tool: ToolSpec) -> str:
    names = ", ".join(f"`{each.name}`{'' if each.required else ' (optional)'}" for each in tool.parameters)
    return f"It takes {names}."


def _bare(value: object) -> object:
    return value.text if isinstance(value, Written) else value


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _plain(name: str) -> str:
    """A name without what differs between file_path, filePath and file-path."""
    return re.sub(r"[_-]", "", name).lower()


def _aliased() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, others in ALIASES.items():
        for other in others:
            found.setdefault(_plain(other), []).append(name)
    return found


_ALIASED = _aliased()
