"""Run stages of the checks by name, each announced and timed; go on after a failure and sum up at the end.

.venv/bin/python .ci/stages.py types layers
.venv/bin/python .ci/stages.py --list
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

PYTEST = (str(BIN / "pytest"), "--quiet", "--durations=5", "--durations-min=1")
MYPY = str(BIN / "mypy")

STAGES: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "format": ("the code is laid out as ruff lays it out", ((str(BIN / "ruff"), "format", "--check", "."),)),
    "lint": ("ruff finds nothing to say", ((str(BIN / "ruff"), "check", "."),)),
    "types": ("mypy, strict", ((MYPY,), (MYPY, "--scripts-are-modules", ".ci"))),
    "layers": ("imports point left only", ((str(BIN / "lint-imports"),),)),
    "pure": (
        "tests without processes, weights or editors",
        # On all cores: none of these tests touches what another one does.
        ((*PYTEST, "-n", "auto", "-m", "not process and not model and not editor"),),
    ),
    "process": (
        "tests that start a fathom process",
        ((*PYTEST, "-m", "process and not model and not editor"),),
    ),
    "model": ("tests with the real default model", ((*PYTEST, "-m", "model and not editor"),)),
    "editor": ("tests that drive a real editor", ((*PYTEST, "-m", "editor"),)),
}
"""Name, what it shows, commands. A pytest stage that finds no test fails (pytest exits with 5)."""


def main() -> None:
    names = sys.argv[1:]
    if not names or not set(names) <= STAGES.keys():
        raise SystemExit("".join(f"{name:9}{about}\n" for name, (about, _) in STAGES.items()))
    began = time.monotonic()
    results = [(name, *_run(name)) for name in names]
    _sum_up(results, time.monotonic() - began)


def _run(name: str) -> tuple[bool, float]:
    about, commands = STAGES[name]
    print(f"\n== {name}: {about}", flush=True)
    began = time.monotonic()
    passed = [_passes(command) for command in commands].count(False) == 0
    seconds = time.monotonic() - began
    print(f"== {name} {'passed' if passed else 'FAILED'} in {seconds:.1f} s", flush=True)
    return passed, seconds


def _passes(command: tuple[str, ...]) -> bool:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return (
        subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
        == 0
    )


def _sum_up(results: list[tuple[str, bool, float]], seconds: float) -> None:
    print(f"\n{'stage':9}{'seconds':>8}")
    for name, passed, took in results:
        print(f"{name:9}{took:8.1f}{'' if passed else '  FAILED'}")
    print(f"{'all':9}{seconds:8.1f}", flush=True)
    failed = [name for name, passed, _ in results if not passed]
    if failed:
        raise SystemExit(
            f"failed: {', '.join(failed)}. One stage alone: .venv/bin/python .ci/stages.py {failed[0]}"
        )


if __name__ == "__main__":
    main()
