"""Where an import leads: which definitions and which files of the repository it means.

Languages say it in many ways, and build files in more. What they have in common is that the last parts of a
module's name are the last parts of a path, so that is what is compared; nothing is executed or configured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from posixpath import dirname, join, normpath, splitext

from context.outline import Import

FRONTS = frozenset({"index", "__init__", "mod", "lib", "main", "init"})
"""Files that speak for their folder."""
SAME_FILE, SAME_FOLDER = 100.0, 50.0
"""How well a path fits that a relative import names exactly, and one below it."""
WHOLE, INSIDE = 10.0, 5.0
"""How well a path fits whose end is the module, and one in a folder of that name."""

LIKE_ENDING, LATE = 0.3, 0.1
"""What the right ending adds, and parts that stand late in a path: both together less than another part."""
LONGEST_ENDING = 5
SOURCES = "src"
"""The folder of sources, which names of modules leave out."""

_PARTS = re.compile(r"[^\w@$-]+")
_HERE = frozenset({"crate", "self", "super", "src", "lib", "std"})
_WITHIN = frozenset({"crate", "self", "super"})


@dataclass(frozen=True, slots=True)
class Module:
    """A module as a file imports it: exact paths without their ending, and parts of a name where these fail.

    The likeliest path stands first.
    """

    exact: tuple[str, ...]
    parts: tuple[str, ...]
    ending: str
    """The ending that its file most likely has: what the import says, or that of the file with the import."""

    @property
    def stems(self) -> tuple[str, ...]:
        """The names that its file may have, without an ending."""
        return tuple(path.rpartition("/")[2] for path in self.exact) or self.parts[-1:]

    def fit(self, path: str) -> float:
        """How well a path fits; 0.0 for not at all. Fits can be compared within one module only."""
        base, ending = splitext(path)
        folder, _, name = base.rpartition("/")
        place = folder if name in FRONTS else base
        fit = max((_exact_fit(exact, base, place) for exact in self.exact), default=0.0)
        if not fit and self.parts:
            fit = _fit(self.parts, place.split("/"))
        return fit + LIKE_ENDING if fit and ending == self.ending else fit

    def below(self, name: str) -> Module:
        """The module of a name in this one."""
        exact = tuple(f"{path}/{name}" for path in self.exact[:1])
        return Module(exact, () if exact and not self.parts else (*self.parts, name), self.ending)


def module_of(imported: Import, here: str) -> Module:
    """Return what an import in the file `here`, an absolute path, means."""
    module, folder, ending = imported.module, dirname(here), splitext(here)[1]
    said = splitext(module)[1] if "/" in module else ""
    if module in (".", "..") or (module.startswith(".") and "/" in module):
        target = normpath(join(folder, module))
        return Module((target, splitext(target)[0]) if said else (target,), (), ending)
    if module.startswith("."):
        # Python: one dot is this package, each further one is a package above.
        name = module.lstrip(".")
        for _ in range(len(module) - len(name) - 1):
            folder = dirname(folder)
        return Module((join(folder, *name.split(".")) if name else folder,), (), ending)
    if 1 < len(said) <= LONGEST_ENDING:
        module, ending = module.removesuffix(said), said
    path = module.split("::")
    exact = (_in_crate(path, here),) if path[0] in _WITHIN else ()
    parts = [part for part in _PARTS.split(module) if part]
    while parts and parts[0] in _HERE:
        parts.pop(0)
    return Module(exact, tuple(parts), ending)


def _in_crate(path: Sequence[str], here: str) -> str:
    """Where a path of Rust leads from a file, without the ending: `crate::a::b`, `self::a` or `super::a`."""
    base = splitext(here)[0]
    place = dirname(base) if base.rpartition("/")[2] in FRONTS else base
    parts = list(path)
    while parts and parts[0] in _WITHIN:
        step = parts.pop(0)
        if step == "crate":
            sources, found, _ = here.rpartition(f"/{SOURCES}/")
            place = f"{sources}/{SOURCES}" if found else dirname(here)
        elif step == "super":
            place = dirname(place)
    return join(place, *parts)


def _exact_fit(exact: str, base: str, place: str) -> float:
    if exact in (base, place):
        return SAME_FILE
    return SAME_FOLDER if base.startswith(exact + "/") else 0.0


def _fit(parts: Sequence[str], place: Sequence[str]) -> float:
    """The most parts that stand side by side in both, those at the end of the path first."""
    wanted, there = _alike(parts), [part for part in _alike(place) if part != SOURCES]
    common = 0
    for one, other in zip(reversed(wanted), reversed(there), strict=False):
        if one != other:
            break
        common += 1
    if common == len(wanted):
        return WHOLE + common
    # A package may show what lies deeper in it: `from pkg import X` with X in pkg/core/x.py.
    for length in range(len(wanted), 0, -1):
        last = wanted[-length:]
        ends = [at + length for at in range(len(there) - length) if there[at : at + length] == last]
        if ends:
            inside = length / 2 + (INSIDE if length == len(wanted) else 0.0)
            return max(common, inside + LATE * ends[-1] / len(there))
    return common


def _alike(parts: Iterable[str]) -> list[str]:
    """Parts without that in which modules and their files may differ: `my_shop` is the crate `my-shop`."""
    return [part.casefold().replace("-", "_") for part in parts]


def best(module: Module, paths: Iterable[str]) -> list[str]:
    """Return the paths that fit best, all with the same fit; none where nothing fits."""
    fits = {path: module.fit(path) for path in paths}
    top = max(fits.values(), default=0.0)
    return [path for path, fit in fits.items() if fit == top] if top > 0 else []
