"""Run the benchmarks of docs/BENCHMARKS.md and write what they print between the marks of that page.

    .venv/bin/python .ci/bench.py [NAME ...]

Each block of the page is named in its marks; without names, all are made anew but those that take hours at
first. It takes about 20 minutes.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FATHOM = Path(sys.executable).with_name("fathom")
PAGE = ROOT / "docs/BENCHMARKS.md"

COMMANDS: dict[str, str] = {
    "typing": (
        "fathom bench typing --context 8192 --peer llama-server --keys 64 --plot docs/images/typing.png"
    ),
    "cold": "fathom bench typing --cold",
    "mixed": "fathom bench mixed",
    "quality": "fathom bench typing --quality",
    "cancel": "fathom bench cancel",
}
"""The blocks of the page, and the commands that make them."""

LONG: dict[str, str] = {
    "context": "fathom bench context",
    "context-likelihood": "fathom bench context --likelihood",
    "context-speed": "fathom bench context --speed",
}
"""The same, for those that are made if they are named: they fetch and install what is compared."""


def main() -> None:
    names = sys.argv[1:] or list(COMMANDS)
    if not set(names) <= COMMANDS.keys() | LONG.keys():
        raise SystemExit(f"the blocks are {', '.join(COMMANDS | LONG)}")
    failed = [name for name in names if not _measure(name)]
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def _measure(name: str) -> bool:
    """Run a command and write its block; says whether that went well."""
    command = (COMMANDS | LONG)[name]
    print(f"[bench] {command}", flush=True)
    before, began = os.getloadavg()[0], time.monotonic()
    done = subprocess.run(
        [FATHOM, *command.split()[1:]], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    print(done.stdout, flush=True)
    if done.returncode:
        return False
    took = f"{time.monotonic() - began:.0f} s; load before {before:.1f}, after {os.getloadavg()[0]:.1f}"
    _write(name, f"```\n$ {command}\n{done.stdout.rstrip()}\n```\n\n{conditions()}; it took {took}.")
    return True


def conditions() -> str:
    """On what was measured."""
    packages = ", ".join(f"{package} {version(package)}" for package in ("llama-cpp-python", "xllamacpp"))
    return f"{time.strftime('%Y-%m-%d')}, {_processor()}, {os.cpu_count()} cores, {packages}"


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _write(name: str, block: str) -> None:
    """Put a block between its marks. Raises SystemExit if the page lacks them."""
    page = PAGE.read_text(encoding="utf-8")
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    if not marked.search(page):
        raise SystemExit(f"{PAGE} has no marks for {name}")
    PAGE.write_text(marked.sub(lambda found: f"{found[1]}{block}\n{found[2]}", page), encoding="utf-8")


if __name__ == "__main__":
    main()
