"""What is remembered from key to key never says anything else than what would be found anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from context.gather import Gathered, gather
from context.near import IDENTIFIER, counts_at
from context.repository import MOST_TEXT, Memo
from tests.context.places import CURSOR, Place, World, world

FILES = {
    "shop/cart.py": """from shop.core import Basket


class Cart(Basket):
    def add_item(self, item): ...

    def weigh(self): ...


def open_cart(name) -> Cart:
    return Cart()
""",
    "shop/core.py": "class Basket:\n    def carry(self): ...\n\n    def empty(self): ...\n",
    "shop/prices.py": "RATE = 2\n\n\ndef price_of(cart):\n    return weigh_cart(cart) * RATE\n",
    "shop/other.py": "def price_of(cart):\n    return 0\n\n\ndef open_cart(): ...\n",
    "shop/big.py": "".join(f"def tool_{number}(cart): ...\n\n\n" for number in range(250)),
    "shop/desk.py": "from shop.cart import open_cart\n\n\ndef desk():\n    open_cart('x').carry()\n",
}
HEAD = "from shop.cart import open_cart\nfrom shop import big\n\n\n"
TYPED = [
    f"{HEAD}def sell(name):\n    cart = open_cart(name)\n    cart.add_item(price_of(cart))",
    f"{HEAD}class Bag(Basket):\n    def fill(self):\n        self.carry()\n        big.tool_7(self)",
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("scene"), FILES)


def anew(place: Place) -> Gathered:
    """What is gathered at a place by somebody who remembers nothing."""
    memo = Memo()
    memo.renew(place.repository.memo.versions)
    repository = replace(place.repository, memo=memo)
    return gather(repository, repository.here, place.text, place.cursor, place.outline)


def said_by(gathered: Gathered) -> tuple[dict[tuple[str, int, str], float], list[tuple[str, int, int]]]:
    scores = {(each.site.path, each.site.start, each.site.name): each.score for each in gathered.definitions}
    return scores, [(passage.path, passage.start, passage.end) for passage in gathered.passages]


def assert_as_anew(place: Place) -> None:
    (scores, passages), (fresh, fresh_passages) = said_by(place.gathered()), said_by(anew(place))
    assert scores == pytest.approx(fresh)
    assert passages == fresh_passages
    reasons = [
        {each.site: each.reason for each in gathered.definitions}
        for gathered in (place.gathered(), anew(place))
    ]
    assert reasons[0] == reasons[1]


@pytest.mark.parametrize("typed", TYPED)
def test_at_each_key_is_found_what_would_be_found_anew(shop: World, typed: str) -> None:
    for end in range(len(HEAD), len(typed) + 1, 3):
        assert_as_anew(shop.at("shop/here.py", f"{typed[:end]}{CURSOR}\n\n\ndef last():\n    return RATE\n"))


def test_a_key_that_says_nothing_new_finds_the_same_definitions(shop: World) -> None:
    marked = f"from shop.cart import open_cart\n\ncart = open_cart()\nqq{CURSOR}"
    first = shop.at("shop/here.py", marked).gathered()
    second = shop.at("shop/here.py", marked.replace("qq", "qqzz")).gathered()
    assert second.definitions is first.definitions


def test_another_import_is_seen(shop: World) -> None:
    for module in ("cart", "other", "nowhere", "cart"):
        assert_as_anew(shop.at("shop/here.py", f"from shop.{module} import open_cart\n\nopen_cart(){CURSOR}"))


def test_another_place_and_another_file_are_seen(shop: World) -> None:
    rest = "\n\n\nclass Bag(Basket):\n    def fill(self):\n        pass\n"
    for name in ("shop/here.py", "here.py", "shop/here.py"):
        assert_as_anew(shop.at(name, f"{HEAD}cart = open_cart(){CURSOR}{rest}"))
        assert_as_anew(shop.at(name, f"{HEAD}cart = open_cart(){rest}\n        self.{CURSOR}"))


def test_another_document_that_has_changed_is_seen(shop: World) -> None:
    marked = f"{HEAD}price_of(cart{CURSOR})"
    for body in ("def price_of(cart): ...\n", "def price_now(cart): ...\n", "class Price: ...\n"):
        place = shop.at("shop/here.py", marked, {"shop/prices.py": body})
        assert_as_anew(place)
    assert "price_of" not in {
        each.site.name for each in place.gathered().definitions if "prices" in each.site.path
    }


def test_where_another_document_was_edited_is_seen(shop: World) -> None:
    place = shop.at(
        "shop/here.py", f"{HEAD}price_of(cart{CURSOR})", {"shop/prices.py": FILES["shop/prices.py"]}
    )
    path = str(place.root / "shop/prices.py")
    for edits in ([], [(path, 0)], [(path, 40)], [(path, 40), (place.repository.here, 0)]):
        assert_as_anew(replace(place, repository=replace(place.repository, edits=edits)))


def test_a_change_on_disk_is_seen(tmp_path: Path) -> None:
    found = world(tmp_path, FILES)
    marked = f"{HEAD}cart = open_cart(){CURSOR}"
    found.at("shop/here.py", marked).gathered()
    found.write(
        {"shop/cart.py": "def open_cart(name, colour): ...\n", "shop/prices.py": "def price_now(): ...\n"}
    )
    place = found.at("shop/here.py", marked)
    assert_as_anew(place)
    assert place.repository.text(str(found.root / "shop/prices.py")) == "def price_now(): ...\n"
    signatures = {each.site.signature for each in place.gathered().definitions}
    assert any("colour" in signature for signature in signatures)


def test_texts_that_are_remembered_are_bounded() -> None:
    memo = Memo()
    for number in range(5):
        memo.keep_text(f"{number}.py", "x" * (MOST_TEXT // 2))
        assert sum(len(text or "") for text in memo.texts.values()) <= MOST_TEXT
    assert list(memo.texts) == ["4.py"]


@pytest.mark.parametrize("cursor", range(0, 26, 5))
def test_names_are_counted_line_by_line_as_in_the_whole(cursor: int) -> None:
    text = "one two\none three\ntwo\n\none"
    counts = counts_at(text, cursor)
    names = IDENTIFIER.findall(text)
    assert dict(counts) == {name: names.count(name) for name in names}
