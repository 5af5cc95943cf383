"""A sandbox is offered after it has run ``true``, exactly as it will run everything else."""

from typing import TypeVar

from papercoder.confinement.scratch import temporary
from papercoder.sandbox.interface import Limits, Sandbox, SandboxFailed

S = TypeVar("S", bound=Sandbox)


def tried(sandbox: S, called: object, seconds: float = 30) -> S:
    """The sandbox, if it works; `SandboxFailed`, with what it is called, if it does not."""
    with temporary() as folder:
        report = sandbox.run(["true"], workdir=folder, limits=Limits(wall_seconds=seconds))
    if report.exit_code:
        raise SandboxFailed(f"{called} could not run `true`: {report.output.strip() or report.stopped}")
    return sandbox
