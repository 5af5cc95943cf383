"""Containment without namespaces: a keeper (papercoder.confinement) starts the command and ends its tree.

With Landlock and seccomp, which work inside containers where bubblewrap cannot start; or, asked for by name, with
limits alone.  The command sees the machine's own paths; a private folder stands in for /tmp and for home.
"""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from papercoder.confinement import landlock, seccomp
from papercoder.confinement.scratch import scratch_folder
from papercoder.sandbox.cgroup import process_group
from papercoder.sandbox.interface import NOTHING_ELSE, Access, Limits, RunReport, SandboxFailed
from papercoder.sandbox.supervisor import supervise
from papercoder.sandbox.view import SYSTEM, narrow, readable, variables

ROOT = Path(__file__).parents[2]
KEEPER = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from papercoder.confinement.keeper import main; main()"
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
SHARED_MEMORY = "/dev/shm"  # without it Python's locks and queues between processes fail
PROC = tuple(f"/proc/{name}" for name in ("cpuinfo", "meminfo", "stat", "loadavg", "version", "filesystems", "sys"))


@dataclass(frozen=True)
class Kept:
    name: str
    landlock: int = 0  # its version to hold the command with; 0: no walls at all

    @classmethod
    def confined(cls, most: int = 1000) -> "Kept":
        """With Landlock and seccomp, as far as the kernel has them; tried by running ``true``."""
        try:
            version = min(landlock.abi(), most)
        except (OSError, AttributeError) as error:
            raise SandboxFailed(f"Landlock: this kernel does not offer it ({error})") from error
        if version < landlock.MINIMUM_ABI:
            raise SandboxFailed(f"Landlock: this kernel has version {version}, {landlock.MINIMUM_ABI} is needed")
        if os.uname().machine not in seccomp.ARCHITECTURES:
            raise SandboxFailed(f"seccomp: no filter is written for {os.uname().machine}")
        return cls(f"Landlock {version} + seccomp", version)._tried()

    @classmethod
    def unconfined(cls) -> "Kept":
        """Without walls."""
        return cls("none: limits only, no containment")._tried()

    def _tried(self) -> "Kept":
        with tempfile.TemporaryDirectory() as folder:
            report = self.run(["true"], workdir=Path(folder), limits=Limits(wall_seconds=30))
        if report.exit_code:
            raise SandboxFailed(f"{self.name} could not run `true`: {report.output.strip() or report.stopped}")
        return self

    def run(
        self,
        command: Sequence[str],
        *,
        workdir: Path,
        limits: Limits,
        environment: Path | None = None,
        access: Access = NOTHING_ELSE,
    ) -> RunReport:
        workdir = narrow(workdir.resolve(strict=True))
        scratch = scratch_folder()
        with tempfile.TemporaryFile() as status, process_group(limits.processes + 1) as group:
            order = {
                "command": list(command),
                "folder": str(workdir),
                "scratch": str(scratch),
                "variables": {**variables(environment and environment.absolute()), **access.variables},
                "readable": [*SYSTEM, *PROC, *map(str, readable(environment and environment.absolute(), access))],
                "writable": [*DEVICES, SHARED_MEMORY, *map(str, access.writable)],
                "network": access.network,
                "landlock": self.landlock,
                "limits": limits.model_dump(),
                "parent": os.getpid(),
                "status": status.fileno(),
            }
            outcome = supervise(
                [*group, sys.executable, "-I", "-S", "-c", KEEPER, json.dumps(order)],
                env={"PATH": os.defpath, "TMPDIR": tempfile.gettempdir()},
                limits=limits,
                folders=[workdir, scratch, Path(SHARED_MEMORY), *access.writable],
                pass_fds=[status.fileno()],
                end_signal=signal.SIGTERM,
            )
            status.seek(0)
            if not outcome.stopped and not status.read():
                raise SandboxFailed(f"{self.name} could not start: {outcome.output.strip()}")
        return RunReport(command=tuple(command), containment=self.name, **outcome._asdict())
