"""Uses in TypeScript and JavaScript as TypeScript's own language service finds them, in a process of node."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lsp_server.cli.bench.recall.cases import Target, Use, access_of, may_be_asked, may_be_found
from lsp_server.cli.bench.recall.fetch import tree
from lsp_server.cli.bench.recall.repositories import Archive, Repository

NAME = "typescript"
SCRIPT = Path(__file__).with_suffix(".cjs")
PACKAGE = Repository(
    "typescript",
    Archive("npm", "typescript", "5.9.3", "10e108c9cf7d5f2879053dff18515fb405abf2ccef63eaaf017d9c571687a1d3"),
    (),
    "development",
)
ASKED_FOR = 4
"""Uses that are asked for each one that is wanted: some lines are nothing that one would ask for."""
ENDINGS = {"typescript": (".ts", ".tsx", ".mts", ".cts"), "javascript": (".js", ".jsx", ".mjs", ".cjs")}

_IMPORTED = re.compile(
    r"\b(?:import|const|let|var)\s+(?:type\s+)?([\w$]+\s*,\s*)?(\{[^}]*\}|[\w$]+)"
    r"\s*(?:\bfrom\b|=\s*require\()"
)
_WORD = re.compile(r"(?:\bas\s+|:\s*)?([\w$]+)\s*(?=[,}]|$)")


def uses_of(
    root: Path, texts: Mapping[str, str], language: str, count: int, seed: str, cache: Path
) -> Iterator[Use]:
    """Yield uses in the files of a language. Raises OSError without node, ValueError if it fails."""
    package = tree(PACKAGE, cache)
    asked = sorted(path for path in texts if path.endswith(ENDINGS[language]))
    files = sorted(path for path in texts if path.endswith(ENDINGS["typescript"] + ENDINGS["javascript"]))
    job = {
        "typescript": str(package),
        "root": str(root),
        "files": files,
        "asked": asked,
        "count": ASKED_FOR * count,
        "seed": seed,
    }
    for found in _answers(job):
        use = use_of(found, texts)
        if use is not None:
            yield use


def _answers(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        done = subprocess.run(
            ["node", "--max-old-space-size=4096", str(SCRIPT)],
            input=json.dumps(job),
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            errors.seek(0)
            said = [line for line in errors.read().splitlines() if "Error" in line]
            raise ValueError(f"TypeScript's language service failed: {(said or ['no reason given'])[0]}")
    yield from map(json.loads, done.stdout.splitlines())


def use_of(found: Mapping[str, Any], texts: Mapping[str, str]) -> Use | None:
    """What the script says as a use, if its line and all its definitions can be asked for."""
    path, name, number = str(found["path"]), str(found["name"]), int(found["line"])
    line = _line(texts[path], number)
    if not may_be_asked(path, line, name):
        return None
    character = len(line.encode("utf-16-le")[: 2 * int(found["character"])].decode("utf-16-le"))
    targets = tuple(
        Target(each["path"], each["line"], _line(texts[each["path"]], each["line"]))
        for each in found["targets"]
    )
    if not line.startswith(name, character) or not all(may_be_found(path, each, name) for each in targets):
        return None
    return Use(
        path, number, character, name, access_of(line, character, name, imported(texts[path])), targets
    )


def imported(text: str) -> frozenset[str]:
    """The names that a text imports or requires."""
    names: set[str] = set()
    for match in _IMPORTED.finditer(text):
        for part in match.groups(""):
            names.update(_WORD.findall(part.strip().removeprefix("{")))
    return frozenset(names)


def _line(text: str, number: int) -> str:
    """A line, or nothing: TypeScript knows more line ends than `split` is told of."""
    lines = text.split("\n")
    return lines[number].rstrip("\r") if number < len(lines) else ""
