"""Which texts the model has read and keeps: a prefix tree over the sequences of one context.

Sequences that begin alike share their first tokens: the memory of one token, a *cell*, may belong to several
sequences and is free when the last one drops it. This file does the bookkeeping; llama.cpp does the same with
its cells, and is told by `Memory` what to drop and to share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FORK = 32
"""Tokens that are worth a sequence of their own: a prompt that would lose more is shared and not cut."""


class Memory(Protocol):
    """What holds the evaluated tokens: llama.cpp, or a stand-in where only the bookkeeping is tested."""

    @property
    def can_cut(self) -> bool:
        """Whether a sequence can be shortened, and shared in part; some models know only all or nothing."""

    def cut(self, sequence: int, length: int) -> bool:
        """Drop what a sequence has beyond `length` tokens; false if that cannot be done."""

    def share(self, source: int, target: int, length: int) -> None:
        """Let an empty sequence begin with the first tokens of another one."""


@dataclass(eq=False, slots=True)
class Kept:
    """One sequence: its tokens, and their cells."""

    number: int
    tokens: NDArray[np.int32]
    cells: NDArray[np.int32]
    length: int = 0
    asked: int = 0
    """Tokens of the prompt that it was acquired for; what follows was generated, and is worth little."""
    used: int = 0
    """When it was used last, counted in uses."""
    busy: bool = False
    """In use by a request; neither shortened nor given to another one."""


@dataclass(slots=True)
class _Cells:
    """How many sequences hold each cell, and which cells are free."""

    owners: NDArray[np.int32]
    free: list[int] = field(default_factory=list)

    def take(self, count: int) -> list[int]:
        taken = [self.free.pop() for _ in range(count)]
        self.owners[taken] = 1
        return taken

    def hold(self, cells: NDArray[np.int32]) -> None:
        self.owners[cells] += 1

    def drop(self, cells: NDArray[np.int32]) -> None:
        self.owners[cells] -= 1
        self.free.extend(cells[self.owners[cells] == 0].tolist())


class NoRoom(Exception):  # noqa: N818 - the caller waits or refuses
    """The tokens of running requests leave no room for more."""


class Sequences:
    """All sequences of a context of `capacity` cells."""

    def __init__(self, memory: Memory, count: int, capacity: int) -> None:
        self.capacity = capacity
        self._memory = memory
        self._cells = _Cells(np.zeros(capacity, np.int32), list(range(capacity)))
        self._all = [
            Kept(number, np.empty(capacity, np.int32), np.empty(capacity, np.int32))
            for number in range(count)
        ]
        self._uses = 0

    @property
    def can_cut(self) -> bool:
        """Whether the end of a text can be dropped."""
        return self._memory.can_cut

    @property
    def free(self) -> int:
        """Cells that hold nothing."""
        return len(self._cells.free)

    def texts(self) -> list[tuple[int, ...]]:
        """The tokens of every sequence that has any."""
        return [tuple(kept.tokens[: kept.length].tolist()) for kept in self._all if kept.length]

    def common(self, tokens: Sequence[int]) -> int:
        """How many tokens from the start are kept already."""
        wanted = np.asarray(tokens, dtype=np.int32)
        return max(self._usable(kept, wanted) for kept in self._all)

    def acquire(self, tokens: Sequence[int]) -> Kept:
        """A sequence for these tokens that begins with as many of them as are kept; the last one is not.

        The last token has to be evaluated in any case, since the next one is chosen right after it.
        Raises NoRoom when every sequence is busy.
        """
        wanted = np.asarray(tokens, dtype=np.int32)
        # Of equals the idle one: it can be continued in place.
        best = max(self._all, key=lambda kept: (self._usable(kept, wanted), not kept.busy, kept.used))
        length = self._usable(best, wanted)
        chosen = best
        if best.busy or not self._continues(best, length):
            chosen = self._emptied(best)
            if length:
                self._share(best, chosen, length)
        chosen.asked = len(tokens)
        return self._began(chosen, length)

    def extend(self, kept: Kept, tokens: Sequence[int]) -> None:
        """Note that these tokens were evaluated at the end of a sequence, after `make_room`."""
        end = kept.length + len(tokens)
        kept.tokens[kept.length : end] = tokens
        kept.cells[kept.length : end] = self._cells.take(len(tokens))
        kept.length = end

    def make_room(self, count: int) -> None:
        """Free cells until there are `count` of them. Raises NoRoom if running requests hold the others.

        The ends of texts that were not used for longest go first: what is left of them is still of use, for
        texts have their most stable parts in front.
        """
        idle = sorted((kept for kept in self._all if not kept.busy), key=lambda kept: kept.used)
        for kept in idle:
            if self.free >= count:
                return
            self._shorten(kept, count - self.free)
        if self.free < count:
            raise NoRoom

    def cut(self, kept: Kept, length: int) -> None:
        """Drop what a sequence has beyond `length` tokens, or all of it where its end cannot be dropped."""
        if not self._memory.cut(kept.number, length):
            self._memory.cut(kept.number, 0)
            length = 0
        self._cells.drop(kept.cells[length : kept.length])
        kept.length = length

    def release(self, kept: Kept) -> None:
        """Keep the sequence for texts that begin like it; it may be evicted from now on."""
        kept.busy = False

    def _began(self, kept: Kept, length: int) -> Kept:
        if length < kept.length:
            self.cut(kept, length)
        self._uses += 1
        kept.used, kept.busy = self._uses, True
        return kept

    def _usable(self, kept: Kept, wanted: NDArray[np.int32]) -> int:
        """How many tokens of a sequence a text can begin with."""
        length = min(_common(kept, wanted), len(wanted) - 1)
        return length if self._memory.can_cut or length == kept.length else 0

    def _continues(self, kept: Kept, length: int) -> bool:
        """Whether a text may take over the sequence of an older one, since little of that is lost."""
        return min(kept.length, kept.asked) - length <= FORK

    def _emptied(self, source: Kept) -> Kept:
        """A sequence without tokens: an unused one, or the one that is cheapest to build again."""
        idle = [kept for kept in self._all if not kept.busy and kept is not source]
        if not idle:
            if source.busy:
                raise NoRoom
            # There is one sequence left, and it is this one: it gives up its end.
            return source
        chosen = min(idle, key=self._worth)
        self.cut(chosen, 0)
        return chosen

    def _worth(self, kept: Kept) -> float:
        """Tokens that would be gone with a sequence, less for each use of others since its own."""
        return self._own(kept) / (1 + self._uses - kept.used)

    def _own(self, kept: Kept) -> int:
        return int((self._cells.owners[kept.cells[: kept.length]] == 1).sum())

    def _share(self, source: Kept, target: Kept, length: int) -> None:
        if source is target:
            return
        self._memory.share(source.number, target.number, length)
        target.tokens[:length] = source.tokens[:length]
        target.cells[:length] = source.cells[:length]
        self._cells.hold(target.cells[:length])
        target.length = length

    def _shorten(self, kept: Kept, count: int) -> None:
        """Drop so much of a sequence's end that `count` cells become free, if it has so many of its own."""
        own = np.flatnonzero(self._cells.owners[kept.cells[: kept.length]] == 1)
        if len(own):
            self.cut(kept, int(own[-count:][0]))


def _common(kept: Kept, wanted: NDArray[np.int32]) -> int:
    """The number of tokens with which both begin."""
    length = min(kept.length, len(wanted))
    differ = kept.tokens[:length] != wanted[:length]
    return int(differ.argmax()) if differ.any() else length
