"""`python -m lsp_server.models.host`: the process that runs llama.cpp; `supervise.py` starts it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import json
import logging
import os
import resource
import signal
import sys
from pathlib import Path

from lsp_server.models.host.places import Place
from lsp_server.models.host.settings import BAD_SETTINGS, BOUND, TAKEN, UNAVAILABLE, HostSettings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m lsp_server.models.host", description=__doc__)
    parser.add_argument("--describe", action="store_true", help="print devices as JSON and end")
    parser.add_argument("--settings", help="a JSON object, see settings.py")
    parser.add_argument("--folder", type=Path, help="the directory of lock and socket")
    parser.add_argument("--key", help="the name of lock and socket")
    arguments = parser.parse_args()
    if arguments.describe:
        return _describe()
    if not (arguments.settings and arguments.folder and arguments.key):
        parser.error("--settings, --folder and --key are needed")
    try:
        settings = HostSettings.load(arguments.settings)
    except (TypeError, ValueError) as error:
        print(f"the settings are not understood: {error}", file=sys.stderr)
        return BAD_SETTINGS
    return _serve(settings, Place(arguments.folder, arguments.key))


def _describe() -> int:
    from lsp_server.models.host.devices import describe

    try:
        print(json.dumps(describe()))
    except ImportError as error:
        print(f"llama-cpp-python cannot be used: {error}", file=sys.stderr)
        return UNAVAILABLE
    return 0


def _serve(settings: HostSettings, place: Place) -> int:
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(message)s")
    # Held until the process ends, however it ends: whoever has the lock is the host.
    lock = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return TAKEN
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    _be_modest()
    try:
        asyncio.run(_run(settings, place))
    except OSError as error:
        print(f"the model host cannot open its socket: {error}", file=sys.stderr)
        return UNAVAILABLE
    logging.shutdown()
    # llama.cpp may be computing; nothing that it holds has to be put away.
    os._exit(0)


async def _run(settings: HostSettings, place: Place) -> None:
    from lsp_server.models.host.server import HostServer

    server = HostServer(settings, place)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.end)
    await server.run(_say_bound)


def _say_bound() -> None:
    """Tell the starter, then leave its pipe: nobody reads it any longer."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, BOUND)
    os.dup2(2, 1)


def _be_modest() -> None:
    """Files for this user only, no dumps of the user's text, and first to go when memory runs out."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
