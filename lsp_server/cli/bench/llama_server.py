"""`python -m lsp_server.cli.bench.llama_server`: llama.cpp's server, to compare with.

It prints its address, and ends as soon as its standard input is closed. It needs the package `xllamacpp`.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module

BATCH, REUSE = 1024, 256
"""As the editor plugins of llama.cpp start it: `-b 1024 -ub 1024 --cache-reuse 256`."""


def main() -> int:
    """Serve the model of the first argument, a JSON object with `path`, `threads` and `context`."""
    native = import_module("xllamacpp")
    wanted = json.loads(sys.argv[1])
    params = native.CommonParams()
    params.model.path = wanted["path"]
    params.n_ctx = wanted["context"]
    params.n_batch = params.n_ubatch = BATCH
    params.n_cache_reuse = REUSE
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = wanted["threads"]
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_parallel = 1
    params.verbosity = 0
    server = native.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    # Its threads may be computing; nothing that it holds has to be put away.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
