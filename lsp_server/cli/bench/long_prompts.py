"""Prompts of a certain length for a benchmark: other open files, and as much of them as is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.cli.bench import player

if TYPE_CHECKING:
    from lsp_server.features.completion_options import CompletionOptions
    from lsp_server.session import Session

PREFIX, SUFFIX = 2048, 512
"""Tokens before and after the cursor in a long prompt; the rest is other files."""
UNHURRIED_MS = 100_000_000
"""For reading: the length decides, not the speed of the machine."""
CHARACTERS = 5
"""Characters in a token of most files, at most: so many are opened for each token that is wanted."""
ATTEMPTS = 4


async def lengthen(session: Session, path: Path, text: str, cursor: int, tokens: int) -> None:
    """Open files beside a file, and set the options so that its prompts have about so many tokens.

    Raises ValueError where the model's window is too small.
    """
    info = await session.backend().info()
    if tokens > 0.75 * info.context:
        raise ValueError(
            f"a prompt of {tokens:,} tokens does not fit into {info.context:,}, with room to spare"
        )
    session.workspace.moved([path.parent])
    for other, content in player.neighbours(path, tokens * CHARACTERS):
        player.open_file(session, other, content)
    prefix, suffix = min(PREFIX, tokens // 2), min(SUFFIX, tokens // 8)
    completion = replace(
        session.options.completion,
        read_ms=UNHURRIED_MS,
        max_prefix_tokens=prefix,
        max_suffix_tokens=suffix,
        max_sources_tokens=tokens - prefix - suffix,
    )
    uri = player.open_file(session, path, text)
    for _ in range(ATTEMPTS):
        missing = tokens - await _length(session, completion, uri, cursor)
        sources = max(0, completion.max_sources_tokens + missing)
        completion = replace(completion, max_sources_tokens=sources)
    session.options = replace(session.options, completion=completion)


async def _length(session: Session, options: CompletionOptions, uri: str, cursor: int) -> int:
    """Tokens in the prompt that would be asked."""
    from lsp_server.features.ask import ask

    backend, snapshot = session.backend(), session.workspace.snapshot
    asked = await ask(snapshot, snapshot.documents[uri], cursor, "", await backend.info(), options)
    return sum([await backend.count_tokens(part) if isinstance(part, str) else 1 for part in asked.prompt])
