"""Fathom's own context, from `fathom stage context --batch` as a process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from lsp_server.cli.bench.recall.place import Place

COMMAND = (sys.executable, "-c", "import sys; from lsp_server.cli import main; sys.exit(main())")
"""The program of this environment, wherever its script lies."""


class Stage:
    """The running process. Close it."""

    name = "fathom"

    def __init__(self, *options: str) -> None:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed in `close`
        self._process = subprocess.Popen(
            [*COMMAND, "stage", "context", "--batch", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
        )
        self.milliseconds: list[float] = []
        """What the process says that each answer took."""

    def contexts(self, place: Place, budgets: Sequence[int]) -> dict[int, str]:
        """The context for each budget. Raises ValueError if the process fails."""
        return {budget: str(self.ask(place, budget)["context"]) for budget in budgets}

    def ask(self, place: Place, budget: int) -> dict[str, Any]:
        """What the process answers for a place. Raises ValueError if it fails."""
        asked = {
            "root": str(place.root),
            "path": str(place.root / place.path),
            "line": place.line,
            "character": place.character,
            "text": place.text,
            "purpose": "fill",
            "budget": budget,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        answer = json.loads(line) if line else {}
        if "context" not in answer:
            raise ValueError(f"fathom stage context gave no context: {answer.get('error') or self._said()}")
        self.milliseconds.append(float(answer["ms"]))
        return dict(answer)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _said(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        return lines[-1] if lines else "it has ended"
