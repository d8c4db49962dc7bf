from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from context.chunks import LONGEST, Chunk, chunks_of
from context.outline import Definition, Outline, Span
from context.parse import parse
from tests.cases.outlines import OutlineCase, read_outline_cases

CASES = read_outline_cases()


def cut(source: str, language: str = "python") -> dict[str, str]:
    """The text of each chunk by its name, and by its role where there is none."""
    chunks = chunks_of(parse(source, language), source)
    return {chunk.name or chunk.role: source[chunk.start : chunk.end] for chunk in chunks}


def long_body(lines: int, indentation: str = "    ") -> str:
    return "".join(f"{indentation}value_{number} = compute_something({number})\n" for number in range(lines))


def test_a_file_is_cut_into_its_head_its_definitions_and_what_is_between_them() -> None:
    wanted = {
        "head": '"""Doc."""\nimport os\n\nLIMIT = 3\n\n',
        "add": "# Adds.\n@cached\ndef add(a):\n    return a\n\n\n",
        "rest": "X = add(1)\n\n\n",
        "A": "class A:\n    x = 1\n\n    def f(self): pass\n",
    }
    assert cut("".join(wanted.values())) == wanted


def test_a_class_that_is_too_long_is_cut_into_its_methods() -> None:
    methods = [f"    def method_{number}(self):\n{long_body(15, ' ' * 8)}\n" for number in range(6)]
    source = "class Long(Base):\n    x = 1\n\n" + "".join(methods) + "def after(): pass\n"
    found = cut(source)
    assert found["Long"] == "class Long(Base):\n    x = 1\n\n"
    assert [found[f"Long.method_{number}"] for number in range(6)] == methods
    assert found["after"] == "def after(): pass\n"


def test_a_function_that_is_too_long_is_cut_between_its_outer_statements() -> None:
    loops = "".join(f"    for i in range({number}):\n{long_body(12, ' ' * 8)}" for number in range(10))
    source = f"def long():\n{loops}"
    chunks = chunks_of(parse(source, "python"), source)
    assert [(chunk.name, chunk.part) for chunk in chunks] == [("long", part) for part in range(len(chunks))]
    assert len(chunks) > 2
    assert all(source[chunk.start :].startswith("    for i in") for chunk in chunks[1:])


def test_closing_brackets_belong_to_the_chunk_before_them() -> None:
    body = "".join(f"    f({number});\n" for number in range(60))
    source = (
        "namespace a {\n" + "".join(f"  void f{number}() {{\n{body}  }}\n" for number in range(4)) + "}\n"
    )
    last = chunks_of(parse(source, "cpp"), source)[-1]
    assert last.name == "a.f3"
    assert source[last.start : last.end].endswith("  }\n}\n")


def test_definitions_on_one_line_are_chunks_of_their_own() -> None:
    assert cut("function a(){} function b(){}\n", "javascript") == {
        "a": "function a(){} ",
        "b": "function b(){}\n",
    }


def test_the_id_of_a_definition_stays_when_others_change() -> None:
    source = "import a\n\ndef f():\n    return 1\n\ndef g():\n    return 2\n"
    before = {chunk.name: chunk.id for chunk in chunks_of(parse(source, "python"), source)}
    edited = source.replace("import a", "import a\nimport b").replace("return 1", "return 3")
    after = {chunk.name: chunk.id for chunk in chunks_of(parse(edited, "python"), edited)}
    assert after["g"] == before["g"]
    assert after["f"] != before["f"]


def test_equal_chunks_have_different_ids() -> None:
    source = "def f(): pass\n" * 3
    chunks = chunks_of(parse(source, "python"), source)
    assert len({chunk.id for chunk in chunks}) == len(chunks) == 3


def test_an_empty_source_has_no_chunks() -> None:
    assert chunks_of(parse("", "python"), "") == ()


def test_a_line_without_end_is_cut_all_the_same() -> None:
    source = "x" * (3 * LONGEST + 1)
    chunks = chunks_of(parse(source, "plaintext"), source)
    assert [chunk.end - chunk.start for chunk in chunks] == [LONGEST] * 3 + [1]


# --- Whatever the source and its outline ---

LINES = [
    "def f():",
    "    x = 1",
    "class A:",
    "  }",
    "",
    "end",
    "x" * 300,
    "\t\tcall(y)",
    "é🦀",
    "# c",
    "if (x) {",
]
line_ends = st.sampled_from(["\n", "\r\n", "\r", ""])
sources = st.lists(st.tuples(st.sampled_from(LINES), line_ends), max_size=80).map(
    lambda lines: "".join(line + end for line, end in lines * 3)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(source=sources, language=st.sampled_from(["python", "cpp", "ruby", "markdown", "other"]))
def test_chunks_cover_any_text_exactly_once(source: str, language: str) -> None:
    check(chunks_of(parse(source, language), source), source)


@st.composite
def outlines(draw: st.DrawFn) -> tuple[Outline, str]:
    """An outline with spans of any kind, as no parser would find them."""
    source = draw(sources)
    places = st.integers(0, len(source))
    spans = sorted(
        (tuple(sorted(each)) for each in draw(st.lists(st.tuples(places, places), max_size=12))),
        key=lambda span: (span[0], -span[1]),
    )
    definitions = tuple(
        Definition(
            "f",
            "function",
            start,
            end,
            start,
            "",
            "",
            Span(start, end),
            (0, 0),
            draw(st.none() | st.integers(0, 3)),
            "f",
        )
        for start, end in spans
    )
    blocks = tuple(Span(start, end) for start, end in spans)
    return Outline("x", "text", len(source), definitions, (), (), blocks, True), source


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=outlines())
def test_chunks_cover_the_text_whatever_the_outline_says(made: tuple[Outline, str]) -> None:
    check(chunks_of(*made), made[1])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_chunks_cover_the_cases(case: OutlineCase) -> None:
    check(chunks_of(parse(case.source, case.language), case.source), case.source)


def check(chunks: tuple[Chunk, ...], source: str) -> None:
    assert "".join(source[chunk.start : chunk.end] for chunk in chunks) == source
    assert [chunk.start for chunk in chunks] == [0, *(chunk.end for chunk in chunks)][: len(chunks)]
    assert all(0 < chunk.end - chunk.start <= LONGEST for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == len(chunks)
