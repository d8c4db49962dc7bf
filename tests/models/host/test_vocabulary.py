"""Which tokens can go on a text whose end was taken back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.models.host.vocabulary import Vocabulary

SPELLINGS = [
    b"p",
    b"pr",
    b"print",
    b"private",
    b"q",
    b"r",
    b" ",
    b"  ",
    b"    ",
    b"\xff",
    b"\xff\xff",
    b"\xffa",
]


def going_on(rest: bytes) -> set[bytes]:
    vocabulary = Vocabulary(enumerate(SPELLINGS))
    return {SPELLINGS[token] for token in vocabulary.going_on(rest)}


def test_tokens_that_begin_with_the_rest_go_on_and_so_do_its_beginnings() -> None:
    assert going_on(b"pri") == {b"print", b"private", b"p", b"pr"}


def test_indentation_may_be_spelled_by_a_shorter_token() -> None:
    assert going_on(b"  x") == {b" ", b"  "}


def test_the_greatest_bytes_have_no_end() -> None:
    assert going_on(b"\xff") == {b"\xff", b"\xff\xff", b"\xffa"}


@given(
    st.lists(st.binary(min_size=1, max_size=4), unique=True, min_size=1, max_size=40),
    st.binary(min_size=1, max_size=4),
)
def test_it_finds_what_a_search_of_all_tokens_finds(spellings: list[bytes], rest: bytes) -> None:
    found = Vocabulary(enumerate(spellings)).going_on(rest)
    wanted = {
        token
        for token, spelling in enumerate(spellings)
        if spelling.startswith(rest) or rest.startswith(spelling)
    }
    assert sorted(found.tolist()) == sorted(wanted)
