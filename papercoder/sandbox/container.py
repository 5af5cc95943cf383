"""Containment by Docker or Podman, for those who ask for it by name.  Untried: see docs/sandbox.md.

The image brings the system's programs; interpreter and venv are this machine's, read-only, at their own paths.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from papercoder.sandbox.interface import NOTHING_ELSE, Access, Limits, RunReport, SandboxFailed
from papercoder.sandbox.supervisor import supervise
from papercoder.sandbox.trying import tried
from papercoder.sandbox.view import NETWORK, SETTINGS, narrow, needs_linux, readable, variables

REPOSITORY = "/repository"
IMAGE = "debian:stable-slim"  # needs a C library no older than the interpreter's
START_FAILURES = {125, 126}  # of the engine itself; a command that is not there gives 127
START_SECONDS = 120


@dataclass(frozen=True)
class Container:
    engine: str
    name: str

    @classmethod
    def probed(cls, engine: str) -> "Container":
        """With the engine of that name, tried by running ``true``."""
        needs_linux(engine)  # since interpreter and packages are this machine's
        if not shutil.which(engine):
            raise SandboxFailed(f"{engine} is not installed")
        sandbox = cls(engine, f"{engine} (untried by its authors)")
        return tried(sandbox, engine, START_SECONDS)

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
        environment = environment and environment.absolute()
        container = f"papercoder-{uuid4().hex}"
        argv = [self.engine, "run", "--name", container, *_walls(limits, access)]
        argv += _mounts(workdir, environment, access)
        for name, value in {"HOME": "/tmp", **variables(environment), **access.variables}.items():
            argv += ["--env", f"{name}={value}"]
        try:
            outcome = supervise(
                [*argv, IMAGE, *command],
                env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(Path.home())},
                limits=limits,
                folders=[workdir, *access.writable],
            )
        finally:
            self._remove(container)
        if outcome.exit_code in START_FAILURES and not outcome.stopped:
            raise SandboxFailed(f"{self.name} could not start: {outcome.output.strip()}")
        return RunReport(command=tuple(command), containment=self.name, **outcome._asdict())

    def _remove(self, container: str) -> None:
        """The client's end is not the container's."""
        command = [self.engine, "rm", "--force", container]
        subprocess.run(command, capture_output=True, timeout=START_SECONDS, check=False)


def _walls(limits: Limits, access: Access) -> list[str]:
    return [
        *("--rm", "--init", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--user", f"{os.getuid()}:{os.getgid()}", "--network", "bridge" if access.network else "none"),
        *("--memory", str(limits.memory_bytes), "--memory-swap", str(limits.memory_bytes)),
        *("--pids-limit", str(limits.processes), "--ulimit", f"cpu={limits.cpu_seconds}"),
        *("--ulimit", f"fsize={limits.file_bytes}", "--ulimit", "core=0", "--shm-size", str(limits.file_bytes)),
        *("--tmpfs", f"/tmp:rw,exec,mode=1777,size={limits.file_bytes}", "--workdir", REPOSITORY),
    ]


def _mounts(workdir: Path, environment: Path | None, access: Access) -> list[str]:
    own = {*SETTINGS, *NETWORK}  # of these the image has its own
    mounts = [f"type=bind,src={workdir},dst={REPOSITORY}"]
    if (workdir / ".git").exists():
        mounts.append(f"type=bind,src={workdir / '.git'},dst={REPOSITORY}/.git,readonly")
    for path in readable(environment, access):
        if str(path) not in own and path.exists():
            mounts.append(f"type=bind,src={path},dst={path},readonly")
    mounts += [f"type=bind,src={path},dst={path}" for path in access.writable]
    return [word for mount in mounts for word in ("--mount", mount)]
