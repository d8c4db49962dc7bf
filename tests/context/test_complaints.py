"""What is said of the code in open documents: what is remembered of it, and which names it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from context.complaints import MOST, MOST_NAMES, Complaint, moved, named_in, near, with_new
from context.snapshot import Change, Workspace
from tests.context.places import CURSOR, world

URI = "file:///main.py"


def names(*messages: str) -> list[str]:
    return list(named_in(Complaint(0, 0, message) for message in messages))


# --- which names ---


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ('"total_of" is not defined', ["total_of"]),
        ("Undefined name `total_of`", ["total_of"]),
        ("Cannot find name 'Basket'. Did you mean 'Cart'?", ["Basket", "Cart"]),
        ("‘total_of’ was not declared in this scope", ["total_of"]),
        ("expected `Vec<Basket>`, found `shop::Cart`", ["Vec", "Basket", "Cart", "shop"]),
        ("It can't be found: 'Basket' isn't there", ["Basket"]),
        ("Argument of type “Basket” and «Cart»", ["Basket"]),
        ("undefined: area", []),
        ("'' `` \"\" 'x' 'return' '1' '+'", []),
        ("`unfinished", []),
        ("a 'line\nbreak' ends it", []),
    ],
)
def test_names_are_what_stands_in_quotes(message: str, found: list[str]) -> None:
    assert sorted(names(message)) == sorted(each for each in found if each != "Vec")


def test_each_name_comes_once_and_there_are_not_too_many() -> None:
    assert names("'one' 'two'", "'two' 'three'") == ["one", "two", "three"]
    assert len(names("".join(f"'name_{number}'" for number in range(100)))) == MOST_NAMES
    assert names("x" * 1_000_000 + "'late'") == []


# --- what is remembered ---


def test_new_complaints_take_the_place_of_those_about_the_same_lines() -> None:
    old = Complaint(1, 3, "a"), Complaint(9, 9, "b")
    assert with_new(old, 3, 5, [Complaint(4, 4, "c")]) == (Complaint(9, 9, "b"), Complaint(4, 4, "c"))
    assert with_new(old, 4, 8, []) == old
    assert len(with_new((), 0, 0, (Complaint(line, line, "") for line in range(200)))) == MOST


def test_they_move_with_their_lines() -> None:
    old = Complaint(1, 1, "a"), Complaint(5, 6, "b")
    assert moved(old, 1, 2) == (Complaint(1, 1, "a"), Complaint(7, 8, "b"))
    assert moved(old, 1, -9) == (Complaint(1, 1, "a"), Complaint(0, 0, "b"))
    assert moved(old, 0, 0) is old


def test_near_are_those_within_some_lines() -> None:
    known = Complaint(2, 4, "a"), Complaint(20, 20, "b")
    assert near(known, 7) == near(known, 0) == known[:1]
    assert near(known, 8) == ()


def test_a_workspace_keeps_them_as_long_as_the_document_is_open() -> None:
    workspace = Workspace()
    workspace.complained(URI, 0, 0, [Complaint(0, 0, "not open")])
    assert not workspace.snapshot.complaints
    workspace.opened(URI, Path("/main.py"), "python", 1, "a\nb\nc\n")
    before = workspace.snapshot
    workspace.complained(URI, 0, 2, [])
    assert workspace.snapshot is before
    workspace.complained(URI, 2, 2, [Complaint(2, 2, "here")])
    workspace.changed(URI, 2, [Change(((0, 0), (0, 0)), "x\ny\n")], "utf-16")
    assert workspace.snapshot.complaints == {URI: (Complaint(4, 4, "here"),)}
    workspace.closed(URI)
    assert not workspace.snapshot.complaints


# --- what is gathered ---

FILES = {
    "shop/cart.py": "class Cart:\n    def empty_all(self):\n        self.items = []\n",
    "far/zebra.py": "def zebra_stripes(count):\n    return '|' * count\n",
    **{f"many/m{number}.py": "def run_all():\n    return 1\n" for number in range(9)},
}


def test_the_definition_of_a_name_that_only_a_message_has_is_gathered(tmp_path: Path) -> None:
    place = world(tmp_path, FILES).at("main.py", f"x = 1\n{CURSOR}\n")
    assert "zebra_stripes" not in place.first(3)
    for purpose in ("fill", "edit"):
        gathered = place.gathered(purpose, ("zebra_stripes", "nobody"))  # type: ignore[arg-type]
        first = gathered.definitions[0]
        assert (first.site.name, first.reason) == ("zebra_stripes", "named in a diagnostic")
        assert [each.site.name for each in gathered.definitions].count("zebra_stripes") == 1


def test_an_edit_has_it_whole_unless_the_name_says_little(tmp_path: Path) -> None:
    place = world(tmp_path, FILES).at("main.py", f"x = 1\n{CURSOR}\n")
    ((passage, reason),) = place.gathered("edit", ("Cart", "run_all")).callers
    assert passage.text == FILES["shop/cart.py"].rstrip("\n")
    assert reason == "named in a diagnostic"
    assert place.gathered("fill", ("Cart",)).callers == ()


def test_what_is_said_is_forgotten_with_the_next_question(tmp_path: Path) -> None:
    place = world(tmp_path, FILES).at("main.py", f"x = 1\n{CURSOR}\n")
    before = place.gathered()
    assert place.gathered("fill", ("zebra_stripes",)) != before
    assert place.gathered() == before
