"""Whatever a file has and an answer begins with: outside of the lines nothing but imports comes."""

from __future__ import annotations

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from context.text import Text
from lsp_server.edits.apply import spliced
from lsp_server.edits.imports import beside, bring_only_imports, statements
from lsp_server.features.lift_imports import lift_imports, put_together
from lsp_server.features.target import edits_for, new_text, target_of
from lsp_server.prompts.region import fitted

IMPORTS = [
    "import a",
    "import b, c",
    "from x import (\n    y,\n)",
    "from __future__ import z",
    "import os; import q",
]
CODE = [
    "",
    "# note",
    "x = a + b",
    "def f():\n    return y",
    "    import q",
    "'''",
    "class A:",
    "try:",
    "y()  # 😀",
]
ends = st.sampled_from(["\n", "\r\n"])
starts = st.sampled_from(
    ["", "\ufeff", "'''Doc.'''\n", "#!/bin/x\n", "# Licence.\n\n", "import a  # first\n"]
)
answers = st.tuples(
    st.lists(st.sampled_from(IMPORTS), min_size=1, max_size=3), st.lists(st.sampled_from(CODE), max_size=3)
)
imports = st.lists(st.sampled_from(IMPORTS), max_size=2)
code = st.lists(st.sampled_from([*CODE, *IMPORTS]), min_size=2, max_size=8)


@settings(max_examples=300)
@given(starts, imports, code, answers, ends, st.integers(0, 60), st.integers(0, 60))
def test_outside_of_the_lines_nothing_but_imports_comes(
    start: str,
    head: list[str],
    lines: list[str],
    answer: tuple[list[str], list[str]],
    end: str,
    first: int,
    length: int,
) -> None:
    string = (start + "\n".join([*head, *lines]) + "\n").replace("\n", end)
    first += len((start + "\n".join(head)).replace("\n", end))
    last = string.find("\n", first + length) + 1 or len(string)
    first = string.rfind("\n", 0, first) + 1
    text = Text(string)
    target = target_of(text, first, last)
    reply = "\n".join([*answer[0], *answer[1], "a(b, y)"]).split("\n")
    begin = max(target.lines.start, target.scope.start)
    lifted = lift_imports(string, "python", begin, target.region, reply, "Do it")
    new = new_text(target, text, fitted(lifted.lines, target.region))
    assume(new is not None)
    assert new is not None
    edits = put_together(lifted.edits, edits_for(target, text, new))
    after = spliced(string, edits)
    assert isinstance(after, str)
    outside = beside(edits, target.scope)
    event(f"lifted: {bool(lifted.edits)}, outside: {len(outside)}")
    assert {*outside} <= {*lifted.edits}
    for edit in outside:
        assert edit.start == edit.end < target.scope.start
        assert statements(edit.text, "python")
    if outside and "'''" not in lines:
        assert bring_only_imports(string, after, edits, target.scope, "python")
