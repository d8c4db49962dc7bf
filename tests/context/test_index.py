"""The index: definitions by name, text by what it says, from the files that a walk finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from context.files import Found, walk
from context.index import build, read
from context.search import query_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/cart.py").write_text("class Cart:\n    def total(self):\n        return 0\n")
    (tmp_path / "shop/mail.py").write_text(
        "def send(receiver):\n    deliver(receiver)\n\n\ndef total(): ...\n"
    )
    (tmp_path / "notes.txt").write_text("Carts are sent to their receiver.\n")
    return tmp_path


def found(root: Path) -> list[Found]:
    return [entry for entry in walk([root]) if isinstance(entry, Found)]


def test_a_name_leads_to_all_its_definitions(root: Path) -> None:
    index = build(found(root))
    places = {(symbol.path.name, symbol.definition.kind) for symbol in index.symbols["total"]}
    assert places == {("cart.py", "method"), ("mail.py", "function")}
    assert "deliver" not in index.symbols


def test_text_is_found_in_any_file(root: Path) -> None:
    index = build(found(root))
    hits = index.search.find(query_of("deliver to the receiver"), 5)
    assert hits[0].path == str(root / "shop/mail.py")
    assert str(root / "notes.txt") in {hit.path for hit in hits}


def test_chunks_are_places_in_the_text(root: Path) -> None:
    index = build(found(root))
    for entry in index.entries.values():
        text = read(entry.found)
        assert text is not None
        assert "".join(text[chunk.start : chunk.end] for chunk in entry.chunks) == text


def test_a_file_that_has_vanished_is_left_out(root: Path) -> None:
    files = found(root)
    (root / "shop/mail.py").unlink()
    index = build(files)
    assert root / "shop/mail.py" not in index.entries
    assert root / "shop/cart.py" in index.entries


def test_no_files_make_an_empty_index() -> None:
    index = build([])
    assert (dict(index.entries), dict(index.symbols)) == ({}, {})
    assert index.search.find(("anything",), 5) == []
