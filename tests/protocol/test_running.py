"""What an editor tells of typing, as edits that follow each other."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from context.snapshot import Change, Document, Workspace
from context.text import Encoding, Text
from lsp_server.edits.apply import spliced
from lsp_server.protocol.running import edits_of

URI = "file:///project/a.py"
ENCODINGS = st.sampled_from(("utf-8", "utf-16", "utf-32"))
TEXTS = st.text(alphabet="ab é😀\r\n", max_size=30)
PLACES = st.tuples(st.integers(0, 6), st.integers(0, 8))
CHANGES = st.lists(
    st.builds(Change, range=st.none() | st.tuples(PLACES, PLACES), text=TEXTS), min_size=1, max_size=4
)


def document(text: str) -> Document:
    return Document(URI, None, "python", 1, Text(text))


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, changes=CHANGES, encoding=ENCODINGS)
def test_edits_one_after_the_other_give_the_text_that_the_workspace_has(
    text: str, changes: list[Change], encoding: Encoding
) -> None:
    workspace = Workspace()
    workspace.opened(URI, None, "python", 1, text)
    workspace.changed(URI, 2, changes, encoding)
    edits = edits_of(document(text), changes, encoding)
    assert edits is not None
    for edit in edits:
        result = spliced(text, [edit])
        assert isinstance(result, str)
        text = result
    assert text == workspace.snapshot.documents[URI].text.string


def test_a_range_that_makes_no_sense_gives_no_edits() -> None:
    assert edits_of(document("a"), [Change(((0, -1), (0, 0)), "x")], "utf-16") is None


def test_a_whole_text_is_only_what_differs_in_it() -> None:
    edits = edits_of(document("a\nb\nc\n"), [Change(None, "x\na\nb\n")], "utf-16")
    assert edits is not None
    assert [(edit.start, edit.end, edit.text) for edit in edits] == [(0, 0, "x\n"), (6, 8, "")]
