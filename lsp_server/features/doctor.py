"""What is installed, what is missing, and what to do about it.

It looks, and changes nothing; it needs no network, and works with nothing installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lsp_server.features import findings
from lsp_server.features.findings import Finding
from lsp_server.models.backend import ModelError
from lsp_server.models.choose import Chosen, choose
from lsp_server.models.describe import Build
from lsp_server.models.download import models_dir
from lsp_server.models.fetch import megabytes
from lsp_server.models.gguf import GgufHeader, check_file
from lsp_server.models.host.link import HostStatus
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
    found += findings.hosts(around.hosts)
    found += findings.settings(around.config, around.problems, around.enabled)
    found += findings.folders(models_dir(), around.log, around.sockets)
    return Diagnosis(tuple(found), _plan(found, around, ready))


@dataclass(frozen=True, slots=True)
class _Ready:
    """A model that can be opened, and the host that has it already."""

    chosen: Chosen
    header: GgufHeader
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
    about_memory = findings.memory_for(header, around.memory, loaded=host is not None)
    return [findings.model(chosen, header), about_memory], _Ready(chosen, header, host)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _plan(found: Sequence[Finding], around: Surroundings, ready: _Ready | None) -> str:
    """What the next completion would do."""
    if any(finding.mark == "problem" for finding in found):
        return "A completion would not work: see the problems."
    if ready is None or not isinstance(around.build, Build):
        return "A completion would come from the script."
    if ready.host is not None and ready.host.phase not in ("failed", "silent"):
        return f"A completion would use {ready.chosen.name} in process {ready.host.pid}."
    window = findings.window_of(ready.header)
    return (
        f"A completion would load {ready.chosen.name} {_where(around.build)}, with a window of {window:,} "
        f"tokens and about {megabytes(ready.header.memory(window))} of memory."
    )


def _where(build: Build) -> str:
    names = findings.gpus(build)
    if build.gpu_offload and names:
        return f"on the GPU ({', '.join(names)})"
    return f"on the CPU with {build.threads} thread{'s' if build.threads > 1 else ''}"
