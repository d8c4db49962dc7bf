"""A tiny model of the architecture of Qwen3, with the real vocabulary and weights at random.

It says nonsense, but reads what Qwen3-Coder reads: the same tokens, the same positions, a window of 262,144.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from struct import Struct, unpack_from
from typing import Any

from tests.models.gguf_writer import Q8_0, Raw, header, padded, write

F32 = 0
VOCABULARY = 151_936
WIDTH, HEAD, INNER = 32, 32, 32
"""One layer with one head: a prompt of 262,144 tokens takes minutes with it, and not days."""
WINDOW = 262_144
SHAPE: dict[str, Any] = {
    "general.architecture": "qwen3",
    "general.name": "Tiny Qwen3 with weights at random",
    "qwen3.block_count": 1,
    "qwen3.context_length": WINDOW,
    "qwen3.embedding_length": WIDTH,
    "qwen3.feed_forward_length": INNER,
    "qwen3.attention.head_count": 1,
    "qwen3.attention.head_count_kv": 1,
    "qwen3.attention.key_length": HEAD,
    "qwen3.attention.value_length": HEAD,
    "qwen3.attention.layer_norm_rms_epsilon": 1e-6,
    "qwen3.rope.freq_base": 1e7,
}
TENSORS = (
    ("token_embd.weight", (WIDTH, VOCABULARY), Q8_0),
    ("output_norm.weight", (WIDTH,), F32),
    ("blk.0.attn_norm.weight", (WIDTH,), F32),
    ("blk.0.attn_q.weight", (WIDTH, HEAD), Q8_0),
    ("blk.0.attn_k.weight", (WIDTH, HEAD), Q8_0),
    ("blk.0.attn_v.weight", (WIDTH, HEAD), Q8_0),
    ("blk.0.attn_output.weight", (HEAD, WIDTH), Q8_0),
    ("blk.0.attn_q_norm.weight", (HEAD,), F32),
    ("blk.0.attn_k_norm.weight", (HEAD,), F32),
    ("blk.0.ffn_norm.weight", (WIDTH,), F32),
    ("blk.0.ffn_gate.weight", (WIDTH, INNER), Q8_0),
    ("blk.0.ffn_up.weight", (WIDTH, INNER), Q8_0),
    ("blk.0.ffn_down.weight", (INNER, WIDTH), Q8_0),
)
"""Name, dimensions and type, as llama.cpp looks for them in `qwen3`; the output is that of the embedding."""
SCALE, ONE = bytes((0, 0x18)), bytes((0, 0, 0x80, 0x3F))
"""2^-9 as a 16-bit float: a weight of one byte is then at most a quarter. And 1 as a 32-bit float."""
SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of the simple types of metadata, by number."""
TEXT, ARRAY = 8, 9
LENGTH = Struct("<Q")


def write_tiny_qwen(path: Path, vocabulary_of: Path) -> Path:
    """Write the model, about 11 MB, with the vocabulary of another one."""
    metadata = {**SHAPE, **vocabulary(vocabulary_of.read_bytes()[: 32 << 20])}
    front = header(metadata, TENSORS)
    chance = Random(7)
    weights = b"".join(_tensor(shape, kind, chance) for _, shape, kind in TENSORS)
    return write(path, front + bytes(-len(front) % 32) + weights)


def vocabulary(data: bytes) -> dict[str, Raw]:
    """The metadata of the tokenizer, as it stands in the first bytes of a file."""
    return {key: value for key, value in _pairs(data) if key.startswith("tokenizer.ggml.")}


def _pairs(data: bytes) -> Iterator[tuple[str, Raw]]:
    count, place = unpack_from("<Q", data, 16)[0], 24
    for _ in range(count):
        start = place + 8 + LENGTH.unpack_from(data, place)[0]
        key = data[place + 8 : start].decode()
        place = _end(data, start + 4, unpack_from("<I", data, start)[0])
        yield key, Raw(data[start:place])


def _end(data: bytes, place: int, kind: int) -> int:
    """Where a value ends that begins here."""
    if kind == TEXT:
        return place + 8 + LENGTH.unpack_from(data, place)[0]
    if kind != ARRAY:
        return place + SIZES[kind]
    kind, count = unpack_from("<IQ", data, place)
    place += 12
    if kind != TEXT:
        return place + count * SIZES[kind]
    for _ in range(count):
        place += 8 + LENGTH.unpack_from(data, place)[0]
    return place


def _tensor(shape: tuple[int, ...], kind: int, chance: Random) -> bytes:
    """Ones, or weights at random in blocks of 32: a scale, and a byte for each."""
    numbers = 1
    for length in shape:
        numbers *= length
    if kind == F32:
        return (ONE * numbers).ljust(padded(4 * numbers), b"\0")
    blocks = numbers // 32
    random = chance.randbytes(numbers)
    content = b"".join(SCALE + random[32 * block : 32 * block + 32] for block in range(blocks))
    return content.ljust(padded(len(content)), b"\0")
