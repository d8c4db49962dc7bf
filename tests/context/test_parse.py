from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from context import parse as module
from context.grammars import GRAMMARS, LIKE
from context.outline import Outline
from context.parse import how_parsed, import_statements, parse, syntax_faults
from context.text import Text
from tests.cases.outlines import OutlineCase, read_outline_cases, shown

CASES = read_outline_cases()
LANGUAGES = sorted(GRAMMARS)
ALIKE = sorted(LIKE)
OTHERS = ["zig", "haskell", "css", "markdown", "plaintext", "cobol", "no such language", ""]
STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_outline_has_what_the_case_shows(case: OutlineCase) -> None:
    assert shown(parse(case.source, case.language), case.source) == case.expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_with_a_grammar_of_ours_has_a_query_and_a_case(language: str) -> None:
    assert how_parsed(language) == "query"
    assert [case.name for case in CASES if case.language == language] != []


@pytest.mark.parametrize("language", ALIKE)
def test_a_language_that_looks_like_another_is_read_as_that(language: str) -> None:
    assert how_parsed(language) == "query"
    source = next(case.source for case in CASES if case.language == LIKE[language])
    outline = parse(source, language)
    assert outline.language == language
    assert outline.definitions == parse(source, LIKE[language]).definitions


GENERAL = {
    "zig": ("const std = 1;\n\nfn add(a: i32) i32 {\n    return sum(a);\n}\n", "constant std, function add"),
    "dart": (
        "class A {\n  void m(int c) { f(c); }\n}\nint top(int a) => a;\n",
        "class A, method A.m, function top",
    ),
    "proto3": (
        'syntax = "proto3";\nmessage M { int32 x = 1; }\nservice S { rpc R(M) returns (M); }\n',
        "struct M, field M.x, interface S, method S.R",
    ),
    "elixir": ("defmodule A.B do\n  defp h(y) do\n    y\n  end\nend\n", "module A.B, function A.B.h"),
    "objective-c": (
        "@implementation A\n- (void)m:(int)x { f(x); }\n@end\nint g(int a) { return 1; }\n",
        "class A, method A.m, function g",
    ),
}


@pytest.mark.parametrize("language", GENERAL)
def test_other_languages_of_an_installed_pack_are_read_by_general_rules(language: str) -> None:
    pytest.importorskip("semble_grammars")
    source, expected = GENERAL[language]
    assert how_parsed(language) == "kinds"
    found = parse(source, language).definitions
    assert ", ".join(f"{each.kind} {each.qualified}" for each in found) == expected


@pytest.mark.parametrize("language", ["cobol", "plaintext", "no such language", ""])
def test_any_other_language_is_read_as_text(language: str) -> None:
    assert how_parsed(language) == "text"
    assert parse("some words", language).how == "text"


# --- Whatever the text is ---

PIECES = [
    *(
        "def f(",
        "class A",
        "function ",
        "fn x",
        "struct S {",
        "}",
        "{",
        "(",
        ")",
        "[",
        "<",
        ">",
        '"',
        "'",
        "`",
    ),
    *(
        "\n",
        "\r\n",
        "\r",
        "    ",
        "\t",
        "\0",
        "\ufeff",
        "🦀",
        "é",
        "\ud800",
        "\u2028",
        "名",
        "#",
        "//",
        "/*",
        "*/",
    ),
    *(
        "import a",
        "from b import c",
        "#include <x>",
        "use a::{b",
        "::",
        ".",
        ";",
        ",",
        "=",
        "x",
        "y1",
        "=>",
        "end",
    ),
    *(
        "@",
        "$",
        "\\",
        "<?php ",
        "<<EOF\n",
        "EOF\n",
        "if x:",
        "return ",
        "/// doc\n",
        "# doc\n",
        "1",
        "-",
        "|",
        "&",
    ),
]
sources = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(source=sources, language=st.sampled_from([*LANGUAGES, *OTHERS]))
def test_any_text_gives_an_outline_of_which_all_places_lie_in_the_text(source: str, language: str) -> None:
    check(parse(source, language), source)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=st.sampled_from(CASES), at=st.floats(0, 1), taken=st.integers(0, 30), put=sources)
def test_an_edit_anywhere_in_real_code_leaves_an_outline(
    case: OutlineCase, at: float, taken: int, put: str
) -> None:
    place = int(at * len(case.source))
    source = case.source[:place] + put + case.source[place + taken :]
    check(parse(source, case.language), source)


def check(outline: Outline, source: str) -> None:
    text = Text(source)
    assert outline.length == len(source)
    for index, each in enumerate(outline.definitions):
        assert 0 <= each.start <= each.name_at < each.name_at + len(each.name) <= each.end <= len(source)
        assert source[each.name_at : each.name_at + len(each.name)] == each.name
        assert each.signature in source
        assert each.parent is None or each.parent < index
        if each.body is not None and each.body_lines is not None:
            assert each.start <= each.body.start <= each.body.end <= each.end
            assert 0 <= each.body_lines[0] <= each.body_lines[1] < text.line_count
    for use in outline.references:
        assert source[use.offset : use.offset + len(use.name)] == use.name
    assert all(0 <= each.offset < len(source) for each in outline.imports)
    assert all(0 <= each.start < each.end <= len(source) for each in outline.blocks)
    offsets = [use.offset for use in outline.references]
    assert offsets == sorted(set(offsets))


HOSTILE = {
    "parentheses": "(" * 50_000,
    "braces": "{" * 50_000,
    "nested calls": "f(" * 10_000 + ")" * 10_000,
    "blocks": "if (x) {" * 2_000,
    "angle brackets": "a<" * 5_000,
    "one long line": "x" * 1_000_000,
    "one long line of words": "ab " * 50_000,
    "NUL": "\0" * 100_000,
    "carriage returns": "\r" * 50_000,
    "quotes": "\"'`" * 5_000,
    "operators": "not " * 50_000,
    "comments": "/*" * 50_000,
    "nested functions": "\n".join(" " * depth + f"def f{depth}():" for depth in range(500)),
    "many definitions": "def f(): pass\n" * 2_000,
    "lists in imports": "use " + "a::{" * 5_000,
    "blank lines": "\n" * 50_000 + "x",
}


@pytest.mark.parametrize("language", ["python", "cpp", "rust", "plain"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_no_longer_than_the_limit(name: str, language: str) -> None:
    before = time.thread_time()
    outline = parse(HOSTILE[name], language)
    assert time.thread_time() - before < 2 * module.LONGEST_TIME
    assert outline.length == len(HOSTILE[name])


def test_what_takes_too_long_to_parse_is_read_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_TIME", 0.0)
    outline = parse("def early(): pass\n" * 2_000, "python")
    assert (outline.how, outline.complete, len(outline.definitions)) == ("text", False, 2_000)


def test_a_text_that_is_too_long_for_a_grammar_is_read_as_text_and_said_to_be() -> None:
    source = "def early(): pass\n" + "#" * module.LONGEST
    outline = parse(source, "python")
    assert (outline.how, outline.complete) == ("text", False)
    assert [each.name for each in outline.definitions] == ["early"]


# --- Offsets ---


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("first", ["", "\ufeff", '"🦀é名"'])
def test_offsets_are_string_indices_with_any_line_ends_and_letters(line_end: str, first: str) -> None:
    source = line_end.join([f"{first}", "# 👩‍👩‍👧", "def größe(名):", "    return f(名)", "", "x = 1"])
    outline = parse(source, "python")
    function = outline.definitions[0]
    assert source[function.name_at :].startswith("größe")
    assert source[function.start : function.end] == source[source.index("# 👩") : source.index("f(名)") + 4]
    assert function.body_lines == (3, 3)
    assert function.signature == "def größe(名):"
    assert [(each.name, source[each.offset :][:1]) for each in outline.references] == [
        ("名", "名"),
        ("f", "f"),
        ("名", "名"),
    ]


# --- Beside an extractor that is not ours ---

MODULES = "abc argparse ast asyncio/tasks bisect calendar dataclasses decimal email/message enum fractions"
MODULES += " functools html/parser inspect json/decoder logging/config optparse pickle statistics typing"


@pytest.mark.parametrize("name", MODULES.split())
def test_every_function_and_class_that_python_itself_finds_is_in_the_outline(name: str) -> None:
    source = (STANDARD_LIBRARY / f"{name}.py").read_text(encoding="utf-8")
    text = Text(source)
    wanted = {
        (each.name, each.lineno, "class" if isinstance(each, ast.ClassDef) else "function")
        for each in ast.walk(ast.parse(source))
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    found = {
        (each.name, text.line_at(each.name_at) + 1, "class" if each.kind == "class" else "function")
        for each in parse(source, "python").definitions
        if each.kind in ("class", "function", "method")
    }
    assert found == wanted


def test_nothing_of_a_grammar_is_loaded_before_a_source_is_parsed() -> None:
    code = "import sys, context.parse; print([name for name in sys.modules if 'tree_sitter' in name])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# --- faults ---


@pytest.mark.parametrize(
    ("source", "language", "found"),
    [
        ("def f(x):\n    return x\n", "python", []),
        ("é = 1\ndef f(x:\n    return x\n", "python", [("def f(x:", "")]),
        ("let a = (1;\nlet b = 2;\n", "javascript", [("", ")")]),
        ("fn f() { a.; }\nfn g() {}\n", "rust", [("", "field_identifier")]),
    ],
)
def test_faults_of_syntax_are_found_where_they_are(
    source: str, language: str, found: list[tuple[str, str]]
) -> None:
    faults = syntax_faults(source, language)
    assert faults is not None
    assert [(source[fault.span.start : fault.span.end], fault.missing) for fault in faults] == found


def test_faults_are_not_known_without_a_grammar() -> None:
    assert syntax_faults("(((", "plaintext") is None
    assert syntax_faults("x = (" + " " * 1_000_000, "python") is None


def test_faults_of_a_broken_text_are_bounded() -> None:
    faults = syntax_faults("f(" * 50_000, "python")
    assert faults is None or len(faults) <= 1_000


IMPORTS = {
    "python": "from a import (\n    b,\n)\n\nx = 'import c'\n# import d\ndef f():\n    import e; import g\n",
    "typescript": "import a, {b as c} from 'ä';\nimport './x.css'\n",
    "rust": "use std::io::{self, Read};\n",
}
FOUND = {
    "python": ["from a import (\n    b,\n)", "import e", "import g"],
    "typescript": ["import a, {b as c} from 'ä';", "import './x.css'"],
    "rust": ["use std::io::{self, Read};"],
}


@pytest.mark.parametrize("language", IMPORTS)
def test_statements_that_import_are_found_whole(language: str) -> None:
    source = IMPORTS[language]
    spans = import_statements(source, language)
    assert [source[span.start : span.end] for span in spans] == FOUND[language]


def test_without_a_grammar_of_our_own_no_statement_is_known() -> None:
    assert import_statements("import a", "plaintext") == ()
    assert import_statements("import a\n" + "#" * 1_000_000, "python") == ()
