"""Aider's repository map for a place: which definitions it would show a model that edits the file.

Aider pins some hundred packages, so that it gets an environment of its own in the cache folder. It reads the
file with the place from disk; so it works in a copy of the repository, in which that file is the buffer.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lsp_server.cli.bench.recall.place import Place, Snippet, laid_out

PACKAGE = "aider-chat==0.86.2"
SCRIPT = Path(__file__).with_name("aider_map.py")
QUERY_LINES = 20
"""Lines before the cursor whose names count as mentioned: in a chat, the user would mention them."""

_WORD = re.compile(r"[^\W\d]\w*")


class Aider:
    """The running process. Close it."""

    name = "aider"

    def __init__(self, model: Path, cache: Path) -> None:
        """Start it; installs aider first, which takes a minute. Raises OSError and ValueError."""
        self._copies = cache / "aider-trees"
        self._process = subprocess.Popen(
            [str(environment(cache)), "-P", str(SCRIPT), str(model)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def contexts(self, place: Place, budgets: Sequence[int]) -> dict[int, str]:
        """The map for each budget, parted by files."""
        copy = self._copies / place.root.name
        if not copy.is_dir():
            shutil.copytree(place.root, copy)
        edited = copy / place.path
        edited.write_text(place.text, encoding="utf-8")
        try:
            maps = self._asked(copy, place, budgets)
        finally:
            shutil.copy2(place.root / place.path, edited)
        return {budget: laid_out(files_of(maps[str(budget)])) for budget in budgets}

    def _asked(self, root: Path, place: Place, budgets: Sequence[int]) -> dict[str, str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        words = _WORD.findall("\n".join(place.before.split("\n")[-QUERY_LINES - 1 :]))
        asked = {"root": str(root), "path": place.path, "words": words, "budgets": list(budgets)}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise ValueError("aider has ended")
        maps: dict[str, str] = json.loads(answer)["maps"]
        return maps

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def files_of(tree: str) -> Iterator[Snippet]:
    """The files of a map: a path and a colon, and lines with bars; a path alone is one that is only named."""
    path, lines = "", list[str]()
    for line in [*tree.split("\n"), "end:"]:
        if line.startswith("│"):
            lines.append(line.removeprefix("│"))
        elif line.strip() and not line.startswith("⋮"):
            if path:
                yield Snippet(path, "\n".join(lines))
            path, lines = line.removesuffix(":"), []


def environment(cache: Path) -> Path:
    """The Python in which aider is installed. Raises OSError and ValueError."""
    folder = cache / "tools" / PACKAGE.replace("==", "-")
    python = folder / "bin/python"
    done = folder / "installed"
    if done.exists():
        return python
    print(f"fathom bench context: installing {PACKAGE}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", PACKAGE],
    ):
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            said = ran.stderr.strip().splitlines() or ["no reason given"]
            raise ValueError(f"{PACKAGE} could not be installed: {said[-1]}")
    done.touch()
    return python
