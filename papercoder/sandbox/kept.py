"""Containment without namespaces: a keeper (papercoder.confinement) starts the command and ends its tree.

With Landlock and seccomp, which work inside containers where bubblewrap cannot start; or, asked for by name, with
limits alone.  The command sees the machine's own paths; a private folder stands in for /tmp and for home.
"""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from papercoder.confinement import landlock, seccomp
from papercoder.confinement.scratch import scratch_folder
from papercoder.sandbox.interface import NOTHING_ELSE, Access, Limits, RunReport, SandboxFailed
from papercoder.sandbox.keeping import keep
from papercoder.sandbox.trying import tried
from papercoder.sandbox.view import SYSTEM, narrow, needs_linux, readable, variables

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
        needs_linux("Landlock")
        try:
            version = min(landlock.abi(), most)
        except OSError as error:
            raise SandboxFailed(f"Landlock: this kernel does not offer it ({error})") from error
        if version < landlock.MINIMUM_ABI:
            raise SandboxFailed(f"Landlock: this kernel has version {version}, {landlock.MINIMUM_ABI} is needed")
        if os.uname().machine not in seccomp.ARCHITECTURES:
            raise SandboxFailed(f"seccomp: no filter is written for {os.uname().machine}")
        sandbox = cls(f"Landlock {version} + seccomp", version)
        return tried(sandbox, sandbox.name)

    @classmethod
    def unconfined(cls) -> "Kept":
        """Without walls."""
        needs_linux("a keeper of processes")
        sandbox = cls("none: limits only, no containment")
        return tried(sandbox, sandbox.name)

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
        environment = environment and environment.absolute()
        walls = {
            "folder": str(workdir),
            "scratch": str(scratch),
            "readable": [*SYSTEM, *PROC, *map(str, readable(environment, access))],
            "writable": [*DEVICES, SHARED_MEMORY, *map(str, access.writable)],
            "network": access.network,
            "landlock": self.landlock,
            "limits": limits.model_dump(),
        }
        with tempfile.TemporaryFile() as status:
            outcome = keep(
                command,
                name=self.name,
                status=status,
                variables={"HOME": str(scratch), "TMPDIR": str(scratch), **variables(environment), **access.variables},
                limits=limits,
                folders=[workdir, scratch, Path(SHARED_MEMORY), *access.writable],
                walls=walls,
            )
        return RunReport(command=tuple(command), containment=self.name, **outcome._asdict())
