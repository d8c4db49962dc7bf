"""Edits applied to texts: whole, to the text that they were made for, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from lsp_server.edits.types import Edit, EditSet, FileEdit, Refusal, digest_of


def apply(edit: FileEdit, text: str | None, version: int | None = None) -> str | Refusal:
    """The text after the edits; `text` is None where there is no such file.

    Refused with "base-changed", "out-of-range" or "overlap".
    """
    refusal = base_refusal(edit, text, version)
    if refusal is not None:
        return refusal
    return spliced(text or "", edit.edits, edit.uri)


def apply_all(edits: EditSet, texts: Mapping[str, str | None]) -> dict[str, str] | Refusal:
    """The texts of all files after their edits, by URI; the first refusal where one cannot be edited.

    A file that `texts` does not name is taken as absent.
    """
    results: dict[str, str] = {}
    for file in edits.files:
        if file.uri in results:
            return Refusal("overlap", "The change names one file twice. Put its edits together.", file.uri)
        result = apply(file, texts.get(file.uri))
        if isinstance(result, Refusal):
            return result
        results[file.uri] = result
    return results


def spliced(text: str, edits: Iterable[Edit], uri: str = "") -> str | Refusal:
    """The text after edits in rising order, whatever they were made for. Refused as `apply` says."""
    edits = tuple(edits)
    refusal = edits_refusal(text, edits, uri)
    if refusal is not None:
        return refusal
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def base_refusal(edit: FileEdit, text: str | None, version: int | None = None) -> Refusal | None:
    """Why these edits are not for this text; a version counts where both sides know one."""
    other_version = edit.base.version is not None and version is not None and edit.base.version != version
    if not other_version and edit.base.digest == digest_of(text):
        return None
    return Refusal(
        "base-changed",
        "The text has changed since this change was made. Read it again and make the change anew.",
        edit.uri,
    )


def edits_refusal(text: str, edits: tuple[Edit, ...], uri: str = "") -> Refusal | None:
    """Why edits cannot be applied to any text of this length.

    Two insertions at one place overlap: which of them comes first would be a guess.
    """
    for edit in edits:
        if not 0 <= edit.start <= edit.end <= len(text):
            return Refusal("out-of-range", "An edit reaches beyond the text. Make the change anew.", uri)
    for one, other in pairwise(edits):
        if other.start < one.end or other.start == one.start:
            return Refusal("overlap", "Two edits touch the same place. Make one edit of them.", uri)
    return None
