"""Starting a contained command, keeping the end of its output, and killing it at its limits."""

import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from papercoder.sandbox.disk import Growth
from papercoder.sandbox.interface import Limit, Limits
from papercoder.sandbox.stopping import go_on
from papercoder.sandbox.usage import tree_usage

TICK_SECONDS = 0.05
DRAIN_SECONDS = 5.0
KEEPER_SECONDS = 60.0  # for ending a tree; a fork bomb takes a moment


class Outcome(NamedTuple):
    exit_code: int
    seconds: float
    output: str
    limit: Limit | None
    stopped: str


class Tail:
    """The last ``capacity`` bytes of a stream, read to its end so that the writer never blocks."""

    def __init__(self, stream: IO[bytes], capacity: int) -> None:
        self._stream, self._capacity = stream, capacity
        self._kept, self._dropped = bytearray(), 0
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()

    def _drain(self) -> None:
        with self._stream as stream:
            while chunk := stream.read(1 << 16):
                self._kept += chunk
                if (excess := len(self._kept) - self._capacity) > 0:
                    del self._kept[:excess]
                    self._dropped += excess

    def text(self) -> str:
        self._reader.join(DRAIN_SECONDS)
        note = f"[the first {self._dropped} bytes of output were dropped]\n" if self._dropped else ""
        return note + self._kept.decode(errors="replace")


def supervise(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    limits: Limits,
    folders: Sequence[Path],
    ours: int = 0,
    pass_fds: Sequence[int] = (),
) -> Outcome:
    """Run ``argv``, which may write to ``folders``, and which takes everything below it along when told to end.

    `SandboxStopped` where that was asked for meanwhile.
    """
    started = time.monotonic()
    growth = Growth(folders, limits.disk_bytes)
    process = subprocess.Popen(
        argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        bufsize=0, pass_fds=pass_fds,
    )  # fmt: skip
    assert process.stdout is not None
    tail = Tail(process.stdout, limits.output_bytes)
    limit: Limit | None = None
    stopped = ""
    try:
        limit, stopped = _watch(process, limits, started + limits.wall_seconds, growth, ours)
    finally:
        code = _end(process)
    if limit and code >= 0:
        code = -signal.SIGKILL  # whatever its last word was, it was killed
    seconds = time.monotonic() - started
    return Outcome(code if code >= 0 else 128 - code, seconds, tail.text(), limit, stopped)


def _end(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(KEEPER_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _watch(
    process: subprocess.Popen[bytes], limits: Limits, deadline: float, growth: Growth, ours: int
) -> tuple[Limit | None, str]:
    """Wait for the end, or for a limit the kernel does not hold: over a whole tree, and for root that on processes."""
    while True:
        go_on()
        try:
            process.wait(max(0.0, min(TICK_SECONDS, deadline - time.monotonic())))
            return None, ""
        except subprocess.TimeoutExpired:
            if time.monotonic() >= deadline:
                return "time", f"stopped after {limits.wall_seconds:g} seconds"
        usage = tree_usage(process.pid, enough=limits.memory_bytes)
        if usage.tasks - ours > limits.processes:
            return "processes", f"stopped at more than {limits.processes} processes and threads"
        if usage.memory > limits.memory_bytes:
            return "memory", f"stopped at more than {limits.memory_bytes} bytes of memory"
        if growth.exceeded(usage.processes):
            return "disk", f"stopped at more than {limits.disk_bytes} bytes on disk"
