"""What of the repository stands in a prompt: gathered and packed in a thread of its own, within a few ms."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from context.complaints import named_in, near
from context.gather import Gathered, gather
from context.index import Index
from context.opened import Outlines, repository_of
from context.pack import Packed, Part, Section, pack
from context.repository import Opened, Repository
from context.signs import Purpose
from context.snapshot import Document, Snapshot
from lsp_server.features.completion_options import CHARACTERS
from lsp_server.features.counts import Counts, estimate
from lsp_server.features.pins import Pins, is_pinned, with_pins
from lsp_server.features.sources import open_documents
from lsp_server.prompts.fim import Source

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE = 0.25
"""Seconds that a completion waits for the repository; after that it does with what it had."""
UNHURRIED = 30.0
"""Seconds for those who wait for the model, too."""
STILL_GOOD = 0.7
"""The part of what is wanted now that the last prompt has to hold to stay as it is."""
LEAST_ROOM = 700
"""Characters, about 200 tokens, from which on more room is filled behind what stands there already."""

MOST_MADE = 400
"""Files in prompts whose parts are kept."""

_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""What may be in the name of a file, but would be more than a name in a prompt, or cannot be encoded."""


@dataclass(frozen=True, slots=True)
class IndexedRoot:
    """A folder of the workspace, as the user names it and without links, and the folder of its index."""

    root: Path
    real: Path
    index: Path


class Repositories:
    """The indexes of the workspace, and the thread that reads them; they belong to a session's event loop."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self.counts = Counts()
        self.pins = Pins()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fathom-context")
        self._outlines = Outlines()
        self._roots: tuple[IndexedRoot, ...] = ()
        self._indexes: dict[Path, Index] = {}
        self._last: tuple[_Key, Gathered] | None = None
        self._packs: tuple[tuple[int, int, Packed], Gathered, Packed] | None = None
        """What was packed last for a completion: budget, texts counted by then, pins, of what, and that."""
        self._made: OrderedDict[Source, tuple[Part, ...]] = OrderedDict()
        """The parts of the files that stood in the last prompts."""
        self._looked_at: tuple[tuple[int, ...], tuple[Source, ...]] = (), ()
        """What was there of a last prompt when the indexes were as new as that."""

    def use(self, roots: Iterable[IndexedRoot]) -> None:
        """Read the indexes of these roots from now on, and no others."""
        # The longest first: a root in another one is the nearer of the two.
        self._roots, self._packs = tuple(sorted(roots, key=lambda each: -len(each.real.parts))), None
        kept = self._indexes
        self._indexes = {each.index: kept.get(each.index) or Index(each.index) for each in self._roots}
        for folder in kept.keys() - self._indexes.keys():
            self._thread.submit(kept[folder].close)

    async def sources(
        self, snapshot: Snapshot, document: Document, cursor: int, room: int, last: tuple[Source, ...]
    ) -> tuple[Source, ...]:
        """Choose what stands in a prompt; `ChooseSources`.

        What stood in the last prompt stays in front as long as it is good enough: the model has read it.
        """
        if document.path is None or not self._has(document.path):
            return await open_documents(snapshot, document, cursor, room, last)
        try:
            async with asyncio.timeout(self.patience):
                return await self._run(lambda: self._chosen(snapshot, document, cursor, room, last))
        except TimeoutError:
            log.info("the repository took longer than %d ms", 1000 * self.patience)
            return last
        except Exception:
            log.exception("the repository could not be asked")
            return await open_documents(snapshot, document, cursor, room, last)

    async def for_edit(
        self, snapshot: Snapshot, document: Document, cursor: int, room: int, last: tuple[Source, ...]
    ) -> tuple[Source, ...]:
        """Choose what stands in the prompt of an edit; `ChooseSources`. Nobody types meanwhile."""
        if document.path is None or not self._has(document.path):
            return await open_documents(snapshot, document, cursor, room, last)
        try:
            async with asyncio.timeout(UNHURRIED):
                packed = await self.packed(snapshot, document, cursor, "edit", int(room / CHARACTERS))
                return await self.in_order(packed, last)
        except Exception:
            log.exception("the repository could not be asked")
            return await open_documents(snapshot, document, cursor, room, last)

    async def in_order(self, packed: Packed, last: tuple[Source, ...] = ()) -> tuple[Source, ...]:
        """What was packed, as sources: those of the last prompt first."""
        return await self._run(lambda: self._in_order(packed, last))

    def has(self, document: Document) -> bool:
        """Whether a document lies in an indexed folder."""
        return document.path is not None and self._has(document.path)

    def parts_of(self, source: Source) -> tuple[Part, ...]:
        """What a file in one of the last prompts is made of; nothing if that is not known."""
        return self._made.get(source, ())

    async def lines(
        self, snapshot: Snapshot, document: Document, parts: Iterable[Part]
    ) -> dict[tuple[str, int, int], tuple[int, int]]:
        """The first and the last line of each part, from 1, by its path, start and end."""
        return await self._run(lambda: self._lines(snapshot, document, parts))

    async def packed(
        self, snapshot: Snapshot, document: Document, cursor: int, purpose: Purpose, budget: int
    ) -> Packed:
        """Gather and pack for a place, in so many tokens."""
        return await self._run(lambda: self._packed(snapshot, document, cursor, purpose, budget))

    def close(self) -> None:
        """Let go of the indexes; what is being gathered ends by itself, and later there is no repository."""
        indexes, self._indexes, self._roots = list(self._indexes.values()), {}, ()
        for index in indexes:
            self._thread.submit(index.close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _chosen(
        self, snapshot: Snapshot, document: Document, cursor: int, room: int, last: tuple[Source, ...]
    ) -> tuple[Source, ...]:
        # While the user types on a line, what was gathered for it serves: a key changes little.
        line = _line_at(document.text.string, cursor)
        repository, gathered = self._gathered(snapshot, document, cursor, "fill", line)
        pack_into = partial(pack, gathered, repository, count=estimate, shown=self._shown)
        pinned = self.pins.packed(
            repository, self._real_roots(), int(room / CHARACTERS), estimate, self._shown, last=last
        )
        front = tuple(map(self._source, pinned.sections))
        room -= _size(front)
        last = self._still_there(self._unpinned(last), repository)
        used = _size(last)
        wanted = pack_into(budget=int(min(room, used) / CHARACTERS), already=pinned.sections)
        if not last or _covered(wanted, last) < STILL_GOOD:
            fresh = pack_into(budget=int(room / CHARACTERS), already=pinned.sections)
            return (*front, *self._in_order(fresh, last))
        if room - used < LEAST_ROOM:
            return (*front, *last) if front else last
        already = [*pinned.sections, *(Section(source.path, source.text) for source in last)]
        more = pack_into(budget=int((room - used) / CHARACTERS), already=already)
        return (*front, *last, *self._in_order(more, ()))

    def _packed(
        self, snapshot: Snapshot, document: Document, cursor: int, purpose: Purpose, budget: int
    ) -> Packed:
        repository, gathered = self._gathered(snapshot, document, cursor, purpose, (cursor, cursor))
        count, learned = self.counts.count, self.counts.learned
        pinned = self.pins.packed(repository, self._real_roots(), budget, count, self._shown, learned)
        pack_into = partial(pack, gathered, repository, count=count, shown=self._shown)
        if purpose != "fill":
            return with_pins(pinned, budget, pack_into)
        key = budget, learned, pinned
        if self._packs is None or self._packs[0] != key or not _is_same(self._packs[1], gathered):
            self._packs = key, gathered, with_pins(pinned, budget, pack_into)
        return self._packs[2]

    def _gathered(
        self,
        snapshot: Snapshot,
        document: Document,
        cursor: int,
        purpose: Purpose,
        unlike: tuple[int, int],
    ) -> tuple[Repository, Gathered]:
        """The repository and what it says at a place.

        The last answer serves if nothing has changed but the text between the two offsets `unlike`.
        """
        indexes = list(self._indexes.values())
        repository = repository_of(snapshot, document, indexes, self._outlines, self._real)
        text, documents = document.text.string, tuple(repository.documents.values())
        before, after = text[: unlike[0]], text[unlike[1] :]
        versions, diagnosed = repository.memo.versions, _diagnosed(snapshot, document, cursor, purpose)
        key = _Key(repository.here, before, after, purpose, versions, documents, diagnosed)
        if self._last is None or self._last[0] != key:
            outline = self._outlines.around(document, repository.here)
            self._last = key, gather(repository, repository.here, text, cursor, outline, purpose, diagnosed)
        return repository, self._last[1]

    def _still_there(self, last: tuple[Source, ...], repository: Repository) -> tuple[Source, ...]:
        """What of the last prompt may be shown again: files may have been deleted since, or denied."""
        if self._looked_at != (repository.memo.versions, last):
            opened = {self._shown(path) for path in repository.documents}
            there = [source for source in last if source.path in opened or self._knows(source.path)]
            last = last if len(there) == len(last) else tuple(there)
            self._looked_at = repository.memo.versions, last
        return last

    def _knows(self, shown: str) -> bool:
        """Whether an index has a file that is shown by this name."""
        indexes = [(each.real, self._indexes.get(each.index)) for each in self._roots]
        return any(index and index.language(f"{real}/{shown}") is not None for real, index in indexes)

    def _in_order(self, packed: Packed, last: tuple[Source, ...]) -> tuple[Source, ...]:
        """Return sections as sources: pinned ones, those of the last prompt in its order, then the others."""
        front = [self._source(each) for each in packed.sections if is_pinned(each.parts)]
        fresh = [self._source(each) for each in packed.sections if not is_pinned(each.parts)]
        kept = [source for source in last if source in fresh]
        return (*front, *kept, *(source for source in fresh if source not in kept))

    def _unpinned(self, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        """Those that did not stand in a prompt because their file was pinned."""
        kept = tuple(source for source in sources if not is_pinned(self.parts_of(source)))
        return sources if len(kept) == len(sources) else kept

    def _source(self, section: Section) -> Source:
        """A section as it stands in a prompt; what it is made of is kept for whoever asks."""
        source = Source(section.path, section.text)
        self._made[source] = section.parts
        self._made.move_to_end(source)
        while len(self._made) > MOST_MADE:
            self._made.popitem(last=False)
        return source

    def _lines(
        self, snapshot: Snapshot, document: Document, parts: Iterable[Part]
    ) -> dict[tuple[str, int, int], tuple[int, int]]:
        indexes = list(self._indexes.values())
        repository = repository_of(snapshot, document, indexes, self._outlines, self._real)
        lines = {}
        for part in parts:
            own = part.path == repository.here
            whole = document.text.string if own else repository.text(part.path)
            if whole is not None:
                first = whole.count("\n", 0, part.start) + 1
                last = first + whole.count("\n", part.start, max(part.start, part.end - 1))
                lines[part.path, part.start, part.end] = first, last
        return lines

    def _has(self, path: Path) -> bool:
        real = self._real(path)
        return any(real.is_relative_to(each.real) for each in self._roots)

    def _real(self, path: Path) -> Path:
        """A path as the index of its root names it."""
        for each in self._roots:
            if path.is_relative_to(each.root):
                return each.real / path.relative_to(each.root)
        return path

    def _real_roots(self) -> list[str]:
        return [str(each.real) for each in self._roots]

    def _shown(self, path: str) -> str:
        """The path in its root, as it stands in a prompt."""
        roots = (f"{each.real}/" for each in self._roots)
        root = next((root for root in roots if path.startswith(root)), path[: path.rfind("/") + 1])
        return _UNREADABLE.sub("\ufffd", path[len(root) :])


def _size(sources: Iterable[Source]) -> int:
    """Characters of sources in a prompt."""
    return sum(len(source.path) + len(source.text) + 2 for source in sources)


def _is_same(one: Gathered, other: Gathered) -> bool:
    """Whether the same was gathered for a completion, of the same texts: a key often changes nothing.

    Definitions are the same object as long as indexes, documents and all that is said of them are the same.
    """
    return one.definitions is other.definitions and one.passages == other.passages


@dataclass(frozen=True, slots=True)
class _Key:
    """All on which it depends what is gathered."""

    path: str
    before: str
    after: str
    purpose: Purpose
    versions: tuple[int, ...]
    documents: tuple[Opened, ...]
    diagnosed: tuple[str, ...]


def _diagnosed(snapshot: Snapshot, document: Document, cursor: int, purpose: Purpose) -> tuple[str, ...]:
    """The names in what is said of the code near a cursor; for an edit, of all that it is told."""
    complaints = snapshot.complaints.get(document.uri, ())
    if not complaints:
        return ()
    return named_in(complaints if purpose == "edit" else near(complaints, document.text.line_at(cursor)))


def _line_at(text: str, cursor: int) -> tuple[int, int]:
    """Start and end of a line, without its line break."""
    end = text.find("\n", cursor)
    return text.rfind("\n", 0, cursor) + 1, len(text) if end < 0 else end


def _covered(fresh: Packed, last: tuple[Source, ...]) -> float:
    """How much of what is wanted stands in the last sources, by its worth; 1.0 where nothing is wanted."""
    shown: dict[str, str] = {}
    for source in last:
        shown[source.path] = shown.get(source.path, "") + source.text
    worth = {True: 0.0, False: 0.0}
    for section in fresh.sections:
        for part in section.parts:
            worth[part.text in shown.get(section.path, "")] += part.score
    total = sum(worth.values())
    return worth[True] / total if total else 1.0
