"""Documents and snapshots: the world at one instant, frozen; and Workspace, the one mutable object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from context.text import Text


@dataclass(frozen=True, slots=True)
class Document:
    """An open document as the editor last sent it."""

    uri: str
    path: Path | None
    """Where it lies on disk; None for untitled and virtual documents."""
    language: str
    version: int | None
    text: Text
    in_sync: bool = True
    """False after an edit that could not be understood (version going back, broken range): the text may differ from the editor's."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The open documents, most recently used last, and the workspace roots."""

    roots: tuple[Path, ...] = ()
    documents: Mapping[str, Document] = field(default_factory=lambda: MappingProxyType({}))
