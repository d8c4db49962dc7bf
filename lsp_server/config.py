"""What the user can set: the options of every package in one tree, and where they are read.

Each package owns its options; this file composes them and knows which may come from an editor. What decides
*what runs* is read from the user's own file and the command line alone, since an editor passes on settings
that a repository brings.
"""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import platformdirs

from lsp_server.features.complete import CompletionOptions
from lsp_server.features.edit_options import EditOptions
from lsp_server.log import Level
from lsp_server.models.host.settings import LocalOptions

T = TypeVar("T")

OWN = {"source": "own"}
"""Marks a setting that only the user's own file and the command line may change."""


@dataclass(frozen=True, slots=True)
class Options:
    """All settings with their defaults."""

    model: str = field(default="", metadata=OWN)
    """The model: a name of `fathom models list`, or the path of a GGUF file.

    Empty means the default model.
    """
    log_level: Level = field(default="warning", metadata=OWN)
    """What is written to the log: debug, info, warning or error. At debug the log may quote your files."""
    enabled: bool = True
    """Whether there are any suggestions."""
    disabled_languages: tuple[str, ...] = ()
    """Language ids, as your editor names them, that get no suggestions."""
    index: bool = True
    """Whether the files of the workspace are read, so that suggestions know what is defined in them."""
    pinned: tuple[str, ...] = ()
    """Files of the workspace that the model is always shown first, by their path in it: `docs/terms.md`.

    With wildcards as in an ignore file: `proto/**/*.proto`. They get at most half of what is for other files.
    """
    debounce_ms: int = 0
    """How long a request waits for a newer one before the model starts, in ms.

    For editors that ask at every key.
    """
    warm_folders: tuple[str, ...] = field(default=(), metadata=OWN)
    """Folders that you trust: what the model has read of files in them may be kept in your cache directory.

    It is read from there when the model starts again. The cache then holds your text in another form.
    """
    local: LocalOptions = field(default_factory=LocalOptions, metadata=OWN)
    """How a model on this machine is opened."""
    completion: CompletionOptions = field(default_factory=CompletionOptions)
    """How suggestions are made."""
    edit: EditOptions = field(default_factory=EditOptions)
    """How edits are made."""


def config_path() -> Path:
    """The user's own file of settings."""
    return platformdirs.user_config_path("fathom") / "config.toml"


def actions_path() -> Path:
    """The user's own actions for a part of a file."""
    return config_path().with_name("actions.toml")


def read_own_file(path: Path) -> tuple[Options, list[str]]:
    """Read the user's file.

    Missing settings have their defaults, wrong ones too, each with a sentence for the user.
    """
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError:
        return Options(), []
    except (OSError, ValueError) as error:
        return Options(), [f"{path} cannot be read, so the defaults are used: {error}."]
    options, problems = update(Options(), values, source="own")
    return options, [f"{path}: {problem}" for problem in problems]


def update(
    options: T, values: Mapping[str, object], *, source: Literal["own", "editor"], prefix: str = ""
) -> tuple[T, list[str]]:
    """Change the options that are named in `values`.

    What is wrong keeps its old value and gives a sentence for the user.
    """
    hints = typing.get_type_hints(type(options))
    known = {item.name: item for item in dataclasses.fields(options)}  # type: ignore[arg-type]
    changes: dict[str, Any] = {}
    problems: list[str] = []
    for key, value in values.items():
        name, shown = key.replace("-", "_"), f"{prefix}{key}"
        if name not in known:
            problems.append(f"there is no setting {shown}.")
        elif source == "editor" and known[name].metadata.get("source") == "own":
            problems.append(f"{shown} can only be set in {config_path()}.")
        elif dataclasses.is_dataclass(old := getattr(options, name)) and isinstance(value, Mapping):
            changes[name], inner = update(old, value, source=source, prefix=f"{shown}.")
            problems += inner
        else:
            try:
                changes[name] = _fitting(hints[name], value)
            except TypeError as error:
                problems.append(f"{shown} is {error}; it stays {old!r}.")
    return _replaced(options, changes, problems), problems


def _replaced(options: T, changes: dict[str, Any], problems: list[str]) -> T:
    """A copy with the changes; the options' own checks (ValueError) refuse them all."""
    try:
        return dataclasses.replace(options, **changes)  # type: ignore[type-var]
    except ValueError as error:
        problems.append(f"{error}.")
        return options


def _fitting(kind: Any, value: object) -> Any:
    """The value as its setting's type has it. Raises TypeError with what it should be."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        if value in arguments:
            return value
        raise TypeError(f"none of {', '.join(map(str, arguments))}")
    if origin is tuple:
        if isinstance(value, (list, tuple)):
            return tuple(_fitting(arguments[0], item) for item in value)
        raise TypeError("no list")
    if origin in (typing.Union, types.UnionType):
        return _fitting_one_of(arguments, value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    raise TypeError(_NAMES.get(kind, f"no {getattr(kind, '__name__', kind)}"))


def _fitting_one_of(kinds: tuple[Any, ...], value: object) -> Any:
    for kind in kinds:
        try:
            return _fitting(kind, value)
        except TypeError as error:
            problem = str(error)
    raise TypeError(problem)


_NAMES: Mapping[object, str] = {
    bool: "neither true nor false",
    int: "no whole number",
    float: "no number",
    str: "no text",
}
