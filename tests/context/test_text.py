"""Examples of what `Text` promises; `test_text_model.py` looks for what nobody thought of."""

from __future__ import annotations

import sys

import pytest

from context import text as module
from context.text import Encoding, Text

FOX = "🦊"
"""One code point, two 16-bit units, four bytes."""


def lines(text: Text) -> list[str]:
    return [text.line(number) for number in range(text.line_count)]


# --- lines ---


@pytest.mark.parametrize(
    ("string", "wanted"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a\n", ""]),
        ("a\nb", ["a\n", "b"]),
        ("a\r\nb\rc\nd", ["a\r\n", "b\r", "c\n", "d"]),
        ("\n\r\n\r\r", ["\n", "\r\n", "\r", "\r", ""]),
        ("\r\r\n", ["\r", "\r\n", ""]),
    ],
)
def test_a_line_ends_with_lf_crlf_or_cr(string: str, wanted: list[str]) -> None:
    assert lines(Text(string)) == wanted


@pytest.mark.parametrize("mark", ["\f", "\v", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0"])
def test_nothing_else_ends_a_line(mark: str) -> None:
    text = Text(f"a{mark}b\nc")
    assert lines(text) == [f"a{mark}b\n", "c"]
    assert text.offset(1, 0, "utf-16") == 4


def test_a_line_that_does_not_exist_is_empty() -> None:
    text = Text("a\nb")
    assert [text.line(number) for number in (-1, 2, 900)] == ["", "", ""]
    assert [text.line_start(number) for number in (-1, 0, 1, 2, 900)] == [0, 0, 2, 3, 3]
    assert [text.line_at(offset) for offset in (-1, 0, 1, 2, 3, 900)] == [0, 0, 0, 1, 1, 1]


def test_the_place_between_cr_and_lf_belongs_to_the_line_that_they_end() -> None:
    text = Text("ab\r\nc")
    assert text.line_at(3) == 0
    assert text.position(3, "utf-8") == (0, 2)


@pytest.mark.parametrize(
    ("string", "start", "end", "new", "wanted"),
    [
        ("a\rXb", 2, 3, "\n", ["a\r\n", "b"]),
        ("a\rX\nb", 2, 3, "", ["a\r\n", "b"]),
        ("a\nb", 1, 1, "\r", ["a\r\n", "b"]),
        ("a\r\nb", 2, 2, "X", ["a\r", "X\n", "b"]),
        ("a\r\nb", 1, 2, "", ["a\n", "b"]),
        ("a\r\nb", 2, 3, "", ["a\r", "b"]),
        ("a\r", 2, 2, "\n", ["a\r\n", ""]),
        ("\nb", 0, 0, "\r", ["\r\n", "b"]),
    ],
)
@pytest.mark.parametrize("block", [1, 2, module.LONGEST])
def test_an_edit_may_join_cr_and_lf_or_part_them(
    string: str,
    start: int,
    end: int,
    new: str,
    wanted: list[str],
    block: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LONGEST", block)
    monkeypatch.setattr(module, "SHORTEST", 0)
    text = Text(string).splice(start, end, new)
    assert (lines(text), text.line_count) == (wanted, len(wanted))


# --- positions ---

COLUMNS = {
    "utf-8": [0, 1, 1, 3, 3, 3, 3, 7, 8, 8],
    "utf-16": [0, 1, 2, 2, 4, 5, 5],
    "utf-32": [0, 1, 2, 3, 4, 4],
}
"""For each column in "aé🦊z" the column of the start of its character, or of the end of the line."""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_column_inside_of_a_character_is_its_start_and_one_past_the_line_its_end(
    encoding: Encoding,
) -> None:
    for ending in ("", "\n", "\r\n", "\r", "\nmore"):
        text = Text(f"x\naé{FOX}z{ending}")
        found = [text.offset(1, column, encoding) for column in range(len(COLUMNS[encoding]))]
        assert [text.position(offset, encoding)[1] for offset in found] == COLUMNS[encoding]
        assert text.offset(1, 2**31 - 1, encoding) == text.offset(1, 2**64, encoding) == 6


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_place_outside_of_the_text_is_moved_to_the_nearest(encoding: Encoding) -> None:
    text = Text("ab\ncd")
    assert text.offset(2, 0, encoding) == text.offset(2**64, 7, encoding) == 5
    assert text.offset(-1, 5, encoding) == 0
    assert text.offset(1, -1, encoding) == 3
    assert text.position(-5, encoding) == (0, 0)
    assert text.position(99, encoding) == (1, 2)


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 3), ("utf-16", 1), ("utf-32", 1)])
def test_half_of_a_surrogate_pair_is_a_character(encoding: Encoding, units: int) -> None:
    text = Text("a\ud83eb\udd8ac")
    assert text.position(2, encoding) == (0, 1 + units)
    assert text.position(4, encoding) == (0, 2 + 2 * units)
    assert text.offset(0, 1 + units, encoding) == 2
    assert text.offset(0, 2 + 2 * units, encoding) == 4


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 3), ("utf-16", 1), ("utf-32", 1)])
def test_two_halves_side_by_side_are_two_characters(encoding: Encoding, units: int) -> None:
    text = Text("\ud83e").splice(1, 1, "\udd8a")
    assert len(text) == 2
    assert [text.offset(0, column * units, encoding) for column in range(3)] == [0, 1, 2]


def test_a_byte_order_mark_is_a_character() -> None:
    text = Text("\ufeffab")
    assert [text.offset(0, column, "utf-16") for column in range(4)] == [0, 1, 2, 3]
    assert text.position(1, "utf-8") == (0, 3)


def test_a_combining_mark_is_a_character_of_its_own() -> None:
    text = Text("e\u0301x")
    assert [text.offset(0, column, "utf-8") for column in range(5)] == [0, 1, 1, 2, 3]


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
def test_columns_are_counted_through_a_line_of_many_blocks(encoding: Encoding, units: int) -> None:
    text = Text("\n" + f"é{FOX}" * 3 * module.LONGEST)
    for pairs in (0, 1, module.LONGEST // 2, module.LONGEST, 3 * module.LONGEST - 1):
        assert text.offset(1, pairs * units, encoding) == 1 + 2 * pairs
        assert text.position(1 + 2 * pairs, encoding) == (1, pairs * units)


# --- edits ---


def test_an_edit_leaves_the_old_text_as_it_was() -> None:
    old = Text("one\ntwo\n")
    new = old.splice(4, 7, "2")
    assert (old.string, new.string) == ("one\ntwo\n", "one\n2\n")
    assert (lines(old), lines(new)) == (["one\n", "two\n", ""], ["one\n", "2\n", ""])


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [(2, 1, "aXc"), (-9, 1, "Xbc"), (1, 99, "aX"), (-9, 99, "X"), (99, 99, "abcX"), (-9, -9, "Xabc")],
)
def test_offsets_of_an_edit_are_put_in_order_and_moved_into_the_text(
    start: int, end: int, wanted: str
) -> None:
    assert Text("abc").splice(start, end, "X").string == wanted


def test_a_slice_outside_of_the_text_is_empty() -> None:
    for text in (Text("abc"), Text("ac").splice(1, 1, "b")):
        assert [text.slice(*ends) for ends in ((2, 1), (5, 9), (-4, -1), (-1, 2), (1, 9))] == [
            *("", "", ""),
            *("ab", "bc"),
        ]


def test_texts_with_the_same_characters_are_equal_whatever_made_them() -> None:
    made = Text("abd").splice(2, 2, "c")
    assert made == Text("abcd")
    assert hash(made) == hash(Text("abcd"))
    assert made != Text("abce")
    assert made != Text("abc")
    assert made != "abcd"


def test_the_text_itself_is_not_in_its_repr() -> None:
    assert "secret" not in repr(Text("secret"))


def test_the_string_is_made_once_for_each_text() -> None:
    text = Text("ab" * module.LONGEST).splice(1, 1, "x")
    assert text.string is text.string


def test_an_edit_of_a_long_text_shares_nearly_all_of_it() -> None:
    old = Text("some words on a line\n" * 50_000)
    new = old.splice(500_000, 500_000, "x")
    kept = {id(block) for block in old._blocks}
    fresh = [block for block in new._blocks if id(block) not in kept]
    assert sum(sys.getsizeof(block.string) for block in fresh) < len(old) / 50


@pytest.mark.parametrize("places", [range(40), range(39, -1, -1)], ids=["forward", "backward"])
def test_edits_that_leave_little_of_a_block_do_not_leave_small_blocks(places: range) -> None:
    length, keep = module.LONGEST, 2
    text = Text("x" * length * len(places))
    for done, place in enumerate(places):
        before = place * keep if done == place else place * length
        text = text.splice(before + 1, before + length - 1, "")
        lengths = [len(block.string) for block in text._blocks]
        assert len(lengths) == 1 or min(lengths) >= module.SHORTEST
    assert text.string == "x" * keep * len(places)
