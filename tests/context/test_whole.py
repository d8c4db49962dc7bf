"""For edits and chat: who calls and tests a definition, and which files are shown whole."""

from __future__ import annotations

import pytest

from context import whole
from context.whole import (
    CALLS,
    DOCUMENT,
    IMPORTED,
    IMPORTS,
    NEAR,
    NEEDED,
    OPEN,
    PROMISING,
    TESTS,
    callers,
)
from tests.context.places import Place, World, world

CART = "class Cart:\n    def weigh(self):\n        return 1\n\n\ndef empty_cart(cart):\n    cart.clear()\n"
FILES = {
    "src/shop/cart.py": CART,
    "src/shop/desk.py": """import shop.cart


class Desk:
    def close(self, cart):
        # At night.
        empty_cart(cart)
        empty_cart(cart)

    def open(self):
        pass


def tidy_up(carts):
    for cart in carts:
        empty_cart(cart)
""",
    "src/shop/other.py": "def empty_cart(bag):\n    bag.shake()\n",
    "src/shop/rules.py": "LIMIT = 3\n\n\ndef limit_of(cart):\n    return LIMIT\n",
    "src/shop/deep.py": "def deep_rule(cart):\n    return limit_of(cart)\n",
    "src/far/away.py": "PLANETS = 9\n",
    "src/far/page.html": "<p>Planets</p>\n",
    "tests/test_desk.py": "def test_that_it_is_empty():\n    empty_cart(1)\n",
    "README.md": "# Shop\n",
    "AGENTS.md": "Be brief.\n",
    "src/shop/README.rst": "The shop itself.\n",
    "src/far/README.md": "Far away.\n",
    "notes.md": "# Notes\n",
}
EDITED = CART.replace("cart.clear()", "cart.clear()‸")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("whole"), FILES)


def calling(place: Place) -> list[tuple[str, str]]:
    """First lines of what calls the definition here, with the reason."""
    return [
        (passage.text.split("\n")[0].strip(), why) for passage, why in callers(place.repository, place.here())
    ]


def files(place: Place) -> dict[str, str]:
    """The files that are shown whole, the best first, with their reasons."""
    return {each.path.removeprefix(f"{place.root}/"): each.reason for each in place.gathered("chat").files}


def test_what_calls_the_definition_here_comes_before_what_tests_it(shop: World) -> None:
    assert calling(shop.at("src/shop/cart.py", EDITED)) == [
        ("def close(self, cart):", CALLS),
        ("def tidy_up(carts):", CALLS),
        ("def test_that_it_is_empty():", TESTS),
    ]


def test_a_definition_of_the_same_name_is_no_call(shop: World) -> None:
    assert not [line for line, _ in calling(shop.at("src/shop/cart.py", EDITED)) if "bag" in line]


def test_a_caller_stands_there_whole(shop: World) -> None:
    place = shop.at("src/shop/cart.py", EDITED)
    (passage, _), *_ = callers(place.repository, place.here())
    text = FILES["src/shop/desk.py"]
    assert passage.text == text[passage.start : passage.end]
    assert passage.text.startswith("    def close(self, cart):\n")
    assert passage.text.endswith("        empty_cart(cart)\n")


def test_between_tests_a_call_is_a_call(shop: World) -> None:
    found = calling(shop.at("tests/test_cart.py", "def empty_cart(cart):\n    pass‸\n"))
    assert ("def test_that_it_is_empty():", CALLS) in found


def test_a_call_typed_just_now_in_an_open_document_is_found_and_one_deleted_there_is_not(shop: World) -> None:
    typed = "def typed_now(cart):\n    empty_cart(cart)\n"
    found = calling(shop.at("src/shop/cart.py", EDITED, {"src/shop/desk.py": typed}))
    assert found == [("def typed_now(cart):", CALLS), ("def test_that_it_is_empty():", TESTS)]


def test_outside_of_all_definitions_there_is_nothing_to_call(shop: World) -> None:
    assert calling(shop.at("src/shop/cart.py", "‸" + CART)) == []


def test_only_an_edit_shows_callers(shop: World) -> None:
    place = shop.at("src/shop/cart.py", EDITED)
    assert place.gathered("edit").callers
    assert not place.gathered("fill").callers
    assert not place.gathered("fill").files


def test_the_documents_of_the_project_come_first_those_of_other_folders_do_not(shop: World) -> None:
    found = files(shop.at("src/shop/cart.py", EDITED))
    documents = {name for name, reason in found.items() if reason == DOCUMENT}
    assert documents == {"AGENTS.md", "README.md", "src/shop/README.rst"}
    assert documents <= set(list(found)[:5])


def test_open_documents_and_imports_are_shown_whole(shop: World) -> None:
    marked = "from shop.rules import limit_of\n\n\n‸"
    found = files(shop.at("src/shop/till.py", marked, {"src/far/away.py": "PLANETS = 8\n"}))
    assert found["src/far/away.py"] == OPEN
    assert found["src/shop/rules.py"] == IMPORTED
    names = list(found)
    assert names.index("src/far/away.py") < names.index("src/shop/deep.py")
    assert names.index("src/shop/rules.py") < names.index("src/shop/deep.py")


def test_files_that_import_this_one_are_shown_whole(shop: World) -> None:
    assert files(shop.at("src/shop/cart.py", "x = 1‸"))["src/shop/desk.py"] == IMPORTS


def test_what_nothing_speaks_for_comes_last_and_only_in_the_same_language(shop: World) -> None:
    found = files(shop.at("src/shop/cart.py", "x = 1‸"))
    assert found["src/far/away.py"] == NEAR
    assert list(found)[-1] == "src/far/away.py"
    assert "src/far/page.html" not in found


def test_what_is_needed_by_what_is_used_here_is_shown(tmp_path_factory: pytest.TempPathFactory) -> None:
    chain = world(
        tmp_path_factory.mktemp("needed"),
        {
            "a/one.py": "from b.two import second\n\n\ndef first():\n    second()\n",
            "b/two.py": "from c.three import third\n\n\ndef second():\n    third()\n",
            "c/three.py": "def third(): ...\n",
            "d/four.py": "def fourth(): ...\n",
        },
    )
    found = files(chain.at("here.py", "from a.one import first\n\n‸"))
    names = list(found)
    assert names[0] == "a/one.py"
    assert found["b/two.py"] in (NEEDED, PROMISING)
    assert names.index("b/two.py") < names.index("d/four.py")
    assert names.index("c/three.py") < names.index("d/four.py")


def test_the_file_here_is_not_shown(shop: World) -> None:
    for purpose in ("edit", "chat"):
        gathered = shop.at("src/shop/cart.py", EDITED).gathered(purpose)  # type: ignore[arg-type]
        assert not [each for each in gathered.files if each.path.endswith("cart.py")]


def test_only_so_many_files_are_looked_at(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "MOST_FILES", 4)
    assert len(files(shop.at("src/shop/cart.py", EDITED))) == 4
