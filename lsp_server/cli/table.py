"""Text for people: tables, sizes and durations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def lines_of(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lay rows out in columns; the first row is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def duration(seconds: float) -> str:
    """Two units at most: "42 s", "5 min 3 s", "2 h 5 min", "3 d 4 h"."""
    left = int(max(0.0, seconds))
    counts = []
    for name, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        counts.append((left // size, name))
        left %= size
    first = next((at for at, (count, _) in enumerate(counts) if count), len(counts) - 1)
    return " ".join(f"{count} {name}" for count, name in counts[first : first + 2] if count) or "0 s"
