"""Which open documents stand in a prompt, and in which order."""

from __future__ import annotations

from pathlib import Path

from context.snapshot import Document, Snapshot
from context.text import Text
from lsp_server.features.sources import choose_sources, place_in_repository

ROOT = Path("/work space/shop")
BODY = "".join(f"def function_{number}(value):\n    return value + {number}\n" for number in range(20))


def document(name: str, text: str = BODY, language: str = "python", synced: str = "yes") -> Document:
    path = ROOT / name
    return Document(path.as_uri(), path, language, 1, Text(text), in_sync=synced == "yes")


HERE = document("here.py")


def world(*documents: Document) -> Snapshot:
    return Snapshot((ROOT,), {each.uri: each for each in (*documents, HERE)})


def names(snapshot: Snapshot, room: int = 100_000) -> list[str]:
    return [source.path for source in choose_sources(snapshot, HERE, room)]


def test_what_was_used_last_stands_last() -> None:
    assert names(world(document("a.py"), document("b.py"), document("c.py"))) == ["a.py", "b.py", "c.py"]


def test_the_same_language_comes_first_when_room_is_short() -> None:
    snapshot = world(document("a.py"), document("b.md", language="markdown"))
    sizes = {source.path: len(source.text) for source in choose_sources(snapshot, HERE, len(BODY) // 2)}
    assert sizes["a.py"] > sizes.get("b.md", 0)


def test_the_document_itself_and_what_is_secret_or_out_of_step_is_left_out() -> None:
    snapshot = world(document(".env"), document("old.py", synced="no"), document("tiny.py", "x = 1"))
    assert names(snapshot) == []


def test_a_document_is_cut_at_the_end_of_a_line() -> None:
    (source,) = choose_sources(world(document("a.py")), HERE, 500)
    assert source.text.endswith("\n")
    assert BODY.startswith(source.text)
    assert 200 < len(source.text) <= 500


def test_the_room_is_kept_to() -> None:
    snapshot = world(*(document(f"{number}.py") for number in range(10)))
    for room in range(0, 3000, 97):
        chosen = choose_sources(snapshot, HERE, room)
        assert sum(len(source.path) + len(source.text) + 2 for source in chosen) <= room


def test_what_stood_in_the_last_prompt_keeps_its_place() -> None:
    a, b, c = document("a.py"), document("b.py"), document("c.py")
    last = choose_sources(world(a, b), HERE, 100_000)
    again = choose_sources(world(c, b, a), HERE, 100_000, last)
    assert [source.path for source in again] == ["a.py", "b.py", "c.py"]
    assert again[:2] == last


def test_a_document_that_has_changed_goes_to_the_end() -> None:
    last = choose_sources(world(document("a.py"), document("b.py")), HERE, 100_000)
    again = choose_sources(world(document("a.py", BODY + "# more\n"), document("b.py")), HERE, 100_000, last)
    assert [source.path for source in again] == ["b.py", "a.py"]


def test_paths_are_those_of_the_repository() -> None:
    assert place_in_repository(world(), document("src/a b.py")) == ("shop", "src/a b.py")


def test_a_lone_file_is_named_by_its_folder() -> None:
    alone = Document("file:///tmp/x/y.py", Path("/tmp/x/y.py"), "python", 1, Text(""))
    assert place_in_repository(world(), alone) == ("x", "y.py")


def test_a_document_without_a_path_has_the_name_in_its_uri() -> None:
    for uri, name in (("untitled:Untitled-1", "Untitled-1"), ("git:/a/b%20c.py?x", "b c.py"), ("", "")):
        assert place_in_repository(world(), Document(uri, None, "", 1, Text(""))) == ("", name)
