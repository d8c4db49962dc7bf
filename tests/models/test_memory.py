"""How much memory there is: the machine's, or what a control group leaves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lsp_server.models.memory import Memory, machine_memory

GIB = 1 << 30


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with 16 GiB, of which 12 are available, and no control groups."""
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "groups").mkdir()
    lines = f"MemTotal: {16 * GIB // 1024} kB\nMemFree: 1 kB\nMemAvailable: {12 * GIB // 1024} kB\nHuge: 0\n"
    (tmp_path / "proc/meminfo").write_text(lines)
    return tmp_path


def measured(machine: Path) -> Memory:
    return machine_memory(machine / "proc", machine / "groups")


def limit(group: Path, most: str, used: int | None = None, kept: int = 0) -> None:
    group.mkdir(parents=True, exist_ok=True)
    (group / "memory.max").write_text(f"{most}\n")
    if used is not None:
        (group / "memory.current").write_text(f"{used}\n")
    (group / "memory.stat").write_text(f"anon 5\ninactive_file {kept // 3}\nactive_file {kept - kept // 3}\n")


def test_the_machine_says_what_it_has(machine: Path) -> None:
    assert measured(machine) == Memory(16 * GIB, 12 * GIB)


def test_a_container_gets_no_more_than_its_limit(machine: Path) -> None:
    limit(machine / "groups", str(4 * GIB), used=GIB)
    assert measured(machine) == Memory(4 * GIB, 3 * GIB)


def test_the_group_that_we_are_in_counts(machine: Path) -> None:
    (machine / "proc/self/cgroup").write_text("1:name=systemd:/x\n0::/user.slice/shell.scope\n")
    limit(machine / "groups/user.slice", str(8 * GIB), used=GIB)
    limit(machine / "groups/user.slice/shell.scope", str(2 * GIB), used=GIB)
    assert measured(machine) == Memory(2 * GIB, GIB)


def test_what_the_system_keeps_of_files_can_be_had(machine: Path) -> None:
    limit(machine / "groups", str(4 * GIB), used=4 * GIB, kept=3 * GIB)
    assert measured(machine).available == 3 * GIB


LIMITED = """
import resource
from lsp_server.models.memory import machine_memory

before = machine_memory()
limit = {limit}
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
after = machine_memory()
assert after.total == min(before.total, limit), after
assert after.available < min(before.available + 2**26, limit), (before, after)
"""


@pytest.mark.process
@pytest.mark.parametrize("limit", [1 << 30, 1 << 60])
def test_the_limit_of_the_process_counts(limit: int) -> None:
    subprocess.run([sys.executable, "-c", LIMITED.format(limit=limit)], check=True, timeout=30)


def test_no_limit_is_no_limit(machine: Path) -> None:
    limit(machine / "groups", "max", used=GIB)
    assert measured(machine) == Memory(16 * GIB, 12 * GIB)


def test_a_limit_above_the_machine_changes_nothing(machine: Path) -> None:
    limit(machine / "groups", str(64 * GIB), used=GIB)
    assert measured(machine) == Memory(16 * GIB, 12 * GIB)


def test_a_group_that_says_nonsense_is_left_out(machine: Path) -> None:
    limit(machine / "groups", "much")
    (machine / "proc/self/cgroup").write_text("0::/../../etc\n")
    assert measured(machine) == Memory(16 * GIB, 12 * GIB)


def test_without_proc_the_total_comes_from_the_system(tmp_path: Path) -> None:
    found = machine_memory(tmp_path, tmp_path)
    assert found.total
    assert found.total > GIB
    assert found.available is None


@pytest.mark.parametrize(("needed", "fit"), [(12, "fits"), (15, "tight"), (17, "no")])
def test_a_model_fits_when_enough_is_left_for_the_rest(needed: int, fit: str) -> None:
    assert Memory(16, None).fit(needed) == fit


def test_nothing_is_said_about_a_machine_that_says_nothing() -> None:
    assert Memory(None, None).fit(1) is None
