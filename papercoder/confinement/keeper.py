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
REPORT = 3  # the descriptor on which the child says why it could not be confined; starting the command closes it

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
    with private(Path(order["scratch"])), guarded(Path(order["folder"])), tidied():
        code = _keep(order)
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
            if cause := report.read():
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
        os.dup2(report, REPORT, inheritable=False)
        os.closerange(REPORT + 1, os.sysconf("SC_OPEN_MAX"))
        _confine(order)
        _execute(order)
    except OSError as error:
        os.write(REPORT, str(error).encode())
    finally:
        os._exit(NOT_FOUND)


def _execute(order: Order) -> None:
    variables = {"HOME": order["scratch"], "TMPDIR": order["scratch"], **order["variables"]}
    try:
        os.execvpe(order["command"][0], order["command"], variables)
    except OSError as error:
        print(f"{order['command'][0]}: {error.strerror}", file=sys.stderr, flush=True)


def _confine(order: Order) -> None:
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    os.chdir(order["folder"])
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    limit(order["limits"])
    if version := order["landlock"]:
        drop_capabilities()
        writable = [*order["writable"], order["folder"], order["scratch"]]
        landlock.restrict(order["readable"], writable, network=order["network"], version=version)
        seccomp.restrict(network=order["network"], signals=version >= landlock.SIGNALS_ABI)
