"""The state of one connection that the methods share: the session, the client and what it was told last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from lsp_server.config import Options
from lsp_server.models.backend import ModelState
from lsp_server.protocol.client import Client
from lsp_server.protocol.connection import Connection
from lsp_server.protocol.extensions import Status
from lsp_server.session import Session


@dataclass(slots=True)
class Server:
    """Passed to every method as its first argument."""

    session: Session
    connection: Connection
    stop: Callable[[int], None]
    """End the process with this code; the first call counts."""
    watch: Callable[[int], None]
    """End the process when the process of this id, the editor, ends."""
    client: Client = field(default_factory=Client)
    problems: list[str] = field(default_factory=list)
    """Sentences about wrong settings that the user has to hear once."""
    status: Status | None = None
    """What `fathom/status` said last."""
    told: set[str] = field(default_factory=set)
    """Messages that the user has seen; none is shown twice."""
    model: str = ""
    """The name of the model that answered last."""
    own: Options = field(default_factory=Options)
    """The settings without those of the editor."""
    progress: asyncio.Queue[ModelState] | None = None
    """Feeds the progress that is shown while a model loads."""
