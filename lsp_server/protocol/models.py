"""`fathom/models`: the models that there are, and what this machine makes of each of them.

The machine is looked at in a thread and in a process of its own; no model is loaded for it.
"""

from __future__ import annotations

from functools import partial

from lsp_server.features.findings import described
from lsp_server.features.offers import Here, Offer, current_model, offers
from lsp_server.models.backend import ModelError
from lsp_server.models.describe import Build
from lsp_server.models.host.devices import gpus
from lsp_server.models.host.settings import default_threads
from lsp_server.models.host.supervise import in_thread
from lsp_server.models.memory import machine_memory
from lsp_server.models.speed import Processors
from lsp_server.protocol.connection import Work
from lsp_server.protocol.extensions import Fits, Machine, ModelEntry, Models
from lsp_server.protocol.server import Server

FITS: dict[str | None, Fits] = {"fits": "yes", "tight": "tight", "no": "no", None: "tight"}
"""What is not known is not promised."""


def models(server: Server, _: object) -> Work:
    return partial(_models, server)


async def _models(server: Server) -> Models:
    build = await _build(server)
    measured = await _measured(server)
    return await in_thread(partial(_look, server.session.options.model, build, measured), "fathom-models")


async def _build(server: Server) -> Build | None:
    """The llama.cpp that there is; it is asked once, since it does not change while the server runs."""
    if server.build is None:
        try:
            server.build = await server.describe()
        except ModelError:
            return None  # `fathom doctor` and the first suggestion say what to do
    return server.build


async def _measured(server: Server) -> float:
    """What the current model reads, in tokens a second; 0.0 where that would have to be found out first."""
    loaded = server.session.at_work()
    try:
        return (await loaded.info()).prefill_rate if loaded else 0.0
    except ModelError:
        return 0.0


def _look(setting: str, build: Build | None, measured: float) -> Models:
    usable = gpus(build.devices) if build and build.gpu_offload else ()
    here = Here(machine_memory(), Processors(build.threads if build else default_threads(), usable))
    current = current_model(setting)
    machine = Machine(
        memory=here.memory.total or 0,
        available=here.memory.available or 0,
        devices=tuple(described(device) for device in build.devices) if build else (),
    )
    return Models(current, machine, tuple(_entry(offer, here) for offer in offers(current, here, measured)))


def _entry(offer: Offer, here: Here) -> ModelEntry:
    return ModelEntry(
        name=offer.name,
        title=offer.title,
        license=offer.licence,
        bytes=offer.size,
        here=offer.path is not None,
        needs=offer.needed,
        fits=FITS[offer.fit],
        speed=offer.speed,
        why=offer.why(here),
        default=offer.is_default,
    )
