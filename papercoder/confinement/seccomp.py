"""seccomp: the system calls that a confined command does not get, as a filter that the kernel runs.

A command that is denied something sees an ordinary error.  Calls that change modes, owners and times of files are
answered as if they had worked: Landlock does not hold them, and programs copy modes as a matter of course.
"""

import ctypes
import errno
import platform
import socket
import struct
from collections.abc import Iterable
from typing import NamedTuple

from papercoder.confinement.syscalls import NUMBERS
from papercoder.confinement.system import PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, prctl

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_…, as the kernel tells the filter
MODE_FILTER = 2
NEW_NAMESPACES = 0x7E020000  # CLONE_NEW…
FOREIGN_ABI = 0x40000000  # x32: the same calls under other numbers

KILL, ERROR, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, FIRST_ARGUMENT_HIGH = 0, 4, 16, 20  # offsets in seccomp_data, little-endian

NAMESPACES = (
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "move_mount", "open_tree", "open_tree_attr"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at"),
)
KERNEL = (
    *("bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "kexec_load", "kexec_file_load"),
    *("init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff", "syslog", "acct", "quotactl"),
    *("settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "iopl", "ioperm"),
    *("mknod", "mknodat", "fanotify_init", "quotactl_fd", "vhangup"),
)
OTHER_PROCESSES = (
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd"),
    *("migrate_pages", "move_pages", "ioprio_set", "setpriority"),
    *("shmget", "shmat", "msgget", "semget", "mq_open", "mq_unlink"),
)
ASYNCHRONOUS = ("io_uring_setup", "io_uring_enter", "io_uring_register")  # which do what the filter would not see
SIGNALS = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal")
ATTRIBUTES = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("utime", "utimes", "futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat"),
    *("removexattr", "lremovexattr", "fremovexattr", "removexattrat", "file_setattr"),
)


class Instruction(NamedTuple):
    code: int
    value: int
    if_true: int = 0
    if_false: int = 0

    def packed(self) -> bytes:
        return struct.pack("=HBBI", self.code, self.if_true, self.if_false, self.value)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def restrict(*, network: bool, signals: bool) -> None:
    """Put the filter on this process and all it will start."""
    code = b"".join(instruction.packed() for instruction in program(platform.machine(), network, signals))
    buffer = ctypes.create_string_buffer(code, len(code))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(_Program(len(code) // 8, ctypes.addressof(buffer))))


def program(machine: str, network: bool, signals: bool) -> list[Instruction]:
    """The filter.  `network`: sockets of the internet are granted; `signals`: the kernel holds signals already."""
    numbers = NUMBERS[machine]
    denied = [*NAMESPACES, *KERNEL, *OTHER_PROCESSES, *(() if signals else SIGNALS)]
    return [
        Instruction(LOAD, ARCHITECTURE),
        Instruction(EQUAL, ARCHITECTURES[machine], 1, 0),
        Instruction(RETURN, KILL),
        Instruction(LOAD, NUMBER),
        Instruction(AT_LEAST, FOREIGN_ABI, 0, 1),
        Instruction(RETURN, KILL),
        *_answered(numbers, denied, errno.EPERM),
        *_answered(numbers, ["clone3", *ASYNCHRONOUS], errno.ENOSYS),  # glibc then takes clone, whose flags show
        *_answered(numbers, ATTRIBUTES, 0),
        *_of(numbers["clone"], Instruction(ANY_BIT, NEW_NAMESPACES), errno.EPERM, FIRST_ARGUMENT),
        *_unless_zero(numbers["prlimit64"], errno.EPERM),
        *_sockets(numbers["socket"], network),
        Instruction(RETURN, ALLOW),
    ]


def _answered(numbers: dict[str, int], names: Iterable[str], code: int) -> list[Instruction]:
    """Calls that give `code` without being made; with 0 they seem to have worked."""
    found = [numbers[name] for name in names if name in numbers]
    return [line for number in found for line in (Instruction(EQUAL, number, 0, 1), Instruction(RETURN, ERROR | code))]


def _of(number: int, test: Instruction, code: int, offset: int) -> list[Instruction]:
    """A call that gives `code` where `test` holds for its argument at `offset`, and else is made."""
    return [
        Instruction(EQUAL, number, 0, 4),
        Instruction(LOAD, offset),
        test._replace(if_true=0, if_false=1),
        Instruction(RETURN, ERROR | code),
        Instruction(RETURN, ALLOW),
    ]


def _unless_zero(number: int, code: int) -> list[Instruction]:
    """Limits of one's own process (0) can be changed, those of others would be a way to kill them."""
    return [
        Instruction(EQUAL, number, 0, 4),
        Instruction(LOAD, FIRST_ARGUMENT),
        Instruction(EQUAL, 0, 0, 1),
        Instruction(RETURN, ALLOW),
        Instruction(RETURN, ERROR | code),
    ]


def _sockets(number: int, network: bool) -> list[Instruction]:
    """No socket at all, or those that looking up and calling hosts needs; never one of another program here."""
    granted = [socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK] if network else []
    refused = Instruction(RETURN, ERROR | (errno.EACCES if network else errno.ENETUNREACH))
    tests = [line for family in granted for line in (Instruction(EQUAL, family, 0, 1), Instruction(RETURN, ALLOW))]
    return [Instruction(EQUAL, number, 0, len(tests) + 2), Instruction(LOAD, FIRST_ARGUMENT), *tests, refused]
