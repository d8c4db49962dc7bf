"""Small models for tests, and a catalogue that has them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from lsp_server.models import catalogue, download
from lsp_server.models.backend import Sampling
from lsp_server.models.fetch import Progress
from lsp_server.models.model import HubSource, Model, ModelFile, Source
from tests.models.gguf_writer import gguf

HUB = HubSource("acme/tiny", "tiny.gguf", "0123456789abcdef")
CONTENT = gguf()
ROOMY = 10**12
"""Bytes; a disk that is never full."""


def hash_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def tiny_file(
    content: bytes = CONTENT, sources: tuple[Source, ...] = (HUB,), name: str = "tiny.gguf"
) -> ModelFile:
    """A file with its size and hash pinned."""
    return ModelFile(name, sources, len(content), hash_of(content))


def tiny(*files: ModelFile, name: str = "tiny", licence: str = "Apache-2.0") -> Model:
    return Model(
        name=name,
        title="Tiny",
        files=files or (tiny_file(),),
        licence=licence,
        context=4096,
        context_yarn=None,
        fim="trained",
        chat=False,
        sampling=Sampling(),
        weights=len(CONTENT),
        kv_bytes=1000,
        note="For tests.",
    )


def listed(monkeypatch: pytest.MonkeyPatch, *models: Model) -> None:
    """Let the catalogue have these models; the first one is the default."""
    monkeypatch.setattr(catalogue, "CATALOGUE", models)
    monkeypatch.setattr(catalogue, "DEFAULT", models[0].name)


def put(model: Model, content: bytes = CONTENT) -> Path:
    """Write the first file of a model to its place, as somebody may do by hand."""
    path = download.folder_of(model) / model.files[0].name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def install(model: Model, content: bytes = CONTENT) -> Path:
    """Have a model installed without any source: a pull adopts the file whose hash is right."""
    put(model, content)
    return download.pull(model, Heard())


class Heard:
    """Listens to a pull."""

    def __init__(self) -> None:
        self.reports: list[Progress] = []

    def __call__(self, progress: Progress) -> None:
        self.reports.append(progress)

    @property
    def notes(self) -> list[str]:
        return [report.message for report in self.reports if report.kind == "note"]

    @property
    def kinds(self) -> set[str]:
        return {report.kind for report in self.reports}


def roomy(folder: Path) -> int:
    return ROOMY
