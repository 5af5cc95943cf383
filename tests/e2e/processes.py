"""`papercoder` as processes of their own, each with all that it has written."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 120.0
"""Seconds after which a test gives a process up: no test passes or fails by the speed of the machine."""


class Nursery:
    """Forks `papercoder` processes from one that has imported everything: see nursery.py."""

    def __init__(self, seed: int) -> None:
        command = [sys.executable, str(Path(__file__).with_name("nursery.py"))]
        self._helper = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONHASHSEED": str(seed)}
        )
        self._changed = threading.Condition()
        self._born: list[int] = []
        self._codes: dict[int, int] = {}
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def spawn(self, order: dict[str, Any]) -> int:
        """The new process's id.  One caller at a time."""
        assert self._helper.stdin
        with self._changed:
            assert self._changed.wait_for(lambda: self._born, PATIENCE), "the nursery did not start"
            known = len(self._born)
            self._helper.stdin.write(json.dumps(order).encode() + b"\n")
            self._helper.stdin.flush()
            assert self._changed.wait_for(lambda: len(self._born) > known, PATIENCE)
            return self._born[-1]

    def code(self, pid: int, patience: float) -> int | None:
        """The exit code, once the process has ended; None if it does not in time."""
        with self._changed:
            self._changed.wait_for(lambda: pid in self._codes, patience)
            return self._codes.get(pid)

    def close(self) -> None:
        for pid in set(self._born[1:]) - set(self._codes):
            os.kill(pid, signal.SIGKILL)
        assert self._helper.stdin
        self._helper.stdin.close()
        self._helper.wait(PATIENCE)

    def _listen(self) -> None:
        assert self._helper.stdout
        for line in self._helper.stdout:
            answer = json.loads(line)
            with self._changed:
                if "code" in answer:
                    self._codes[answer["pid"]] = answer["code"]
                else:
                    self._codes.pop(answer["pid"], None)  # an earlier process had the same number
                    self._born.append(answer["pid"])
                self._changed.notify_all()


@dataclass
class Process:
    """A `papercoder` process, and what it has written so far."""

    pid: int
    name: str
    stdout: Path
    stderr: Path
    ended: Callable[[float], int | None]

    @property
    def out(self) -> str:
        return self.stdout.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return self.stderr.read_text(encoding="utf-8")

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of a `--json` command; a line that is still being written is left out."""
        whole = self.out.rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    @property
    def document(self) -> Any:
        """What a command that writes one JSON document has written."""
        return json.loads(self.out)

    def event(self, kind: str) -> dict[str, Any]:
        """The last event of that kind."""
        return [event for event in self.events if event["kind"] == kind][-1]

    @property
    def run(self) -> str:
        return str(self.event("run_started")["run"])

    def wait(self) -> int:
        code = self.ended(PATIENCE)
        if code is None:
            self.signal(signal.SIGKILL)
            pytest.fail(f"{self.name} did not end:\n{self.out[-2000:]}\n{self.err[-2000:]}")
        return code

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9`, and wait until the process is gone."""
        self.signal(signal.SIGKILL)
        assert self.wait() == -signal.SIGKILL, f"{self.name} had ended before it was killed"

    def until(self, happened: Callable[[], object]) -> None:
        """Wait for something to happen while the process is at work."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            if self.ended(0) is not None:
                pytest.fail(f"{self.name} ended before that happened:\n{self.out[-2000:]}\n{self.err[-2000:]}")
            assert time.monotonic() < deadline, f"{self.name}: that did not happen"
            time.sleep(0.0005)

    def has_begun(self, stage: str) -> bool:
        return f'"kind":"stage_started","stage":"{stage}"' in self.out
