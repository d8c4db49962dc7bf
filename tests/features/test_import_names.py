"""A statement of which the file imports a part already brings only the rest."""

from __future__ import annotations

import pytest

from lsp_server.features.import_names import imports_of, name_of, with_new_names

CASES = [
    ("python", "from a import b", "from a import b, c", "from a import c"),
    ("python", "from a import c as d", "from a import b, c as d", "from a import b"),
    ("python", "from a import b", "from a import (\n    b,\n    c,\n)", "from a import (\n    c,\n)"),
    ("python", "import os", "import os, sys", "import sys"),
    ("python", "from a import b", "from a import (\n    b,  # x\n    c,\n)", None),
    ("python", "from x import b", "from a import b, c", None),
    ("typescript", "import { a } from 'x'", "import { a, b } from 'x';", "import { b } from 'x';"),
    ("typescript", "import { b } from 'x'", "import { a, b } from 'x';", "import { a } from 'x';"),
    ("typescript", "import { a } from 'x'", "import {\n  a,\n  b,\n} from 'x'", "import {\n  b,\n} from 'x'"),
    ("typescript", "import R from 'x'", "import R, { a } from 'x'", "import { a } from 'x'"),
    ("typescriptreact", "import { a } from 'x'", "import R, { a, b } from 'x'", "import R, { b } from 'x'"),
    ("rust", "use a::{b, c};", "use a::{b, c, d};", "use a::{d};"),
    ("rust", "use std::io;", "use std::io::{self, Read};", "use std::io::{Read};"),
    ("rust", "use a::b::C;", "use a::{b::{C, D}, e};", "use a::{b::{D}, e};"),
    ("scala", "import a.{B}", "import a.{B, C}", "import a.{C}"),
    ("java", "import a.B;", "import a.C;", None),
]


@pytest.mark.parametrize(("language", "there", "statement", "left"), CASES)
def test_only_new_names_are_left(language: str, there: str, statement: str, left: str | None) -> None:
    known = {name_of(each) for each in imports_of(there, language)}
    assert with_new_names(statement, language, known) == (left or statement)


@pytest.mark.parametrize(
    ("language", "there", "statement"),
    [
        ("typescript", "import R from 'x'", "import R, * as a from 'x'"),
        ("rust", "use a::b::C; use a::e::F;", "use a::{b::{C, D}, e::{F}};"),
    ],
)
def test_what_cannot_be_parted_is_none_where_a_name_may_stand_once(
    language: str, there: str, statement: str
) -> None:
    known = {name_of(each) for each in imports_of(there, language)}
    assert with_new_names(statement, language, known) is None
