"""Which passages say what is said near the cursor, and in which order."""

from __future__ import annotations

import pytest

from context.index import Passage
from context.near import near
from context.opened import repository_of
from context.passages import LONGEST, passages_for
from context.snapshot import Change, Workspace
from tests.context.places import Place, World, world

SORT = "def sort_carts(carts, by_price):\n    return sorted(carts, key=by_price)\n"
FILES = {
    "sort.py": SORT,
    "sort.ts": "export function sortCarts(carts, byPrice) {\n  return carts.sort(byPrice);\n}\n",
    "mail.py": "def send_mail(receiver):\n    deliver(receiver)\n",
    "here.py": "def sort_carts_canary(carts, by_price):\n    return sorted(carts, key=by_price)\n",
    "long.py": "def long_one(carts):\n"
    + "".join(f"    step_{number}(carts)\n" for number in range(60))
    + "    return sorted_by_wonder(carts)\n"
    + "".join(f"    tail_{number}(carts)\n" for number in range(60)),
    "license.c": "/* Copyright of wondrous_license. */\n#include <wondrous_license.h>\n",
    "follows.py": "def bake_bread(oven):\n    return oven.bread()\n\n\n"
    + "def bake_cake_canary(oven):\n    return oven.cake()\n"
    + "".join(f"\n\ndef rest_{number}():\n    pass\n" for number in range(90)),
    "called.py": "def pay_at(desk):\n    return settle_up(desk, receipt=True)\n",
    "named.py": "def other(receipt):\n    return receipt, desk_of(settle_up), settle_up, receipt, up\n",
    "windows.py": "def sort_windows(carts):\r\n    return wonder_of_windows(carts)\r\n",
}
MARKED = "def again(carts, by_price):\n    return sort_carts(‸)\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("passages"), FILES)


def found(place: Place, count: int = 24, longest: int | None = LONGEST) -> list[Passage]:
    near_cursor = near(place.text, place.cursor, place.outline)
    return passages_for(place.repository, near_cursor, count, longest)


def names(place: Place, passages: list[Passage]) -> list[str]:
    return [passage.path.removeprefix(f"{place.root}/") for passage in passages]


def test_what_says_most_of_the_same_comes_first(shop: World) -> None:
    place = shop.at("here.py", MARKED)
    passages = found(place)
    assert names(place, passages)[:2] == ["sort.py", "sort.ts"]
    assert passages[0].text == SORT
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)


def test_passages_are_pieces_of_their_files(shop: World) -> None:
    place = shop.at("here.py", "# wonder of windows, carts sorted by price\n‸", {"mail.py": "wonder = 1\n"})
    passages = found(place)
    assert {"windows.py", "long.py", "mail.py"} <= set(names(place, passages))
    for passage in passages:
        text = place.repository.text(passage.path) or ""
        assert passage.text == text[passage.start : passage.end]
        assert passage.start == 0 or text[passage.start - 1] == "\n"
        assert passage.end == len(text) or text[passage.end - 1] == "\n"


def test_of_a_long_passage_the_lines_are_shown_that_say_most(shop: World) -> None:
    place = shop.at("here.py", "sorted_by_wonder(‸)\n")
    (passage,) = [each for each in found(place) if each.path.endswith("long.py")][:1]
    assert len(passage.text) <= LONGEST
    assert "sorted_by_wonder" in passage.text
    whole = [each for each in found(place, longest=None) if each.path.endswith("long.py")]
    assert len(whole[0].text) > LONGEST


def test_nothing_of_the_file_here_is_found(shop: World) -> None:
    assert not any("canary" in passage.text for passage in found(shop.at("here.py", MARKED)))


def test_open_documents_are_read_as_they_are_shown(shop: World) -> None:
    typed = "def sort_carts_now(carts, by_price):\n    return 0\n"
    place = shop.at("here.py", MARKED, {"sort.py": typed, "new.py": typed.replace("now", "new")})
    texts = [passage.text for passage in found(place)]
    assert typed in texts
    assert typed.replace("now", "new") in texts
    assert SORT not in texts


def test_what_was_edited_lately_counts_more(shop: World) -> None:
    place = shop.at("other.py", MARKED, {"sort.py": SORT, "twin.py": SORT})
    before = {passage.path: passage.score for passage in found(place) if passage.text == SORT}
    assert len(set(before.values())) == 1
    workspace = Workspace([shop.root])
    for name, text in (("sort.py", SORT), ("twin.py", SORT), ("other.py", MARKED)):
        path = shop.root / name
        workspace.opened(path.as_uri(), path, "python", 1, text)
    twin = (shop.root / "twin.py").as_uri()
    workspace.changed(twin, 2, [Change(((1, 0), (1, 0)), "")], "utf-16")
    snapshot = workspace.snapshot
    document = snapshot.documents[(shop.root / "other.py").as_uri()]
    repository = repository_of(snapshot, document, [shop.index], shop.outlines, lambda path: path)
    after = found(Place(shop.root, repository, document, place.cursor))
    assert after[0].path.endswith("twin.py")


def test_only_so_many_are_returned(shop: World) -> None:
    place = shop.at("here.py", MARKED)
    assert found(place, 2) == found(place)[:2]
    assert found(place, 0) == []


@pytest.mark.parametrize("marked", ["‸", "   \n\n‸", "###‸", "\ud800‸"])
def test_where_nothing_is_said_nothing_is_alike(shop: World, marked: str) -> None:
    assert all(passage.score == 0 for passage in found(shop.at("here.py", marked)))


def test_the_licence_of_a_file_is_not_shown_and_what_follows_it_is(shop: World) -> None:
    place = shop.at("here.py", "wondrous_license = ‸\n")
    texts = [each.text for each in found(place) if each.path.endswith("license.c")]
    assert texts == ["#include <wondrous_license.h>\n"]


def test_who_wrote_the_same_next_to_each_other_comes_before_who_names_the_same(shop: World) -> None:
    place = shop.at("here.py", "receipt = 1\nup = 2\nreturn settle_up(desk‸\n")
    order = names(place, found(place))
    assert order.index("called.py") < order.index("named.py")


def test_what_follows_the_same_is_shown_too(shop: World) -> None:
    place = shop.at("here.py", "def bake_bread(oven):\n    return oven.bread()\n\n\n‸")
    (first, *others) = [each for each in found(place) if each.path.endswith("follows.py")]
    assert "bake_cake_canary" in first.text
    assert len(first.text) <= LONGEST
    assert not any(first.start <= each.start and each.end <= first.end for each in others)
