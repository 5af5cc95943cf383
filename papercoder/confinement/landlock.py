"""Landlock: a process gives up every file it has not named, and signals to whoever is outside.

See `landlock(7)`.  What the kernel's version of it cannot hold, `seccomp` denies.
"""

import ctypes
import os
import stat
from collections.abc import Iterable

from papercoder.confinement.system import PR_SET_NO_NEW_PRIVS, prctl, syscall

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
MINIMUM_ABI = 3  # before, a file that could not be written could be truncated
SIGNALS_ABI = 6  # before, signals to other processes have to be denied altogether

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_DEVICES = 1 << 6 | 1 << 11  # making character and block devices
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_ALL_TCP, _ALL_SCOPES = 0b11, 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The version of Landlock that this kernel has; OSError where it has none or is told not to use it."""
    return syscall(CREATE_RULESET, None, 0, 1)


def restrict(readable: Iterable[str], writable: Iterable[str], *, network: bool, version: int) -> None:
    """Confine this process and all it will start to these paths; those that do not exist are passed over."""
    handled = _handled(version)
    ruleset = _create(handled, network, version)
    try:
        for path in readable:
            _allow(ruleset, path, _READ)
        for path in writable:
            _allow(ruleset, path, handled & ~_DEVICES)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        syscall(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _handled(version: int) -> int:
    """Every right over files that this version knows: 13 bits, then one for each of the versions 2, 3 and 5."""
    return (1 << (13 + (version >= 2) + (version >= 3) + (version >= 5))) - 1


def _create(handled: int, network: bool, version: int) -> int:
    attributes = _Ruleset(handled, 0 if network else _ALL_TCP, _ALL_SCOPES)
    size = 24 if version >= SIGNALS_ABI else 16 if version >= 4 else 8
    return syscall(CREATE_RULESET, ctypes.byref(attributes), size, 0)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _OF_FILES
        syscall(ADD_RULE, ruleset, 1, ctypes.byref(_PathBeneath(rights, parent)), 0)
    finally:
        os.close(parent)
