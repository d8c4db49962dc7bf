"""What can be done with a part of a file.

There are the actions that Fathom brings, those that the user has written, and the instruction in a comment
at the top of a selection. An action is data: what the user sees, where it applies, what the model is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from context.languages import language

Scope = Literal["selection", "definition", "file", "diagnostic"]
"""To what an action applies: what is selected, the definition at the cursor, all of the file, or the lines of
a diagnostic."""
SCOPES: tuple[Scope, ...] = get_args(Scope)

Result = Literal["edit", "text"]
"""What comes of an action: a change of the lines, or a text that is shown beside them."""

DEFAULT_KIND = "refactor.rewrite"
KINDS = ("quickfix", "refactor", "source")
"""The kinds of code actions that an action may be of, or of a kind below one of them."""
RESERVED = ("source.fixAll", "source.organizeImports")
"""Editors run actions of these kinds when a file is saved, without asking."""
OWN = "own."
"""The ids of the user's actions begin with it."""
MOST_ACTIONS = 100
MOST_CHARACTERS = 4_000
"""Of an instruction."""
MARK = "fathom:"


@dataclass(frozen=True, slots=True)
class Action:
    """An entry in an editor's menu. The kind is a code action kind of the language server protocol.

    An empty instruction is asked of the user, or stands in a comment at the top of the selection.
    """

    id: str
    title: str
    kind: str
    instruction: str
    scope: Scope
    result: Result = "edit"


BUILT_IN: tuple[Action, ...] = (
    Action(
        "fix",
        "Fix this problem",
        "quickfix",
        "Fix the problem that is named above.",
        "diagnostic",
    ),
    Action("rewrite", "Rewrite with an instruction", "refactor.rewrite", "", "selection"),
    Action(
        "simplify",
        "Simplify",
        "refactor.rewrite.simplify",
        "Make this shorter and simpler; it must do the same.",
        "selection",
    ),
    Action(
        "types",
        "Add types",
        "refactor.rewrite.types",
        "Add type hints to the parameters and the result.",
        "definition",
    ),
    Action(
        "errors",
        "Add error handling",
        "refactor.rewrite.errors",
        "Handle the errors that can happen here.",
        "selection",
    ),
    Action(
        "document",
        "Document",
        "refactor.rewrite.document",
        "Add a documentation comment, in the form that is usual in this language.",
        "definition",
    ),
    Action(
        "tests",
        "Generate tests",
        "refactor.tests",
        "Write tests for this code, with the test library that the project uses, or the usual one.",
        "definition",
        "text",
    ),
    Action("explain", "Explain", "refactor.explain", "Explain what this code does.", "selection", "text"),
    Action(
        "convert",
        "Convert the selection",
        "refactor.rewrite.convert",
        "Convert this to the language of the file. Keep its meaning.",
        "selection",
    ),
)
"""The actions that Fathom brings, in the order in which they are shown.

Their instructions are short: the default model does more of what a few words say.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """An instruction in a comment; the line counts from 0 at the top of the text that was given."""

    instruction: str
    line: int


def find(action_id: str, own: Iterable[Action] = ()) -> Action | None:
    """An action by its id."""
    return next((action for action in (*BUILT_IN, *own) if action.id == action_id), None)


def instruction_in(lines: Iterable[str], language_id: str) -> Asked | None:
    """The instruction in the first line with text, if that is such a comment: `# fathom: make this async`."""
    for number, line in enumerate(lines):
        if line.strip():
            text = _comment(line.strip(), language_id)
            if text is None or not text.casefold().startswith(MARK):
                return None
            instruction = text[len(MARK) :].strip()
            return Asked(instruction, number) if instruction else None
    return None


def _comment(line: str, language_id: str) -> str | None:
    """What a line says that is a comment and nothing else; the line itself in a language without comments."""
    known = language(language_id)
    for opening, closing in known.block_comments:
        if line.startswith(opening) and line.endswith(closing) and len(line) >= len(opening) + len(closing):
            return line[len(opening) : len(line) - len(closing)].strip()
    for mark in sorted(known.line_comments, key=len, reverse=True):
        if line.startswith(mark):
            # `//` may have more of its last character behind it, as documentation comments do.
            return line[len(mark) :].lstrip(mark[-1]).strip()
    return None if known.line_comments or known.block_comments else line


# --- The user's own actions ---


def actions_in(values: Mapping[str, object]) -> tuple[tuple[Action, ...], tuple[str, ...]]:
    """The actions in what such a file says, and what is wrong."""
    problems = [
        f"there is nothing called {key!r}; actions are in [[action]]." for key in values if key != "action"
    ]
    tables = values.get("action", [])
    if not isinstance(tables, list):
        return (), (*problems, "`action` has to be a list of tables: write [[action]], with two brackets.")
    actions: dict[str, Action] = {}
    for number, table in enumerate(tables[:MOST_ACTIONS], start=1):
        action = _action(table)
        if isinstance(action, str):
            problems.append(f"action {number} {action}.")
        elif action.id in actions:
            problems.append(f"action {number} has the same name as another one: {action.title!r}.")
        else:
            actions[action.id] = action
    if len(tables) > MOST_ACTIONS:
        problems.append(f"only the first {MOST_ACTIONS} actions are used.")
    return tuple(actions.values()), tuple(problems)


def _action(table: object) -> Action | str:
    """An action, or what is wrong with its table."""
    if not isinstance(table, Mapping):
        return "is no table"
    known = {"name": "", "instruction": "", "kind": DEFAULT_KIND, "scope": "selection", "result": "edit"}
    if unknown := sorted(str(key) for key in table.keys() - known.keys()):
        return f"has {unknown[0]!r}, which means nothing; there are {', '.join(known)}"
    given = {key: table.get(key, default) for key, default in known.items()}
    if wrong := next((key for key, value in given.items() if not isinstance(value, str)), None):
        return f"has a {wrong} that is no text"
    said = {key: str(value).strip() for key, value in given.items()}
    if problem := _problem(said):
        return problem
    return Action(
        id=OWN + re.sub(r"\W+", "-", said["name"].casefold()).strip("-"),
        title=said["name"],
        kind=said["kind"],
        instruction=said["instruction"],
        scope=cast("Scope", said["scope"]),
        result=cast("Result", said["result"]),
    )


def _problem(said: Mapping[str, str]) -> str | None:
    kind = said["kind"]
    checks = {
        "has no name": not re.search(r"\w", said["name"]),
        "has a name of more than one line": not said["name"].isprintable(),
        "has no instruction": not said["instruction"],
        f"has an instruction of more than {MOST_CHARACTERS:,} characters": len(said["instruction"])
        > MOST_CHARACTERS,
        f"has the scope {said['scope']!r}; there are {', '.join(SCOPES)}": said["scope"] not in SCOPES,
        f"has the result {said['result']!r}; there are edit, text": said["result"] not in get_args(Result),
        f"has the kind {kind!r}; it has to begin with {', '.join(KINDS)}": not (
            re.fullmatch(r"[\w.]+", kind) and kind.split(".")[0] in KINDS
        ),
        f"has the kind {kind!r}, which editors run by themselves when they save": kind.startswith(RESERVED),
    }
    return next((problem for problem, holds in checks.items() if holds), None)
