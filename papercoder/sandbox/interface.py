"""What every containment offers, and what it is told and answers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt


class SandboxUnavailable(RuntimeError):
    """No containment works on this machine; the message names the cause and the next step."""


class SandboxFailed(RuntimeError):
    """The containment itself could not start: the command was never run, so nothing is wrong with the code."""


class SandboxModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(SandboxModel):
    wall_seconds: PositiveFloat = 600
    cpu_seconds: PositiveInt = Field(1200, description="Of each process.")
    memory_bytes: PositiveInt = Field(4 << 30, description="Of each process, and of all of them together.")
    processes: PositiveInt = Field(256, description="Processes and threads together.")
    file_bytes: PositiveInt = Field(1 << 30, description="Of each file; also the sizes of /tmp and of /dev/shm.")
    output_bytes: PositiveInt = Field(100_000, description="How much of the output's end is kept.")


class RunReport(SandboxModel):
    command: tuple[str, ...]
    exit_code: int = Field(description="As a shell gives it: 128 + n after signal n.")
    seconds: float
    output: str = Field(description="The end of stdout and stderr, interleaved as they came.")
    timed_out: bool = False
    stopped: str = Field("", description="The limit at which we killed it, as a sentence; empty if it ended by itself.")
    containment: str = Field(description="What it ran in, such as `bubblewrap 0.8.0`.")


class Sandbox(Protocol):
    @property
    def name(self) -> str:
        """What reports call it, such as ``bubblewrap 0.8.0``."""

    def run(
        self, command: Sequence[str], *, workdir: Path, limits: Limits, environment: Path | None = None
    ) -> RunReport:
        """Run ``command`` in ``workdir``, the one folder it may write to, with the venv ``environment`` on its PATH.

        Blocks until the command and everything it started are gone.
        """
