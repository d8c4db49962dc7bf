"""What processes cost: memory and processor time of one and all that it has started, on Linux."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.25
"""Seconds between two looks at the memory."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Peak:
    """The most memory that processes had together, in MB: each shared page counts in parts."""

    megabytes: float = 0.0


@contextmanager
def peak_of(process: int) -> Iterator[Peak]:
    """Watch the memory of a process and its descendants meanwhile."""
    peak, ended = Peak(), threading.Event()

    def watch() -> None:
        while not ended.wait(EVERY):
            peak.megabytes = max(peak.megabytes, sum(map(memory_of, family(process))))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def family(process: int) -> list[int]:
    """A process and its descendants."""
    found, wanted = [process], [process]
    while wanted:
        parent = wanted.pop()
        try:
            tasks = list(Path(f"/proc/{parent}/task").iterdir())
            children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
        found += children
        wanted += children
    return found


def memory_of(process: int) -> float:
    """The memory of one process in MB; 0 if it has ended."""
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1000
    except OSError:
        pass
    return 0.0


def processor_seconds(process: int) -> float:
    """Processor time of a process and of those of its children that have ended, in s; 0 if it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS
