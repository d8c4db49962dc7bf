"""From what was gathered to what a model is shown: as many of the best pieces as its budget has room for.

Pieces are whole lines of files, as they stand there: the head of a definition with that of the type that it
is a member of, or a passage. Each file is one section, its pieces in their order. Nothing stands there twice.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache

from context.found import Candidate
from context.gather import Gathered
from context.index import Passage, Site
from context.repository import Repository
from context.signs import likelihood
from context.whole import Whole

CountTokens = Callable[[str], int]
"""How many tokens a text has."""
Shown = Callable[[str], str]
"""A path as it stands in the prompt."""

LONGEST_HEAD = 600
"""Characters of a definition's first lines."""
PASSAGE_SHARE, LATER_SHARE = 0.5, 0.25
"""The part of the budget that is for passages, of its first tokens and of those that come after these.

Passages show how something is written, heads what there is. The likeliest passages are worth more.
"""
FIRST_TOKENS = 1024
SAYS_THE_SAME = "says the same"
PASSAGE_WORTH = 0.5
"""The score of the best passage, beside definitions with their likelihood."""
CALLER_WORTH = 0.6
CALLERS_SHARE = 0.3
"""The part of the budget of an edit that is for what uses the definition that is edited."""
HEADS_SHARE = 0.3
"""The part of a budget for heads where whole files come after them."""
MISSES = 30
"""Pieces that did not fit, after which the budget counts as full."""
THRIFTY_ROOM, MOST_THRIFT = 900, 0.9
"""With so much room, or less, a definition that is twice as long has to be nearly twice as likely."""
TOGETHER = 120
"""Definitions that share the costs of their file's path, which are those of so many characters."""
PATH_LENGTH = 55
LEAST_SCORE = -9.0
"""Definitions that are less likely than this are noise."""
NOTHING: Set[str] = frozenset()
LEAST_TOKENS = 2
"""What no piece is shorter than, with its line break."""
TELLING = 20
"""Characters of a line that is hardly in a file twice."""
MARKS = 2
"""Tokens of a section beside its path and text: the mark before it, and the line break behind it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a file in a prompt: `text[start:end]` of the file, whole lines."""

    path: str
    start: int
    end: int
    text: str
    tokens: int
    score: float
    """How likely it is that the next line uses it, between 0 and 1."""
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """A file as it stands in a prompt, and the parts that it is made of."""

    path: str
    text: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Packed:
    """Sections within a budget, in the order of the prompt."""

    sections: tuple[Section, ...]
    tokens: int
    """All of it as it stands in a prompt, marks and paths included."""
    budget: int

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of all sections."""
        return tuple(part for section in self.sections for part in section.parts)


@dataclass(slots=True)
class _File:
    """What is chosen of one file so far."""

    path: str
    text: str
    spans: dict[tuple[int, int], Part] = field(default_factory=dict)

    def covers(self, start: int, end: int) -> bool:
        return any(first <= start and end <= last for first, last in self.spans)


class Choice:
    """The pieces that are chosen, and what they cost."""

    def __init__(
        self,
        repository: Repository,
        budget: int,
        count: CountTokens,
        shown: Shown,
        already: Sequence[Section],
    ) -> None:
        self._repository = repository
        self._count = count
        self._left = budget
        self.shown = lru_cache(maxsize=None)(shown)
        said: dict[str, list[str]] = {}
        for section in already:
            said.setdefault(section.path, []).extend(section.text.splitlines())
        self._already = {path: frozenset(lines) for path, lines in said.items()}
        self.files: dict[str, _File] = {}

    def add(
        self,
        path: str,
        spans: Sequence[tuple[int, int]],
        score: float,
        reason: str,
        room: int,
    ) -> int:
        """Add pieces of a file; return what they cost, 0 for nothing new, -1 if there is no room for them."""
        file = self.files.get(path)
        if file is None:
            text = self._repository.text(path)
            if text is None:
                return 0
            file = _File(path, text)
        already = self._already.get(self.shown(path), NOTHING) if self._already else NOTHING
        whole = (_unsaid(file.text, *_whole_lines(file.text, *span), already) for span in spans)
        new = [span for span in whole if span[0] < span[1] and not file.covers(*span)]
        texts = {span: file.text[span[0] : span[1]] for span in new}
        tokens = {span: self._count(text) for span, text in texts.items() if not _mostly_in(text, already)}
        cost = sum(tokens.values())
        if tokens and path not in self.files:
            cost += self._count(f"{self.shown(path)}\n") + MARKS
        if cost > min(room, self._left):
            return -1
        for (start, end), length in tokens.items():
            part = Part(path, start, end, texts[start, end], length, score, reason)
            for span in [span for span in file.spans if part.start <= span[0] and span[1] <= part.end]:
                self._left += file.spans.pop(span).tokens
            file.spans[part.start, part.end] = part
            self.files[path] = file
        self._left -= cost
        return cost

    @property
    def is_full(self) -> bool:
        """Whether there is no room for any piece."""
        return self._left < LEAST_TOKENS

    def drop_least(self) -> None:
        """Leave out the piece that is the least likely to be used."""
        file, span, _ = min(
            ((file, span, part) for file in self.files.values() for span, part in file.spans.items()),
            key=lambda each: (each[2].score, each[2].path, each[2].start),
        )
        del file.spans[span]
        if not file.spans:
            del self.files[file.path]

    def text(self, path: str) -> str:
        file = self.files.get(path)
        return file.text if file else self._repository.text(path) or ""


def pack(
    gathered: Gathered,
    repository: Repository,
    budget: int,
    count: CountTokens,
    shown: Shown = str,
    already: Sequence[Section] = (),
) -> Packed:
    """Choose what fits into so many tokens, of what does not stand in the prompt already."""
    choice = Choice(repository, budget, count, shown, already)
    _add_callers(choice, gathered.callers, int(budget * CALLERS_SHARE))
    _add_passages(choice, gathered.passages, _room_for_passages(budget))
    room = int(budget * HEADS_SHARE) if gathered.files else budget
    _add_definitions(choice, repository, _by_worth(gathered.definitions, room), room)
    _add_files(choice, gathered.files, budget)
    return fitted(choice, budget, count)


def fitted(choice: Choice, budget: int, count: CountTokens) -> Packed:
    """What was chosen as it stands in a prompt, without the least of it where that is too long."""
    packed = _packed(choice, budget, count)
    while packed.tokens > max(0, budget):
        # Texts have other tokens together than apart, mostly fewer.
        choice.drop_least()
        packed = _packed(choice, budget, count)
    return packed


def _room_for_passages(budget: int) -> int:
    first = min(budget, FIRST_TOKENS)
    return int(first * PASSAGE_SHARE + (budget - first) * LATER_SHARE)


def _add_callers(choice: Choice, callers: Sequence[tuple[Passage, str]], room: int) -> None:
    for passage, reason in callers:
        cost = choice.add(passage.path, [(passage.start, passage.end)], CALLER_WORTH, reason, room)
        room -= max(cost, 0)


def _add_files(choice: Choice, files: Sequence[Whole], budget: int) -> None:
    misses = 0
    for file in files:
        text = choice.text(file.path)
        if text.strip() and misses <= MISSES:
            cost = choice.add(file.path, [(0, len(text))], likelihood(file.score), file.reason, budget)
            misses = misses + 1 if cost < 0 else 0


def _add_passages(choice: Choice, passages: Sequence[Passage], room: int) -> None:
    misses = 0
    top = max((passage.score for passage in passages), default=1.0) or 1.0
    for passage in passages:
        if passage.score <= 0:
            return
        score = PASSAGE_WORTH * passage.score / top
        cost = choice.add(passage.path, [(passage.start, passage.end)], score, SAYS_THE_SAME, room)
        room -= max(cost, 0)
        misses += cost < 0
        if misses > 8:
            return


def _by_worth(definitions: Sequence[Candidate], room: int) -> list[Candidate]:
    """Order definitions by what they give for their tokens: the less room, the more their length counts."""
    weight = min(MOST_THRIFT, THRIFTY_ROOM / max(1, room))
    together = Counter(candidate.site.path for candidate in definitions[:TOGETHER])

    def worth(candidate: Candidate) -> float:
        site = candidate.site
        path = PATH_LENGTH / max(1, together[site.path])
        return candidate.score - weight * _log(len(site.signature) + path)

    return sorted(definitions, key=worth, reverse=True)


_log = lru_cache(maxsize=4096)(math.log)


def _add_definitions(
    choice: Choice, repository: Repository, definitions: Sequence[Candidate], room: int
) -> None:
    misses = 0
    for candidate in definitions:
        if misses > MISSES or room < LEAST_TOKENS or choice.is_full:
            return
        site = candidate.site
        text = choice.text(site.path)
        if not text or candidate.score < LEAST_SCORE:
            continue
        spans = list(heads_of(text, site))
        if "." in site.qualified:
            holders = _holders(site, repository.holders(site.path))
            spans += [span for holder in holders for span in heads_of(text, holder)]
        cost = choice.add(site.path, spans, likelihood(candidate.score), candidate.reason, room)
        room -= max(cost, 0)
        misses = misses + 1 if cost < 0 else 0


def _holders(site: Site, known: Mapping[str, Site]) -> Iterator[Site]:
    """Yield the definitions around a definition."""
    names = site.qualified.split(".")
    for length in range(1, len(names)):
        holder = known.get(".".join(names[:length]))
        if holder is not None and holder.start <= site.start and site.end <= holder.end:
            yield holder


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """A piece of a text from the start of its first line to the end of its last one, unless these are far."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", max(start, end - 1)) + 1 or len(text)
    return first if start - first <= LONGEST_HEAD else start, last if last - end <= LONGEST_HEAD else end


def heads_of(text: str, site: Site) -> Iterator[tuple[int, int]]:
    """Yield where a definition says what it is: its signature, and its end if only that has the name.

    So it is in C with `typedef struct { … } Name;`.
    """
    start, end = _head_of(text, site)
    yield start, end
    last = text.rfind("\n", 0, site.end) + 1
    if end <= last and site.name not in text[start:end] and site.name in text[last : site.end]:
        yield last, site.end


def _head_of(text: str, site: Site) -> tuple[int, int]:
    """The lines of a file with the signature of a definition."""
    start = text.rfind("\n", 0, site.signature_at) + 1
    end = text.find("\n", min(site.signature_at + len(site.signature), start + LONGEST_HEAD))
    end = len(text) if end < 0 else end + 1
    return start, min(end, start + 2 * LONGEST_HEAD)


def _packed(choice: Choice, budget: int, count: CountTokens) -> Packed:
    sections = []
    for file in choice.files.values():
        parts = tuple(_apart(file, count))
        text = "".join(_lines(parts))
        sections.append(Section(choice.shown(file.path), text, parts))
    sections.sort(key=lambda section: (max(part.score for part in section.parts), section.path))
    return Packed(tuple(sections), sum(cost_of(section, count) for section in sections), budget)


def cost_of(section: Section, count: CountTokens) -> int:
    """The tokens of a section as it stands in a prompt."""
    return count(f"{section.path}\n{section.text}\n") + 1


def _apart(file: _File, count: CountTokens) -> Iterator[Part]:
    """Yield the pieces of a file in their order, each from where the one before it ended."""
    at = 0
    for start, end in sorted(file.spans):
        part = file.spans[start, end]
        if start < at:
            text = file.text[at:end]
            part = replace(part, start=at, text=text, tokens=count(text))
        if part.text:
            yield part
        at = max(at, end)


def _lines(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the texts, each on lines of its own unless it goes on where the one before it ended."""
    for part, after in zip(parts, (*parts[1:], None), strict=True):
        is_whole = part.text.endswith("\n") or (after is not None and after.start == part.end)
        yield part.text if is_whole else part.text + "\n"


def _mostly_in(text: str, already: Set[str]) -> bool:
    """Whether half of the lines of a text, or more, are among those that are said already."""
    lines = [line for line in text.splitlines() if line.strip()]
    return bool(already) and 2 * sum(line in already for line in lines) >= len(lines)


def _unsaid(text: str, start: int, end: int, already: Set[str]) -> tuple[int, int]:
    """The longest part of a piece in which no line is said already that hardly stands in a file twice."""
    if not already:
        return start, end
    best, at = (start, start), start
    for line in text[start:end].splitlines(keepends=True):
        at += len(line)
        said = line.rstrip("\r\n")
        if len(said) >= TELLING and said in already:
            start = at
        elif at - start > best[1] - best[0]:
            best = start, at
    return best
