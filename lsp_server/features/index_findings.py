"""What `doctor.py` finds about the index of a folder: from facts to findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from context.figures import Figures
from lsp_server.features.findings import Finding
from lsp_server.models.fetch import megabytes

USUAL_WATCHES = 524_288
"""What many distributions and editors set fs.inotify.max_user_watches to."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What the shell found out about the index of a folder."""

    root: Path
    folder: Path
    """Where the index lies, or would."""
    log: Path
    is_wanted: bool
    """By the settings."""
    refusal: str
    """Why no index is kept of this folder; empty if one is."""
    shelf: str
    """Why indexes cannot lie where they should; empty if they can."""
    figures: Figures | None
    """None if there is no index."""
    watches: int | None
    """Folders that may be watched; None where the system has no limit."""
    last_words: str
    """What the indexer wrote into its log after the index had changed last; mostly nothing."""


def index(about: Indexed) -> Iterator[Finding]:
    """Whether there is an index, how it is, and whether changes are noticed."""
    if not about.is_wanted:
        message = "The files of the workspace are not read: suggestions know the open files only."
        yield Finding("index", "note", message, "Set `index = true` in your settings.")
        return
    if about.refusal:
        yield Finding("index", "note", about.refusal, "Open the folder of a project.")
        return
    if about.shelf:
        yield Finding("index", "note", about.shelf, "Give yourself the right, or set XDG_CACHE_HOME.")
    yield _state(about)
    if about.figures is not None and about.watches is not None:
        yield _watches(about.figures.folders, about.watches)
    if about.last_words:
        message = f"The process that keeps the index said last: {about.last_words}"
        yield Finding("indexer", "note", message, f"All that it said is in {about.log}.")


def _state(about: Indexed) -> Finding:
    figures = about.figures
    if figures is None:
        message = f"{about.root} has none yet: an editor that opens it has one made, and `fathom index` does."
        return Finding("index", "note", message)
    if not figures.is_readable:
        message = f"The index of {about.root} in {about.folder} cannot be read."
        return Finding("index", "note", message, "Open the folder in an editor: it is made anew.")
    kept = "a process keeps it fresh" if figures.is_kept else "whoever opens the folder brings it up to date"
    changed = datetime.fromtimestamp(figures.changed)
    return Finding(
        "index",
        "ok",
        f"{about.root}: {figures.files:,} files, {megabytes(figures.bytes)} in {about.folder}, "
        f"last changed on {changed:%Y-%m-%d at %H:%M}; {kept}.",
    )


def _watches(folders: int, watches: int) -> Finding:
    if folders <= watches:
        return Finding("watches", "ok", f"{folders:,} folders to watch, {watches:,} may be.")
    message = (
        f"There are {folders:,} folders to watch, and this system lets Fathom watch {watches:,}: "
        "what changes in the others is noticed within a minute or when it is saved in the editor."
    )
    # Fathom takes half of them, since editors watch as well.
    most = max(USUAL_WATCHES, 2 * folders)
    return Finding("watches", "note", message, f"`sudo sysctl fs.inotify.max_user_watches={most}` helps.")
