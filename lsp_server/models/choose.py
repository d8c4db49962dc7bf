"""From what the user calls a model to the file of it that is on this machine."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from lsp_server.models import catalogue, download
from lsp_server.models.backend import ModelError
from lsp_server.models.model import Model


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model's file; of several the first one."""

    name: str
    """How people call it: a name of the catalogue, or a path."""
    path: Path
    model: Model | None = None
    """What the catalogue says of it; None for a file of the user's own."""


def choose(wanted: str) -> Chosen:
    """Find a model by its name in the catalogue or its path; empty means the default model.

    Costs a look at the files' times, and never the network. Whether an own file is a model is for
    `gguf.check_file` to say. Raises ModelError.
    """
    wanted = wanted.strip() or catalogue.DEFAULT
    model = catalogue.find(wanted)
    if model is not None:
        path = download.installed(model)
        if path is None:
            raise not_installed(model)
        return Chosen(model.name, path, model)
    if not is_path(wanted):
        raise ModelError("no-model", unknown(wanted), permanent=True)
    try:
        path = Path(wanted).expanduser().absolute()
    except RuntimeError as error:  # the home of somebody who does not exist
        raise ModelError("no-model", f"{wanted} is no path: {error}", permanent=True) from error
    return Chosen(str(path), path)


def is_path(wanted: str) -> bool:
    """Whether a model is named by its file."""
    return "/" in wanted or wanted.startswith("~") or wanted.lower().endswith(".gguf")


def not_installed(model: Model) -> ModelError:
    """Say that a model of the catalogue is not here."""
    return ModelError(
        "no-model",
        f"{model.name} is not installed: run `fathom models pull {model.name}`.",
        permanent=True,
    )


def unknown(name: str) -> str:
    """Say that there is no such model, and which names are near."""
    names = [model.name for model in catalogue.CATALOGUE]
    close = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"No model is called {name!r}.{hint} `fathom models list` shows them all."
