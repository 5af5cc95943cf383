"""Reading edits off an answer.

    FILE: src/model.py
    <<<<<<< SEARCH
    lines as they are
    =======
    lines as they shall be
    >>>>>>> REPLACE

One FILE line serves all blocks up to the next.  Prose and fences around the blocks do not count.  A block whose text
has lines that look like these marks is written with longer ones (`<<<<<<<<< SEARCH`); where a model forgot that, every
way to divide the block is kept, and the file decides.
"""

import re
from dataclasses import dataclass

FORM = (
    "Write a line `FILE: path`, then for each change: a line `<<<<<<< SEARCH`, the lines to replace exactly as the "
    "file has them, a line `=======`, the new lines, a line `>>>>>>> REPLACE`."
)

_OPEN = re.compile(r"(<{7,}) ?SEARCH")
_CLOSE = re.compile(r"(>{7,}) ?REPLACE")
_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,}).*")
_PATH = re.compile(r"[#*\s`]*(?:FILE|File|Path)\b[\s:*`\"]+(?P<path>[^`*\"\s](?:[^`*\"]*[^`*\"\s:])?)[`*\"\s:]*")
_BARE_PATH = re.compile(r"[#*`\s]*(?P<path>[\w./-]+\.\w+)[`*:\s]*")


class EditError(ValueError):
    """Why edits cannot be used, in words for the model; every problem has a line of its own."""


@dataclass(frozen=True)
class Reading:
    """One way to understand a block; line ends are line feeds, and every line has one."""

    search: str
    replace: str
    bare: bool = False  # without fences around both sides, which a file may have, too


@dataclass(frozen=True)
class Edit:
    """A change of one file.  `number` counts the blocks of the answer from 1."""

    path: str
    readings: tuple[Reading, ...]
    number: int = 1

    @property
    def search(self) -> str:
        return self.readings[0].search


def parse_edits(answer: str) -> list[Edit]:
    """The edits of an answer, in its order; raises `EditError` if there is none, or one is not whole."""
    lines = answer.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    edits: list[Edit] = []
    path, position = "", 0
    while position < len(lines):
        line = lines[position].rstrip()
        if opened := _OPEN.fullmatch(line):
            end = _end(lines, position, len(opened[1]), len(edits) + 1)
            edits.append(_edit(path, lines[position + 1 : end], len(opened[1]), len(edits) + 1))
            position = end
        elif _CLOSE.fullmatch(line):
            raise EditError(f"Line {position + 1} of the answer ends a block that never began. {FORM}")
        else:
            path = _path(line) or path
        position += 1
    if not edits:
        raise EditError(f"The answer contains no edit. {FORM}")
    return edits


def has_edits(answer: str) -> bool:
    """Whether a line of the answer begins an edit."""
    return any(_OPEN.fullmatch(line.rstrip()) for line in answer.splitlines())


def _end(lines: list[str], start: int, length: int, number: int) -> int:
    """The line that closes the block: its marks are as long as those that opened it, and blocks within close first."""
    depth = 0
    for position in range(start, len(lines)):
        line = lines[position].rstrip()
        for pattern, step in ((_OPEN, 1), (_CLOSE, -1)):
            found = pattern.fullmatch(line)
            depth += step if found and len(found[1]) == length else 0
        if depth == 0:
            return position
    raise EditError(f"Edit {number} is not closed by a line `{'>' * length} REPLACE`. {FORM}")


def _edit(path: str, body: list[str], length: int, number: int) -> Edit:
    if not path:
        raise EditError(f"Edit {number} does not say which file it is for: no line `FILE: path` stands before it.")
    dividers = [position for position, line in enumerate(body) if line.rstrip() == "=" * length]
    if not dividers:
        raise EditError(f"Edit {number} ({path}) has no line `{'=' * length}` between old and new text. {FORM}")
    readings = [(body[:divider], body[divider + 1 :]) for divider in dividers]
    bare = [(_unfenced(old), _unfenced(new)) for old, new in readings if _is_fenced(old) and _is_fenced(new)]
    plain = [Reading(_text(old), _text(new)) for old, new in readings]
    return Edit(path, (*plain, *(Reading(_text(old), _text(new), bare=True) for old, new in bare)), number)


def _is_fenced(lines: list[str]) -> bool:
    """Nothing at all counts as well: what creates or removes has only one side."""
    return not lines or (len(lines) > 1 and bool(_FENCE.fullmatch(lines[0])) and bool(_FENCE.fullmatch(lines[-1])))


def _unfenced(lines: list[str]) -> list[str]:
    return lines[1:-1]


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _path(line: str) -> str:
    """The path that a line outside the blocks names, if it does nothing else."""
    if _FENCE.fullmatch(line):
        return ""
    found = _PATH.fullmatch(line) or _BARE_PATH.fullmatch(line)
    return found["path"] if found else ""
