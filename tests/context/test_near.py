"""What stands near a cursor, in code that is only half written."""

from __future__ import annotations

import time

import pytest

from context.near import Near, near
from context.parse import parse

CURSOR = "‸"


def near_in(source: str, language: str = "python") -> Near:
    at = source.index(CURSOR)
    text = source.replace(CURSOR, "")
    return near(text, at, parse(text, language))


def test_the_nearest_names_weigh_most_and_words_of_the_language_nothing() -> None:
    found = near_in("import far\n\nfar.away(1)\nmiddle = 2\nfor near_one in middle:\n    ‸\n")
    assert next(iter(found.names)) == "near_one"
    assert found.names["near_one"] >= found.names["middle"] > found.names["away"]
    assert not {"for", "in", "import"} & found.names.keys()


def test_empty_lines_do_not_make_a_name_fade() -> None:
    apart, together = near_in("name = 1\n\n\n\n\n\n‸"), near_in("name = 1\n‸")
    assert apart.names["name"] == together.names["name"]


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("def f(cart: Cart):\n    cart.‸\n", "python"),
        ("def f(cart: Optional[Cart]):\n    cart.‸\n", "python"),
        ("cart = Cart(1)\ncart.‸\n", "python"),
        ("cart = shop.Cart(1)\ncart.‸\n", "python"),
        ("const cart: Cart = make();\ncart.‸\n", "typescript"),
        ("const cart = new Cart();\ncart.‸\n", "typescript"),
        ("fn f(cart: &mut Cart) {\n    cart.‸\n}\n", "rust"),
        ("let cart = Cart::new();\ncart.‸\n", "rust"),
        ("func f(cart *shop.Cart) {\n\tcart.‸\n}\n", "go"),
        ("cart := &Cart{}\ncart.‸\n", "go"),
        ("Cart<Item> cart = make();\ncart.‸\n", "java"),
        ("const Cart& cart = make();\ncart.‸\n", "cpp"),
        ("void f(Cart *cart) {\n  cart->‸\n}\n", "cpp"),
    ],
)
def test_the_type_of_a_near_name_is_found_however_it_is_said(source: str, language: str) -> None:
    found = near_in(source, language)
    assert "Cart" in found.types
    assert "cart" in found.receivers


def test_a_function_that_made_a_near_value_is_known() -> None:
    assert "open_cart" in near_in("cart = await shop.open_cart(1)\ncart.‸\n").makers


def test_the_definitions_around_the_cursor_are_known_also_at_their_end() -> None:
    source = "class Cart(Base):\n    def add(self, item):\n        self.items = item\n        ‸"
    assert [holder.qualified for holder in near_in(source).holders] == ["Cart", "Cart.add"]
    source = "class Cart(Base):\n    def add(self, item):\n        pass\n\n    ‸"
    assert [holder.qualified for holder in near_in(source).holders] == ["Cart"]
    assert near_in("class Cart(Base):\n    pass\n\n‸").holders == ()


def test_the_words_to_search_for_come_from_the_last_lines_the_last_first() -> None:
    words = near_in("first = parse_header(line)\nsecond = HTTPServer\n‸").words
    assert words.index("http") < words.index("header")
    assert "parse_header" in words


@pytest.mark.parametrize(
    "source", ["‸", "\n‸", "(" * 5000 + "‸", "a." * 5000 + "‸", "\x00\ud800‸", "x" * 100_000 + "‸"]
)
def test_hostile_text_is_survived(source: str) -> None:
    assert near_in(source) is not None


def test_pairs_of_the_last_lines_say_how_the_code_goes_on() -> None:
    found = near_in("first = old(1)\n\nb = 2\nc = 3\nsecond = 4\n    sort_carts(carts, ‸\nbelow(1)\n")
    assert {"sort_carts (", "( carts", "carts ,"} <= found.pairs.keys()
    assert "old (" not in found.pairs, "is five lines above"
    assert "below (" not in found.pairs, "is below the cursor"
    assert found.pairs["sort_carts ("] > found.pairs["second ="] > 0


@pytest.mark.parametrize(
    ("source", "behind"),
    [
        ("self.‸", {"self"}),
        ("x = this->ca‸", {"this"}),
        ("def f(cart: Cart):\n    cart.‸", {"cart", "Cart"}),
        ("cart = open_cart(1)\ncart.ad‸", {"cart", "open_cart"}),
        ("self.a = ‸", set()),
        ("self.\n\nother ‸", set()),
    ],
)
def test_whose_member_is_wanted_is_known(source: str, behind: set[str]) -> None:
    assert near_in(source).behind == behind


def test_the_licence_above_says_nothing() -> None:
    found = near_in("# Copyright of the Bakers\n# License to bake bread\n\nimport oven\n\noven.‸\n")
    assert not {"bakers", "bread", "license"} & set(found.words)
    assert "oven" in found.words


def test_brackets_and_spaces_without_end_cost_no_more_than_their_length() -> None:
    """What may stand before a type was once tried in every way there is, and never came to an end."""
    began = time.process_time()
    near_in("x: " + "a[   " * 2000 + CURSOR)
    assert time.process_time() - began < 5.0
