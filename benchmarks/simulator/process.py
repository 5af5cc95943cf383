"""The simulated provider as a child process on a free port."""

import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.simulator.project import Project, build_project
from benchmarks.simulator.records import Event, Moment, Record, read_log
from benchmarks.simulator.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
API_KEY = "simulated-key"
_STOP_SECONDS = 5
# A machine may name a proxy in its environment; loopback must never go through it.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Simulator:
    """`with Simulator(files=10, scale=0.02) as simulator:` and give `simulator.base_url` to a client.

    Every other setting of `Settings` is a keyword argument too.  The log survives the process: `records()` and
    `events()` also work after the end.
    """

    def __init__(
        self,
        files: int = 10,
        *,
        scale: float = 0.02,
        faults: Iterable[Mapping[str, Any]] = (),
        log: Path | str | None = None,
        **settings: Any,
    ) -> None:
        rules = [dict(rule) for rule in faults]
        self.settings = Settings(files=files, scale=scale, faults=rules, stop_with_stdin=True, **settings)
        self.base_url = ""
        self._own_log = log is None
        self._log = _new_log() if log is None else Path(log)
        self._process: subprocess.Popen[str] | None = None
        self._text = ""

    @property
    def project(self) -> Project:
        """The project that the simulated model designs and writes."""
        return build_project(self.settings.files, self.settings.layout)

    def start(self) -> Self:
        """Starts the process and learns its address; an older log of the same name is overwritten."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._log.write_text("", encoding="utf-8")
        self._process = _launch(replace(self.settings, log=str(self._log)))
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulator did not start (exit code {self._process.wait()}); see standard error")
        self.base_url = json.loads(line)["base_url"]
        return self

    def stop(self) -> None:
        """Ends the process; the records stay."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in filter(None, (process.stdin, process.stdout)):
            pipe.close()
        self._text = self._log.read_text(encoding="utf-8")
        if self._own_log:
            self._log.unlink()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def environment(self, **more: str) -> dict[str, str]:
        """This process's environment for a client: key and address of the simulator, no proxy, no other key."""
        kept = {name: value for name, value in os.environ.items() if not _is_private(name)}
        return kept | {"OPENAI_API_KEY": API_KEY, "OPENAI_BASE_URL": self.base_url, "NO_PROXY": "127.0.0.1"} | more

    def records(self) -> list[Record]:
        """Every request that has ended, in the order of their ends."""
        return read_log(self._log_text())[1]

    def events(self) -> list[Event]:
        """Arrivals, first bytes and deliveries, in order: also of requests still in flight."""
        return read_log(self._log_text())[0]

    def stats(self) -> dict[str, Any]:
        """Totals of requests, calls, deliveries, repetitions and tokens, and how often each rule was met."""
        return dict(self._call("/_sim/stats"))

    def set_faults(self, faults: Iterable[Mapping[str, Any]]) -> None:
        """Replaces the fault rules; their counts start anew."""
        self._call("/_sim/faults", [dict(fault) for fault in faults])

    def reset(self) -> None:
        """Empties the cache, the rules' counters and the totals; the log stays."""
        self._call("/_sim/reset", {})

    def wait_for(
        self,
        *,
        stage: str = "",
        file: str = "",
        turn: str = "",
        nth: int = 1,
        moment: Moment = "arrival",
        timeout: float = 60,
    ) -> Event:
        """Blocks until the `nth` request (from 1, since the start) has come so far; TimeoutError if it does not."""
        query = {"stage": stage, "file": file, "turn": turn, "nth": nth, "moment": moment, "timeout": timeout}
        answer = self._call("/_sim/wait?" + urllib.parse.urlencode(query), timeout=timeout + 10)
        return Event(**answer)

    def _log_text(self) -> str:
        if self._process is None:
            return self._text
        self._call("/_sim/settle")
        return self._log.read_text(encoding="utf-8")

    def _call(self, path: str, body: Any = None, timeout: float = 30) -> Any:
        url = self.base_url.removesuffix("/v1") + path
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        try:
            with _DIRECT.open(request, timeout=timeout) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode(errors="replace")
            if error.code == 408:
                raise TimeoutError(f"this did not happen in time: {path}") from error
            raise ValueError(f"the simulator refused {path}: {text}") from error


def _new_log() -> Path:
    handle, name = tempfile.mkstemp(prefix="simulator-", suffix=".jsonl")
    os.close(handle)
    return Path(name)


def _launch(settings: Settings) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.simulator", *_flags(settings)]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": path}
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _flags(settings: Settings) -> list[str]:
    """What differs from the defaults."""
    default = Settings()
    flags: list[str] = []
    for name, value in vars(settings).items():
        if value != getattr(default, name):
            text = json.dumps(value) if isinstance(value, list) else str(value)
            flags.append(f"--{name.replace('_', '-')}={text}")
    return flags


def _is_private(name: str) -> bool:
    return name.lower().endswith("_proxy") or name.endswith("_API_KEY") or name.startswith("OPENAI")
