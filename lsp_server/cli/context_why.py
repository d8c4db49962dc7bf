"""Why a name stands in what a model is shown, or does not."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from context.index import Site
from context.pack import Packed, Part

MOST = 5
"""Definitions of which something is said."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known where somebody asks for a name."""

    packed: Packed
    """What would be sent."""
    more: Packed
    """What would be sent in a much larger budget."""
    own: str
    """The path of the file that is open."""
    root: str


def why(name: str, sites: Sequence[Site], answer: Answer) -> list[str]:
    """Sentences for the user about a name that they miss; `sites` are the definitions of its last part."""
    exact = [site for site in sites if f".{site.qualified}".endswith(f".{name}")]
    if not exact:
        others = f"; {sites[0].qualified} is in {_place(sites[0], answer)}" if sites else ""
        return [*_mentioned(name, answer.packed), f"No file of the index defines {name}{others}."]
    said = [_said(site, answer) for site in exact[:MOST]]
    if len(exact) > MOST:
        said.append(f"It has more definitions: {len(exact) - MOST}.")
    if not any(_holding(site, answer.packed.parts) for site in exact):
        said = [*_mentioned(name, answer.packed), *said]
    return said


def _mentioned(name: str, packed: Packed) -> list[str]:
    word = re.compile(rf"(?<!\w){re.escape(name.rsplit('.', 1)[-1])}(?!\w)")
    for section in packed.sections:
        if word.search(section.text):
            return [f"{name} is not shown where it is defined, but {section.path} uses it."]
    return []


def _said(site: Site, answer: Answer) -> str:
    what = f"{site.kind} {site.qualified} of {_place(site, answer)}"
    if site.path == answer.own:
        return f"{what} is in this file, which the model sees itself."
    if part := _holding(site, answer.packed.parts):
        return f"{what} is shown: {part.reason}, score {part.score:.2f}."
    part = _holding(site, answer.more.parts)
    if part is None:
        return f"{what} is not shown: nothing here leads to it."
    better = [each for each in answer.more.parts if each.score > part.score]
    tokens = sum(each.tokens for each in better) + part.tokens
    return (
        f"{what} does not fit: {part.reason}, score {part.score:.2f}. With {len(better):,} better parts"
        f" it takes about {tokens:,} tokens."
    )


def _place(site: Site, answer: Answer) -> str:
    """Path and line, inside the root if it is there."""
    path = PurePath(site.path)
    if path.is_relative_to(answer.root):
        path = path.relative_to(answer.root)
    return f"{path.as_posix()}:{site.line + 1}"


def _holding(site: Site, parts: Collection[Part]) -> Part | None:
    """The best part in which the definition's first line stands."""
    holding = [
        part for part in parts if part.path == site.path and part.start <= site.signature_at < part.end
    ]
    return max(holding, key=lambda part: part.score, default=None)
