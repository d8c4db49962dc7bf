"""Rank: files that are needed matter, to those most that need them."""

from __future__ import annotations

import random
import zlib

import pytest

from context.rank import MOST_EDGES, Graph, graph_of, packed, unpacked

CART, MAIL, PRICES, TEST, OTHER = 10, 20, 30, 40, 50
USES = [
    ([MAIL], [(CART, 4)]),
    ([PRICES], [(CART, 1), (MAIL, 1), (TEST, 1)]),
    ([CART], [(TEST, 9)]),
    ([OTHER, TEST], [(OTHER, 1)]),
]


@pytest.fixture
def graph() -> Graph:
    return graph_of(USES)


def test_what_a_file_uses_matters_to_it_and_what_hardly_has_to_do_with_it_does_not(graph: Graph) -> None:
    ranks = graph.from_some([CART])
    assert max(ranks, key=ranks.__getitem__) == CART
    assert ranks[MAIL] > ranks[PRICES] > ranks.get(OTHER, 0)
    assert 0.5 < sum(ranks.values()) <= 1.0


def test_it_matters_also_who_uses_a_file(graph: Graph) -> None:
    assert graph.from_some([MAIL])[CART] > graph.from_some([MAIL]).get(TEST, 0) > 0


def test_to_all_those_matter_most_that_are_used_most(graph: Graph) -> None:
    ranks = graph.from_all()
    assert set(ranks) == {CART, MAIL, PRICES, TEST, OTHER}
    assert sum(ranks.values()) == pytest.approx(1, abs=0.01)
    assert min(ranks, key=ranks.__getitem__) == OTHER


def test_some_ranks_come_near_to_those_of_all_when_all_are_asked_for(graph: Graph) -> None:
    everything, some = graph.from_all(), graph.from_some(graph.contents)
    assert sorted(everything, key=everything.__getitem__) == sorted(some, key=some.__getitem__)


def test_files_that_are_not_in_the_graph_have_no_rank(graph: Graph) -> None:
    assert graph.from_some([99]) == graph.from_some([]) == {}
    assert graph.from_some([99, CART]) == graph.from_some([CART])


def test_no_names_make_an_empty_graph() -> None:
    empty = graph_of([])
    assert empty.from_all() == {}
    assert unpacked(packed(empty)) == empty


def test_a_graph_is_the_same_when_it_comes_back(graph: Graph) -> None:
    assert unpacked(packed(graph)) == graph


@pytest.mark.parametrize("data", [b"", b"none", zlib.compress(b"short"), zlib.compress(b"\0" * 39)])
def test_a_damaged_graph_is_refused(data: bytes) -> None:
    with pytest.raises((zlib.error, ValueError)):
        unpacked(data)


def test_the_strongest_edges_of_a_file_are_kept_and_sum_to_one() -> None:
    chance = random.Random(1)
    graph = graph_of([([target], [(1, chance.randrange(1, 20))]) for target in range(2, 100)])
    place = list(graph.contents).index(1)
    edges = slice(graph.starts[place], graph.starts[place + 1])
    assert len(graph.targets[edges]) == MOST_EDGES
    assert sum(graph.weights[edges]) == pytest.approx(1, abs=1e-5)
