"""From an edit set to the `WorkspaceEdit` that a client can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lsprotocol import types

from context.text import Text
from lsp_server.edits.types import ABSENT, EditSet, FileEdit
from lsp_server.protocol.client import Client
from lsp_server.protocol.convert import to_range

ANNOTATION = "fathom"
"""The one annotation of a change: what the user is asked about it."""

Operation = types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile


def workspace_edit(
    edits: EditSet,
    texts: Mapping[str, Text],
    client: Client,
    question: str = "",
    deleted: Iterable[str] = (),
) -> types.WorkspaceEdit | None:
    """The change as a client takes it; None where it cannot make or delete the files of it.

    `texts` are those that the edits were made for, by URI. The client asks the user the question first, if
    there is one; it has to be a client that can.
    """
    deleted = tuple(deleted)
    created = any(file.base.digest == ABSENT for file in edits.files)
    if (created and not client.creates) or (deleted and not client.deletes):
        return None
    if not client.document_changes:
        return types.WorkspaceEdit(
            changes={file.uri: _text_edits(file, texts, client) for file in edits.files}
        )
    annotation = ANNOTATION if question else None
    operations: list[Operation] = []
    for file in edits.files:
        if file.base.digest == ABSENT:
            operations.append(types.CreateFile(uri=file.uri, annotation_id=annotation))
        operations.append(_document_edit(file, texts, client, annotation))
    operations += [types.DeleteFile(uri=uri, annotation_id=annotation) for uri in deleted]
    annotations = {ANNOTATION: types.ChangeAnnotation(edits.title, True, question)} if question else None
    return types.WorkspaceEdit(document_changes=operations, change_annotations=annotations)


def _document_edit(
    file: FileEdit, texts: Mapping[str, Text], client: Client, annotation: str | None
) -> types.TextDocumentEdit:
    plain = _text_edits(file, texts, client)
    edits: list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit] = list(plain)
    if annotation is not None:
        edits = [types.AnnotatedTextEdit(annotation, each.range, each.new_text) for each in plain]
    document = types.OptionalVersionedTextDocumentIdentifier(file.uri, file.base.version)
    return types.TextDocumentEdit(document, edits)


def _text_edits(file: FileEdit, texts: Mapping[str, Text], client: Client) -> list[types.TextEdit]:
    text = texts.get(file.uri) or Text("")
    return [
        types.TextEdit(to_range(text, edit.start, edit.end, client.encoding), edit.text)
        for edit in file.edits
    ]
