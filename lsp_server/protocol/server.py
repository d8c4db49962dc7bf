"""The state of one connection that the methods share: the session, the client and what it was told last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from lsp_server.config import Options
from lsp_server.features.own_actions import OwnActions
from lsp_server.models.describe import Build, describe
from lsp_server.protocol.client import Client
from lsp_server.protocol.connection import Connection
from lsp_server.protocol.extensions import Status
from lsp_server.protocol.indexes import PATIENCE
from lsp_server.protocol.progress import Display, Reports
from lsp_server.protocol.running import Running
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
    index_told: float = 0.0
    """When `fathom/status` was last sent for an index, on a monotonic clock."""
    own_actions: OwnActions = field(default_factory=OwnActions)
    """Those that the user has written."""
    running: list[Running] = field(default_factory=list)
    """The edits that are being made."""
    describe: Callable[[], Awaitable[Build]] = describe
    """Asks what llama.cpp can do here. Raises ModelError."""
    build: Build | None = None
    """What it said."""
    switching: Reports | None = None
    """Where the client shows how far the model is that it wants to use; None while it wants no other one."""
    switch: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while another model is fetched and loaded: one at a time."""
    model_display: Display = field(init=False)
    """The progress that is shown while a model loads."""
    index_display: Display = field(init=False)
    """The same while the workspace is read for the first time."""

    def __post_init__(self) -> None:
        self.model_display = Display("model", self.connection, self.session.start)
        self.index_display = Display("index", self.connection, self.session.start, PATIENCE)
