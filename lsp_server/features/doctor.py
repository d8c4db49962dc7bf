"""What is installed, what is missing, and what to do about it.

It looks, and changes nothing; it needs no network, and works with nothing installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lsp_server.features import findings
from lsp_server.features.findings import Finding
from lsp_server.features.index_findings import Indexed, index
from lsp_server.models.backend import ModelError
from lsp_server.models.choose import Chosen, choose
from lsp_server.models.describe import Build
from lsp_server.models.download import models_dir
from lsp_server.models.fetch import megabytes
from lsp_server.models.gguf import GgufHeader, check_file
from lsp_server.models.host.devices import gpus
from lsp_server.models.host.fit import choose as plan_for
from lsp_server.models.host.link import HostStatus
from lsp_server.models.host.plan import Figures, Machine, Plan
from lsp_server.models.host.settings import LocalOptions
from lsp_server.models.memory import Memory

SCRIPT = "scripted:"
"""What a model that answers from a file begins with, see `models/open.py`."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the shell found out: the user's settings, where files are, what runs."""

    program: tuple[Finding, ...]
    """About the program itself."""
    model: str
    """As it is set; empty means the default."""
    local: LocalOptions
    enabled: bool
    problems: tuple[str, ...]
    """What is wrong in the file of settings."""
    config: Path
    log: Path
    sockets: Path | ModelError
    """Where servers and model hosts meet, or why they cannot."""
    build: Build | ModelError
    hosts: tuple[HostStatus, ...]
    memory: Memory
    index: Indexed
    """Of the folder that is asked about."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, and what the next completion would do."""

    findings: tuple[Finding, ...]
    plan: str

    @property
    def ok(self) -> bool:
        """Whether completions can work."""
        return all(finding.mark != "problem" for finding in self.findings)


def diagnose(around: Surroundings, root: Path = Path("/")) -> Diagnosis:
    """Look at everything. Signs of a GPU are looked for below `root`."""
    found = [*around.program, findings.backend(around.build)]
    if isinstance(around.build, Build):
        found += findings.idle_gpu(around.build, root)
    about_model, ready = _look_at_model(around)
    found += about_model
    found += findings.hosts(around.hosts, around.local)
    found += index(around.index)
    found += findings.settings(around.config, around.problems, around.enabled)
    found += findings.folders(models_dir(), around.log, around.sockets)
    return Diagnosis(tuple(found), _plan(found, around, ready))


@dataclass(frozen=True, slots=True)
class _Ready:
    """A model that can be opened, how it would be, and the host that has it already."""

    chosen: Chosen
    plan: Plan | ModelError
    host: HostStatus | None


def _look_at_model(around: Surroundings) -> tuple[list[Finding], _Ready | None]:
    if around.model.startswith(SCRIPT):
        return [Finding("model", "note", f"{around.model} answers from a script, without a model.")], None
    try:
        chosen = choose(around.model)
        header = check_file(chosen.path)
    except ModelError as error:
        return [Finding("model", "problem", str(error))], None
    host = next((host for host in around.hosts if host.path and _same(Path(host.path), chosen.path)), None)
    plan = _planned(chosen, header, around)
    found = [findings.model(chosen, header)]
    if host is None:
        found += findings.fit(plan, around.memory)
    return found, _Ready(chosen, plan, host)


def _planned(chosen: Chosen, header: GgufHeader, around: Surroundings) -> Plan | ModelError:
    """How a host would open the model."""
    build = around.build if isinstance(around.build, Build) else None
    machine = Machine(around.memory, gpus(build.devices if build else ()), bool(build and build.gpu_offload))
    try:
        return plan_for(Figures.of(chosen.name, header), around.local, machine)
    except ModelError as error:
        return error


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _plan(found: Sequence[Finding], around: Surroundings, ready: _Ready | None) -> str:
    """What the next completion would do."""
    if any(finding.mark == "problem" for finding in found):
        return "A completion would not work: see the problems."
    if ready is None or not isinstance(around.build, Build) or isinstance(ready.plan, ModelError):
        return "A completion would come from the script."
    if ready.host is not None and ready.host.phase not in ("failed", "silent"):
        return f"A completion would use {ready.chosen.name} in process {ready.host.pid}."
    plan, where = ready.plan, _where(ready.plan, around.build, around.local)
    return (
        f"A completion would load {ready.chosen.name} {where}, with a window of {plan.context:,} tokens "
        f"and about {megabytes(plan.needed)} of memory."
    )


def _where(plan: Plan, build: Build, local: LocalOptions) -> str:
    if plan.gpu_layers:
        names = ", ".join(device.name.strip() for device in gpus(build.devices))
        return f"on the GPU ({names}), {plan.gpu_layers} of {plan.parts} layers"
    threads = local.threads or build.threads
    return f"on the CPU with {threads} thread{'s' if threads > 1 else ''}"
