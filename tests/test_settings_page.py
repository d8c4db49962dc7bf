"""docs/SETTINGS.md is made from the options themselves: a page that is out of date is written anew."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsp_server.config import Options

PAGE = Path(__file__).parents[1] / "docs/SETTINGS.md"

HEAD = """\
# Settings

<!-- Made from the options in the source by tests/test_settings_page.py: change them there. -->

Nothing has to be set. Your own file is `fathom/config.toml` in your configuration directory (`~/.config` on
Linux); a setting with a dot in its name stands in a table:

```toml
disabled_languages = ["markdown"]

[completion]
SAMPLE
```

An editor passes settings as `initializationOptions` or as the section `fathom` of its configuration, with the
same names; they come before those of the file. Settings marked "own file only" decide what runs on your
machine: they are read from your own file and the command line alone, since an editor may take its settings
from the folder that you open.

A setting that is wrong keeps its default, and the editor shows one message about it.

| setting | type | default | where | meaning |
|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    kind: str
    default: str
    where: str
    meaning: str


def settings(options: Any, prefix: str = "", where: str = "anywhere") -> Iterator[Setting]:
    """All settings of an options dataclass and of those inside it."""
    hints, meanings = typing.get_type_hints(type(options)), docstrings(type(options))
    for item in dataclasses.fields(options):
        value = getattr(options, item.name)
        place = "own file only" if item.metadata.get("source") == "own" else where
        if dataclasses.is_dataclass(value):
            yield from settings(value, f"{prefix}{item.name}.", place)
            continue
        meaning = " ".join(meanings.get(item.name, "").split())
        yield Setting(prefix + item.name, words(hints[item.name]), shown(value), place, meaning)


def docstrings(kind: type) -> dict[str, str]:
    """The string below each field of a class."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            found[ast.unparse(field.target)] = ast.literal_eval(text.value)
    return found


def words(hint: Any) -> str:
    simple = {bool: "true or false", int: "whole number", float: "number", str: "text", type(None): "nothing"}
    if hint in simple:
        return simple[hint]
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is typing.Literal:
        return ", ".join(f"`{argument}`" for argument in arguments)
    if typing.get_origin(hint) is tuple:
        return f"list of {words(arguments[0])}"
    return " or ".join(words(argument) for argument in arguments)


def shown(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{list(value)}`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def page() -> str:
    rows = (
        f"| `{setting.name}` | {setting.kind} | {setting.default} | {setting.where} | {setting.meaning} |\n"
        for setting in settings(Options())
    )
    return HEAD.replace("SAMPLE", sample()) + "".join(rows)


def sample() -> str:
    """A line for the table of completion, as it is by default."""
    setting = next(setting for setting in settings(Options()) if setting.name.startswith("completion."))
    return f"{setting.name.partition('.')[2]} = {setting.default.strip('`')}"


def test_the_page_of_settings_is_up_to_date() -> None:
    wanted = page()
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != wanted:
        PAGE.write_text(wanted, encoding="utf-8")
        raise AssertionError(
            "docs/SETTINGS.md was out of date and has been written anew: look at it and commit it"
        )


def test_every_setting_says_what_it_is() -> None:
    assert [setting.name for setting in settings(Options()) if not setting.meaning] == []
