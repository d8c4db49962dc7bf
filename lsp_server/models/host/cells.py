"""The memory of single tokens, and which of it is free."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True)
class Cells:
    """How many sequences hold each cell, and which cells are free."""

    owners: NDArray[np.int32]
    free: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, capacity: int) -> Cells:
        """So many cells, all of them free."""
        return cls(np.zeros(capacity, np.int32), list(range(capacity)))

    def take(self, count: int) -> list[int]:
        taken = [self.free.pop() for _ in range(count)]
        self.owners[taken] = 1
        return taken

    def hold(self, cells: NDArray[np.int32]) -> None:
        self.owners[cells] += 1

    def drop(self, cells: NDArray[np.int32]) -> None:
        self.owners[cells] -= 1
        self.free.extend(cells[self.owners[cells] == 0].tolist())
