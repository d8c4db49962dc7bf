"""`fathom stage prompt`: what the model would be asked, without a model."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FORMAT = """\
Reads one JSON object from standard input:
  prefix, suffix        the text before and after the cursor
  path                  the file's path inside the repository (default: untitled)
  repository            the repository's name
  language              the language id (default: none)
  sources               other open files, [{"path", "text", "language"?}], the one used last at the end
  anchor                the offset in prefix at which the prompt is frozen (default: as for a new file)
  prefill_rate          tokens that the machine reads a second (default: 0, not known)
  fim, repo             false for a model without these control tokens
Prints {"prompt", "parts": [{"special"} or {"text"}], "stop", "form", "start", "anchor"}.
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the stage."""
    parser = subparsers.add_parser(
        "prompt",
        help="lay out the prompt for a place",
        description=__doc__,
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the prompt for the place on standard input."""
    try:
        given = json.load(sys.stdin)
        answer = answer_for(given)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        print(f"fathom stage prompt: the input is not as `--help` says: {error!r}", file=sys.stderr)
        return 1
    print(json.dumps(answer, ensure_ascii=False))
    return 0


def answer_for(given: Mapping[str, Any]) -> dict[str, Any]:
    """The prompt for what was read. Raises ValueError, TypeError, KeyError or AttributeError."""
    from context.snapshot import Document, Snapshot
    from context.text import Text
    from lsp_server.features.anchor import place_anchor
    from lsp_server.features.ask import ask
    from lsp_server.features.completion_options import CompletionOptions, budget
    from lsp_server.models.backend import ModelInfo
    from lsp_server.prompts.fim import spelled

    root = Path("/") / str(given.get("repository", "repository"))
    prefix, suffix = str(given["prefix"]), str(given.get("suffix", ""))

    def document(path: str, text: str, language: str) -> Document:
        return Document((root / path).as_uri(), root / path, language, 1, Text(text))

    here = document(str(given.get("path", "untitled")), prefix + suffix, str(given.get("language", "")))
    others = [
        document(source["path"], source["text"], source.get("language", here.language))
        for source in given.get("sources", [])
    ]
    snapshot = Snapshot((root,), {open_.uri: open_ for open_ in (*others, here)})
    info = ModelInfo(
        name="",
        path="",
        context=int(given.get("context", 32_768)),
        fim=bool(given.get("fim", True)),
        repo=bool(given.get("repo", True)),
        prefill_rate=float(given.get("prefill_rate", 0.0)),
        device="",
    )
    options = CompletionOptions()
    last = None
    if "anchor" in given:
        # As if the prompt had been frozen when the user stood at the anchor and went on from there.
        last = asyncio.run(ask(snapshot, here, len(prefix), "", info, options)).anchor
        at = int(given["anchor"])
        last = place_anchor(
            here.uri,
            prefix[:at] + suffix,
            at,
            budget(options, info),
            path=last.path,
            repository=last.repository,
            sources=last.sources,
        )
    asked = asyncio.run(ask(snapshot, here, len(prefix), "", info, options, last, here.uri))
    return {
        "prompt": spelled(asked.prompt),
        "parts": [
            {"text": part} if isinstance(part, str) else {"special": part.name} for part in asked.prompt
        ],
        "stop": list(asked.stop),
        "form": asked.form,
        "start": asked.anchor.start,
        "anchor": asked.anchor.offset,
    }
