"""What there is to say of the index of a folder, for `fathom doctor` and `fathom status`. Changes nothing."""

from __future__ import annotations

import os
from pathlib import Path

from context.figures import Figures, figures_of
from context.watch import LIMIT, budget
from lsp_server.cli.spot import root_of
from lsp_server.features.index_findings import Indexed
from lsp_server.index_places import IndexPlace, Shelf, place_of, refusal, shelf_folder
from lsp_server.models.host.supervise import tail


def look_at_index(here: Path, *, is_wanted: bool) -> Indexed:
    """Look at the index of the nearest folder that has one, up to the top of the repository; else of that."""
    place = _place(Path(os.path.abspath(here)))  # noqa: PTH100 - the name that the user knows
    figures = figures_of(place.folder, place.real)
    return Indexed(
        root=place.root,
        folder=place.folder,
        log=place.log,
        is_wanted=is_wanted,
        refusal=refusal(place.root),
        shelf=_shelf_problem(),
        figures=figures,
        watches=budget() if LIMIT.exists() else None,
        last_words=_last_words(place.log, figures),
    )


def _place(here: Path) -> IndexPlace:
    top, shelf = root_of(here / "any"), Shelf(shelf_folder())
    folders = [folder for folder in (here, *here.parents) if folder.is_relative_to(top)]
    places = [place_of(folder, shelf) for folder in folders]
    return next((place for place in places if place.folder.is_dir()), places[-1])


def _shelf_problem() -> str:
    folder = shelf_folder()
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return ""
    return f"{folder} cannot be written: the index lies in a temporary folder, and is made anew each time."


def _last_words(log: Path, figures: Figures | None) -> str:
    try:
        status = log.stat()
    except OSError:
        return ""
    if not status.st_size or (figures is not None and status.st_mtime <= figures.changed):
        return ""
    return tail(log)
