"""What the header of a GGUF file says, read without llama.cpp, and whether the file can be what it says.

For some damaged files llama.cpp aborts instead of giving an error, so each file is looked at here first.
A usual reader takes the file as it is and trusts the counts in it. This one skips what it does not need, and
never takes memory for a number that it has only read.

The format is that of llama.cpp's `docs/gguf.md`: magic, version, the counts of tensors and of metadata, the
metadata, one entry for each tensor, padding, and the tensors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lsp_server.models.backend import ModelError
from lsp_server.models.gguf_reader import TOKENS, Array, Damaged, Part, read_part
from lsp_server.models.model import WORKING_BYTES

MOST_LAYERS = 512
"""llama.cpp aborts above it (LLAMA_MAX_LAYERS)."""
LONGEST_CONTEXT = 1 << 28
"""Tokens; a larger window is a damaged number."""
NOT_FOR_TEXT = frozenset(("adapter", "mmproj", "imatrix", "vocab"))
"""Values of `general.type` whose files are no language model."""

EVERY_NTH_LAYER = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4}
"""Architectures in which only each n-th layer has an attention cache, where the file does not say it."""

CONTROL_KEYS = {
    "prefix": ("fim_pre_token_id", "prefix_token_id"),
    "suffix": ("fim_suf_token_id", "suffix_token_id"),
    "middle": ("fim_mid_token_id", "middle_token_id"),
    "repo": ("fim_rep_token_id",),
    "file": ("fim_sep_token_id",),
}
CONTROL_ROLES = {
    text.encode(): role
    for role, texts in {
        "prefix": ("<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>"),
        "suffix": ("<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>"),
        "middle": ("<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>"),
        "repo": ("<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"),
        "file": ("<|file_sep|>",),
    }.items()
    for text in texts
}
"""How vocabularies spell them: Qwen's, Granite's, StarCoder's, DeepSeek's and CodeLlama's."""
CONTROL_TEXTS = frozenset(CONTROL_ROLES)

_SPLIT = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FimTokens:
    """Ids of the control tokens of fill-in-the-middle; None for those that the vocabulary does not have."""

    prefix: int | None = None
    suffix: int | None = None
    middle: int | None = None
    repo: int | None = None
    file: int | None = None


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """A model as its file describes it. Counts that the file does not give are 0, texts are empty."""

    paths: tuple[Path, ...]
    """All files, in order."""
    version: int
    size: int
    """Bytes of all files."""
    weights: int
    """Bytes of all tensors, as far as their types are known here."""
    tensors: int
    architecture: str
    name: str
    context: int
    """Native window in tokens."""
    file_type: int | None
    """llama.cpp's number for the quantisation, such as 15 for Q4_K_M."""
    chat_template: bool
    tokenizer: str
    vocabulary: int
    """Tokens."""
    fim: FimTokens
    layers: int
    heads: int
    kv_heads: int
    cache_width: int
    """Numbers that the attention cache keeps for each token, over all layers."""
    head_widths: tuple[int, int]
    """Numbers of a key and of a value in one head."""
    state_width: int
    """Numbers of the state that recurrent layers keep of each text, however long; 0 where there are none."""

    @property
    def fills_in(self) -> bool:
        """Whether the vocabulary has what fill-in-the-middle needs."""
        return None not in (self.fim.prefix, self.fim.suffix, self.fim.middle)

    def kv_bytes(self, tokens: int) -> int:
        """Bytes of the attention cache for a window, as 16-bit floats.

        An upper bound: layers that look at a sliding window only need less.
        """
        return 2 * self.cache_width * tokens

    def memory(self, tokens: int) -> int:
        """Bytes to run with a window of so many tokens: weights, attention cache and working buffers."""
        return self.weights + self.kv_bytes(tokens) + WORKING_BYTES


def check_file(path: Path) -> GgufHeader:
    """Read the header of a model, of all its files where it is split, and check that they are whole.

    Takes some milliseconds; tensors are not read, so a changed byte in them is not noticed. Raises ModelError
    (bad-model, permanent).
    """
    parts = _parts(path)
    kind = parts[0].text("general.type")
    if kind in NOT_FOR_TEXT:
        raise bad(f"{path} is no language model but a file of kind {kind}: name that of the model itself.")
    if sum(part.tensors for part in parts) == 0:
        raise bad(f"{path} has a vocabulary but no weights: name the file of a model.")
    return _header(parts)


def bad(sentence: str) -> ModelError:
    """A model that stays unusable until the user changes something."""
    return ModelError("bad-model", sentence, permanent=True)


def _parts(path: Path) -> tuple[Part, ...]:
    """Read all files of a model."""
    first = _read(path)
    count = first.number("split.count") or 1
    if count == 1:
        return (first,)
    named = _SPLIT.fullmatch(path.name)
    if named is None or int(named["count"]) != count:
        raise bad(f"{path} is one of {count} parts; let its name end in -00001-of-{count:05}.gguf again.")
    names = [f"{named['stem']}-{number:05}-of-{count:05}.gguf" for number in range(1, count + 1)]
    if first.number("split.no") != 0:
        raise bad(f"{path} is not the first of {count} parts: name {path.with_name(names[0])}.")
    missing = [name for name in names if not path.with_name(name).exists()]
    if missing:
        raise bad(f"{path} is one of {count} parts, and beside it {missing[0]} is missing: fetch it too.")
    parts = (first, *(_read(path.with_name(name)) for name in names[1:]))
    wanted = first.number("split.tensors.count")
    if any(part.number("split.no") != number for number, part in enumerate(parts)) or (
        wanted is not None and sum(part.tensors for part in parts) != wanted
    ):
        raise bad(f"The {count} parts beside {path} do not belong together: fetch them again.")
    return parts


def _read(path: Path) -> Part:
    try:
        return read_part(path, CONTROL_TEXTS)
    except FileNotFoundError as error:
        raise bad(f"{path} does not exist: name the GGUF file of a model.") from error
    except OSError as error:
        raise bad(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # a zero in the name
        raise bad(f"{str(path)!r} cannot be the name of a file.") from error
    except Damaged as error:
        raise bad(f"{path} {error}.") from error


def _header(parts: tuple[Part, ...]) -> GgufHeader:
    first = parts[0]
    architecture = first.text("general.architecture")
    if not architecture:
        raise bad(f"{first.path} is damaged: it names no architecture; fetch it again.")
    vocabulary = first.metadata.get(TOKENS)
    shape = _shape(first, architecture)
    return GgufHeader(
        paths=tuple(part.path for part in parts),
        version=first.version,
        size=sum(part.size for part in parts),
        weights=sum(part.weights for part in parts),
        tensors=sum(part.tensors for part in parts),
        architecture=architecture,
        name=first.text("general.name"),
        file_type=first.number("general.file_type"),
        chat_template="tokenizer.chat_template" in first.metadata,
        tokenizer=first.text("tokenizer.ggml.model"),
        vocabulary=vocabulary.count if isinstance(vocabulary, Array) else 0,
        fim=_fim(first),
        context=shape.context,
        layers=shape.layers,
        heads=shape.heads,
        kv_heads=shape.kv_heads,
        cache_width=shape.cache_width,
        head_widths=shape.head_widths,
        state_width=shape.state_width,
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    context: int
    layers: int
    heads: int
    kv_heads: int
    cache_width: int
    head_widths: tuple[int, int]
    state_width: int


def _shape(part: Part, architecture: str) -> _Shape:
    """The measures that decide how much memory a window takes."""
    context = _within(part, f"{architecture}.context_length", LONGEST_CONTEXT)
    layers = _within(part, f"{architecture}.block_count", MOST_LAYERS)
    embedding = _within(part, f"{architecture}.embedding_length", 1 << 20)
    heads = _each(part, f"{architecture}.attention.head_count", layers, 0)
    kv_heads = _each(part, f"{architecture}.attention.head_count_kv", layers, max(heads))
    usual = embedding // max(heads) if max(heads) else 0
    key = part.number(f"{architecture}.attention.key_length") or usual
    value = part.number(f"{architecture}.attention.value_length") or usual
    if not 0 <= key + value <= 1 << 16 or min(*heads, *kv_heads) < 0 or max(*heads, *kv_heads) > 1 << 16:
        raise bad(f"{part.path} is damaged: its attention heads cannot be as it says; fetch it again.")
    every = part.number(f"{architecture}.full_attention_interval") or EVERY_NTH_LAYER.get(architecture, 1)
    caching = [count for index, count in enumerate(kv_heads, start=1) if index % max(1, every) == 0]
    recurrent = layers - sum(count > 0 for count in caching)
    return _Shape(
        context,
        layers,
        max(heads),
        max(kv_heads),
        cache_width=sum(caching) * (key + value),
        head_widths=(key, value),
        state_width=recurrent * _state(part, architecture),
    )


def _state(part: Part, architecture: str) -> int:
    """Numbers of the state of a recurrent layer: what llama.cpp calls n_embd_r and n_embd_s."""
    keys = ("inner_size", "state_size", "conv_kernel", "group_count")
    inner, state, kernel, groups = (part.number(f"{architecture}.ssm.{key}") or 0 for key in keys)
    width = max(0, kernel - 1) * (inner + 2 * groups * state) + state * inner
    if not 0 <= width <= 1 << 32:
        raise bad(f"{part.path} is damaged: its recurrent state cannot be as it says; fetch it again.")
    return width


def _within(part: Part, key: str, most: int) -> int:
    """A number of the metadata. llama.cpp aborts for some that cannot be, instead of saying so."""
    value = part.number(key)
    if value is None:
        raise bad(f"{part.path} is damaged: it does not say {key}; fetch it again.")
    if not 1 <= value <= most:
        raise bad(f"{part.path} is damaged: {key} is {value}; fetch it again.")
    return value


def _each(part: Part, key: str, layers: int, otherwise: int) -> list[int]:
    """A number for each layer; most files have one for all."""
    value = part.metadata.get(key)
    if isinstance(value, Array) and value.numbers:
        return [int(number) for number in value.numbers[:layers]]
    number = part.number(key)
    return [otherwise if number is None else number] * layers


def _fim(part: Part) -> FimTokens:
    """As llama.cpp finds them: the ids of the metadata, else the tokens with a known text."""
    ids: dict[str, int | None] = {}
    for role, keys in CONTROL_KEYS.items():
        numbers = (part.number(f"tokenizer.ggml.{key}") for key in keys)
        ids[role] = next((number for number in numbers if number is not None), None)
    for text, role in CONTROL_ROLES.items():
        if ids[role] is None and text in part.tokens:
            ids[role] = part.tokens[text]
    return FimTokens(**ids)
