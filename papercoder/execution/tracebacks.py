"""Python's tracebacks, found in a program's output and cut down to what matters."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

HEAD = "Traceback (most recent call last):"
HANGING = "(most recent call first):"
DUMPED = re.compile(r'^  File "(?P<path>[^"\n]+)", line (?P<line>\d+) in ', re.MULTILINE)
FRAME = re.compile(r'^\s*File "(?P<path>[^"\n]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$')
RAISED = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$")
GROUP = re.compile(r"^\s*(?:\||\+-+ *\d* *-*|\+)\s?")  # the margin of exception groups
MAX_FRAMES = 8
MAX_MESSAGE = 2000
MAX_MORE_LINES = 20


@dataclass(frozen=True)
class Frame:
    path: str
    line: int
    code: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        return "\n".join([f'  File "{name}", line {self.line}', *self.code])


@dataclass(frozen=True)
class Place:
    file: str
    line: int


@dataclass(frozen=True)
class Traceback:
    """Frames from the outermost to the one that raised."""

    frames: tuple[Frame, ...]
    type: str
    message: str
    place: Place = field(default_factory=lambda: Place("", 0))
    text: str = ""

    @property
    def line(self) -> str:
        return f"{self.type}: {self.message}".removesuffix(": ")


class Reader:
    """Knows the repository's files, and where they were when the program ran."""

    def __init__(self, roots: Collection[str], files: Collection[str]) -> None:
        self._roots, self._files = roots, files

    def last(self, output: str) -> Traceback | None:
        """The one that ended the program: the last, but for those of what was still to be tidied up."""
        found = [made for made in map(self._located, parse(output)) if made.frames or made.type]
        return found[-1] if found else None

    def own_files(self, output: str) -> list[str]:
        """Those of its files that frames of any traceback are in, the outermost first."""
        return [name for made in parse(output) for frame in made.frames if (name := self.own(frame.path))]

    def hanging(self, output: str) -> list[Place]:
        """Its own places where it was when the fault handler looked, the innermost first."""
        dump = output.rpartition(HANGING)[2] if HANGING in output else ""
        own = ((self.own(match["path"]), int(match["line"])) for match in DUMPED.finditer(dump))
        return [Place(name, line) for name, line in own if name]

    def _located(self, traceback: Traceback) -> Traceback:
        own = [(name, frame) for frame in traceback.frames if (name := self.own(frame.path))]
        place = Place(own[-1][0], own[-1][1].line) if own else Place("", 0)
        shown = [frame.text(name) for name, frame in own[-MAX_FRAMES:]]
        if traceback.frames and not self.own(traceback.frames[-1].path):
            shown.append(traceback.frames[-1].text(traceback.frames[-1].path))
        text = "\n".join([HEAD, *shown, traceback.line[:MAX_MESSAGE]])
        return Traceback(traceback.frames, traceback.type, traceback.message[:MAX_MESSAGE], place, text)

    def own(self, path: str) -> str:
        """Relative to the repository, if it is one of its files; else empty."""
        for root in self._roots:
            if path.startswith(f"{root}/"):
                path = path.removeprefix(f"{root}/")
                break
        name = str(PurePosixPath(path))
        return name if name in self._files else ""


def parse(output: str) -> Iterator[Traceback]:
    """Every traceback in a text, chained ones one after the other."""
    lines = [GROUP.sub("", line) if line.lstrip().startswith(("|", "+")) else line for line in output.splitlines()]
    at = 0
    while at < len(lines):
        if lines[at].strip().endswith(HEAD):
            at, made = _one(lines, at + 1)
            yield made
        else:
            at += 1


def _one(lines: list[str], at: int) -> tuple[int, Traceback]:
    indent = len(lines[at - 1]) - len(lines[at - 1].lstrip())
    frames: list[Frame] = []
    while at < len(lines):
        line = lines[at][indent:] if lines[at][:indent].isspace() or not indent else lines[at]
        if match := FRAME.match(line):
            at, code = _code(lines, at + 1)
            frames.append(Frame(match["path"], int(match["line"]), code))
        elif line.startswith((" ", "[")) or not line:  # what else stands between frames: [Previous line repeated …]
            at += 1
        elif match := RAISED.match(line):
            more = _more(lines, at + 1)
            return at + 1, Traceback(tuple(frames), match["type"], "\n".join([match["message"] or "", *more]))
        else:
            break
    return at, Traceback(tuple(frames), "", "")


def _code(lines: list[str], at: int) -> tuple[int, tuple[str, ...]]:
    """The source line below a frame, and marks below that."""
    end = at
    while end < len(lines) and lines[end].startswith("    ") and not FRAME.match(lines[end]):
        end += 1
    return end, tuple(line for line in lines[at:end] if line.strip(" ^~"))


def _more(lines: list[str], at: int) -> list[str]:
    """The rest of a message of several lines, as far as it can be told from what follows."""
    found = []
    for line in lines[at : at + MAX_MORE_LINES]:
        if not line.strip() or line.strip().endswith(HEAD) or not line.startswith((" ", "\t", "-", "*")):
            break
        found.append(line)
    return found
