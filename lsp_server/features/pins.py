"""What of the pinned files stands in front of prompts, and why one of them does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from context.files import Folder, Out, explain
from context.pack import CountTokens, Packed, Part, Shown
from context.pins import PINNED, SHARE, inside, is_pattern, pack_pinned, pinned_paths
from context.repository import Repository
from lsp_server.prompts.fim import Source

NOTHING = Packed((), 0, 0)
MOST_MADE = 16
"""Packs that are remembered: for some budgets of completions and edits."""


@dataclass(frozen=True, slots=True)
class _Key:
    """All that a pack depends on but its budget."""

    files: tuple[tuple[str, str], ...]
    """Paths with their texts."""
    learned: int
    """Texts whose tokens were counted by then; -1 where they are estimated."""


class Pins:
    """The pinned files, and how they were packed last. `use` is for any thread, the rest for one."""

    def __init__(self) -> None:
        self._pinned: tuple[str, ...] = ()
        self._meant: tuple[tuple[object, ...], tuple[str, ...]] = (), ()
        """Which files are meant, and all on which that depends."""
        self._made: list[tuple[_Key, Packed]] = []

    def use(self, pinned: tuple[str, ...]) -> None:
        """Show these files from now on."""
        self._pinned = pinned

    def packed(
        self,
        repository: Repository,
        roots: Sequence[str],
        budget: int,
        count: CountTokens,
        shown: Shown,
        learned: int = -1,
        last: tuple[Source, ...] = (),
    ) -> Packed:
        """What of the pinned files stands in front, within their share of a budget.

        What the `last` prompt began with stays if it had more room, since the model has read it.
        """
        if not self._pinned:
            return NOTHING
        paths = self._paths(repository, roots)
        key = _Key(tuple((path, repository.text(path) or "") for path in paths), learned)
        share = int(budget * SHARE)
        self._made = [each for each in self._made if each[0] == key or each[0].learned != learned]
        made = [packed for each, packed in self._made if each == key]
        large_enough = (packed for packed in made if packed.budget >= share and _begins(last, packed))
        same = (packed for packed in made if packed.budget == share)
        if (known := next(chain(large_enough, same), None)) is not None:
            return known
        packed = pack_pinned(paths, repository, share, count, shown)
        self._made = [*self._made[-MOST_MADE:], (key, packed)]
        return packed

    def _paths(self, repository: Repository, roots: Sequence[str]) -> tuple[str, ...]:
        """The files that are meant; looked for again when an index has changed, or what is open."""
        opened = tuple(repository.documents)
        depends = self._pinned, tuple(roots), repository.here, repository.memo.versions, opened
        if self._meant[0] != depends:
            self._meant = depends, pinned_paths(repository, roots, self._pinned)
        return self._meant[1]


def _begins(last: tuple[Source, ...], packed: Packed) -> bool:
    """Whether a prompt began with these sections."""
    sections = packed.sections
    return bool(sections) and last[: len(sections)] == tuple(
        Source(section.path, section.text) for section in sections
    )


def with_pins(pinned: Packed, budget: int, pack: Callable[..., Packed]) -> Packed:
    """Pinned files, and behind them what `pack` makes of the budget that they leave."""
    if not pinned.sections:
        return pack(budget=budget)
    rest = pack(budget=max(0, budget - pinned.tokens), already=pinned.sections)
    return replace(
        rest,
        sections=(*pinned.sections, *rest.sections),
        tokens=pinned.tokens + rest.tokens,
        budget=budget,
    )


def is_pinned(parts: Sequence[Part]) -> bool:
    """Whether parts of a file stand in a prompt because the file is pinned."""
    return any(part.reason == PINNED for part in parts)


def not_shown(pinned: Sequence[str], roots: Sequence[Path]) -> tuple[str, ...]:
    """Why files that are pinned by their path are not shown, as sentences. Waits for the disk."""
    whys = ((each, _why_not(each, roots)) for each in pinned if not is_pattern(each))
    return tuple(f"The pinned file {each} is not shown to the model: {why}." for each, why in whys if why)


def _why_not(pinned: str, roots: Sequence[Path]) -> str:
    """Why a file is in none of the roots; empty where it is in one."""
    path = inside(pinned)
    if not path:
        return "its path leads out of the workspace"
    why = ""
    for root in roots:
        entry = explain(root / path, roots)
        if isinstance(entry, Folder):
            why = f"it is a folder, whose files are {path}/**"
        elif not isinstance(entry, Out):
            return ""
        elif entry.why != "missing" or not why:
            why = _reason(entry)
    return why


def _reason(entry: Out) -> str:
    if entry.why == "missing":
        return "there is no such file in the workspace"
    if entry.rule is None:
        return f"it is left out as {entry.why}"
    return f"it is left out as {entry.why}, by {entry.rule.file}:{entry.rule.line or 1}"
