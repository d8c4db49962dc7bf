"""Text search: words and their parts, what is found, and changes that are seen when they are committed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context.search import MOST_WORDS, Hit, Piece, Search, query_of, words_of

FILES = {
    "cart.py": "def total(self):\n    return sum(item.price for item in self.items)\n",
    "http.py": "class HeaderParser:\n    def parse_header(self, line): ...\n",
    "mail.py": "def send_mail(receiver, subject):\n    server.deliver(receiver, subject)\n",
}


@pytest.fixture
def search() -> Iterator[Search]:
    found = Search()
    for path, text in FILES.items():
        found.replace(path, [Piece(0, len(text), text)])
    found.commit()
    yield found
    found.close()


def paths(hits: list[Hit]) -> list[str]:
    return [hit.path for hit in hits]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("parse_header", ["parse_header", "parse", "header"]),
        ("HTTPServer2", ["httpserver2", "http", "server"]),
        ("getURLFor", ["geturlfor", "get", "url", "for"]),
        ("total", ["total"]),
        ("x = 10 + y1", ["y1"]),
        ("größe.ändern()", ["größe", "ändern"]),
        ("__init__", ["__init__", "init"]),
        ("", []),
        ("+ - 12 'ß'", []),
        ("a" * 100, []),
    ],
)
def test_words_are_identifiers_and_their_parts(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@settings(deadline=None)
@given(st.text())
def test_any_text_has_words_that_stand_in_it(text: str) -> None:
    small = text.lower()
    # A letter may become two in small letters, such as the dotted capital I of Turkish.
    assert all(word in small or not word.isascii() for word in words_of(text))


def test_a_query_begins_with_what_stands_last_and_is_bounded() -> None:
    text = " ".join(f"word{number}x" for number in range(200))
    assert query_of("first second first third")[:3] == ("third", "first", "second")
    assert len(query_of(text)) == MOST_WORDS
    assert "word199x" in query_of(text)
    assert "word0x" not in query_of(text)


def test_the_likest_piece_comes_first(search: Search) -> None:
    assert paths(search.find(query_of("parser.parse_header(line)"), 3))[0] == "http.py"
    assert paths(search.find(query_of("send the mail to its receiver"), 3))[0] == "mail.py"


def test_a_name_is_found_by_its_parts_in_another_spelling(search: Search) -> None:
    assert paths(search.find(query_of("header_parser"), 1)) == ["http.py"]


def test_a_hit_says_where_it_is(search: Search) -> None:
    (hit,) = search.find(("deliver",), 5)
    assert (hit.path, hit.start, hit.end) == ("mail.py", 0, len(FILES["mail.py"]))
    assert hit.score > 0


def test_the_file_itself_can_be_left_out(search: Search) -> None:
    assert "cart.py" in paths(search.find(("self",), 5))
    assert "cart.py" not in paths(search.find(("self",), 5, without="cart.py"))


@pytest.mark.parametrize("words", [(), ("nowhere",), ('"quoted" AND (broken',)])
def test_what_is_not_there_is_not_found(search: Search, words: tuple[str, ...]) -> None:
    assert search.find(words, 5) == []


def test_a_change_is_seen_when_it_is_committed(search: Search) -> None:
    search.replace("cart.py", [Piece(0, 14, "def discount()")])
    assert paths(search.find(("price",), 5)) == ["cart.py"]
    search.commit()
    assert search.find(("price",), 5) == []
    assert paths(search.find(("discount",), 5)) == ["cart.py"]


def test_a_removed_file_is_not_found_any_longer(search: Search) -> None:
    search.remove("mail.py")
    search.commit()
    assert search.find(("deliver",), 5) == []


def test_what_is_written_to_a_folder_is_there_the_next_time(tmp_path: Path) -> None:
    first = Search(tmp_path)
    first.replace("a.py", [Piece(3, 9, "kept = 1")])
    first.commit()
    first.replace("b.py", [Piece(0, 4, "lost = 1")])
    first.close()
    second = Search(tmp_path)
    assert second.find(("kept",), 5) == [Hit("a.py", 3, 9, second.find(("kept",), 5)[0].score)]
    assert second.find(("lost",), 5) == []


def test_a_second_writer_is_refused_and_reads_all_the_same(tmp_path: Path) -> None:
    first, second = Search(tmp_path), Search(tmp_path)
    first.replace("a.py", [Piece(0, 8, "kept = 1")])
    first.commit()
    with pytest.raises(ValueError, match=r"(?i)lock"):
        second.remove("a.py")
    first.close()


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text("not an index")
    with pytest.raises(ValueError, match=r"meta\.json|schema|index"):
        Search(tmp_path)
