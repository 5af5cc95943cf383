"""What of this machine a contained command sees: the system's programs, an interpreter, a venv, and few variables."""

import os
import sys
from pathlib import Path

from papercoder.sandbox.interface import Access, SandboxFailed

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl", "/etc/pki", "/etc/ca-certificates")


def needs_linux(name: str) -> None:
    """`SandboxFailed` elsewhere."""
    if sys.platform != "linux":
        raise SandboxFailed(f"{name} needs Linux")


def readable(environment: Path | None, access: Access) -> list[Path]:
    """What may be read beside the system's programs; not all of it needs to exist."""
    settings = [*SETTINGS, *(NETWORK if access.network else ())]
    installed = installations(environment or Path(sys.base_prefix))
    return [*map(Path, settings), *installed, *access.readable]


def installations(prefix: Path) -> list[Path]:
    """``prefix`` and those that its interpreter leads to, link by link, as far as they are outside /usr."""
    links = [prefix / "bin" / "python3"]
    while links[-1].is_symlink():
        links.append(links[-1].parent / links[-1].readlink())
    prefixes = dict.fromkeys(Path(os.path.normpath(link.parent.parent)) for link in links)
    return [narrow(path) for path in prefixes if str(path) != "/" and not path.is_relative_to("/usr")]


def narrow(folder: Path) -> Path:
    """The folder itself, unless showing it to the command would show the user's home."""
    if Path.home().resolve().is_relative_to(folder.resolve()):
        raise SandboxFailed(f"{folder} holds the home folder, which must stay outside: use another folder")
    return folder


def variables(environment: Path | None) -> dict[str, str]:
    """The command's whole environment, but for HOME."""
    prefix = environment or Path(sys.base_prefix)
    return {
        "PATH": f"{prefix}/bin:/usr/bin:/bin",
        "USER": "sandbox",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": str(min(8, len(os.sched_getaffinity(0)))),  # threads count as processes
        "MPLBACKEND": "Agg",
        "PYTHONUNBUFFERED": "1",  # else what was printed before a kill is lost
        "PYTHONDONTWRITEBYTECODE": "1",
    }
