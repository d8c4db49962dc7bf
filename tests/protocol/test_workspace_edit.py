"""A change in the words of each client: versions, files that come and go, questions, columns."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import converters

from context.text import Text
from lsp_server.edits.types import Edit, EditSet, file_edit
from lsp_server.protocol.client import Client, read_client
from lsp_server.protocol.workspace_edit import workspace_edit

PATH = Path("/project/a.py")
NEW = Path("/project/new.py")
TEXT = 'x = "😀"; y\r\nz\n'
CHANGE = EditSet("Rename", (file_edit(PATH, TEXT, [Edit(9, 10, "b")], version=4),))
CREATION = EditSet("Add", (file_edit(NEW, None, [Edit(0, 0, "new\n")]),))
KNOWS_ALL = Client(document_changes=True, creates=True, deletes=True, annotations=True)


def written(edits: EditSet, client: Client, question: str = "", deleted: tuple[str, ...] = ()) -> object:
    texts = {PATH.as_uri(): Text(TEXT)}
    edit = workspace_edit(edits, texts, client, question, deleted)
    return None if edit is None else converters.get_converter().unstructure(edit)


def place(start: int, end: int) -> dict[str, dict[str, int]]:
    return {"start": {"line": 0, "character": start}, "end": {"line": 0, "character": end}}


def test_a_version_is_named_where_the_client_knows_versions() -> None:
    document = {"uri": "file:///project/a.py", "version": 4}
    edits = [{"range": place(10, 11), "newText": "b"}]
    assert written(CHANGE, KNOWS_ALL) == {"documentChanges": [{"textDocument": document, "edits": edits}]}


def test_other_clients_get_the_edits_alone() -> None:
    edits = [{"range": place(10, 11), "newText": "b"}]
    assert written(CHANGE, Client()) == {"changes": {"file:///project/a.py": edits}}


def test_columns_are_those_of_the_client() -> None:
    for encoding, start in (("utf-8", 12), ("utf-16", 10), ("utf-32", 9)):
        client = Client(encoding=encoding)  # type: ignore[arg-type]
        edits = [{"range": place(start, start + 1), "newText": "b"}]
        assert written(CHANGE, client) == {"changes": {"file:///project/a.py": edits}}


def test_a_question_is_bound_to_each_edit() -> None:
    edit = written(CHANGE, KNOWS_ALL, "Really?")
    assert edit == {
        "documentChanges": [
            {
                "textDocument": {"uri": "file:///project/a.py", "version": 4},
                "edits": [{"range": place(10, 11), "newText": "b", "annotationId": "fathom"}],
            }
        ],
        "changeAnnotations": {
            "fathom": {"label": "Rename", "needsConfirmation": True, "description": "Really?"}
        },
    }


def test_a_new_file_is_made_before_it_is_filled() -> None:
    uri = "file:///project/new.py"
    assert written(CREATION, KNOWS_ALL) == {
        "documentChanges": [
            {"kind": "create", "uri": uri},
            {
                "textDocument": {"uri": uri, "version": None},
                "edits": [{"range": place(0, 0), "newText": "new\n"}],
            },
        ]
    }


def test_a_client_that_cannot_make_or_delete_files_gets_none_of_the_change() -> None:
    assert written(CREATION, Client(document_changes=True)) is None
    assert written(CHANGE, Client(document_changes=True), deleted=("file:///project/b.py",)) is None


def test_a_file_is_deleted() -> None:
    edit = written(EditSet("Undo", ()), KNOWS_ALL, deleted=("file:///project/b.py",))
    assert edit == {"documentChanges": [{"kind": "delete", "uri": "file:///project/b.py"}]}


def test_a_client_that_names_annotations_knows_versions() -> None:
    """As Neovim does, which applies versioned changes and does not say so."""
    edit = {"changeAnnotationSupport": {"groupsOnLabel": True}, "resourceOperations": ["create", 3, None]}
    client = read_client({"capabilities": {"workspace": {"workspaceEdit": edit}}})
    assert (client.document_changes, client.annotations, client.creates, client.deletes) == (
        True,
        True,
        True,
        False,
    )
