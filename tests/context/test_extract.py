"""What is kept of one content: rows that say the same as its outline."""

from __future__ import annotations

import json

import pytest

from context import words
from context.extract import definition_words, extract, import_keys, pieces_of
from context.outline import Import
from context.rows import BLOCK, imports_of, key_of, packed_text, passage_of, uses_of
from context.search import words_of

TEXT = "import os\n\n\ndef größe(path):\n    return os.stat(path).st_size\n"


def test_the_rows_say_what_the_outline_does() -> None:
    rows = extract(TEXT.encode(), "python", "files")
    assert rows.length == len(TEXT)
    assert passage_of(rows.text) == TEXT
    assert imports_of(rows.imports) == [Import("os", "", "", 7)]
    uses = uses_of(rows.uses)
    assert uses["os"] == 2
    assert rows.use_keys == sorted((key_of(name), count) for name, count in uses.items())
    (row,) = rows.definitions
    key, name, kind, qualified, signature, doc, start, end, signature_at, line, has_body = row
    assert (key, name, kind, qualified, doc, has_body) == (
        key_of("größe"),
        "größe",
        "function",
        "größe",
        "",
        True,
    )
    assert TEXT[start:end].startswith(signature)
    assert (start, line) == (signature_at, 3)


def test_pieces_cover_the_text_and_can_be_made_again() -> None:
    rows = extract(TEXT.encode(), "python", "files")
    pieces = list(rows.pieces())
    assert "".join(TEXT[piece.start : piece.end] for piece in pieces) == TEXT
    assert pieces_of(TEXT, rows.chunks) == pieces
    assert rows.definition_words == [definition_words("größe", "def größe(path):", "files")]
    assert set(words_of("files")) <= set(rows.definition_words[0].split())


def test_a_signature_is_not_taken_from_the_comment_that_repeats_it() -> None:
    text = "# def same(): of old\n# def same():\ndef same():\n    pass\n"
    (row,) = extract(text.encode(), "python", "a").definitions
    assert (row[4], row[8]) == ("def same():", text.rindex("def same():"))


@pytest.mark.parametrize(
    ("module", "name", "names"),
    [
        ("shop.cart", "Cart", {"cart", "Cart"}),
        ("shop/cart.h", "", {"cart.h", "cart"}),
        ("./cart", "Cart", {"cart", "Cart"}),
        ("std::io::Write", "", {"Write"}),
        (".", "cart", {"cart"}),
        ("os", "*", {"os"}),
        ("@shop/cart.js", "default", {"cart.js", "cart", "default"}),
    ],
)
def test_an_import_is_known_by_its_name_and_the_last_part_of_its_module(
    module: str, name: str, names: set[str]
) -> None:
    assert import_keys([Import(module, name, "", 0)]) == sorted(key_of(each) for each in names)


def test_words_of_prose_and_data_are_no_uses() -> None:
    assert uses_of(extract(b"The cart is sent.\n", "markdown", "notes").uses) == {}
    assert uses_of(extract(json.dumps({"cart": 1}).encode(), "json", "data").uses) == {}


def test_without_a_parser_the_words_are_read() -> None:
    rows = extract(TEXT.encode(), "python", "files", words.read)
    assert [row[1] for row in rows.definitions] == ["größe"]


@pytest.mark.parametrize("data", [b"", b"\0\xff\xfe", b"\xff\xfe\0\xd8", b"\r\r\n\n", "\u2028\x85x".encode()])
def test_anything_can_be_read(data: bytes) -> None:
    rows = extract(data, "python", "a")
    assert len(passage_of(rows.text)) == rows.length


def test_a_name_has_the_same_key_everywhere() -> None:
    assert key_of("Cart") == key_of("Cart") != key_of("cart")
    assert key_of("\ud800")
    assert -(2**47) <= key_of("größe") < 2**47


@pytest.mark.parametrize("length", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
def test_a_passage_can_be_had_without_the_rest(length: int) -> None:
    text = "".join(chr(97 + number % 26) if number % 5 else "ß" for number in range(length))
    stored = packed_text(text)
    assert passage_of(stored) == text
    for start in (0, 1, BLOCK - 1, BLOCK, 2 * BLOCK + 5, length):
        for end in (start, start + 1, BLOCK, BLOCK + 1, length, length + 9):
            assert passage_of(stored, start, max(start, end)) == text[start : max(start, end)]
