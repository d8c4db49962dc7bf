"""What is wanted first at a place, language by language, and the whole of what is gathered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cases.contexts import ContextCase, files_of_page, read_context_cases
from tests.context.places import World, world

Worlds = Callable[[str], World]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """The repository of a page of cases."""
    known: dict[str, World] = {}

    def of(page: str) -> World:
        if page not in known:
            known[page] = world(tmp_path_factory.mktemp(page), files_of_page(page))
        return known[page]

    return of


@pytest.mark.parametrize("case", read_context_cases(), ids=str)
def test_what_is_wanted_comes_first(case: ContextCase, worlds: Worlds) -> None:
    place = worlds(case.page).at(case.here, case.marked)
    assert set(case.wanted) <= set(place.first(2 * len(case.wanted) - 1))
    reasons = place.reasons()
    for name, reason in case.wanted.items():
        assert reason in reasons[name]
