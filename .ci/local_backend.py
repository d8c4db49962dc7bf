"""Put the local backend, llama-cpp-python, into a virtual environment; build its wheel once a machine.

The package index has no wheel of it, and compiling llama.cpp takes minutes. So the wheel is kept under the
user's cache directory and shared by every checkout. It is compiled for the very processor that it is built
on, so the place where it is kept names the processor, besides the version, the C library and CMake's options.

Runs before anything is installed: standard library only.

    python3 .ci/local_backend.py .venv/bin/python

The version is the lower bound of the `local` extra in pyproject.toml: the one that the tests ran with.
CMAKE_ARGS from the environment is appended to our options: `CMAKE_ARGS=-DGGML_CUDA=ON make setup`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "llama-cpp-python"
OURS = (
    "-DLLAVA_BUILD=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF "
    "-DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF"
)
"""What Fathom does not use of llama.cpp: without it the build has a quarter fewer steps."""

NO_AMX = "-DCMAKE_C_FLAGS=-mno-amx-int8 -DCMAKE_CXX_FLAGS=-mno-amx-int8"
"""llama.cpp's AMX code crashes on some Xeons (ggml-org/llama.cpp issue 20824); AVX-512 does the work."""

HEARTBEAT = 15.0
"""Seconds between two lines that say how far the build is."""

CPU_FIELDS = ("model name", "flags", "Features", "CPU implementer", "CPU architecture", "CPU part")
STEP = re.compile(rb"\[(\d+)/(\d+)\]")

NO_COMPILER = "There is no working C++ compiler. On Debian or Ubuntu: sudo apt-get install g++ make"
NO_INDEX = "The package index was not reached, or does not have this version. Is the network up?"
ADVICE = (
    ("_COMPILER not set", NO_COMPILER),
    ("is not able to compile a simple test program", NO_COMPILER),
    ("No space left on device", "The disk is full: the build needs about 1.5 GB free."),
    ("Killed signal terminated", "Memory ran out. Try again with CMAKE_BUILD_PARALLEL_LEVEL=1 make setup"),
    ("Could not find a version that satisfies", NO_INDEX),
    ("Max retries exceeded", NO_INDEX),
)
"""What in a log stands for which cause, the commonest of those seen."""


@dataclass(frozen=True, slots=True)
class Build:
    """What a wheel was compiled from and for. Two equal builds give the same wheel."""

    version: str
    platform: str
    libc: str
    cpu: str
    options: str
    """CMake's options that Fathom sets."""
    cmake_args: str
    """Those that the user added."""

    @property
    def key(self) -> str:
        """A folder name: readable, and different for different builds."""
        digest = hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:12]
        return f"{PACKAGE}-{self.version}-{self.platform}-{digest}"


def main() -> None:
    if len(sys.argv) != 2:
        _stop("usage: python3 .ci/local_backend.py PYTHON-OF-THE-VIRTUAL-ENVIRONMENT")
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    python = Path(sys.argv[1]).absolute()
    wanted = _wanted(python)
    if _in_place(python, wanted):
        return
    try:
        _install(python, _wheel(python, wanted))
    except KeyboardInterrupt:
        _stop("interrupted: nothing was installed; the next `make setup` begins the build again.")
    _stamp(python).write_text(json.dumps(asdict(wanted), indent=1) + "\n")


def _wanted(python: Path) -> Build:
    return Build(
        version=_tested_version(),
        platform=sysconfig.get_platform().replace("-", "_"),
        libc="".join(platform.libc_ver()),
        cpu=_cpu(),
        options=f"{OURS} {_for_processor()}".strip(),
        # Who once asked for a GPU wants it after an update as well, without saying so again.
        cmake_args=os.environ.get("CMAKE_ARGS", _stamped(python).get("cmake_args", "")),
    )


def _for_processor() -> str:
    return NO_AMX if platform.machine() in ("x86_64", "AMD64") else ""


def _tested_version() -> str:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    found = re.search(rf"{PACKAGE}\s*[>=]=\s*([\w.]+)", "\n".join(extras["local"]))
    if found is None:
        _stop(f"pyproject.toml: the extra `local` does not name {PACKAGE} with == or >=")
    return found[1]


def _cpu() -> str:
    """A digest of what the compiler's -march=native looks at."""
    try:
        first = Path("/proc/cpuinfo").read_text().split("\n\n")[0]
    except OSError:
        return platform.processor() or platform.machine()
    kept = [line for line in first.splitlines() if line.partition("\t")[0].strip(" :") in CPU_FIELDS]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()[:16] if kept else platform.machine()


# --- what the environment holds already ---


def _in_place(python: Path, wanted: Build) -> bool:
    installed = _installed_version(python)
    if installed is None:
        return False
    stamp = _stamp(python)
    if not stamp.is_file():
        # Someone installed it with pip, perhaps built for their GPU: theirs goes before ours.
        _say(f"{PACKAGE} {installed} is installed by hand in {_short(python.parent.parent)}: left as it is.")
        return True
    return _stamped(python) == asdict(wanted) and installed == wanted.version


def _installed_version(python: Path) -> str | None:
    ask = f"import importlib.metadata as m; print(m.version({PACKAGE!r}))"
    done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def _stamped(python: Path) -> dict[str, str]:
    """The build that this environment got from us; empty if it got none."""
    try:
        found: dict[str, str] = json.loads(_stamp(python).read_text())
    except (OSError, ValueError):
        return {}
    return found


def _stamp(python: Path) -> Path:
    return python.parent.parent / ".local-backend.json"


# --- the wheel ---


def _wheel(python: Path, wanted: Build) -> Path:
    kept = _wheels_dir() / wanted.key
    if wheel := _only_wheel(kept):
        return wheel
    with _lock(_beside(kept, ".lock")) as lock:
        return _only_wheel(kept) or _build(python, wanted, kept, lock)


def _wheels_dir() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(base).expanduser() / "fathom" / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _beside(kept: Path, ending: str) -> Path:
    return kept.with_name(kept.name + ending)


def _only_wheel(folder: Path) -> Path | None:
    return next(iter(sorted(folder.glob("*.whl"))), None)


def _build(python: Path, wanted: Build, kept: Path, lock: int) -> Path:
    if shutil.which(os.environ.get("CXX", "c++")) is None and shutil.which("g++") is None:
        _stop(NO_COMPILER)
    work, log = _beside(kept, ".building"), _beside(kept, ".log")
    for leftover in ("tmp", "wheel"):  # of an interrupted build; what it downloaded stays
        shutil.rmtree(work / leftover, ignore_errors=True)
        (work / leftover).mkdir(parents=True)
    _say(f"building llama.cpp ({PACKAGE} {wanted.version}) for this machine: 3 to 10 minutes, once.")
    _say(f"the wheel will be kept in {_short(kept)}; the log is {_short(log)}")
    began = time.monotonic()
    code = _run_logged(_build_command(python, wanted, work), _build_environment(wanted, work), log, lock)
    wheel = _only_wheel(work / "wheel")
    if code != 0 or wheel is None:
        _explain(log)
    (work / "wheel" / "about.json").write_text(json.dumps(asdict(wanted), indent=1) + "\n")
    log.rename(work / "wheel" / "build.log")
    (work / "wheel").rename(kept)
    shutil.rmtree(work, ignore_errors=True)
    _say(f"built in {_clock(time.monotonic() - began)}.")
    return kept / wheel.name


def _build_command(python: Path, wanted: Build, work: Path) -> list[str | Path]:
    # A cache of its own: what pip keeps of built wheels knows neither the processor nor CMake's options.
    places = [f"--cache-dir={work / 'pip'}", f"--wheel-dir={work / 'wheel'}"]
    return [python, "-m", "pip", "wheel", "--verbose", "--no-deps", *places, f"{PACKAGE}=={wanted.version}"]


def _build_environment(wanted: Build, work: Path) -> dict[str, str]:
    own = {
        "CMAKE_ARGS": f"{wanted.options} {wanted.cmake_args}",
        "TMPDIR": str(work / "tmp"),
        "PIP_NO_INPUT": "1",
    }
    return {**os.environ, **own, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _run_logged(command: list[str | Path], environment: dict[str, str], log: Path, lock: int) -> int:
    """Run to the end with the output in `log`, saying how far it is. The command holds the lock too."""
    began = said = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(lock,),
        )
    try:
        while process.poll() is None:
            time.sleep(0.2)
            if time.monotonic() - said >= HEARTBEAT:
                said = time.monotonic()
                _say(f"  {_clock(said - began)}  {_stage(log)}")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return process.returncode


def _stage(log: Path) -> str:
    steps = STEP.findall(log.read_bytes())
    if not steps:
        return "downloading the source and what compiles it"
    done, total = steps[-1]
    return f"step {int(done)} of {int(total)}"


@contextmanager
def _lock(path: Path) -> Iterator[int]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another build of the same wheel is running; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _explain(log: Path) -> NoReturn:
    text = log.read_text(errors="replace")
    for line in text.splitlines()[-30:]:
        sys.stderr.write(f"    {line}\n")
    for sign, advice in ADVICE:
        if sign in text:
            _say(advice)
    _stop(f"llama.cpp could not be built. The whole log: {log}")


# --- into the environment ---


def _install(python: Path, wheel: Path) -> None:
    _say(f"installing {_short(wheel)}")
    pip: list[str | Path] = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    # Twice: the first also replaces another build of the same version, the second brings what it needs.
    for rest in (["--force-reinstall", "--no-deps", wheel], [wheel]):
        if subprocess.run([*pip, *rest], stdin=subprocess.DEVNULL, check=False).returncode != 0:
            _stop(f"pip could not install {wheel}. If the file is damaged, remove its folder and try again.")


def _interrupt(_number: int, _frame: object) -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM):  # a second one must not disturb the cleaning up
        signal.signal(number, lambda _number, _frame: None)
    raise KeyboardInterrupt


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _short(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _say(sentence: str) -> None:
    print(f"[local backend] {sentence}", flush=True)


def _stop(sentence: str) -> NoReturn:
    raise SystemExit(f"[local backend] {sentence}")


if __name__ == "__main__":
    main()
