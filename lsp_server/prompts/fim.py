"""Fill-in-the-middle prompts in the anchored layout; docs/PROMPT.md shows one, and why its parts stand so.

What a keystroke does not change stands in front, what it does change stands last: text typed since the anchor
is given as the beginning of the middle, so only its new tokens have to be evaluated.
The control tokens and their order are those of Qwen2.5-Coder and Qwen3-Coder (prefix, suffix, middle).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lsp_server.prompts.types import Prompt, Special, SpecialName

Form = Literal["repository", "file", "prefix"]
"""Which prompt a model understands: with other files, the file alone, or no fill-in-the-middle at all."""

STOP_LINE = 4
"""Letters and digits that a line needs to serve as a stop string: a lone brace would end everything."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it stands in a prompt: its path inside the repository, and its text or the head of it."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Hole:
    """A place to fill: prefix + typed + suffix is the text of a document from one offset to another."""

    prefix: str
    """From the window's start to the anchor; frozen while the user types on."""
    typed: str
    """From the anchor to the cursor."""
    suffix: str
    """After the cursor; frozen too."""
    path: str = ""
    repository: str = ""
    sources: tuple[Source, ...] = ()
    """Other files, most stable first."""


def lay_out(hole: Hole, form: Form) -> Prompt:
    """The prompt of a hole.

    Each text is a part of its own, since equal parts give equal tokens: prefix and suffix stay the same from
    key to key, whatever is typed.
    """
    if form == "prefix":
        return tuple(part for part in (hole.prefix, hole.typed) if part)
    filled = (
        Special("fim_prefix"),
        hole.prefix,
        Special("fim_suffix"),
        hole.suffix,
        Special("fim_middle"),
        hole.typed,
    )
    head = _head(hole) if form == "repository" else ()
    return tuple(part for part in (*head, *filled) if part != "")


def _head(hole: Hole) -> Prompt:
    """The repository's name, the other files, and the path of the file with the hole."""
    name = Special("repo_name"), f"{hole.repository}\n"
    return (*name, *written(hole.sources), Special("file_sep"), f"{hole.path}\n")


def written(sources: Iterable[Source]) -> Prompt:
    """Files as they stand in a prompt in the repository form."""
    marked = ((Special("file_sep"), f"{source.path}\n{source.text}\n") for source in sources)
    return tuple(part for pair in marked for part in pair)


def stable_parts(hole: Hole, form: Form) -> int:
    """How many parts at the start of the prompt stay the same for long: the other files, else the prefix."""
    if form == "repository":
        return len(_head(hole)) - 2  # the last two name the file with the hole
    return 2 if form == "file" else 1


def stop_strings(hole: Hole, form: Form) -> tuple[str, ...]:
    """Where a model without fill-in-the-middle has to end: at the first telling line of the suffix.

    Other models end by a control token, and `clean` cuts what goes on past the hole.
    """
    if form != "prefix":
        return ()
    lines = hole.suffix.split("\n")
    telling = (line.rstrip() for line in lines[1:] if sum(map(str.isalnum, line)) >= STOP_LINE)
    first = next(telling, None)
    return () if first is None else (f"\n{first}",)


def spelled(prompt: Prompt) -> str:
    """The prompt as one text with its control tokens spelled out, for people to read."""
    return "".join(part if isinstance(part, str) else spelling(part.name) for part in prompt)


def spelling(name: SpecialName) -> str:
    """How the vocabularies of Qwen spell a control token."""
    return f"<|{name}|>"
