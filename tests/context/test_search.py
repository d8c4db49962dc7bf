"""Text search: words and their parts, what is found, and changes that are seen when they are committed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context.search import MOST_WORDS, Hit, Piece, Search, is_whole, query_of, words_of

CART, HTTP, MAIL = 1, 2, 3
TEXTS = {
    CART: "def total(self):\n    return sum(item.price for item in self.items)\n",
    HTTP: "class HeaderParser:\n    def parse_header(self, line): ...\n",
    MAIL: "def send_mail(receiver, subject):\n    server.deliver(receiver, subject)\n",
}
DEFINITIONS = {
    CART: [(10, "total self cart")],
    HTTP: [(20, "HeaderParser http"), (21, "HeaderParser.parse_header self line http")],
    MAIL: [(30, "send_mail receiver subject mail")],
}


def piece(text: str, start: int = 0) -> Piece:
    return Piece(start, start + len(text), " ".join(words_of(text)))


@pytest.fixture
def search() -> Iterator[Search]:
    found = Search()
    for content, text in TEXTS.items():
        said = [(number, " ".join(words_of(words))) for number, words in DEFINITIONS[content]]
        found.add(content, [piece(text)], said)
    found.commit()
    yield found
    found.close()


def contents(hits: list[Hit]) -> list[int]:
    return [hit.content for hit in hits]


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
    assert contents(search.find(query_of("parser.parse_header(line)"), 3))[0] == HTTP
    assert contents(search.find(query_of("send the mail to its receiver"), 3))[0] == MAIL


def test_a_name_is_found_by_its_parts_in_another_spelling(search: Search) -> None:
    assert contents(search.find(query_of("header_parser"), 1)) == [HTTP]


def test_a_hit_says_where_it_is(search: Search) -> None:
    (hit,) = search.find(("deliver",), 5)
    assert (hit.content, hit.start, hit.end) == (MAIL, 0, len(TEXTS[MAIL]))
    assert hit.score > 0


def test_the_content_itself_can_be_left_out(search: Search) -> None:
    assert CART in contents(search.find(("self",), 5))
    assert CART not in contents(search.find(("self",), 5, without=[CART]))


def test_definitions_are_found_by_themselves_the_shorter_the_better(search: Search) -> None:
    assert [number for number, _ in search.find_definitions(("header", "parser"), 5)] == [20, 21]
    assert [number for number, _ in search.find_definitions(("mail",), 5)] == [30]
    assert search.find_definitions(("deliver",), 5) == []


@pytest.mark.parametrize("words", [(), ("nowhere",), ('"quoted" AND (broken',)])
def test_what_is_not_there_is_not_found(search: Search, words: tuple[str, ...]) -> None:
    assert search.find(words, 5) == []
    assert search.find_definitions(words, 5) == []


def test_a_change_is_seen_when_it_is_committed(search: Search) -> None:
    search.remove(CART)
    search.add(4, [piece("def discount()")], [])
    assert contents(search.find(("price",), 5)) == [CART]
    search.commit()
    assert search.find(("price",), 5) == []
    assert search.find_definitions(("total",), 5) == []
    assert contents(search.find(("discount",), 5)) == [4]


def test_a_content_that_is_removed_and_added_again_is_there_once(search: Search) -> None:
    search.remove(MAIL)
    search.add(MAIL, [piece(TEXTS[MAIL])], [])
    search.commit()
    assert contents(search.find(("deliver",), 5)) == [MAIL]


def test_what_is_written_to_a_folder_is_there_the_next_time(tmp_path: Path) -> None:
    first = Search(tmp_path)
    first.add(1, [piece("kept = 1", 3)], [])
    first.commit()
    first.add(2, [piece("lost = 1")], [])
    first.close()
    second = Search(tmp_path)
    assert second.find(("kept",), 5) == [Hit(1, 3, 11, second.find(("kept",), 5)[0].score)]
    assert second.find(("lost",), 5) == []


def test_a_reader_sees_what_another_one_commits_when_it_looks_again(tmp_path: Path) -> None:
    assert Search.existing(tmp_path) is None
    writer = Search(tmp_path)
    reader = Search.existing(tmp_path)
    assert reader is not None
    writer.add(1, [piece("kept = 1")], [])
    writer.commit()
    reader.refresh()
    assert contents(reader.find(("kept",), 5)) == [1]
    writer.close()


def test_a_second_writer_is_refused_and_reads_all_the_same(tmp_path: Path) -> None:
    first, second = Search(tmp_path), Search(tmp_path)
    first.add(1, [piece("kept = 1")], [])
    first.commit()
    with pytest.raises(ValueError, match=r"(?i)lock"):
        second.remove(1)
    first.close()


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pieces").mkdir()
    (tmp_path / "pieces/meta.json").write_text("not an index")
    with pytest.raises(ValueError, match=r"meta\.json|schema|index"):
        Search(tmp_path)


def test_an_index_that_is_cut_off_is_refused_or_finds_nothing(tmp_path: Path) -> None:
    first = Search(tmp_path)
    first.add(1, [piece("kept = 1")], [(1, "kept")])
    first.commit()
    first.close()
    for path in (tmp_path / "pieces").iterdir():
        if path.suffix in (".idx", ".term", ".store"):
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match=r"(?s).+"):
        Search(tmp_path).find(("kept",), 5)


def test_files_that_a_killed_writer_left_are_no_obstacle(tmp_path: Path) -> None:
    def written(content: int) -> None:
        search = Search(tmp_path)
        search.remove(content)
        search.commit()
        search.close()

    first = Search(tmp_path)
    for content in (1, 2, 3):
        first.add(content, [piece(f"kept{content} = 1")], [])
    first.commit()
    first.close()
    meta = tmp_path / "pieces/meta.json"
    before = meta.read_bytes()
    written(1)
    # As if it had been killed before the last file of its commit.
    meta.write_bytes(before)
    written(2)
    assert contents(Search(tmp_path).find(("kept1", "kept2", "kept3"), 5)) == [1, 3]


def test_a_changed_byte_anywhere_is_noticed(tmp_path: Path) -> None:
    search = Search(tmp_path)
    for content in range(4):
        search.add(content, [piece(f"kept{content} = 1")], [(content, f"kept{content}")])
    search.commit()
    search.remove(1)
    search.commit()
    search.close()
    assert is_whole(tmp_path)
    (tmp_path / "pieces/left.idx").write_bytes(b"of a commit that was not finished")
    assert is_whole(tmp_path)
    for path in sorted(tmp_path.glob("*/*")):
        if path.suffix not in (".json", ".lock") and path.stem != "left":
            data = path.read_bytes()
            path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
            assert not is_whole(tmp_path), path
            path.write_bytes(data)
    assert is_whole(tmp_path)
