"""Which models there are for this machine: what each needs, whether it fits, and how fast it would be.

It looks at files and at what it is told of the machine; it loads no model and needs no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lsp_server.models import catalogue, download
from lsp_server.models.backend import ModelError
from lsp_server.models.choose import choose
from lsp_server.models.fetch import megabytes
from lsp_server.models.gguf import check_file
from lsp_server.models.host.settings import CONTEXT
from lsp_server.models.memory import Fit, Memory
from lsp_server.models.model import Model
from lsp_server.models.open import SCRIPT
from lsp_server.models.speed import Processors, Speed, reading_rate, speed_of


@dataclass(frozen=True, slots=True)
class Here:
    """The machine, as far as it matters to models."""

    memory: Memory
    processors: Processors


@dataclass(frozen=True, slots=True)
class Offer:
    """A model, and what this machine makes of it."""

    name: str
    title: str
    licence: str
    """Empty for a file of the user's own."""
    size: int
    """Bytes of its files."""
    path: Path | None
    """Where it is; None if it has to be fetched first."""
    window: int
    """Tokens of the window for which memory is reckoned."""
    needed: int
    """Bytes of memory."""
    fit: Fit | None
    """None where the system does not say how much memory there is."""
    rate: float
    """Tokens of a prompt a second: measured, or estimated."""
    speed: Speed
    is_default: bool = False

    def why(self, here: Here) -> str:
        """One sentence for the user: what it needs, and how fast it reads."""
        needs, total = megabytes(self.needed), here.memory.total
        if total is None:
            return f"It needs {needs} of memory, and this system does not say how much it has."
        if self.fit == "no":
            return f"It needs {needs} of memory, and this machine has {megabytes(total)}."
        rest = ", which leaves little for anything else" if self.fit == "tight" else ""
        reads = f"it reads about {_rounded(self.rate):,} tokens a second"
        return f"It needs {needs} of {megabytes(total)} of memory{rest}; {reads}."


def offers(current: str, here: Here, measured: float = 0.0) -> tuple[Offer, ...]:
    """All models of the catalogue, and before them the current one if it is none of these.

    `measured` is what the current one reads, in tokens a second; 0.0 if nobody has measured it.
    """
    known = [offer_of(model, here, measured * (model.name == current)) for model in catalogue.CATALOGUE]
    own = _own(current, here, measured) if current and catalogue.find(current) is None else None
    return (own, *known) if own else tuple(known)


def current_model(setting: str) -> str:
    """The name of the model that a setting means, or nothing if it is not here."""
    if setting.startswith(SCRIPT):
        return setting
    try:
        return choose(setting).name
    except ModelError:
        return ""


def offer_of(model: Model, here: Here, measured: float = 0.0) -> Offer:
    """What this machine makes of a model of the catalogue."""
    window = min(CONTEXT, model.context)
    needed = model.memory(window)
    rate = measured or reading_rate(int(model.weights * model.active), needed, here.processors)
    return Offer(
        name=model.name,
        title=model.title,
        licence=model.licence,
        size=model.weights if model.size is None else model.size,
        path=download.installed(model),
        window=window,
        needed=needed,
        fit=_fit(needed, here),
        rate=rate,
        speed=speed_of(rate),
        is_default=model.name == catalogue.DEFAULT,
    )


def _own(name: str, here: Here, measured: float) -> Offer | None:
    """A file of the user's own; None if it is no model."""
    if name.startswith(SCRIPT):
        return _script(name)
    path = Path(name)
    try:
        header = check_file(path)
    except ModelError:
        return None
    window = min(CONTEXT, header.context) or CONTEXT
    needed = header.memory(window)
    rate = measured or reading_rate(header.weights, needed, here.processors)
    return Offer(
        name=name,
        title=header.name or path.name,
        licence="",
        size=header.size,
        path=path,
        window=window,
        needed=needed,
        fit=_fit(needed, here),
        rate=rate,
        speed=speed_of(rate),
    )


def _script(name: str) -> Offer:
    path = Path(name.removeprefix(SCRIPT))
    title = f"Answers from {path.name}, without a model"
    return Offer(name, title, "", 0, path, 0, 0, "fits", 1000.0, "fast")


def _fit(needed: int, here: Here) -> Fit | None:
    """Whether it fits: what goes to a GPU takes nothing of the machine's memory."""
    return here.memory.fit(needed - min(needed, here.processors.gpu_room))


def _rounded(rate: float) -> int:
    """A rate with two figures, since no more of it is known."""
    whole = max(1, int(rate))
    unit = int("1".ljust(len(str(whole)) - 1, "0"))
    return whole // unit * unit
