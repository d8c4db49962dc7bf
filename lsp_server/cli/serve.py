"""`fathom serve`: the language server, over stdio or on a loopback port."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import socket
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from lsp_server.protocol.wire import Descriptors, claim_standard_streams

if TYPE_CHECKING:
    from lsp_server.config import Options

LOOPBACK = "127.0.0.1"


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("serve", help="run the language server for an editor")
    parser.add_argument("--stdio", action="store_true", help="talk over stdin and stdout (the default)")
    parser.add_argument(
        "--tcp", type=_port, metavar="PORT", help="wait for one client on this port of the loopback"
    )
    parser.add_argument("--model", metavar="NAME", help="a model's name, or the path of a GGUF file")
    parser.add_argument("--log-level", choices=("debug", "info", "warning", "error"), help="how much to log")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.tcp is None:
        # Before anything else is imported: whatever prints while it is imported must not reach the wire.
        return _serve(claim_standard_streams(), arguments)
    try:
        connection = _accept(arguments.tcp)
    except OSError as error:
        print(f"fathom serve: port {arguments.tcp} cannot be used: {error}", file=sys.stderr)
        return 1
    with connection:
        return _serve(Descriptors(connection.fileno(), connection.fileno()), arguments)


def _port(text: str) -> int:
    if text.isdecimal() and int(text) < 2**16:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port; a port is a number from 0 (any) to 65535")


def _accept(port: int) -> socket.socket:
    with socket.create_server((LOOPBACK, port)) as listener:
        print(f"fathom serve: waiting on {LOOPBACK}:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
        connection, _ = listener.accept()
    return connection


def _serve(wire: Descriptors, arguments: argparse.Namespace) -> int:
    from lsp_server.config import config_path, read_own_file
    from lsp_server.log import start_log
    from lsp_server.models.open import open_backend
    from lsp_server.protocol.serve import serve

    options, problems = read_own_file(config_path())
    options = _with_arguments(options, arguments)
    flush = start_log(options.log_level)
    try:
        return asyncio.run(serve(wire, options, problems, partial(open_backend, local=options.local)))
    finally:
        flush()


def _with_arguments(options: Options, arguments: argparse.Namespace) -> Options:
    """The command line has the last word."""
    given: dict[str, Any] = {"model": arguments.model, "log_level": arguments.log_level}
    return dataclasses.replace(options, **{name: value for name, value in given.items() if value is not None})
