"""From a program's end to what went wrong: which kind, where, about what."""

import re
import signal
from collections.abc import Callable, Collection
from dataclasses import dataclass

from papercoder.execution.tracebacks import Place, Reader, Traceback
from papercoder.sandbox import RunReport
from state.execution import Failure, Kind

LIMITS: dict[str, Kind] = {"time": "timeout", "memory": "memory", "processes": "processes", "disk": "disk"}
LAST_LINES = 12
LIBRARY = re.compile(r"([\w.+-]+\.so[\w.]*): cannot open shared object file")
PROGRAM = re.compile(r"line \d+: ([\w./+-]+): (?:command not found|No such file or directory)")
QUOTED = re.compile(r"'([^']+)'")
MODULE = re.compile(r"No module named '?([\w.]+)'?")
NETWORK = re.compile(
    r"Name or service not known|Temporary failure in name resolution|Network is unreachable|Max retries exceeded"
    r"|urlopen error|Failed to resolve|Could not resolve host|offline mode|outgoing traffic has been disabled"
    r"|couldn't connect to|Cannot assign requested address",
    re.IGNORECASE,
)
NETWORK_TYPES = {"gaierror", "URLError", "ConnectionError", "ConnectTimeout", "LocalEntryNotFoundError", "ConnectError"}
DATA = re.compile(r"dataset not found|no such file or directory|does not exist|not a file or directory", re.IGNORECASE)
SYNTAX_TYPES = {"SyntaxError", "IndentationError", "TabError"}
MISSING_FILE_TYPES = {"FileNotFoundError", "NotADirectoryError"}


@dataclass(frozen=True)
class Judge:
    """Knows the repository's modules, so that a bug is told from a package that is not there."""

    reader: Reader
    modules: Collection[str]  # the top-level names that the repository has

    def of_run(self, report: RunReport) -> Failure:
        """What ended a command that did not end well."""
        if report.limit:
            place = next(iter(self.reader.hanging(report.output)), Place("", 0))
            return Failure(
                kind=LIMITS[report.limit], message=report.stopped, file=place.file, line=place.line,
                traceback=_tail(report.output),
            )  # fmt: skip
        if found := self.reader.last(report.output):
            return self.of_traceback(found)
        if report.exit_code > 128:
            return Failure(kind="killed", message=_signal(report.exit_code), traceback=_tail(report.output))
        if program := PROGRAM.search(report.output):
            subject = program[1]
            return Failure(kind="system package missing", message=f"there is no program {subject}", subject=subject)
        last = next((line for line in reversed(report.output.splitlines()) if line.strip()), "it printed nothing")
        message = f"ended with exit code {report.exit_code}: {last.strip()}"
        return Failure(kind="crash", message=message, traceback=_tail(report.output))

    def of_text(self, text: str) -> Failure:
        """What a text with a traceback in it tells."""
        found = self.reader.last(text)
        return self.of_traceback(found) if found else Failure(kind="crash", message=_tail(text))

    def of_traceback(self, traceback: Traceback) -> Failure:
        kind, subject = self._kind(traceback)
        return Failure(
            kind=kind,
            message=traceback.line,
            file=traceback.place.file,
            line=traceback.place.line,
            traceback=traceback.text,
            subject=subject,
        )

    def _kind(self, traceback: Traceback) -> tuple[Kind, str]:
        for recognise in (self._imports, _system, _network, _files, _resources):
            if found := recognise(traceback):
                return found
        return "crash", traceback.type

    def _imports(self, traceback: Traceback) -> tuple[Kind, str] | None:
        name = _name(traceback)
        if name in SYNTAX_TYPES:
            return "syntax error", traceback.place.file
        if name == "ModuleNotFoundError" and (match := MODULE.search(traceback.message)):
            local = match[1].partition(".")[0] in self.modules
            return ("import error" if local else "package missing"), match[1]
        if name == "ImportError" and not LIBRARY.search(traceback.message):
            return "import error", next(iter(QUOTED.findall(traceback.message)), "")
        return None


Recogniser = Callable[[Traceback], tuple[Kind, str] | None]


def _system(traceback: Traceback) -> tuple[Kind, str] | None:
    """A shared library, or a program that was to be started."""
    if match := LIBRARY.search(traceback.message):
        return "system package missing", match[1]
    by_subprocess = traceback.frames and traceback.frames[-1].path.endswith("/subprocess.py")
    if by_subprocess and _name(traceback) == "FileNotFoundError":
        return "system package missing", next(iter(QUOTED.findall(traceback.message)), "")
    return None


def _network(traceback: Traceback) -> tuple[Kind, str] | None:
    at_socket = traceback.frames and traceback.frames[-1].path.endswith("/socket.py")
    if at_socket or _name(traceback) in NETWORK_TYPES or NETWORK.search(traceback.message):
        return "network", ""
    return None


def _files(traceback: Traceback) -> tuple[Kind, str] | None:
    path = next(iter(QUOTED.findall(traceback.message)), "")
    if _name(traceback) == "PermissionError" or "Read-only file system" in traceback.message:
        return "forbidden", path
    if _name(traceback) in MISSING_FILE_TYPES or (DATA.search(traceback.message) and not _is_assertion(traceback)):
        return "data missing", path
    return None


def _resources(traceback: Traceback) -> tuple[Kind, str] | None:
    if _name(traceback) in {"MemoryError", "OutOfMemoryError"} or "can't allocate memory" in traceback.message:
        return "memory", ""
    if "No space left on device" in traceback.message or "File too large" in traceback.message:
        return "disk", ""
    if "can't start new thread" in traceback.message or _name(traceback) == "BlockingIOError":
        return "processes", ""
    return None


def _is_assertion(traceback: Traceback) -> bool:
    return _name(traceback) == "AssertionError"


def _name(traceback: Traceback) -> str:
    return traceback.type.rpartition(".")[2]


def _signal(exit_code: int) -> str:
    try:
        return f"killed by {signal.Signals(exit_code - 128).name}"
    except ValueError:
        return f"ended with exit code {exit_code}"


def _tail(output: str) -> str:
    return "\n".join(output.splitlines()[-LAST_LINES:])
