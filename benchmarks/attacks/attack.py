"""An attack: a program, what it is told, and how one sees whether the machine held."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.attacks.host import Host
from papercoder.sandbox import Limits, RunReport, Sandbox

MEGABYTE = 1 << 20
LIMITS = Limits(
    wall_seconds=60, memory_bytes=300 * MEGABYTE, processes=64, disk_bytes=100 * MEGABYTE, file_bytes=50 * MEGABYTE,
    output_bytes=1_000_000,
)  # fmt: skip
PREAMBLE = """
import ctypes, glob, mmap, os, resource, signal, socket, stat, sys, tempfile, time
mark, *told = sys.argv[1:]
def attempt(action):
    try:
        print("REACHED", action(), flush=True)
    except Exception as error:
        print("refused:", error, flush=True)
"""

Held = Callable[[RunReport, Host], bool]


def nothing_reached(report: RunReport, host: Host) -> bool:
    """It ran, it tried, it was refused, and no secret is in what it printed."""
    return "refused" in report.output and "REACHED" not in report.output and host.secret not in report.output


@dataclass(frozen=True)
class Attack:
    name: str
    source: str
    told: Callable[[Host], list[object]] = field(default=lambda _: [])
    held: Held = nothing_reached
    wall_seconds: float = 60
    contained_only: bool = False  # without containment it would end the benchmark


@dataclass(frozen=True)
class Outcome:
    attack: str
    held: bool | None  # None: not tried
    by: str  # the limit at which the watch stopped it; where it was not held, what it printed
    seconds: float


def carry_out(attack: Attack, sandbox: Sandbox, host: Host) -> Outcome:
    """Run it; whatever it leaves behind counts against the containment."""
    (host.repository / "attack.py").write_text(PREAMBLE + attack.source)
    report = sandbox.run(
        ["python3", "attack.py", host.mark, *map(str, attack.told(host))],
        workdir=host.repository,
        limits=LIMITS.model_copy(update={"wall_seconds": attack.wall_seconds}),
    )
    held = host.left() == 0 and host.victim_lives and attack.held(report, host)
    by = f"watch: {report.limit}" if report.limit else ""
    return Outcome(attack.name, held, by if held else _why(report), report.seconds)


def _why(report: RunReport) -> str:
    lines = [line for line in report.output.splitlines() if "REACHED" in line] or report.output.splitlines()
    return lines[-1][:120] if lines else report.stopped


def received_nothing(report: RunReport, host: Host) -> bool:
    """For what is sent without an answer."""
    with contextlib.suppress(BlockingIOError):
        return not host.udp.recv(100)
    return True
