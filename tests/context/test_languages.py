"""The table of languages: what a file is in, from its name and its first line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from context.languages import LANGUAGES, Language, language, language_of

QWEN = (Path(__file__).parent / "qwen3_coder_languages.txt").read_text(encoding="utf-8").splitlines()
"""The list in the README of Qwen3-Coder, a name a line."""


def test_every_language_that_the_model_knows_is_in_the_table() -> None:
    assert len(QWEN) == 358
    assert sorted(set(QWEN) - {each.name for each in LANGUAGES.values()}) == []


@pytest.mark.parametrize("column", ["extensions", "file_names", "also"])
def test_no_file_has_two_languages(column: str) -> None:
    listed = Counter(entry for each in LANGUAGES.values() for entry in getattr(each, column))
    assert [entry for entry, count in listed.items() if count > 1] == []


def test_no_other_id_of_a_language_is_the_id_of_another() -> None:
    assert [name for each in LANGUAGES.values() for name in each.also if name in LANGUAGES] == []


def test_extensions_are_as_they_are_looked_up() -> None:
    extensions = [extension for each in LANGUAGES.values() for extension in each.extensions]
    assert [extension for extension in extensions if extension != extension.casefold()] == []
    assert [extension for extension in extensions if extension.startswith(".")] == []


def test_every_pair_of_comment_marks_has_two_ends() -> None:
    pairs = [pair for each in LANGUAGES.values() for pair in each.block_comments]
    assert all(start and end for start, end in pairs)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("main.py", "python"),
        ("stubs.pyi", "python"),
        ("MAIN.PY", "python"),
        ("app.ts", "typescript"),
        ("app.tsx", "typescriptreact"),
        ("app.jsx", "javascriptreact"),
        ("app.mjs", "javascript"),
        ("lib.rs", "rust"),
        ("lib.hpp", "cpp"),
        ("lib.h", "c"),
        ("Program.cs", "csharp"),
        ("build.gradle.kts", "kotlin"),
        ("run.sh", "shellscript"),
        ("view.blade.php", "blade"),
        ("view.php", "php"),
        ("rebar.app.src", "erlang"),
        ("Dockerfile", "dockerfile"),
        ("Dockerfile.dev", "dockerfile"),
        ("dev.dockerfile", "dockerfile"),
        ("CMakeLists.txt", "cmake"),
        ("notes.txt", "plaintext"),
        ("Makefile", "makefile"),
        ("GNUmakefile", "makefile"),
        ("Makefile.linux", "makefile"),
        ("BUILD", "starlark"),
        ("BUILD.bazel", "starlark"),
        ("meson.build", "meson"),
        ("Jenkinsfile", "groovy"),
        ("Gemfile", "ruby"),
        ("go.mod", "go.mod"),
        (".gitignore", "ignore"),
        (".bashrc", "shellscript"),
        ("README", "plaintext"),
        ("README.md", "markdown"),
        ("tsconfig.json", "jsonc"),
        ("package.json", "json"),
        ("docker-compose.yml", "dockercompose"),
        ("ci.yml", "yaml"),
    ],
)
def test_a_name_tells_the_language(name: str, expected: str) -> None:
    assert language_of(Path("folder.py", name)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#!/bin/sh", "shellscript"),
        ("#! /usr/bin/bash -e", "shellscript"),
        ("#!/usr/bin/env python", "python"),
        ("#!/usr/bin/env python3.11", "python"),
        ("#!/usr/bin/env -S uv run --script", "python"),
        ("#!/usr/bin/env -S LANG=C perl -w", "perl"),
        ("#!/usr/local/bin/node\r", "javascript"),
        ("#!/usr/bin/env ruby2.7", "ruby"),
        ("#!/usr/bin/env Rscript", "r"),
        ("\ufeff#!/usr/bin/lua5.4", "lua"),
        ("#!/usr/bin/env some-thing", "plaintext"),
        ("#!", "plaintext"),
        ("#!/", "plaintext"),
        ('<?xml version="1.0"?>', "xml"),
        ("<!DOCTYPE html>", "html"),
        ("<?php", "php"),
        ("# -*- mode: ruby; coding: utf-8 -*-", "ruby"),
        ("", "plaintext"),
    ],
)
def test_the_first_line_tells_it_where_the_name_does_not(line: str, expected: str) -> None:
    assert language_of(Path("bin/tool"), line) == expected


def test_the_name_counts_before_an_interpreter() -> None:
    assert language_of(Path("tool.py"), "#!/bin/sh") == "python"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("//===- ADT/Set.h - Sets -*- C++ -*-===//", "cpp"),
        ("/* -*- Mode: C; tab-width: 4 -*- */", "c"),
        ("/* -*- unheard-of -*- */", "c"),
    ],
)
def test_a_mode_for_emacs_counts_before_the_name(line: str, expected: str) -> None:
    assert language_of(Path("Set.h"), line) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("main.newlang", "newlang"),
        ("MAIN.NewLang", "newlang"),
        ("archive.0f3a9c", "plaintext"),
        ("a.b c", "plaintext"),
        (".hidden", "plaintext"),
        ("name\nwith.line", "line"),
        ("\udcff.py", "python"),
        ("x.\udcff", "plaintext"),
        ("x.", "plaintext"),
        (".", "plaintext"),
    ],
)
def test_what_the_table_does_not_know_is_a_language_all_the_same(name: str, expected: str) -> None:
    assert language_of(Path(name)) == expected


def test_a_language_is_known_by_the_ids_of_other_editors() -> None:
    names = {"sh": "shellscript", "cs": "csharp", "objc": "objective-c", "javascript.jsx": "javascriptreact"}
    assert {name: language(name).id for name in names} == names
    assert language("Python").id == "python"


def test_an_unknown_id_has_blocks_by_indentation_and_no_comments() -> None:
    assert language("newlang") == Language("newlang", "newlang", (), (), "indent")


def test_comment_marks_and_blocks_are_those_of_the_language() -> None:
    python, rust, lua, html = (language(name) for name in ("python", "rust", "lua", "html"))
    assert (python.line_comments, python.blocks) == (("#",), "indent")
    assert (rust.line_comments, rust.block_comments, rust.blocks) == (("//",), (("/*", "*/"),), "braces")
    assert (lua.line_comments, lua.block_comments) == (("--",), (("--[[", "]]"),))
    assert (html.line_comments, html.block_comments, html.blocks) == ((), (("<!--", "-->"),), "tags")
