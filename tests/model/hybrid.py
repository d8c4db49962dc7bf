"""A tiny model built like Qwen3-Coder-Next, with weights at random: it says nonsense, always the same.

Three layers of four are gated delta nets, whose memory of a text is one state that cannot be shortened. A
token is a byte. Names and shapes are those that llama.cpp 0.3.36 looks for in `qwen3next`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.models.gguf_writer import header, padded, write

Weights = NDArray[np.float32]
Make = Callable[..., Weights]

CONTROL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
)
VOCABULARY = 256 + len(CONTROL)
F32 = 0
NORMAL, CONTROL_TYPE = 1, 3
"""Kinds of tokens in llama.h."""
WIDTH, LAYERS, ATTENTION_EVERY = 64, 4, 4
HEADS, KV_HEADS, HEAD = 2, 1, 32
EXPERTS, USED, EXPERT_WIDTH = 4, 2, 32
KEY_HEADS, VALUE_HEADS, STATE, KERNEL = 2, 4, 32, 4
KEYS, VALUES = KEY_HEADS * STATE, VALUE_HEADS * STATE


SHAPE: dict[str, Any] = {
    "general.architecture": "qwen3next",
    "general.name": "Tiny hybrid with weights at random",
    "qwen3next.block_count": LAYERS,
    "qwen3next.context_length": 4096,
    "qwen3next.embedding_length": WIDTH,
    "qwen3next.feed_forward_length": EXPERT_WIDTH,
    "qwen3next.attention.head_count": HEADS,
    "qwen3next.attention.head_count_kv": KV_HEADS,
    "qwen3next.attention.key_length": HEAD,
    "qwen3next.attention.value_length": HEAD,
    "qwen3next.attention.layer_norm_rms_epsilon": 1e-6,
    "qwen3next.rope.dimension_count": HEAD,
    "qwen3next.rope.freq_base": 1e7,
    "qwen3next.expert_count": EXPERTS,
    "qwen3next.expert_used_count": USED,
    "qwen3next.expert_feed_forward_length": EXPERT_WIDTH,
    "qwen3next.expert_shared_feed_forward_length": EXPERT_WIDTH,
    "qwen3next.ssm.conv_kernel": KERNEL,
    "qwen3next.ssm.inner_size": VALUES,
    "qwen3next.ssm.state_size": STATE,
    "qwen3next.ssm.time_step_rank": VALUE_HEADS,
    "qwen3next.ssm.group_count": KEY_HEADS,
    "qwen3next.full_attention_interval": ATTENTION_EVERY,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "qwen2",
    "tokenizer.ggml.bos_token_id": 256,
    "tokenizer.ggml.eos_token_id": 256,
    "tokenizer.ggml.add_bos_token": False,
}


def write_hybrid(path: Path) -> Path:
    """Write the model as a GGUF file of about 1 MB."""
    tensors = _tensors(np.random.default_rng(7))
    described = [(name, values.shape[::-1], F32) for name, values in tensors]
    front = header({**SHAPE, **_vocabulary()}, described)
    data = b"".join(values.tobytes() + bytes(padded(values.nbytes) - values.nbytes) for _, values in tensors)
    return write(path, front + bytes(-len(front) % 32) + data)


def _vocabulary() -> dict[str, Any]:
    """One token for each byte, spelled as GPT-2 spells bytes, and the control tokens."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    spellings = [chr(byte if byte in plain else next(others)) for byte in range(256)]
    return {
        "tokenizer.ggml.tokens": [*spellings, *CONTROL],
        "tokenizer.ggml.token_type": [NORMAL] * 256 + [CONTROL_TYPE] * len(CONTROL),
        # The list must not be empty; what this pair would make is no token.
        "tokenizer.ggml.merges": [f"{spellings[0]} {spellings[0]}"],
    }


def _tensors(random: np.random.Generator) -> list[tuple[str, Weights]]:
    def weight(*shape: int) -> Weights:
        return random.standard_normal(shape, dtype=np.float32) * np.float32(shape[-1] ** -0.5)

    def ones(size: int) -> Weights:
        return np.ones(size, np.float32)

    found = [
        ("token_embd.weight", random.standard_normal((VOCABULARY, WIDTH), dtype=np.float32)),
        ("output_norm.weight", ones(WIDTH)),
        ("output.weight", 4 * weight(VOCABULARY, WIDTH)),
    ]
    for layer in range(LAYERS):
        recurrent = (layer + 1) % ATTENTION_EVERY != 0
        parts = {
            "attn_norm.weight": ones(WIDTH),
            "post_attention_norm.weight": ones(WIDTH),
            "ffn_gate_inp.weight": weight(EXPERTS, WIDTH),
            "ffn_gate_exps.weight": weight(EXPERTS, EXPERT_WIDTH, WIDTH),
            "ffn_up_exps.weight": weight(EXPERTS, EXPERT_WIDTH, WIDTH),
            "ffn_down_exps.weight": weight(EXPERTS, WIDTH, EXPERT_WIDTH),
            "ffn_gate_inp_shexp.weight": weight(WIDTH),
            "ffn_gate_shexp.weight": weight(EXPERT_WIDTH, WIDTH),
            "ffn_up_shexp.weight": weight(EXPERT_WIDTH, WIDTH),
            "ffn_down_shexp.weight": weight(WIDTH, EXPERT_WIDTH),
        }
        parts |= _recurrent(weight, ones) if recurrent else _attention(weight, ones)
        found += [(f"blk.{layer}.{name}", values) for name, values in parts.items()]
    return found


def _attention(weight: Make, ones: Make) -> dict[str, Weights]:
    return {
        "attn_q.weight": weight(2 * HEADS * HEAD, WIDTH),
        "attn_k.weight": weight(KV_HEADS * HEAD, WIDTH),
        "attn_v.weight": weight(KV_HEADS * HEAD, WIDTH),
        "attn_output.weight": weight(WIDTH, HEADS * HEAD),
        "attn_q_norm.weight": ones(HEAD),
        "attn_k_norm.weight": ones(HEAD),
    }


def _recurrent(weight: Make, ones: Make) -> dict[str, Weights]:
    return {
        "attn_qkv.weight": weight(2 * KEYS + VALUES, WIDTH),
        "attn_gate.weight": weight(VALUES, WIDTH),
        "ssm_conv1d.weight": weight(2 * KEYS + VALUES, KERNEL),
        "ssm_dt.bias": ones(VALUE_HEADS),
        "ssm_a": -ones(VALUE_HEADS) / 16,
        "ssm_ba.weight": weight(2 * VALUE_HEADS, WIDTH),
        "ssm_norm.weight": ones(STATE),
        "ssm_out.weight": weight(WIDTH, VALUES),
    }
