"""From the bytes of tokens to text: whole characters, and nothing behind a stop string."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.models.host.stops import Outlet


def through(data: bytes, *stop: str, size: int = 1) -> tuple[str, bool]:
    outlet = Outlet(stop)
    text = "".join(outlet.feed(data[start : start + size]) for start in range(0, len(data), size))
    return text + outlet.finish(), outlet.stopped


@given(st.text(), st.integers(1, 7))
def test_text_without_stop_strings_comes_out_as_it_went_in(text: str, size: int) -> None:
    data = text.encode("utf-8", "replace")
    assert through(data, size=size) == (data.decode("utf-8"), False)


@given(st.text("ab\n", max_size=30), st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3))
def test_text_ends_before_the_first_stop_string(text: str, stop: list[str]) -> None:
    ends = [text.find(string) for string in stop if string in text]
    # Letter by letter the string that ends first is found first; of those, the one that began first.
    ends_at = min((text.find(string) + len(string) for string in stop if string in text), default=None)
    found, stopped = through(text.encode(), *stop)
    assert stopped == bool(ends)
    if ends_at is None:
        assert found == text
    else:
        assert text.startswith(found)
        assert not any(string in found for string in stop)
        assert len(found) < ends_at


@given(
    st.text("aä€𝄞", max_size=20),
    st.lists(st.text("aä€𝄞", min_size=1, max_size=3), max_size=3),
    st.integers(1, 5),
)
def test_however_characters_are_cut_no_half_of_one_and_no_stop_string_leaves(
    text: str, stop: list[str], size: int
) -> None:
    outlet, data, left = Outlet(tuple(stop)), text.encode(), ""
    for start in range(0, len(data), size):
        left += outlet.feed(data[start : start + size])
        assert text.startswith(left)
        assert not any(string in left for string in stop)
    left += outlet.finish()
    assert text.startswith(left)
    assert outlet.stopped == any(string in text for string in stop)
    assert outlet.stopped or left == text


def test_half_a_character_waits_for_its_rest() -> None:
    outlet = Outlet(())
    assert outlet.feed("ä".encode()[:1]) == ""
    assert outlet.feed("ä".encode()[1:]) == "ä"


def test_half_a_character_at_the_end_becomes_a_replacement() -> None:
    assert through(b"x\xc3") == ("x\ufffd", False)


def test_what_may_begin_a_stop_string_is_held_back_and_let_go_if_it_does_not() -> None:
    outlet = Outlet(("\nclass ",))
    assert outlet.feed(b"x\ncl") == "x"
    assert outlet.feed(b"ock") == "\nclock"


def test_nothing_follows_a_stop_string() -> None:
    outlet = Outlet(("END",))
    assert outlet.feed(b"one END two") == "one "
    assert outlet.feed(b"three") == outlet.finish() == ""


@pytest.mark.parametrize("stop", ["", "never"])
def test_an_empty_or_absent_stop_string_stops_nothing(stop: str) -> None:
    assert through(b"some text", stop) == ("some text", False)
