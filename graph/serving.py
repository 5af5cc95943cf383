"""Paths that a run names: as they are from who runs the CLI, within its operator's policy from a server's client."""

import os
from pathlib import Path

from langgraph.runtime import Runtime

from agents.model import is_served
from papercoder.documents.addresses import is_address
from papercoder.policy import Policy, allowed_input, allowed_output
from papercoder.storage.process import home_folder
from state.context import Context


def readable(runtime: Runtime[Context], name: str) -> Path:
    """A paper or repository to read.  Raises `InputError` where the policy does not allow it."""
    return allowed_input(_policy(), name) if is_served(runtime) else Path(name)


def located(runtime: Runtime[Context], name: str) -> str:
    """A paper by its path, arXiv id or address; an address is no path, whatever lies in the working folder."""
    return name if not is_served(runtime) or is_address(name) else str(readable(runtime, name))


def writable(runtime: Runtime[Context], name: str) -> Path:
    """The folder to write."""
    return allowed_output(_policy(), name) if is_served(runtime) else Path(name)


def _policy() -> Policy:
    return Policy.of(os.environ, home_folder())
