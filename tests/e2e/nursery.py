"""Starts `papercoder` processes fast: it has imported what they need, and forks one process for each command.

Every command is a process of its own, with its own memory, files, signals and death; only the seconds that Python
needs to import LangGraph are spared.  Reads a JSON object a line: {"arguments", "environment", "folder", "stdout",
"stderr"}; answers {"pid"} at once, and {"pid", "code"} when that process has ended (negative: killed by that signal).
"""

import importlib
import json
import os
import select
import signal
import sys
import traceback
from typing import Any

PRELOADED = (
    *(
        f"papercoder.cli.{name}"
        for name in ("follow", "run", "resume", "evaluate", "compare", "repair", "runs", "show", "rm", "views", "plain")
    ),
    *(
        "papercoder.runs",
        "papercoder.documents.markdown",
        "papercoder.documents.plain",
        "papercoder.storage.sqlite",
        "papercoder.storage.postgres",
    ),
    *("openai.resources.chat.completions", "openai.lib.streaming.chat", "openai.types.chat.completions"),
    *("openai.pagination", "genai_prices.data", "anyio._backends._asyncio", "h11", "jiter"),
)


def work(order: dict[str, Any]) -> int:
    """What the forked process does: the same as the console script, and its exit code."""
    os.setsid()
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    for number, path in ((1, order["stdout"]), (2, order["stderr"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout, sys.stderr, sys.stdin = open(1, "w", closefd=False), open(2, "w", closefd=False), open(0)  # noqa: SIM115
    sys.argv = ["papercoder", *order["arguments"]]
    try:
        importlib.import_module("papercoder.cli").main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter itself would
        traceback.print_exc()
        return 1
    return 0


def spawn(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 1
    try:
        code = work(order)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def reap() -> None:
    """Tell of every process that has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        say({"pid": pid, "code": os.waitstatus_to_exitcode(status)})


def say(answer: dict[str, int]) -> None:
    os.write(1, json.dumps(answer).encode() + b"\n")


def preload() -> None:
    """Import what commands need; a client that is never used brings in the rest."""
    for name in PRELOADED:
        importlib.import_module(name)
    context = importlib.import_module("state.context").Context(model="openai:o3-mini", base_url="http://127.0.0.1:9")
    importlib.import_module("papercoder.models.providers").connect("planner", context)
    importlib.import_module("papercoder.models.tokens").count_tokens("")


def main() -> None:
    preload()
    wake, alarm = os.pipe()
    for end in (wake, alarm):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(alarm)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    say({"pid": 0})
    rest = b""
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
        reap()
        if 0 in ready:
            received = os.read(0, 1 << 20)
            if not received:
                return
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                say({"pid": spawn(json.loads(line))})


if __name__ == "__main__":
    main()
