"""What is wanted first at a place, language by language, and the whole of what is gathered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from context.gather import Gathered, gather
from context.opened import Outlines, repository_of
from context.parse import parse
from context.repository import Memo, Repository
from context.signs import REASONS, Purpose
from context.snapshot import Workspace
from tests.cases.contexts import ContextCase, files_of_page, read_context_cases
from tests.context.places import Place, World, world

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


SHOP = {
    "shop/cart.py": "class Cart:\n    def add_item(self, item): ...\n\n\ndef open_cart(name): ...\n",
    "shop/here.py": "class Canary:\n    def canary_method(self): ...\n",
    "shop/old.py": "def deleted_meanwhile(): ...\n",
    "shop/desk.py": "from shop.here import Canary\n\n\ndef desk():\n    open_cart(Canary())\n",
}
MARKED = "from shop.cart import Cart\n\ncart = open_cart()\ndeleted_meanwhile(cart.‸)\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("shop"), SHOP)


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_nothing_comes_from_the_copy_on_disk_of_the_file_here(shop: World, purpose: Purpose) -> None:
    place = shop.at("shop/here.py", MARKED + "\nCanary().canary_method()\n")
    gathered = place.gathered(purpose)
    paths = [each.site.path for each in gathered.definitions]
    paths += [each.path for each in (*gathered.passages, *gathered.files)]
    paths += [passage.path for passage, _ in gathered.callers]
    assert paths
    assert place.repository.here not in paths


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_open_documents_are_as_they_are_shown(shop: World, purpose: Purpose) -> None:
    typed = "def typed_a_moment_ago(cart): ...\n"
    gathered = shop.at("shop/here.py", MARKED, {"shop/old.py": typed}).gathered(purpose)
    names = {each.site.name for each in gathered.definitions}
    assert "typed_a_moment_ago" in names
    assert "deleted_meanwhile" not in names
    assert typed in {passage.text for passage in gathered.passages}


def test_the_same_place_gives_the_same_in_the_same_order(shop: World) -> None:
    first, second = (shop.at("shop/here.py", MARKED).gathered("chat") for _ in range(2))
    assert first == second
    scores = [each.score for each in first.definitions]
    assert scores == sorted(scores, reverse=True)


def test_a_candidate_has_a_reason_that_people_can_read(shop: World) -> None:
    gathered = shop.at("shop/here.py", MARKED).gathered()
    assert {each.reason for each in gathered.definitions} <= set(REASONS.values())


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_a_document_that_lies_nowhere_sees_the_repository(shop: World, purpose: Purpose) -> None:
    workspace = Workspace([shop.root])
    workspace.opened("untitled:1", None, "python", 1, "from shop.cart import Cart\n\n")
    (document,) = workspace.snapshot.documents.values()
    repository = repository_of(workspace.snapshot, document, [shop.index], Outlines(), lambda path: path)
    gathered = Place(shop.root, repository, document, len(document.text)).gathered(purpose)
    assert gathered.definitions[0].site.name == "Cart"


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_an_empty_repository_says_nothing(purpose: Purpose) -> None:
    repository = Repository([], {}, "/r/here.py", Memo())
    text = MARKED.replace("‸", "")
    gathered = gather(repository, "/r/here.py", text, len(text), parse(text, "python"), purpose)
    assert gathered == Gathered((), ())


def test_paths_that_are_no_characters_are_found(tmp_path: Path) -> None:
    odd = world(tmp_path, {"caf\udce9/a\nb.py": "def odd_name(): ...\n", "here.py": ""})
    place = odd.at("here.py", "odd_name(‸)\n")
    assert place.first(1) == ["caf\udce9/a\nb.py odd_name"]
    assert place.gathered("chat").files
