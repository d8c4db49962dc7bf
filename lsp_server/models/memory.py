"""How much memory this machine, or the container around us, lets a process have."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Fit = Literal["fits", "tight", "no"]

COMFORTABLE = 0.8
"""Share of the memory that a model may take before the editor and everything else get too little."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes in all, and bytes that could be had now; None where the system does not say."""

    total: int | None
    available: int | None

    def fit(self, needed: int) -> Fit | None:
        """Whether a model that needs so many bytes fits; None when nothing is known."""
        if self.total is None:
            return None
        if needed <= self.total * COMFORTABLE:
            return "fits"
        return "tight" if needed <= self.total else "no"


def machine_memory(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> Memory:
    """Read the memory of the machine, held to the limits of our control groups and of this process."""
    known = _fields(proc / "meminfo")
    memory = Memory(known.get("MemTotal", _physical()), known.get("MemAvailable"))
    for group in _groups(proc / "self/cgroup", cgroups):
        memory = _within_group(memory, group)
    return _within_process(memory, proc / "self/statm")


def _within_group(memory: Memory, group: Path) -> Memory:
    """The memory that a control group leaves; it has files only where it limits something."""
    limit = _number(group / "memory.max")
    if limit is None:
        return memory
    used = _number(group / "memory.current")
    # What the system keeps of files counts as used, and goes as soon as a process wants memory.
    stat = _fields(group / "memory.stat", unit=1)
    kept = stat.get("inactive_file", 0) + stat.get("active_file", 0)
    return _held(memory, limit, None if used is None else limit - used + kept)


def _within_process(memory: Memory, statm: Path) -> Memory:
    """The memory that the limit of our address space (`ulimit -v`) leaves; a model host has the same."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return memory
    try:
        used = int(statm.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return _held(memory, limit, None)
    return _held(memory, limit, limit - used)


def _held(memory: Memory, limit: int, room: int | None) -> Memory:
    """The memory within a limit that leaves so much room."""
    if memory.total is None:
        return memory
    known = [size for size in (memory.available, room) if size is not None]
    return Memory(min(limit, memory.total), max(0, min(known)) if known else None)


def _groups(own: Path, root: Path) -> Iterator[Path]:
    """The folders of our control group and of those around it (version 2: a line `0::/a/b`)."""
    yield root
    try:
        lines = own.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    names = [line.removeprefix("0::/") for line in lines if line.startswith("0::/")]
    for part in (part for name in names for part in name.split("/") if part not in ("", "..")):
        root = root / part
        yield root


def _fields(path: Path, unit: int = 1024) -> dict[str, int]:
    """Parse lines such as `MemTotal:  16384 kB` into bytes."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {}
    fields = (line.replace(":", " ").split() for line in lines)
    return {field[0]: int(field[1]) * unit for field in fields if len(field) >= 2 and field[1].isdecimal()}


def _physical() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):  # "max" means no limit
        return None


def resident_bytes() -> int:
    """Memory of this process that is in RAM; 0 where the system does not say."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
