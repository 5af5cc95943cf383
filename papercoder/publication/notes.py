"""What the code itself says was decided while it was written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CHOICE = re.compile(r"#\s*Choice:\s*(.+)")
_COMMENT = re.compile(r"\s*#\s?(.*)")


@dataclass(frozen=True)
class CodeChoice:
    path: str
    line: int
    text: str


def code_choices(code: Mapping[str, str]) -> list[CodeChoice]:
    """Every `# Choice:` comment with its place; comment lines that follow belong to it."""
    return [choice for path, text in code.items() for choice in _in_file(path, text.split("\n"))]


def _in_file(path: str, lines: list[str]) -> list[CodeChoice]:
    found = []
    for number, line in enumerate(lines):
        if match := _CHOICE.search(line):
            text = [match[1].strip()]
            for following in lines[number + 1 :]:
                more = _COMMENT.fullmatch(following)
                if not more or _CHOICE.search(following) or line.split("#")[0].strip():
                    break
                text.append(more[1].strip())
            found.append(CodeChoice(path, number + 1, " ".join(text)))
    return found
