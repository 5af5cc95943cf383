"""The keeper of a command: its parent, which confines it, and ends with it whatever it started.

It is the reaper of all orphans below it, stands outside the command's walls and outside papercoder's process group,
and ends the tree when the command ends, when it is told to (SIGTERM), and when papercoder dies, however that dies.
"""

import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from papercoder.confinement import landlock, seccomp
from papercoder.confinement.gitfolder import guarded
from papercoder.confinement.limits import limit
from papercoder.confinement.processes import end_all
from papercoder.confinement.scratch import private
from papercoder.confinement.shared_memory import tidied
from papercoder.confinement.system import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, drop_capabilities, prctl

ENDINGS = {signal.SIGTERM, signal.SIGHUP, signal.SIGINT}
KILLED = 128 + signal.SIGKILL
NOT_FOUND = 127
DESCRIPTORS = Path("/proc/self/fd")

Order = dict[str, Any]


def main() -> None:
    """Do the order in the first argument; the descriptor it names gets `{"exit-code": …}` once the command ran."""
    order: Order = json.loads(sys.argv[1])
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, *ENDINGS})
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != order["parent"]:
        return  # it died before it could be watched
    os.setsid()
    with contextlib.ExitStack() as stack:
        if walls := order["walls"]:
            stack.enter_context(private(Path(walls["scratch"])))
            stack.enter_context(guarded(Path(walls["folder"])))
            stack.enter_context(tidied())
        code = _keep(order)
    if order["walls"]:  # a containment of its own says itself whether the command ran
        os.write(order["status"], json.dumps({"exit-code": code}).encode())
    sys.exit(code)


def _keep(order: Order) -> int:
    reading, writing = os.pipe()
    command = os.fork()
    if command == 0:
        _become(order, writing)
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="utf-8") as report:
            if cause := report.read():  # starting the command closes it
                sys.exit(cause)
        return _wait(command)
    finally:
        end_all()


def _wait(command: int) -> int:
    while signal.sigwait({signal.SIGCHLD, *ENDINGS}) == signal.SIGCHLD:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == command:
                    code = os.waitstatus_to_exitcode(ended[1])
                    return code if code >= 0 else 128 - code
    return KILLED


def _become(order: Order, report: int) -> None:
    """In the child: confine, then be the command.  Never returns."""
    try:
        _close_all_but({0, 1, 2, report, *order["passed"]})
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if walls := order["walls"]:
            _confine(walls)
        _execute(order["command"], order["variables"])
    except OSError as error:
        os.write(report, str(error).encode())
    finally:
        os._exit(NOT_FOUND)


def _close_all_but(kept: set[int]) -> None:
    for descriptor in [int(path.name) for path in DESCRIPTORS.iterdir()]:
        if descriptor not in kept:
            with contextlib.suppress(OSError):  # the one that listed them
                os.close(descriptor)


def _execute(command: list[str], variables: dict[str, str]) -> None:
    try:
        os.execvpe(command[0], command, variables)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr, flush=True)


def _confine(walls: Order) -> None:
    os.chdir(walls["folder"])
    limit(walls["limits"])
    if version := walls["landlock"]:
        drop_capabilities()
        writable = [*walls["writable"], walls["folder"], walls["scratch"]]
        landlock.restrict(walls["readable"], writable, network=walls["network"], version=version)
        seccomp.restrict(network=walls["network"], signals=version >= landlock.SIGNALS_ABI)
