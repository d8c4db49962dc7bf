"""The folders of a workspace, and where below them something has changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from context.exclusions import NAMES
from context.files import MARKERS

RULING = NAMES | MARKERS.keys()
"""Names of files that say something about all others in their folder."""


def places_in(paths: Iterable[Path], roots: Sequence[Path]) -> list[str]:
    """Where to look, each place once: below the roots, and none inside of another.

    What rules a folder stands for the folder.
    """
    absolute = {Path(os.path.abspath(path)) for path in paths}  # noqa: PTH100 - links are left as they are
    wanted = {path.parent if path.name in RULING else path for path in absolute}
    places: list[Path] = []
    for place in sorted(each for path in wanted for each in _below_roots(path, roots)):
        if not places or (places[-1] != place and places[-1] not in place.parents):
            places.append(place)
    return [str(place) for place in places]


def _below_roots(path: Path, roots: Sequence[Path]) -> list[Path]:
    """A path in a root by the name that this has, or the roots that are below it."""
    for root in roots:
        if path.is_relative_to(root):
            return [path]
    if inside := [root for root in roots if root.is_relative_to(path)]:
        return inside
    real = Path(os.path.realpath(path.parent), path.name)
    reals = [(Path(os.path.realpath(root)), root) for root in roots]
    return [root / real.relative_to(there) for there, root in reals if real.is_relative_to(there)][:1]


def distinct(roots: Sequence[Path]) -> list[Path]:
    """The roots, each folder under the first of its names."""
    named = {os.path.realpath(root): Path(os.path.abspath(root)) for root in reversed(roots)}  # noqa: PTH100
    return list(named.values())
