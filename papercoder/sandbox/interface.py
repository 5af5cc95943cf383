"""What every containment offers, and what it is told and answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt


class SandboxUnavailable(RuntimeError):
    """No containment works on this machine; the message names the cause and the next step."""


class SandboxFailed(RuntimeError):
    """The containment itself could not start: the command was never run, so nothing is wrong with the code."""


class SandboxModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Limit = Literal["time", "memory", "processes", "disk"]
"""Limits at which we kill; at the others the kernel refuses, or kills the one process."""


class Limits(SandboxModel):
    wall_seconds: PositiveFloat = 600
    cpu_seconds: PositiveInt = Field(1200, description="Of each process.")
    memory_bytes: PositiveInt = Field(4 << 30, description="Of each process, and of all of them together.")
    processes: PositiveInt = Field(256, description="Processes and threads together.")
    file_bytes: PositiveInt = Field(1 << 30, description="Of each file; also the sizes of /tmp and of /dev/shm.")
    disk_bytes: PositiveInt = Field(8 << 30, description="By how much all that may be written to can grow.")
    output_bytes: PositiveInt = Field(100_000, description="How much of the output's end is kept.")


class Access(SandboxModel):
    """What a command may reach beside its folder and the venv; nothing, unless it installs packages."""

    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    network: bool = False
    variables: Mapping[str, str] = {}


NOTHING_ELSE = Access()


class RunReport(SandboxModel):
    command: tuple[str, ...]
    exit_code: int = Field(description="As a shell gives it: 128 + n after signal n.")
    seconds: float
    output: str = Field(description="The end of stdout and stderr, interleaved as they came.")
    limit: Limit | None = Field(None, description="The limit at which we killed it; None if it ended by itself.")
    stopped: str = Field("", description="The same as a sentence; empty if it ended by itself.")
    containment: str = Field(description="What it ran in, such as `bubblewrap 0.8.0`.")

    @property
    def timed_out(self) -> bool:
        return self.limit == "time"


class Sandbox(Protocol):
    @property
    def name(self) -> str:
        """What reports call it, such as ``bubblewrap 0.8.0``."""

    def run(
        self,
        command: Sequence[str],
        *,
        workdir: Path,
        limits: Limits,
        environment: Path | None = None,
        access: Access = NOTHING_ELSE,
    ) -> RunReport:
        """Run ``command`` in ``workdir``, with the venv ``environment``, read-only, on its PATH.

        It may write to ``workdir`` and what ``access`` names, and nowhere else.  Blocks until the command and
        everything it started are gone.  `SandboxFailed` if it was never run.
        """
