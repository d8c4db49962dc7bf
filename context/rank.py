"""Which files matter to others: the graph of who uses what is defined where, and rank in it.

A name that few files define and few use says most about who needs whom. The graph is made when files were
indexed, and is stored as arrays; ranks are found from some files by pushing weight along its edges until
little is left to push (personalised PageRank by forward push). That touches some hundred files and takes a
few milliseconds in plain Python; matrices of the whole graph would want a library of many megabytes.
"""

from __future__ import annotations

import zlib
from array import array
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import sqrt
from operator import itemgetter

MOST_DEFINERS = 8
"""Files that define a name. One that more of them define says nothing about any."""
MOST_USERS = 400
"""Files that use a name."""
MOST_EDGES = 24
"""Edges from one file; the weakest are left out."""
BACK = 0.25
"""What it counts to be used, beside using."""
RESTART = 0.2
"""Share of the weight that stays where it arrives."""
LITTLE = 1e-4
"""Weight for each edge of a file that is not worth pushing on."""
ROUNDS = 20

Uses = Iterable[tuple[Sequence[int], Sequence[tuple[int, int]]]]
"""For each name, the contents that define it, and those that use it, with how often they do."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Contents, and from each its edges, whose weights sum to 1."""

    contents: array[int]
    starts: array[int]
    """Where the edges of each content begin, and at last where those of the last one end."""
    targets: array[int]
    """Places in `contents`."""
    weights: array[float]
    ranks: array[float]
    """How much each content matters to all."""

    def from_all(self) -> dict[int, float]:
        """The rank of each content, of 1 in all."""
        return dict(zip(self.contents, self.ranks, strict=True))

    def from_some(self, contents: Iterable[int]) -> dict[int, float]:
        """The rank of the contents that matter to some, of at most 1 in all."""
        places = {content: place for place, content in enumerate(self.contents)}
        sources = [places[content] for content in contents if content in places]
        ranks: dict[int, float] = defaultdict(float)
        left: dict[int, float] = defaultdict(float)
        for source in sources:
            left[source] += 1 / len(sources)
        waiting = deque(sources)
        while waiting:
            place = waiting.popleft()
            weight = left.pop(place, 0.0)
            ranks[self.contents[place]] += RESTART * weight
            for target, share in self._edges(place):
                before = left[target]
                left[target] = after = before + (1 - RESTART) * weight * share
                least = LITTLE * (self.starts[target + 1] - self.starts[target])
                if before < least <= after:
                    waiting.append(target)
        return dict(ranks)

    def _edges(self, place: int) -> Iterable[tuple[int, float]]:
        edges = slice(self.starts[place], self.starts[place + 1])
        return zip(self.targets[edges], self.weights[edges], strict=True)


def graph_of(uses: Uses) -> Graph:
    """Make the graph, and rank all of it."""
    both: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for source, target, much in list(_strongest(uses)):
        both[source][target] += much
        both[target][source] += BACK * much
    contents = array("q", sorted(both))
    places = {content: place for place, content in enumerate(contents)}
    starts, targets, weights = array("I", [0]), array("I"), array("f")
    for content in contents:
        best = nlargest(MOST_EDGES, both[content].items(), key=itemgetter(1))
        total = sum(much for _, much in best)
        targets.extend(places[target] for target, _ in best)
        weights.extend(much / total for _, much in best)
        starts.append(len(targets))
    return Graph(contents, starts, targets, weights, _ranks(starts, targets, weights))


def _strongest(uses: Uses) -> Iterator[tuple[int, int, float]]:
    """How much a content needs another one, for those that it needs most."""
    needs: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for definers, users in uses:
        for user, count in users:
            # The more files define a name or use it, the less it says of any two of them.
            much = sqrt(min(count, 25)) / (len(definers) * sqrt(len(users)))
            for definer in definers:
                if definer != user:
                    needs[user][definer] += much
    for user, needed in needs.items():
        for definer, much in nlargest(MOST_EDGES, needed.items(), key=itemgetter(1)):
            yield user, definer, much


def _ranks(starts: array[int], targets: array[int], weights: array[float]) -> array[float]:
    count = len(starts) - 1
    ranks = [1 / max(1, count)] * count
    for _ in range(ROUNDS):
        new = [RESTART / max(1, count)] * count
        for place, rank in enumerate(ranks):
            pushed = (1 - RESTART) * rank
            for edge in range(starts[place], starts[place + 1]):
                new[targets[edge]] += pushed * weights[edge]
        ranks = new
    return array("f", ranks)


def packed(graph: Graph) -> bytes:
    """The graph as it is stored."""
    arrays = (graph.contents, graph.starts, graph.targets, graph.weights, graph.ranks)
    parts = [each.tobytes() for each in arrays]
    sizes = array("Q", [len(part) for part in parts])
    return zlib.compress(b"".join([sizes.tobytes(), *parts]), 1)


def unpacked(data: bytes) -> Graph:
    """The graph again. Raises zlib.error or ValueError for what is damaged."""
    rest = memoryview(zlib.decompress(data))
    sizes = array("Q", rest[:40].tobytes())
    rest = rest[40:]
    parts = []
    for size in sizes:
        parts.append(rest[:size].tobytes())
        rest = rest[size:]
    contents, starts, targets, weights, ranks = parts
    return Graph(
        array("q", contents), array("I", starts), array("I", targets), array("f", weights), array("f", ranks)
    )
