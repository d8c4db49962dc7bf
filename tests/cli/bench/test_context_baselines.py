"""What Fathom's context is compared with: the ring, BM25, aider's map, and how contexts are packed."""

from __future__ import annotations

from pathlib import Path

from lsp_server.cli.bench.recall import aider, aider_map, oracle
from lsp_server.cli.bench.recall.baselines import (
    RING_CHUNKS,
    Bm25,
    Bm25Index,
    Nothing,
    Ring,
    nearest,
    pushed,
    similarity,
    words_of,
)
from lsp_server.cli.bench.recall.cases import Target
from lsp_server.cli.bench.recall.place import Snippet, laid_out, packed, parted
from tests.cli.bench.recall_places import VOCABULARY, case, place


def test_similarity_counts_the_lines_that_are_the_same() -> None:
    assert similarity("a\nb\nc", "a\nb\nc") == 1.0
    assert similarity("a\nb", "c\nd") == 0.0
    assert similarity("a\n\n  b", "b\nc") == 0.5


def test_a_chunk_takes_the_place_of_what_is_like_it_and_of_the_oldest() -> None:
    ring: list[Snippet] = []
    for number in range(RING_CHUNKS + 2):
        ring = pushed(ring, Snippet(f"{number}.py", f"line {number}"))
    assert [chunk.path for chunk in ring] == [f"{number}.py" for number in range(2, RING_CHUNKS + 2)]
    again = pushed(ring, Snippet("again.py", "line 5"))
    assert [chunk.path for chunk in again][-1] == "again.py"
    assert "5.py" not in [chunk.path for chunk in again]


def test_the_nearest_files_are_those_of_the_same_folder_and_kind() -> None:
    files = ["a/b/app.py", "a/b/sibling.py", "a/uncle.py", "z/far.py", "a/b/notes.md"]
    assert nearest("a/b/app.py", "python", files) == ["a/b/sibling.py", "a/uncle.py", "z/far.py"]


def test_words_are_names_and_their_parts() -> None:
    assert words_of("parseHeader x_1 HTTP") == ["parseheader", "parse", "header", "x_1", "x", "http"]


def test_bm25_prefers_rare_words_and_leaves_the_file_itself_out() -> None:
    chunks = [
        Snippet("a.py", "common common needle"),
        Snippet("b.py", "common other"),
        Snippet("c.py", "common words here"),
        Snippet("app.py", "needle needle"),
    ]
    found = Bm25Index(chunks).find(["needle", "common"], 2, without="app.py")
    assert [chunk.path for chunk in found] == ["a.py", "b.py"]


def test_bm25_of_one_word_is_as_its_formula_says() -> None:
    """Two chunks of the same length: the one with the word twice is before the one with it once."""
    chunks = [Snippet("one.py", "word filler other"), Snippet("two.py", "word word other")]
    assert [chunk.path for chunk in Bm25Index(chunks).find(["word"], 5)] == ["two.py", "one.py"]


def test_baselines_never_show_the_file_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def run():\n    return make_widget(3)\n" * 5)
    (tmp_path / "widgets.py").write_text("def make_widget(size):\n    return size\n")
    here = place("def run():\n    return make_widget\n", 1, 4, root=tmp_path)
    for provider in (Ring(VOCABULARY), Bm25(VOCABULARY)):
        context = provider.contexts(here, [500])[500]
        assert [part.path for part in parted(context)] == ["widgets.py"]
    assert Nothing().contexts(here, [500]) == {500: ""}


def test_the_best_snippet_stands_last_and_the_budget_holds() -> None:
    best, second, third = (Snippet(f"{name}.py", f"{name}\n" * 5) for name in ("aa", "bb", "cc"))
    context = packed([best, second, third], 85, VOCABULARY)
    assert [part.path for part in parted(context)] == ["cc.py", "bb.py", "aa.py"][1:]
    assert len(context) <= 85


def test_a_snippet_that_does_not_fit_is_cut_after_a_line() -> None:
    context = packed([Snippet("a.py", "first\nsecond\nthird")], 35, VOCABULARY)
    assert context == "<|file_sep|>a.py\nfirst\nsecond\n"


def test_a_context_is_parted_into_what_it_was_laid_out_of() -> None:
    snippets = [Snippet("a.py", "x = 1\ny = 2"), Snippet("b/c.py", "z = 3")]
    assert [Snippet(part.path, part.text.rstrip("\n")) for part in parted(laid_out(snippets))] == snippets


AIDER = "\nREADME.md\n\nsrc/a.py:\n⋮\n│class A:\n│    def f(self):\n⋮\n\nsrc/b.py:\n│def g():\n"


def test_a_map_of_aider_is_parted_by_its_files() -> None:
    assert list(aider.files_of(AIDER)) == [
        Snippet("README.md", ""),
        Snippet("src/a.py", "class A:\n    def f(self):"),
        Snippet("src/b.py", "def g():"),
    ]


def test_the_marks_of_a_map_cost_aider_nothing() -> None:
    assert "│" not in aider_map.plain(AIDER)
    assert "⋮" not in aider_map.plain(AIDER)


class Map:
    """A map that takes as much as it is given, and a little more."""

    def get_ranked_tags(self, *_: object) -> list[str]:
        return ["tag"]

    def get_ranked_tags_map_uncached(
        self, chat: list[str], others: list[str], most: int, files: object, words: object
    ) -> str:
        assert self.get_ranked_tags() == ["tag"]
        return "x" * int(1.1 * most)


def test_a_map_that_is_too_long_is_asked_for_again(tmp_path: Path) -> None:
    asked = {"root": str(tmp_path), "path": "a.py", "words": [], "budgets": [100, 200]}
    maps = aider_map.maps(Map(), aider_map.Counter(VOCABULARY), asked)
    assert {budget: 0.8 * budget < len(text) <= budget for budget, text in maps.items()} == {
        100: True,
        200: True,
    }


def test_the_oracle_shows_the_definition_to_its_end(tmp_path: Path) -> None:
    text = "x = 1\n\n\ndef widget(size):\n    return size\n\n\ny = 2\n"
    assert oracle.definition(text, Target("a.py", 3, "def widget(size):"), "widget") == (
        "def widget(size):\n    return size"
    )
    assert oracle.definition("A = 1\nB = 2\n", Target("a.txt", 1, "B = 2"), "B").startswith("B = 2")
    (tmp_path / "widgets.py").write_text("\n" * 7 + "def widget(size):\n    return size\n")
    context = oracle.context(case(), tmp_path, VOCABULARY)
    assert context == "<|file_sep|>widgets.py\ndef widget(size):\n    return size\n"
