"""llama.cpp through its low-level bindings: one model, one context, several sequences of tokens.

One thread owns a `Llama`; only `abort` may be set from elsewhere.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import llama_cpp as native
import numpy as np
from numpy.typing import NDArray

from lsp_server.models.backend import ModelError, Sampling
from lsp_server.models.host.batch import Batch
from lsp_server.models.host.checkpoints import State
from lsp_server.models.host.constrained import Constrained
from lsp_server.models.host.opening import NativeLog, load_model, open_context
from lsp_server.models.host.plan import Plan
from lsp_server.models.host.sampler import Sampler
from lsp_server.models.host.settings import HostSettings
from lsp_server.models.host.vocabulary import Vocabulary
from lsp_server.prompts.types import Prompt, Special

KEPT_TEXTS = 64
"""Parts of prompts whose tokens are remembered: from key to key all but one are the same."""
ABORTED = 2
"""What `llama_decode` returns when the abort callback said so (llama.h)."""

PARTIAL = native.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
"""Only what cannot be cut: of a hybrid model the recurrent layers (llama.h)."""


class Llama:
    """An open model. Raises ModelError when it cannot be opened; `on_percent` hears of the loading."""

    def __init__(
        self, settings: HostSettings, plan: Plan, log: NativeLog, on_percent: Callable[[int], None]
    ) -> None:
        self.abort: Callable[[], bool] = bool
        """Asked while llama.cpp computes on the CPU; true ends the computation."""
        self.tokenise = lru_cache(KEPT_TEXTS)(self._tokenise)
        """The tokens of a text, none of which is a control token or a marker such as `<tool_call>`."""
        self._log = log
        self._model = load_model(settings, plan, log, on_percent)
        self._vocab = native.llama_model_get_vocab(self._model)
        self.can_cut = not (
            native.llama_model_is_recurrent(self._model) or native.llama_model_is_hybrid(self._model)
        )
        """Whether the end of a sequence can be dropped; a recurrent memory knows only all or nothing."""
        self.window = plan.context
        # Kept in the object: llama.cpp calls it as long as the context lives. Where the memory cannot drop
        # what an aborted step has left in it, steps run to their end.
        self._on_abort = native.ggml_abort_callback(lambda _: self.abort()) if self.can_cut else None
        self._context = open_context(self._model, settings, plan, log, self._on_abort)
        self._memory = native.llama_get_memory(self._context)
        self._batch = Batch()
        self._vocab_size = native.llama_vocab_n_tokens(self._vocab)
        self._special = self._special_tokens()
        self._spellings = [self._spell(token) for token in range(self._vocab_size)]
        attributes = [native.llama_vocab_get_attr(self._vocab, token) for token in range(self._vocab_size)]
        self._control = {
            token
            for token, attribute in enumerate(attributes)
            if attribute & (native.LLAMA_TOKEN_ATTR_CONTROL | native.LLAMA_TOKEN_ATTR_UNKNOWN)
            or native.llama_vocab_is_eog(self._vocab, token)
        }
        self._spelled_out = _matcher(
            self._spellings[token]
            for token, attribute in enumerate(attributes)
            if attribute & native.LLAMA_TOKEN_ATTR_USER_DEFINED
        )
        self.vocabulary = Vocabulary(
            (token, spelling) for token, spelling in enumerate(self._spellings) if token not in self._control
        )

    @property
    def device(self) -> str:
        """Where the layers are, for people."""
        return f"GPU, {self._log.offloaded} layers" if self._log.offloaded else "CPU"

    @property
    def fim(self) -> bool:
        return {"fim_prefix", "fim_suffix", "fim_middle"} <= self._special.keys()

    @property
    def repo(self) -> bool:
        return {"repo_name", "file_sep"} <= self._special.keys()

    # --- text and tokens ---

    def tokens_of(self, prompt: Prompt) -> list[int]:
        """The tokens of a prompt. Raises ModelError for a role that the vocabulary lacks."""
        tokens = [native.llama_vocab_bos(self._vocab)] if native.llama_vocab_get_add_bos(self._vocab) else []
        for part in prompt:
            tokens += [self._role(part)] if isinstance(part, Special) else self.tokenise(part)
        return tokens

    def _tokenise(self, text: str) -> tuple[int, ...]:
        data = text.encode("utf-8", "replace")
        if self._spelled_out is None:
            return tuple(self._tokens(data))
        # Some markers are found in any text; a cut behind their first byte makes them plain text.
        cuts = [0, *(match.start() + 1 for match in self._spelled_out.finditer(data)), len(data)]
        return tuple(token for start, end in pairwise(cuts) for token in self._tokens(data[start:end]))

    def spelling(self, token: int) -> bytes | None:
        """The bytes of a token; None for a control token, which ends the answer."""
        return None if token in self._control else self._spellings[token]

    # --- sequences ---

    def evaluate(self, sequence: int, start: int, tokens: Sequence[int], answers: int = 1) -> bool:
        """Append tokens to a sequence that has `start` tokens; at most BATCH. False if it was aborted.

        What may follow can be asked for the last `answers` tokens. After an abort the sequence is as it was.
        Raises RuntimeError when llama.cpp fails.
        """
        code = native.llama_decode(self._context, self._batch.filled(sequence, start, tokens, answers))
        if code == 0:
            return True
        self.cut(sequence, start)
        if code == ABORTED:
            return False
        raise RuntimeError(f"llama_decode returned {code}: {self._log.last}")

    def cut(self, sequence: int, length: int) -> bool:
        """Drop what a sequence has beyond `length` tokens; false if its memory cannot do that."""
        return bool(native.llama_memory_seq_rm(self._memory, sequence, length, -1))

    def share(self, source: int, target: int, length: int) -> None:
        """Let an empty sequence begin with the first tokens of another one; nothing is copied."""
        native.llama_memory_seq_cp(self._memory, source, target, 0, length)

    def save(self, sequence: int) -> State:
        """The part of a sequence's memory that cannot be cut; empty if llama.cpp cannot copy it."""
        size = native.llama_state_seq_get_size_ext(self._context, sequence, PARTIAL)
        state = np.empty(size, np.uint8)
        written = native.llama_state_seq_get_data_ext(
            self._context, _bytes_of(state), size, sequence, PARTIAL
        )
        return state[:written]

    def restore(self, sequence: int, state: State, length: int) -> bool:
        """Take a sequence back to the `length` tokens that it had when `state` was saved."""
        done = native.llama_state_seq_set_data_ext(
            self._context, _bytes_of(state), state.nbytes, sequence, PARTIAL
        )
        return bool(done) and self.cut(sequence, length)

    def dump(self, sequence: int) -> State:
        """All of a sequence's memory; empty if llama.cpp cannot copy it."""
        size = native.llama_state_seq_get_size(self._context, sequence)
        state = np.empty(size, np.uint8)
        return state[: native.llama_state_seq_get_data(self._context, _bytes_of(state), size, sequence)]

    def load(self, sequence: int, state: State) -> bool:
        """Make an empty sequence what another one was when it was copied."""
        return bool(native.llama_state_seq_set_data(self._context, _bytes_of(state), state.nbytes, sequence))

    # --- the next token, after a call of `evaluate` that was not aborted ---

    def best(self, allowed: NDArray[np.int32] | None = None) -> int:
        """The likeliest token, among those that are allowed."""
        logits = self._logits(-1)
        return int(logits.argmax()) if allowed is None else int(allowed[logits[allowed].argmax()])

    def likeliest(self, count: int) -> list[tuple[int, float]]:
        """The likeliest token after each of the last `count`, and by how much it leads, in logits."""
        return [_leader(self._logits(place)) for place in range(-count, 0)]

    def sampler(self, sampling: Sampling) -> Sampler | Constrained | None:
        """What chooses tokens as `sampling` says; None where the likeliest is taken. Raises ModelError."""
        if sampling.grammar:
            return Constrained(self._vocab, sampling, lambda: self._logits(-1))
        if sampling.temperature <= 0 and sampling.repeat_penalty == 1:
            return None
        return Sampler(self._context, sampling)

    def _logits(self, place: int) -> NDArray[np.float32]:
        return np.ctypeslib.as_array(
            native.llama_get_logits_ith(self._context, place), shape=(self._vocab_size,)
        )

    def close(self) -> None:
        """Free the context and the model."""
        native.llama_free(self._context)
        native.llama_model_free(self._model)

    # --- the vocabulary ---

    def _special_tokens(self) -> dict[str, int]:
        named = {
            "fim_prefix": native.llama_vocab_fim_pre,
            "fim_suffix": native.llama_vocab_fim_suf,
            "fim_middle": native.llama_vocab_fim_mid,
            "fim_pad": native.llama_vocab_fim_pad,
            "repo_name": native.llama_vocab_fim_rep,
            "file_sep": native.llama_vocab_fim_sep,
        }
        found = {role: token for role, look in named.items() if (token := look(self._vocab)) >= 0}
        for role, spelling in (("im_start", "<|im_start|>"), ("im_end", "<|im_end|>")):
            tokens = self._tokens(spelling.encode(), control=True)
            if len(tokens) == 1:
                found[role] = tokens[0]
        return found

    def _role(self, part: Special) -> int:
        if part.name not in self._special:
            raise ModelError("bad-request", f"The model has no token for {part.name}.", permanent=True)
        return self._special[part.name]

    def _tokens(self, data: bytes, *, control: bool = False) -> list[int]:
        room = len(data) + 2
        tokens = (native.llama_token * room)()
        count = native.llama_tokenize(self._vocab, data, len(data), tokens, room, False, control)
        if count < 0:
            raise RuntimeError(f"a text of {len(data)} bytes has {-count} tokens")
        return list(tokens[:count])

    def _spell(self, token: int) -> bytes:
        room = 64
        while True:
            buffer = ctypes.create_string_buffer(room)
            length = native.llama_token_to_piece(self._vocab, token, buffer, room, 0, True)
            if length >= 0:
                return buffer.raw[:length]
            room = -length


def _matcher(spellings: Any) -> re.Pattern[bytes] | None:
    """Finds each of the spellings, the longest first."""
    found = sorted({spelling for spelling in spellings if spelling}, key=len, reverse=True)
    return re.compile(b"|".join(map(re.escape, found))) if found else None


def _bytes_of(state: State) -> Any:
    return state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))


def _leader(logits: NDArray[np.float32]) -> tuple[int, float]:
    first = int(logits.argmax())
    second = max(logits[:first].max(initial=-np.inf), logits[first + 1 :].max(initial=-np.inf))
    return first, float(logits[first] - second)
