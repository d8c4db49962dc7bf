"""An indexer for tests: a process that says at its end of the wire what a test tells it to say."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

from lsp_server.indexers import Indexers

PROGRAM = """
import json, sys
print(json.dumps({"phase": "reading"}), flush=True)
for line in sys.stdin:
    with open(json.loads(line)) as file:
        said = json.load(file)
    if "exit" in said:
        sys.exit(said["exit"])
    print(json.dumps(said), flush=True)
"""
COMMAND = (sys.executable, "-I", "-S", "-c", PROGRAM)
"""Begins with "reading"; then it says what stands in each file that it is told of."""
BROKEN = (sys.executable, "-I", "-S", "-c", "import sys; sys.exit('it broke')")
"""Ends at once."""

_numbers = itertools.count(1)


def script(root: Path, **report: object) -> Path:
    """A file in a root: the indexer that is told of it says this, or ends with the code of `exit`."""
    path = root / f"{next(_numbers)}.json"
    path.write_text(json.dumps(report))
    return path


def say(indexers: Indexers, root: Path, **report: object) -> None:
    """Let the indexer of a root say this. It has to have said something before."""
    indexers.saved(script(root, **report))
