"""Pinned files: which ones are meant, and what of them is shown in how much room."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context.pack import Packed
from context.pins import PINNED, pack_pinned, pinned_paths
from tests.context.places import CURSOR, Place, world

TERMS = "# Terms\n\nA basket is a cart.\n"
CART = (
    '"""The cart."""\n\n\nclass Cart:\n'
    + "".join(
        f"    def add_{number}(self, item):\n        self.items.append(item)\n\n" for number in range(20)
    )
    + "\ndef open_cart(shop):\n    return Cart(shop)\n"
)
FILES = {
    "docs/terms.md": TERMS,
    "docs/deep/more.md": "More.\n",
    "shop/cart.py": CART,
    "shop/lines.txt": "".join(f"line {number}\n" for number in range(300)),
    "terms.md": "Others.\n",
    ".env": "KEY=1\n",
    ".gitignore": "out.py\n",
    "out.py": "OUT = 1\n",
}


def tokens(text: str) -> int:
    return math.ceil(len(text) / 3.5)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return world(tmp_path_factory.mktemp("pins"), FILES).at("shop/main.py", f"x = 1\n{CURSOR}")


def named(place: Place, *pinned: str) -> list[str]:
    found = pinned_paths(place.repository, [str(place.root)], pinned)
    return [Path(path).relative_to(place.root).as_posix() for path in found]


def shown(place: Place, budget: int, *pinned: str) -> Packed:
    root = str(place.root)
    paths = pinned_paths(place.repository, [root], pinned)
    packed = pack_pinned(paths, place.repository, budget, tokens, lambda path: path.removeprefix(f"{root}/"))
    assert packed.tokens <= budget
    return packed


# --- which files ---


def test_a_path_is_that_of_one_file_of_a_root(place: Place) -> None:
    assert named(place, "terms.md") == ["terms.md"]
    assert named(place, "./docs//terms.md", "/terms.md") == ["docs/terms.md", "terms.md"]


def test_the_order_is_that_of_the_setting_and_no_file_comes_twice(place: Place) -> None:
    assert named(place, "terms.md", "docs/terms.md", "terms.md") == ["terms.md", "docs/terms.md"]


def test_wildcards_are_those_of_ignore_files(place: Place) -> None:
    assert named(place, "docs/*.md") == ["docs/terms.md"]
    assert named(place, "docs/**") == ["docs/deep/more.md", "docs/terms.md"]
    assert named(place, "*.md") == ["docs/deep/more.md", "docs/terms.md", "terms.md"]
    assert named(place, "**/cart.p?") == ["shop/cart.py"]


@pytest.mark.parametrize(
    "pinned",
    ["../terms.md", "/", "", ".", "docs", ".env", "out.py", "*.env", "out*", "!*", "#*", "[", "x\0y"],
)
def test_nothing_is_meant_that_is_not_read(place: Place, pinned: str) -> None:
    assert named(place, pinned) == []


def test_the_file_that_is_written_is_none_of_them(tmp_path: Path) -> None:
    place = world(tmp_path, FILES).at("terms.md", f"Others.\n{CURSOR}")
    assert named(place, "terms.md", "docs/terms.md") == ["docs/terms.md"]


def test_an_open_document_is_shown_as_it_is_now(tmp_path: Path) -> None:
    opened = {"terms.md": "Typed just now.\n", "new.md": "Never saved.\n"}
    place = world(tmp_path, FILES).at("shop/main.py", CURSOR, opened)
    sections = shown(place, 100, "terms.md", "*.md").sections
    assert sections[0].text == "Typed just now.\n"
    assert "new.md" in [section.path for section in sections]


# --- how much of them ---


def test_what_fits_is_shown_whole_in_the_order_of_the_setting(place: Place) -> None:
    packed = shown(place, 5_000, "shop/cart.py", "docs/terms.md")
    assert [(section.path, section.text) for section in packed.sections] == [
        ("shop/cart.py", CART),
        ("docs/terms.md", TERMS),
    ]
    assert {part.reason for part in packed.parts} == {PINNED}
    assert all(part.tokens == tokens(part.text) for part in packed.parts)


def test_of_a_longer_file_the_outer_heads_come_first(place: Place) -> None:
    (section,) = shown(place, 40, "shop/cart.py").sections
    assert "class Cart:\n" in section.text
    assert "def open_cart(shop):\n" in section.text
    assert "self.items" not in section.text


def test_with_more_room_there_are_whole_definitions(place: Place) -> None:
    (section,) = shown(place, 400, "shop/cart.py").sections
    assert section.text.count("def add_") == 20
    assert "return Cart(shop)" in section.text


def test_of_a_text_without_definitions_there_are_its_first_lines(place: Place) -> None:
    (section,) = shown(place, 60, "shop/lines.txt").sections
    assert section.text.startswith("line 0\nline 1\n")
    assert section.text.endswith("\n")


def test_a_short_file_is_whole_beside_a_long_one(place: Place) -> None:
    cart, terms = shown(place, 120, "shop/cart.py", "docs/terms.md").sections
    assert "class Cart:\n" in cart.text
    assert terms.text == TERMS


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 700))
def test_the_budget_is_kept_to(place: Place, budget: int) -> None:
    shown(place, budget, "shop/cart.py", "shop/lines.txt", "docs/terms.md")
