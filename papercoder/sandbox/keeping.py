"""Starting a command through a keeper (papercoder.confinement), so that nothing of it outlives papercoder."""

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from papercoder.sandbox.cgroup import process_group
from papercoder.sandbox.interface import Limits, SandboxFailed
from papercoder.sandbox.supervisor import Outcome, supervise

ROOT = Path(__file__).parents[2]
KEEPER = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from papercoder.confinement.keeper import main; main()"


def keep(
    command: Sequence[str],
    *,
    name: str,
    status: IO[bytes],
    variables: Mapping[str, str],
    limits: Limits,
    folders: Sequence[Path],
    walls: Mapping[str, Any] | None = None,
    ours: int = 0,
) -> Outcome:
    """Run it to its end; `SandboxFailed` with what was printed if it never began.

    ``walls`` are for the keeper to confine it in; without, the command is a containment of its own, which gets the
    file ``status`` too.  ``ours`` of the processes below the keeper are not the command's.
    """
    with process_group(limits.processes + ours + 1) as group:
        order = {
            "command": list(command),
            "variables": dict(variables),
            "walls": walls,
            "passed": [] if walls else [status.fileno()],
            "parent": os.getpid(),
            "status": status.fileno(),
        }
        outcome = supervise(
            [*group, sys.executable, "-I", "-S", "-c", KEEPER, json.dumps(order)],
            env={"PATH": os.defpath, "TMPDIR": tempfile.gettempdir()},
            limits=limits,
            folders=folders,
            ours=ours,
            pass_fds=[status.fileno()],
        )
    status.seek(0)
    if not outcome.limit and not any("exit-code" in json.loads(line) for line in status):
        raise SandboxFailed(f"{name} could not start: {outcome.output.strip()}")
    return outcome
