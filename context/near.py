"""What stands near the cursor: which names are used there, of which types they are, and which words say it.

All of it comes from the text alone, by regular expressions, since it is asked often and in code that is only
half written. A name that is guessed wrongly costs a little room in a prompt, nothing else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

from context.license import license_end
from context.outline import Definition, Outline
from context.search import words_of

LINES_BEFORE, LINES_AFTER = 24, 10
"""Lines whose names count as near."""
WORDS_BEFORE, WORDS_AFTER = 20, 3
"""Lines whose words say what is being written."""
AFTER = 0.5
"""What a line after the cursor counts, beside one before it."""
PAIR_LINES, PAIR_FADING = 4, 3
"""Lines before the cursor whose pairs of tokens say how code goes on, and after which one counts half."""
FADING = 8
"""Lines after which a name counts half."""
HOLDER = 0.5
"""What the first line of a definition counts in which the cursor is, however far up it stands."""
LONGEST = 400
"""Characters of a line that are looked at; longer ones are data."""
TYPE_REACH = 16_000
"""Characters before the cursor in which the type of a name is looked for."""
MOST_NAMES = 64
MOST_VARIABLES = 24

IDENTIFIER = re.compile(r"[^\W\d]\w*")
TOKEN = re.compile(r"\w+|[^\w\s]")
RECEIVER = re.compile(r"([^\W\d]\w*)\s*(?:\.|->|::|\?\.)(?=\s*(?:\w|$))")
AT_MEMBER = re.compile(r"([^\W\d]\w*)\s*(?:\.|->|::|\?\.)\s*\w*\Z")
TYPE_NAME = re.compile(r"[A-Z]\w*[a-z]\w*|[A-Z]{3,}\w*")
_WRAPPED = r"(?:[&*\s]|mut\b|dyn\b|const\b|readonly\b|[A-Za-z_.]++[\[<])*"
"""What may stand before a type; each text in one way only, since it is tried at every place of a line."""
DECLARED = (
    re.compile(
        rf"\b(?P<name>[^\W\d]\w*)\s*\??(?::\s*{_WRAPPED}|\s+\*?)(?:\w+(?:\.|::))*(?P<kind>[A-Z]\w*)",
    ),
    re.compile(
        r"\b(?P<name>[^\W\d]\w*)\s*:?=\s*(?:await\b|new\b|[&*\s])*(?:\w+(?:\.|::|->))*(?P<kind>[^\W\d]\w*)\s*[({<:]"
    ),
    re.compile(r"\b(?P<kind>[A-Z]\w*)(?:<[^<>\n]*>)?(?:\[\])?[\s*&]+(?P<name>[^\W\d]\w*)\b"),
)
"""How a name gets a type: `cart: Cart` or Go's `cart *Cart`, `cart = open_cart(`, and `Cart cart`."""
KEYWORDS = frozenset(
    """
    abstract and as assert async await begin bool boolean break byte case catch char class const
    constexpr continue data def default defer del delete do double elif else elsif end ensure enum
    except export extends extern false final finally float fn for from fun func function get global go
    goto if impl implements import in include inline instanceof int int32 int64 interface internal is it
    lambda let long loop map match mod module mut mutable namespace new next nil none None not null of
    operator or out override package pass private protected pub public raise range ref require rescue
    return rtype select self set short signed sizeof static std str string struct super switch template
    then this throw throws trait true True False try type typedef typename u8 u16 u32 u64 i8 i16 i32 i64
    usize uint undefined union unless unsafe unsigned until use using val var virtual void volatile when
    where while with yield len print Some Ok Err Self Option Vec Box String Result
    """.split()  # noqa: SIM905 - a list of so many would take as many lines
)
"""Words of common languages that name nothing in a repository."""


@dataclass(frozen=True, slots=True)
class Near:
    """What stands near a cursor. Weights lie between 0 and 1; what is nearest weighs most."""

    names: dict[str, float]
    """Names used near the cursor, the heaviest first."""
    receivers: dict[str, float]
    """Names behind which a dot stands near the cursor."""
    behind: frozenset[str]
    """Behind the dot of what the cursor stands: the name, and the types and functions that it comes from."""
    types: dict[str, float]
    """Names of types that near names have, or that are near themselves."""
    makers: dict[str, float]
    """Functions from whose result a near name was taken."""
    words: tuple[str, ...]
    """What to search for: the words of the last lines, the last ones first."""
    weights: dict[str, float]
    """Each of the words of near lines, in small letters, with its weight."""
    pairs: dict[str, float]
    """Pairs of tokens of the last lines before the cursor, as `pairs_of` spells them."""
    holders: tuple[Definition, ...]
    """The definitions in which the cursor is, the outermost first."""


def counts_at(text: str, cursor: int) -> Mapping[str, int]:
    """How often each name stands in a text. All but the line of the cursor is read once."""
    start, end = text.rfind("\n", 0, cursor) + 1, text.find("\n", cursor)
    end = len(text) if end < 0 else end
    counts = _counts_around(text[:start], text[end:]).copy()
    counts.update(IDENTIFIER.findall(text, start, end))
    return counts


@lru_cache(maxsize=2)
def _counts_around(before: str, after: str) -> Counter[str]:
    """How often names stand in two parts of a text between which a line is missing."""
    return Counter(chain(IDENTIFIER.findall(before), IDENTIFIER.findall(after)))


def near(text: str, cursor: int, outline: Outline) -> Near:
    """Return what stands near an offset of a text. The outline may be some edits older than the text."""
    holders = tuple(_holders(outline, text, cursor))
    lines = list(_lines(text, cursor))
    lines += [(definition.signature[:LONGEST], HOLDER) for definition in holders]
    names: dict[str, float] = {}
    receivers: dict[str, float] = {}
    weights: dict[str, float] = {}
    for line, weight in lines:
        for name in IDENTIFIER.findall(line):
            if len(name) > 1 and name not in KEYWORDS:
                names[name] = max(weight, names.get(name, 0.0))
        for name in RECEIVER.findall(line):
            receivers[name] = max(weight, receivers.get(name, 0.0))
        for word in words_of(line):
            if word not in KEYWORDS:
                weights[word] = max(weight, weights.get(word, 0.0))
    names = _heaviest(names, MOST_NAMES)
    types, makers = _types(text[max(0, cursor - TYPE_REACH) : cursor], names)
    said = chain(_after(text, cursor, WORDS_AFTER), reversed(_before(text, cursor, WORDS_BEFORE)))
    words = dict.fromkeys(word for line in said for word in reversed(words_of(line)) if word not in KEYWORDS)
    at_member = AT_MEMBER.search(text[max(0, cursor - LONGEST) : cursor])
    behind = _behind(text[max(0, cursor - TYPE_REACH) : cursor], at_member[1]) if at_member else frozenset()
    pairs = _pairs(text, cursor)
    return Near(names, receivers, behind, types, makers, tuple(words), weights, pairs, holders)


def _behind(text: str, receiver: str) -> frozenset[str]:
    declared = (pair for line in text.split("\n") for pair in _declared(line[:LONGEST]))
    return frozenset({receiver, *(kind for name, kind in declared if name == receiver)})


def pairs_of(line: str) -> list[str]:
    """The tokens of a line by twos, with a blank between them: `sort (`. Words have no blanks."""
    tokens = TOKEN.findall(line[:LONGEST])
    return [f"{one} {other}" for one, other in pairwise(tokens)]


def _pairs(text: str, cursor: int) -> dict[str, float]:
    said = [line for line in _before(text, cursor, WORDS_BEFORE) if line.strip()][-PAIR_LINES:]
    weights: dict[str, float] = {}
    for distance, line in enumerate(reversed(said)):
        for pair in pairs_of(line):
            weights.setdefault(pair, 1 / (1 + distance / PAIR_FADING))
    return weights


def _heaviest(weights: dict[str, float], most: int) -> dict[str, float]:
    return dict(sorted(weights.items(), key=lambda each: -each[1])[:most])


def _before(text: str, cursor: int, count: int) -> list[str]:
    """The last lines before the cursor, that of the cursor included; none of the licence."""
    start = max(min(cursor, license_end(text)), cursor - count * LONGEST)
    return [line[:LONGEST] for line in text[start:cursor].split("\n")[-count:]]


def _after(text: str, cursor: int, count: int) -> list[str]:
    return [line[:LONGEST] for line in text[cursor : cursor + count * LONGEST].split("\n")[:count]]


def _lines(text: str, cursor: int) -> Iterator[tuple[str, float]]:
    """Yield the near lines, each with its weight; empty ones do not count as distance."""
    for lines, most in (
        (reversed(_before(text, cursor, LINES_BEFORE)), 1.0),
        (_after(text, cursor, LINES_AFTER), AFTER),
    ):
        said = (line for line in lines if line.strip())
        for distance, line in enumerate(said):
            yield line, most / (1 + distance / FADING)


def _holders(outline: Outline, text: str, cursor: int) -> Iterator[Definition]:
    """Yield the definitions around the cursor. Past the end of one, indentation says whether it goes on."""
    depth = _depth(text, text.rfind("\n", 0, cursor) + 1, cursor)
    for definition in outline.definitions:
        if definition.body is None or definition.start > cursor:
            continue
        if cursor <= definition.end:
            yield definition
        elif not text[definition.end : cursor].strip():
            line = text.rfind("\n", 0, definition.name_at) + 1
            if depth > _depth(text, line, definition.name_at):
                yield definition


def _depth(text: str, line: int, end: int) -> int:
    """How far a line is indented."""
    said = text[line:end]
    return len(said) - len(said.lstrip())


def _types(text: str, names: dict[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Types that near names have in a text, and functions that made them; the last one said counts most."""
    types = {name: 0.6 * weight for name, weight in names.items() if TYPE_NAME.fullmatch(name)}
    variables = [name for name in names if not TYPE_NAME.fullmatch(name)][:MOST_VARIABLES]
    makers: dict[str, float] = {}
    wanted = dict.fromkeys(variables)
    for line in text.split("\n"):
        for name, kind in _declared(line[:LONGEST]):
            if name in wanted:
                into = types if kind[:1].isupper() else makers
                into[kind] = max(names[name], into.get(kind, 0.0))
    return types, makers


@lru_cache(maxsize=16_384)
def _declared(line: str) -> tuple[tuple[str, str], ...]:
    """The names to which a line gives a type, and those that it takes from a function, each with that."""
    return tuple((found["name"], found["kind"]) for form in DECLARED for found in form.finditer(line))
