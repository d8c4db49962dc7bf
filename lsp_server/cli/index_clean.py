"""`fathom index --clean`: removes the indexes of folders that are gone, or were not opened for long."""

from __future__ import annotations

import json
import time

from context.shelf import shelved
from lsp_server.cli.table import duration, lines_of
from lsp_server.cli.visible import in_a_line
from lsp_server.index_places import Removed, clean, shelf_folder, why_useless
from lsp_server.models.fetch import megabytes

REASONS = {"no folder": "there is no such folder", "unused": "not opened for 60 days"}


def clean_and_print(as_json: bool) -> int:
    """Remove them, and say which and how large they were. Nothing of it fails."""
    removed = clean(why_useless)
    left = len(shelved(shelf_folder()))
    if as_json:
        print(json.dumps({"removed": [_described(each) for each in removed], "left": left}, indent=2))
        return 0
    if removed:
        rows = [["FOLDER", "LAST OPENED", "SIZE", "WHY"], *map(_row, removed)]
        print("\n".join(lines_of(rows)))
        print()
    indexes = "index" if len(removed) == 1 else "indexes"
    size = megabytes(sum(each.bytes for each in removed))
    print(f"{len(removed):,} {indexes} removed, {size}; {left:,} left in {in_a_line(str(shelf_folder()))}.")
    return 0


def _row(removed: Removed) -> list[str]:
    index = removed.index
    ago = duration(time.time() - index.used)
    roots = ", ".join(map(in_a_line, index.roots)) or f"not known ({index.folder.name})"
    return [roots, f"{ago} ago", megabytes(removed.bytes), REASONS[removed.why]]


def _described(removed: Removed) -> dict[str, object]:
    index = removed.index
    return {
        "roots": list(index.roots),
        "folder": str(index.folder),
        "opened": round(index.used),
        "bytes": removed.bytes,
        "why": removed.why,
    }
