"""How much memory this machine, or the container around us, lets a process have."""

from __future__ import annotations

import os
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


def machine_memory(proc: Path = Path("/proc/meminfo"), cgroup: Path = Path("/sys/fs/cgroup")) -> Memory:
    """Read the memory of the machine, held to the limit of the control group where there is one."""
    known = _meminfo(proc)
    total, available = known.get("MemTotal", _physical()), known.get("MemAvailable")
    limit, used = _number(cgroup / "memory.max"), _number(cgroup / "memory.current")
    if limit is None or total is None or limit >= total:
        return Memory(total, available)
    room = None if used is None else max(0, limit - used)
    return Memory(limit, min((size for size in (available, room) if size is not None), default=None))


def _meminfo(path: Path) -> dict[str, int]:
    """Parse lines such as `MemTotal:  16384 kB` into bytes."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {}
    fields = (line.replace(":", " ").split() for line in lines)
    return {field[0]: int(field[1]) * 1024 for field in fields if len(field) >= 2 and field[1].isdecimal()}


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
