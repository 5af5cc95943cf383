"""Resource limits, as the kernel holds them for each process."""

import os
import resource
from collections.abc import Mapping

from papercoder.confinement.processes import of_user


def limit(limits: Mapping[str, int]) -> None:
    """Set them for this process and all it will start.

    DATA rather than AS: it is memory a process can write to, and leaves out the gigabytes that PyTorch only maps.
    The limit on processes counts all that the user has anywhere; root it does not bind.
    """
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_CPU, limits["cpu_seconds"])
    _set(resource.RLIMIT_DATA, limits["memory_bytes"])
    _set(resource.RLIMIT_FSIZE, limits["file_bytes"])
    if user := os.getuid():
        _set(resource.RLIMIT_NPROC, of_user(user) + limits["processes"])


def _set(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
