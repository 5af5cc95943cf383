"""Running generated code where it can reach nothing: no network, no home, no secrets, bounded resources.

``find_sandbox().run(...)`` is the whole interface.  Without containment nothing runs, unless it is asked for by name.
"""

from papercoder.sandbox.environment import create_environment
from papercoder.sandbox.finding import containments, find_sandbox
from papercoder.sandbox.interface import (
    Access,
    Limit,
    Limits,
    RunReport,
    Sandbox,
    SandboxFailed,
    SandboxUnavailable,
)
from papercoder.sandbox.requirements import InstallError, RefusedRequirement
from papercoder.sandbox.stopping import SandboxStopped, stopping_at

__all__ = [
    "Access",
    "InstallError",
    "Limit",
    "Limits",
    "RefusedRequirement",
    "RunReport",
    "Sandbox",
    "SandboxFailed",
    "SandboxStopped",
    "SandboxUnavailable",
    "containments",
    "create_environment",
    "find_sandbox",
    "stopping_at",
]
