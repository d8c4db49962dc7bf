"""Writes small GGUF files, right ones and wrong ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from struct import pack
from typing import Any

Q8_0 = 8
TENSOR = ("token_embd.weight", (32, 4), Q8_0)
"""Name, dimensions and type; 136 bytes."""

QWEN: dict[str, Any] = {
    "general.architecture": "qwen2",
    "general.name": "Tiny",
    "general.file_type": 7,
    "qwen2.context_length": 32768,
    "qwen2.block_count": 24,
    "qwen2.embedding_length": 896,
    "qwen2.attention.head_count": 14,
    "qwen2.attention.head_count_kv": 2,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.tokens": ["a", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|file_sep|>"],
    "tokenizer.ggml.token_type": [1, 3, 3, 3, 3],
    "tokenizer.chat_template": "{{ messages }}",
}


class Raw(bytes):
    """A value as it stands in the file, its type included."""


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def gguf(
    metadata: Mapping[str, Any] = QWEN,
    tensors: Sequence[tuple[str, tuple[int, ...], int]] = (TENSOR,),
    version: int = 3,
    alignment: int = 32,
) -> bytes:
    """A whole file: header, padding, and zeros for the tensors."""
    front = header(metadata, tensors, version, alignment)
    return (
        front
        + bytes(-len(front) % alignment)
        + bytes(sum(padded(size_of(*tensor[1:])) for tensor in tensors))
    )


def header(
    metadata: Mapping[str, Any] = QWEN,
    tensors: Sequence[tuple[str, tuple[int, ...], int]] = (TENSOR,),
    version: int = 3,
    alignment: int = 32,
) -> bytes:
    """What stands before the padding."""
    parts = [b"GGUF", pack("<IQQ", version, len(tensors), len(metadata))]
    parts += [text(key) + value(given) for key, given in metadata.items()]
    offset = 0
    for name, shape, kind in tensors:
        parts.append(text(name) + pack("<I", len(shape)) + pack(f"<{len(shape)}Q", *shape))
        parts.append(pack("<IQ", kind, offset))
        offset += padded(size_of(shape, kind), alignment)
    return b"".join(parts)


def text(given: str) -> bytes:
    encoded = given.encode()
    return pack("<Q", len(encoded)) + encoded


def value(given: Any) -> bytes:
    """A value with its type before it."""
    match given:
        case Raw():
            return bytes(given)
        case bool():
            return pack("<I?", 7, given)
        case int():
            return pack("<II", 4, given)
        case float():
            return pack("<If", 6, given)
        case str():
            return pack("<I", 8) + text(given)
        case [str(), *_]:
            return pack("<IIQ", 9, 8, len(given)) + b"".join(map(text, given))
        case _:
            return pack("<IIQ", 9, 5, len(given)) + pack(f"<{len(given)}i", *given)


def size_of(shape: tuple[int, ...], kind: int) -> int:
    count = 1
    for length in shape:
        count *= length
    return count // 32 * 34 if kind == Q8_0 else count * 4


def padded(size: int, alignment: int = 32) -> int:
    return size + -size % alignment


def split(folder: Path, count: int, stem: str = "model") -> list[Path]:
    """Write a model in so many parts, a tensor in each."""
    paths = []
    for number in range(count):
        own = {"split.no": number, "split.count": count, "split.tensors.count": count}
        metadata = {**QWEN, **own} if number == 0 else own
        name = f"{stem}-{number + 1:05}-of-{count:05}.gguf"
        paths.append(write(folder / name, gguf(metadata, (TENSOR,))))
    return paths
