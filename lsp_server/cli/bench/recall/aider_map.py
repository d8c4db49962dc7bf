"""Aider's repository map as a process in aider's own environment; `aider.py` is its near end.

    python -P aider_map.py MODEL.gguf

Reads JSON objects, one a line: {"root", "path", "words", "budgets"}; the file at the path is the one that is
edited. Answers each with {"maps": {budget: map}}, in which the bars at the start of lines are left out.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

TRIES = 4


class Quiet:
    """What aider takes for a terminal."""

    def read_text(self, path: str) -> str | None:
        """The text of a file; None for one that is none."""
        try:
            return Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeError):
            return None

    def tool_output(self, *_: object, **__: object) -> None:
        """Say nothing."""

    tool_warning = tool_error = tool_output


class Counter:
    """What aider takes for a model."""

    def __init__(self, vocabulary: Any) -> None:
        self._vocabulary = vocabulary

    def token_count(self, text: str) -> int:
        """Tokens of a map as it is sent."""
        count: int = self._vocabulary.count(plain(text))
        return count


def plain(tree: str) -> str:
    """A map without its bars and marks of what is left out."""
    return "\n".join(line.removeprefix("│") for line in tree.split("\n") if line.strip() != "⋮")


def maps(repo_map: Any, counter: Counter, asked: dict[str, Any]) -> dict[int, str]:
    """The maps for all budgets. Aider ranks a place once, whatever the budget."""
    root = Path(asked["root"])
    chat = [str(root / asked["path"])]
    others = [str(path) for path in sorted(root.rglob("*")) if path.is_file() and str(path) not in chat]
    others = [path for path in others if "/.aider" not in path]
    words = set(asked["words"])
    ranked = repo_map.get_ranked_tags(chat, others, set(), words)
    original, repo_map.get_ranked_tags = repo_map.get_ranked_tags, lambda *_, **__: ranked
    try:
        return {budget: _map(repo_map, counter, chat, others, words, budget) for budget in asked["budgets"]}
    finally:
        repo_map.get_ranked_tags = original


def _map(
    repo_map: Any, counter: Counter, chat: list[str], others: list[str], words: set[str], budget: int
) -> str:
    """A map within a budget: aider takes up to 15 % more than it was given."""
    wanted, tree = budget, ""
    for _ in range(TRIES):
        tree = repo_map.get_ranked_tags_map_uncached(chat, others, wanted, set(), words) or ""
        count = counter.token_count(tree)
        if count <= budget:
            break
        wanted = int(wanted * budget / count * 0.98)
    return tree


def main() -> int:
    """Answer line after line until the input ends."""
    from aider import repomap

    spec = importlib.util.spec_from_file_location("vocabulary", Path(__file__).with_name("vocabulary.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    counter = Counter(module.vocabulary(Path(sys.argv[1])))
    out, sys.stdout = sys.stdout, sys.stderr
    repo_map, root = None, ""
    for line in sys.stdin:
        asked = json.loads(line)
        if repo_map is None or asked["root"] != root:
            root = asked["root"]
            repo_map = repomap.RepoMap(root=root, main_model=counter, io=Quiet())
        out.write(json.dumps({"maps": maps(repo_map, counter, asked)}) + "\n")
        out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
