"""The near end of `likelihood.py`: how likely the model finds a text. llama.cpp runs in another process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.prompts.types import Prompt


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The negative logarithm of a text's probability, and by how many logits its worst token lost."""

    nll: float
    gap: float


class Judge:
    """A running process; it blocks."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def likelihood(self, prompt: Prompt, text: str, *, heal: bool) -> Likelihood | None:
        """How likely a text is behind a prompt; None where that cannot be said. Raises ValueError."""
        from lsp_server.models.host.wire import prompt_to_wire

        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"prompt": prompt_to_wire(prompt), "text": text, "heal": heal}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise ValueError("the process that judges texts has ended")
        found = json.loads(answer)
        return Likelihood(found["nll"], found["gap"]) if found else None


@contextmanager
def judge(path: str) -> Iterator[Judge]:
    """The model of a file as a judge. Raises OSError."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lsp_server.models.host.likelihood", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            yield Judge(process)
        finally:
            process.kill()
