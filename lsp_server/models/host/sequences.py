"""Which texts the model has read and keeps: a prefix tree over the sequences of one context.

Sequences that begin alike share their first tokens: the memory of one token, a *cell*, may belong to several
sequences and is free when the last one drops it. This file does the bookkeeping; llama.cpp does the same with
its cells, and is told by `Memory` what to drop and to share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lsp_server.models.host.cells import Cells
from lsp_server.models.host.checkpoints import Checkpoints, State
from lsp_server.models.host.warm import LEAST, Warm

FORK = 32
"""Tokens that are worth a sequence of their own: a prompt that would lose more is shared and not cut."""

EVERY = 2048
"""Tokens after which the state of a text is kept where texts cannot be cut, besides the places where texts
are likely to part."""


class Memory(Protocol):
    """What holds the evaluated tokens: llama.cpp, or a stand-in where only the bookkeeping is tested."""

    @property
    def can_cut(self) -> bool:
        """Whether a sequence can be shortened, and shared in part; some models know only all or nothing."""

    def cut(self, sequence: int, length: int) -> bool:
        """Drop what a sequence has beyond `length` tokens; false if that cannot be done."""

    def share(self, source: int, target: int, length: int) -> None:
        """Let an empty sequence begin with the first tokens of another one."""

    def save(self, sequence: int) -> State:
        """What of a sequence cannot be cut; empty if it cannot be copied either."""

    def restore(self, sequence: int, state: State, length: int) -> bool:
        """Take a sequence back to where it had `length` tokens, by its state then; false if that failed."""

    def dump(self, sequence: int) -> State:
        """All that is kept of a sequence; empty if it cannot be copied."""

    def load(self, sequence: int, state: State) -> bool:
        """Make an empty sequence what another one was when it was copied; false if that failed."""


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
    parts: tuple[int, ...] = ()
    """Lengths at which later texts are likely to part from it."""
    stable: int = 0
    """Tokens at its start that are worth a place on disk."""
    busy: bool = False
    """In use by a request; neither shortened nor given to another one."""


class NoRoom(Exception):  # noqa: N818 - the caller waits or refuses
    """The tokens of running requests leave no room for more."""


class Sequences:
    """All sequences of a context of `capacity` cells."""

    def __init__(self, memory: Memory, count: int, capacity: int, warm: Warm | None = None) -> None:
        self.capacity = capacity
        self._memory = memory
        self._checkpoints = Checkpoints()
        self._warm = warm
        self._cells = Cells.of(capacity)
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
        saved = self._checkpoints.lengths(wanted)
        return max(self._usable(kept, wanted, saved) for kept in self._all)

    def acquire(self, tokens: Sequence[int], stable: int = 0) -> Kept:
        """A sequence for these tokens that begins with as many of them as are kept; the last one is not.

        The first `stable` tokens may come from the disk, and go there.

        The last token has to be evaluated in any case, since the next one is chosen right after it.
        Raises NoRoom when every sequence is busy.
        """
        wanted = np.asarray(tokens, dtype=np.int32)
        saved = self._checkpoints.lengths(wanted)
        # Of equals the idle one: it can be continued in place.
        best = max(self._all, key=lambda kept: (self._usable(kept, wanted, saved), not kept.busy, kept.used))
        length = self._usable(best, wanted, saved)
        parted = max(_common(kept, wanted) for kept in self._all)
        chosen = best
        if best.busy or not self._continues(best, length):
            chosen = self._emptied(best)
            if length:
                self._share(best, chosen, length)
        chosen.asked = len(tokens)
        chosen.parts = (parted, len(tokens) - FORK, len(tokens), stable)
        chosen.stable = stable
        kept = self._began(chosen, length)
        if stable and self._warm is not None:
            self._fill(self._warm, kept, wanted)
            self._keep(self._warm, kept)
        return kept

    def extend(self, kept: Kept, tokens: Sequence[int]) -> None:
        """Note that these tokens were evaluated at the end of a sequence, after `make_room`."""
        end = kept.length + len(tokens)
        kept.tokens[kept.length : end] = tokens
        kept.cells[kept.length : end] = self._cells.take(len(tokens))
        kept.length = end
        if not self.can_cut and (kept.length in kept.parts or kept.length % EVERY == 0):
            self._save(kept)
        if self._warm is not None:
            self._keep(self._warm, kept)

    def ahead(self, kept: Kept) -> int:
        """How many tokens may be evaluated at once: up to the next place whose state is to be kept."""
        parts, every = ((kept.stable,), self.capacity) if self.can_cut else (kept.parts, EVERY)
        places = [place - kept.length for place in parts if place > kept.length]
        return min([*places, every - kept.length % every])

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
        # What idle texts have in common belongs to none of them: each but the last has to give it up.
        for kept in idle:
            if self.free >= count:
                return
            if self._own(kept):
                self._shorten(kept, count - self.free)
            else:
                self.cut(kept, 0)
        if self.free < count:
            raise NoRoom

    def cut(self, kept: Kept, length: int) -> None:
        """Drop what a sequence has beyond `length` tokens; more where it has to go back to a saved state."""
        if not self._memory.cut(kept.number, length):
            length = self._back(kept, length)
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

    def _usable(self, kept: Kept, wanted: NDArray[np.int32], saved: list[int]) -> int:
        """How many tokens of a sequence a text can begin with; `saved` are the lengths of saved states."""
        length = min(_common(kept, wanted), len(wanted) - 1)
        if self._memory.can_cut or length == kept.length:
            return length
        return max((place for place in saved if place <= length), default=0)

    def _fill(self, warm: Warm, kept: Kept, wanted: NDArray[np.int32]) -> None:
        """Take what a text begins with from the disk, where that is much more than what is kept."""
        stored = warm.longest(wanted)
        if stored is None or len(stored.tokens) - kept.length < LEAST:
            return
        state = warm.read(stored)
        if state is None:
            return
        self.cut(kept, 0)
        try:
            self.make_room(len(stored.tokens))
        except NoRoom:
            return
        if self._memory.load(kept.number, state):
            self.extend(kept, stored.tokens.tolist())
        else:
            self._memory.cut(kept.number, 0)

    def _keep(self, warm: Warm, kept: Kept) -> None:
        """Put the stable part of a text on the disk, when the sequence has just that."""
        tokens = kept.tokens[: kept.length]
        if kept.length == kept.stable and warm.wants(tokens):
            state = self._memory.dump(kept.number)
            if len(state):
                warm.keep(tokens, state)

    def _save(self, kept: Kept) -> None:
        state = self._memory.save(kept.number)
        if len(state):
            self._checkpoints.keep(other.tokens[: other.length] for other in self._all)
            self._checkpoints.add(kept.tokens[: kept.length], state)

    def _back(self, kept: Kept, length: int) -> int:
        """Take a sequence back to a saved state of at most `length` tokens, or to its start."""
        checkpoint = self._checkpoints.longest(kept.tokens[: kept.length], length)
        if checkpoint is not None and self._memory.restore(kept.number, checkpoint.state, checkpoint.length):
            return checkpoint.length
        self._memory.cut(kept.number, 0)
        return 0

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
        if not self.can_cut and length < source.length:
            self.cut(target, length)

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
