"""What was sent to the model last, for each document: kept as it is, since all of it is frozen anyway.

Nothing is counted or copied here; `inspect.py` looks at it when somebody asks.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Literal

from context.snapshot import Document, Snapshot
from lsp_server.features.ask import Asked
from lsp_server.features.edit_options import EditOptions
from lsp_server.features.edit_request import EditRequest, Listener, Progress, Reading
from lsp_server.models.backend import Usage
from lsp_server.prompts.rewrite import Task

DOCUMENTS = 8
"""Documents of which the last prompt is kept: each holds on to the texts of its moment."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A prompt of a completion or an edit, and what became of it."""

    purpose: Literal["fill", "edit"]
    snapshot: Snapshot
    document: Document
    offset: int
    """The cursor, or where the part begins that is edited."""
    what: Asked | Task
    budget: int
    """Tokens that such a prompt may have."""
    model: str = ""
    at: float = field(default_factory=monotonic)
    """When it was sent, on a monotonic clock."""
    usage: Usage | None = None
    """What it cost; None as long as there is no answer, and where it has failed."""
    reason: str = ""
    """What became of the request, as a code; empty as long as nothing has."""


class LastSent:
    """The last prompt of each document."""

    def __init__(self) -> None:
        self._by_document: OrderedDict[str, Sent] = OrderedDict()

    def of(self, uri: str | None) -> Sent | None:
        """The last prompt of a document, or of all."""
        if uri is not None:
            return self._by_document.get(uri)
        return next(reversed(self._by_document.values()), None)

    def begin(self, sent: Sent) -> Sent:
        """Keep what is sent now."""
        self._by_document[sent.document.uri] = sent
        self._by_document.move_to_end(sent.document.uri)
        while len(self._by_document) > DOCUMENTS:
            self._by_document.popitem(last=False)
        return sent

    def end(self, sent: Sent | None, reason: str, usage: Usage | None = None, model: str = "") -> None:
        """Keep what became of it, unless another prompt of the document was sent meanwhile."""
        if sent is None or self._by_document.get(sent.document.uri) is not sent:
            return
        cost = usage if usage and usage.prompt else None
        done = replace(sent, reason=reason, usage=cost, model=model or sent.model)
        self._by_document[sent.document.uri] = done


class NotedEdit:
    """Hears of an edit, and keeps what the model is sent for it."""

    def __init__(
        self,
        last: LastSent,
        snapshot: Snapshot,
        request: EditRequest,
        options: EditOptions,
        listener: Listener,
    ) -> None:
        self._last, self._snapshot, self._request = last, snapshot, request
        self._budget = options.max_around_tokens + options.max_sources_tokens
        self._listener = listener
        self._sent: Sent | None = None

    def __call__(self, progress: Progress) -> None:
        document = self._snapshot.documents.get(self._request.uri)
        if isinstance(progress, Reading) and progress.task is not None and document is not None:
            start = min(self._request.start, self._request.end)
            sent = Sent("edit", self._snapshot, document, start, progress.task, self._budget)
            self._sent = self._last.begin(sent)
        self._listener(progress)

    def end(self, reason: str, usage: Usage | None = None, model: str = "") -> None:
        self._last.end(self._sent, reason, usage, model)
