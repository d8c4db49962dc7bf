"""What is remembered of memory that ran out: the next host of the same model begins a step lower.

A process in which llama.cpp ran out of memory ends, often at once and by a signal, so this is a file beside
the host's socket. It holds for the settings and the file of the model that it was written for, and for an
hour: another program may have taken the memory and given it back.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from time import time

from lsp_server.models.host.places import place_of
from lsp_server.models.host.settings import HostSettings

log = logging.getLogger(__name__)

REMEMBERED = 3600.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Shortages:
    """The memory of one model."""

    path: Path
    opened: str
    """What was opened, and how; a shortage with something else says nothing."""

    @classmethod
    def of(cls, settings: HostSettings) -> Shortages:
        """Raises ModelError if there is no safe directory, and OSError if there is no model."""
        place, found = place_of(Path(settings.path)), Path(settings.path).stat()
        opened = f"{settings.local.words()} {found.st_size} {found.st_mtime_ns}"
        return cls(place.folder / f"{place.key}.short", opened)

    def rung(self) -> int:
        """How many plans are passed over; 0 if nothing is remembered."""
        try:
            told = json.loads(self.path.read_text(encoding="utf-8"))
            fresh = 0 <= time() - float(told["time"]) < REMEMBERED
            return max(0, int(told["rung"])) if fresh and told["opened"] == self.opened else 0
        except (OSError, ValueError, LookupError, TypeError):
            return 0

    def note(self, rung: int) -> None:
        """Let the next host begin with this plan."""
        told = {"opened": self.opened, "rung": rung, "time": time()}
        try:
            self.path.write_text(json.dumps(told), encoding="utf-8")
        except OSError as error:
            log.warning("that memory was short cannot be remembered: %s", error)
