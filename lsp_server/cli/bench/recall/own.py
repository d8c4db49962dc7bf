"""Uses as Fathom's own parser finds them: by name, where a repository defines it in very few places."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from context.contents import text_of
from context.disk import begin_of
from context.files import Found, walk
from context.languages import LANGUAGES
from context.outline import Definition, Kind, Outline, Reference
from context.parse import parse
from lsp_server.cli.bench.recall.cases import Access, Target, Use, access_of, may_be_asked, may_be_found

FAMILIES = (
    frozenset({"c", "cpp"}),
    frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact"}),
)
"""Languages that use each other's names."""
MOST_PLACES = 2
"""A name that more places define does not say which is meant; a header and a source are two."""
MOST_FILES = 0.1
"""Part of the files in which a member is used: the language's own `append` is nobody's in particular."""
FEW_FILES = 10
KINDS: frozenset[Kind] = frozenset(
    {"class", "struct", "interface", "enum", "type", "function", "method", "macro", "field", "constant"}
)
INSIDE: frozenset[Kind] = frozenset({"method", "field"})
"""These are reached through something."""
IMPORT_ALL = frozenset({"python", "javascript", "typescript"})
"""Languages in which every bare name of another file is imported."""
OWN_ROOTS = frozenset({"crate", "super", "self"})
COMMON = frozenset(
    """
    add all any append apply args as_ref as_str assign at back begin bind call cancel catch charAt
    charCodeAt clear clone close code collect compare concat connect contains copy count create data
    debug decode default delete destroy device emit empty encode end endswith ends_with entries
    enumerate eq equals erase error errors every exec execute exit extend fileno fill filter find
    findIndex first flag flags flatMap flat_map flatten float floor flush fold format forEach for_each
    free from from_str front get getattr getClass getName getValue group handle handler has hasNext hash
    hasOwnProperty head height id impl includes index indexOf info init insert instance into into_iter
    invoke is_empty is_none is_some isEmpty items iter iter_mut join key keys kind last lastIndexOf len
    length level line list load lock log lower lower_bound main map matches max message min mode module
    name names new next node normalize notify now offset open options or_else parent parse path peek pop
    pop_back position post print process push push_back put query range read reduce ref register release
    remove repeat replace request reserve reset resize resolve result resume reverse rfind root run save
    seek select send set setattr shape shift shutdown size skip sleep slice some sort source speed
    splice split startswith starts_with start state status stop str strip style sub submit substr
    substring subscribe sum swap tail take target test text then throw to_owned to_string toLowerCase
    toString toUpperCase trim type unlock unshift unwrap unwrap_or update upper url user value valueOf
    values version view visit wait warn width with write yield zip
    """.split()  # noqa: SIM905 - a list of so many would take as many lines
)
"""What the languages' own libraries call things, so that a member of this name is nobody's in particular."""


@dataclass(frozen=True)
class File:
    """A file of a repository, read."""

    path: str
    language: str
    text: str
    outline: Outline

    @cached_property
    def lines(self) -> list[str]:
        """As `str.split` has them."""
        return self.text.split("\n")

    @cached_property
    def defined(self) -> frozenset[str]:
        """All names that the file defines, also inside of functions."""
        return frozenset(definition.name for definition in self.outline.definitions)

    @cached_property
    def imported(self) -> frozenset[str]:
        """The names under which the file knows what it imports."""
        return frozenset(each.alias or each.name for each in self.outline.imports)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and character of an offset, as `lines` has them."""
        line = bisect_right(self._starts, offset) - 1
        return line, offset - self._starts[line]

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.lines)]


def files_of(root: Path) -> list[File]:
    """The files of a repository that are read at all."""
    return [
        File(name, found.language, text, parse(text, found.language)) for found, name, text in _texts(root)
    ]


def texts_of(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file that is read at all, in the order of the paths."""
    return ((name, text) for _, name, text in _texts(root))


def text_at(path: Path) -> str:
    """The text of a file as it is read for an index. Raises OSError and ValueError."""
    text = text_of(begin_of(path, path.stat().st_size))
    if text is None:
        raise ValueError(f"{path} is no text")
    return text


def _texts(root: Path) -> Iterator[tuple[Found, str, str]]:
    found = sorted((each for each in walk([root]) if isinstance(each, Found)), key=lambda each: each.path)
    for each in found:
        try:
            text = text_at(each.path)
        except (OSError, ValueError):
            continue
        if "\r" not in text.replace("\r\n", ""):
            yield each, each.path.relative_to(root).as_posix(), text


def family_of(language: str) -> frozenset[str]:
    """A language with those whose names it uses."""
    return next((family for family in FAMILIES if language in family), frozenset({language}))


def endings_of(language: str) -> frozenset[str]:
    """The endings of the names of files in a language and in those whose names it uses, with their dots."""
    languages = (LANGUAGES[each] for each in family_of(language))
    return frozenset(f".{extension}" for each in languages for extension in each.extensions)


def uses_of(files: Iterable[File], language: str) -> Iterator[Use]:
    """Yield the uses in the files of a language of what one other file, or very few places, define."""
    family = [file for file in files if file.language in family_of(language)]
    places = _places(family)
    spread = _spread(family)
    most = max(FEW_FILES, MOST_FILES * len(family))
    common = COMMON | {name for name, count in spread.items() if count > most}
    for file in family:
        if file.language == language:
            yield from _uses_in(file, places, common)


def _uses_in(
    file: File, places: Mapping[str, list[tuple[Kind, Target]]], common: frozenset[str]
) -> Iterator[Use]:
    by_name: dict[str, list[Reference]] = {}
    for reference in file.outline.references:
        by_name.setdefault(reference.name, []).append(reference)
    for name, references in by_name.items():
        found = places.get(name)
        if not found or len(found) > MOST_PLACES or name in file.defined:
            continue
        targets = tuple(target for _, target in found)
        if not all(may_be_found(file.path, target, name) for target in targets):
            continue
        meant = _meant(file, name, found, common)
        uses = (_use(file, reference, targets) for reference in references)
        yield from (use for use in uses if use is not None and use.access in meant)


def _places(files: Iterable[File]) -> dict[str, list[tuple[Kind, Target]]]:
    places: dict[str, list[tuple[Kind, Target]]] = {}
    for file in files:
        for definition in file.outline.definitions:
            if definition.kind in KINDS and not _is_local(definition, file.outline):
                line, _ = file.place(definition.name_at)
                target = Target(file.path, line, file.lines[line].rstrip("\r"))
                places.setdefault(definition.name, []).append((definition.kind, target))
    return places


def _is_local(definition: Definition, outline: Outline) -> bool:
    """Whether something is defined inside of a function."""
    parent = definition.parent
    while parent is not None:
        holder = outline.definitions[parent]
        if holder.kind in ("function", "method"):
            return True
        parent = holder.parent
    return False


def _spread(files: Iterable[File]) -> Mapping[str, int]:
    spread: dict[str, int] = {}
    for file in files:
        for name in {reference.name for reference in file.outline.references}:
            spread[name] = spread.get(name, 0) + 1
    return spread


def _use(file: File, reference: Reference, targets: tuple[Target, ...]) -> Use | None:
    """A reference as a use, if its line can be asked for."""
    line, character = file.place(reference.offset)
    text, name = file.lines[line].rstrip("\r"), reference.name
    if not may_be_asked(file.path, text, name):
        return None
    return Use(file.path, line, character, name, access_of(text, character, name, file.imported), targets)


def _meant(
    file: File, name: str, found: list[tuple[Kind, Target]], common: frozenset[str]
) -> frozenset[Access]:
    """By which ways of access a name means what was found, as far as one can say without types."""
    meant: set[Access] = set() if name in common else {"member"}
    if {kind for kind, _ in found} <= INSIDE:
        return frozenset(meant)
    modules = [each.module for each in file.outline.imports if name in (each.alias, each.name)]
    if any(_leads_to(module, target.path) for module in modules for _, target in found):
        meant.add("imported")
    if file.language not in IMPORT_ALL and _binding(name).search(file.text) is None:
        meant.add("not-imported")
    return frozenset(meant)


def _leads_to(module: str, path: str) -> bool:
    """Whether a module may be, or pass on, what is in a file of the repository."""
    parts = [part for part in re.split(r"[./:]+", module) if part]
    if module.startswith(".") or (parts and parts[0] in OWN_ROOTS):
        return True
    return bool(set(parts) & {part.partition(".")[0].replace("-", "_") for part in path.split("/")})


def _binding(name: str) -> re.Pattern[str]:
    """How a name is given to a variable or a parameter of a file itself."""
    name = re.escape(name)
    return re.compile(
        rf"\b{name}\b\s*(?::=|=(?![=>])|:(?!:))|\b(?:let|const|var|val|mut|auto|for)\s+[^=;()\n]*\b{name}\b"
        rf"|\b[\w>\])]+[\s*&]+{name}\s*[,;)=]"
    )
