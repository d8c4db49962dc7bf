"""What brings definitions up, sign by sign."""

from __future__ import annotations

import pytest

from context.imported import MOST_OF_MODULE
from context.members import MOST_MEANINGS
from context.signs import REASONS, WEIGHTS, reason_for, worth
from tests.context.places import Place, World, world

CART = """from shop.core import Basket


class Cart(Basket):
    limit = 10

    def add(self, item):
        self.items.append(item)

    class Inner:
        def deep(self): ...


def open_cart(name) -> Cart:
    return Cart()


def weigh_cart(cart):
    return heavy(cart)
"""
FILES = {
    "shop/cart.py": CART,
    "shop/core.py": """class Root:
    def grow(self): ...


class Basket(Root):
    def carry(self): ...
""",
    "shop/heavy.py": "def heavy(thing):\n    return thing.weight\n",
    "shop/prices.py": "def price_of(cart):\n    return weigh_cart(cart) * RATE\n\n\nRATE = 2\n",
    "shop/docs.md": "# Weigh carts\n\nCarts are weighed.\n",
    "far/a/b/c/tools.py": "def polish(): ...\n\n\ndef same(): ...\n",
    "tests/test_cart.py": "def make_cart():\n    return open_cart('x')\n",
    **{f"many/m{number}.py": "def same(): ...\n" for number in range(MOST_MEANINGS + 1)},
    "big/names.py": "".join(f"NAME_{number} = 1\n" for number in range(2 * MOST_OF_MODULE)) + "MARBLE = 1\n",
}

CARRY = "shop/core.py Basket.carry"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("shop"), FILES)


def signs(place: Place, name: str) -> dict[str, float]:
    """The signs of a definition that has any."""
    found = place.signed()
    return {sign: strength for sign, strength in found[name].signs.items() if strength}


def test_every_sign_has_a_weight(shop: World) -> None:
    place = shop.at("shop/here.py", "from shop.cart import Cart\n\ncart = open_cart()\nprice_of(cart.‸")
    for each in place.signed().values():
        assert each.signs.keys() <= WEIGHTS.keys()
        assert reason_for(each.signs) in REASONS.values()
        assert all(0 <= strength <= 1 for strength in each.signs.values())


@pytest.mark.parametrize(
    "marked",
    [
        "from shop.cart import Cart\n\ncart = open_cart()\nprice_of(cart.‸",
        "from shop.cart import Cart\nimport shop.prices\n\n\ndef weigh(cart: Cart):\n    rate = ‸",
    ],
)
def test_a_score_is_the_sum_of_all_signs(shop: World, marked: str) -> None:
    place = shop.at("shop/here.py", marked, {"far/a/b/c/tools.py": "def polish_cart(): ...\n"})
    signed = place.signed()
    for each in place.gathered().definitions:
        signs = signed[place.named(each.site)].signs
        assert each.score == pytest.approx(WEIGHTS["bias"] + worth(signs))
        assert each.reason == reason_for(signs)


def test_each_definition_is_found_once(shop: World) -> None:
    found = shop.at("main.py", "from shop.cart import Cart, open_cart\n\nCart().‸").gathered().definitions
    sites = [each.site for each in found]
    assert len({(site.path, site.start, site.name) for site in sites}) == len(sites)


def test_an_import_that_is_not_used_yet_says_what_comes_next(shop: World) -> None:
    place = shop.at("main.py", "from shop.cart import open_cart\nfrom shop.heavy import heavy\n\nheavy(1)\n‸")
    assert "imported-unused" in signs(place, "shop/cart.py open_cart")
    assert "imported-near" in signs(place, "shop/heavy.py heavy")


def test_an_import_that_is_used_far_away_is_still_one(shop: World) -> None:
    lines = "\n".join(f"value_{number} = {number}" for number in range(60))
    place = shop.at("main.py", f"from shop.heavy import heavy\n\nheavy(1)\n{lines}\n‸")
    assert "imported-far" in signs(place, "shop/heavy.py heavy")


def test_an_import_that_leads_nowhere_brings_nothing_up(shop: World) -> None:
    place = shop.at("main.py", "from numpy.linalg import norm\nimport requests\n‸")
    assert not {"imported-unused", "module", "module-near"} & {
        sign for each in place.signed().values() for sign in each.signs
    }


def test_a_module_that_is_named_near_is_more_than_one_that_is_not(shop: World) -> None:
    lines = "\n".join(f"value_{number} = {number}" for number in range(60))
    near = shop.at("main.py", "import shop.prices as prices\n\nprices.‸")
    far = shop.at("main.py", f"import shop.prices as prices\n{lines}\n‸")
    assert "module-near" in signs(near, "shop/prices.py price_of")
    assert "module" in signs(far, "shop/prices.py price_of")


def test_of_a_big_module_what_sounds_like_the_place_is_taken(shop: World) -> None:
    place = shop.at("main.py", "from big import names\n\nmarble = names.‸")
    found = [name for name in place.signed() if name.startswith("big/names.py")]
    assert MOST_OF_MODULE <= len(found) < 2 * MOST_OF_MODULE
    assert "module-near" in signs(place, "big/names.py MARBLE")


def test_members_of_a_near_type_and_of_its_bases_are_wanted(shop: World) -> None:
    place = shop.at("main.py", "from shop.cart import Cart\n\n\ndef fill(cart: Cart):\n    cart.‸")
    members = {name: signs(place, name).get("member", 0) for name in place.signed()}
    assert members["shop/cart.py Cart.add"] > members["shop/core.py Basket.carry"] > 0
    assert members["shop/cart.py Cart.limit"] == members["shop/cart.py Cart.Inner"] > 0
    assert not members.get("shop/cart.py Cart.Inner.deep")


@pytest.mark.parametrize(
    ("marked", "wanted"),
    [
        ("from shop.cart import Cart\n\n\ndef fill(cart: Cart):\n    cart.ad‸", "shop/cart.py Cart.add"),
        ("import shop.prices as prices\n\nprices.‸", "shop/prices.py price_of"),
        ("from shop.core import Basket\n\n\nclass Bag(Basket):\n    def hold(self):\n        self.‸", CARRY),
    ],
)
def test_behind_a_dot_what_belongs_to_it_is_wanted(shop: World, marked: str, wanted: str) -> None:
    assert "wanted" in signs(shop.at("main.py", marked), wanted)
    assert "wanted" not in signs(shop.at("main.py", marked.replace("‸", "x\n‸")), wanted)


def test_members_of_all_bases_of_the_class_here_are_wanted(shop: World) -> None:
    place = shop.at(
        "main.py", "from shop.cart import Cart\n\n\nclass Bag(Cart):\n    def f(self):\n        self.‸"
    )
    inherited = {name for name in place.signed() if "inherited" in signs(place, name)}
    assert inherited >= {"shop/cart.py Cart.add", "shop/core.py Basket.carry", "shop/core.py Root.grow"}


def test_what_made_a_value_says_which_members_are_wanted(shop: World) -> None:
    place = shop.at("main.py", "from shop.cart import open_cart\n\nbig = open_cart('big')\nbig.‸")
    assert "maker" in signs(place, "shop/cart.py open_cart")
    assert "member" in signs(place, "shop/cart.py Cart.add")


def test_the_same_folder_comes_without_imports_and_other_folders_do_not(shop: World) -> None:
    place = shop.at("shop/here.py", "x = 1\n‸")
    assert "folder" in signs(place, "shop/heavy.py heavy")
    assert "folder" in signs(place, "shop/cart.py Cart.add")
    assert not any("folder" in each.signs for name, each in place.signed().items() if "polish" in name)


def test_names_that_files_of_the_same_folder_use_are_wanted(shop: World) -> None:
    place = shop.at("shop/here.py", "x = 1\n‸")
    assert "sibling-uses" in signs(place, "shop/heavy.py heavy")
    assert "sibling-uses" not in signs(place, "shop/cart.py open_cart")


def test_what_is_used_where_the_code_is_alike_is_wanted(shop: World) -> None:
    place = shop.at("main.py", "def price_of_all(carts):\n    for cart in carts:\n        total = ‸")
    assert "co-used" in signs(place, "shop/cart.py weigh_cart")
    assert "co-used" in signs(place, "shop/prices.py RATE")


def test_a_name_that_is_defined_everywhere_says_nothing_where_code_is_alike(shop: World) -> None:
    place = shop.at("shop/here.py", "x = polish()\ny = ‸")
    assert all("sibling-uses" not in signs(place, name) for name in place.signed() if name.endswith(" same"))


def test_of_definitions_with_a_near_name_the_nearest_are_found(shop: World) -> None:
    place = shop.at("far/a/b/c/here.py", "same()\n‸")
    found = place.signed()
    assert found["far/a/b/c/tools.py same"].signs["near"] > 0
    assert (
        found["far/a/b/c/tools.py same"].signs["near"]
        < signs(shop.at("far/a/b/c/here.py", "polish()\n‸"), "far/a/b/c/tools.py polish")["near"]
    )


def test_of_definitions_with_an_imported_name_only_the_imported_one_is_near(shop: World) -> None:
    place = shop.at("main.py", "from many.m1 import same\n\nsame()\n‸")
    assert {name for name in place.signed() if "near" in signs(place, name)} == {"many/m1.py same"}


def test_what_is_defined_in_an_open_document_is_found(shop: World) -> None:
    place = shop.at("main.py", "x = 1\n‸", {"far/a/b/c/tools.py": "def typed_just_now(): ...\n"})
    assert "opened" in signs(place, "far/a/b/c/tools.py typed_just_now")
    assert not any(name.endswith("polish") for name in place.signed())


def test_what_says_the_same_as_the_place_is_found(shop: World) -> None:
    place = shop.at("main.py", "# polish\n‸")
    assert "said" in signs(place, "far/a/b/c/tools.py polish")


def test_a_test_counts_less_for_what_is_none(shop: World) -> None:
    asked = "from tests.test_cart import make_cart\n‸"
    assert "test" in signs(shop.at("main.py", asked), "tests/test_cart.py make_cart")
    assert "test" not in signs(shop.at("tests/test_other.py", asked), "tests/test_cart.py make_cart")
    assert "test" not in signs(shop.at("tests/test_other.py", "polish()\n‸"), "far/a/b/c/tools.py polish")


def test_a_heading_is_of_another_language_than_code(shop: World) -> None:
    place = shop.at("main.py", "# weigh carts\n‸")
    assert "other-language" in signs(place, "shop/docs.md Weigh carts")
    assert "other-language" not in signs(place, "shop/cart.py weigh_cart")


def test_where_a_definition_is_counts(shop: World) -> None:
    place = shop.at("shop/cart_view.py", "heavy(polish())\n‸")
    far, near = signs(place, "far/a/b/c/tools.py polish"), signs(place, "shop/heavy.py heavy")
    assert far["far-away"] > near.get("far-away", 0)
    assert "like-file" in signs(place, "shop/cart.py Cart")
    assert "like-file" not in near


def test_the_file_here_is_not_among_what_is_found(shop: World) -> None:
    place = shop.at("shop/cart.py", "x = 1\n‸")
    assert not any(name.startswith("shop/cart.py") for name in place.signed())


@pytest.mark.parametrize(
    "marked", ["‸", "\n‸", "import \n‸", "from . import (‸", "class (:\n  ‸", "\x00\ud800‸"]
)
def test_what_makes_no_sense_is_survived(shop: World, marked: str) -> None:
    for name in ("shop/here.py", "here", "a/b/here.rs", "here.unknown"):
        assert shop.at(name, marked).signed() is not None
