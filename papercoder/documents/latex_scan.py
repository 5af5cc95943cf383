"""Reading groups, arguments and environments out of LaTeX text in linear time."""

import re
from functools import cached_property

BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([^{}\\]{1,40})\}")
SPACE = re.compile(r"(?:[ \t]|\n(?!\s*\n)|\x02\d+\x03)*")
COMMAND = re.compile(r"\\(?:[a-zA-Z@]+\*?|.)", re.DOTALL)
OPTION_MARKS = re.compile(r"[{}\]]")
MAX_OPTION = 2_000


class Tex:
    """A piece of LaTeX with its braces and environments matched once."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def closing(self) -> dict[int, int]:
        """For each opening brace, where it closes."""
        pairs: dict[int, int] = {}
        opened: list[int] = []
        for match in BRACES.finditer(self.text):
            if match.group() == "{":
                opened.append(match.start())
            elif match.group() == "}" and opened:
                pairs[opened.pop()] = match.start()
        return pairs

    @cached_property
    def ends(self) -> dict[int, tuple[int, int]]:
        """For each ``\\begin``, where its ``\\end`` starts and stops."""
        pairs: dict[int, tuple[int, int]] = {}
        opened: dict[str, list[int]] = {}
        for match in ENVIRONMENT.finditer(self.text):
            name = match.group(2)
            if match.group(1) == "begin":
                opened.setdefault(name, []).append(match.start())
            elif opened.get(name):
                pairs[opened[name].pop()] = match.span()
        return pairs

    def skip_space(self, at: int) -> int:
        match = SPACE.match(self.text, at)
        return match.end() if match else at

    def argument(self, at: int) -> tuple[str, int]:
        """The next mandatory argument and where it ends: a group, a command or one character."""
        at = self.skip_space(at)
        if at >= len(self.text):
            return "", at
        if self.text[at] == "{":
            end = self.closing.get(at)
            return (self.text[at + 1 : end], end + 1) if end is not None else ("", at + 1)
        if self.text[at] == "}":
            return "", at
        match = COMMAND.match(self.text, at)
        end = match.end() if match else at + 1
        return self.text[at:end], end

    def group(self, at: int) -> tuple[str, int]:
        """The next group if one follows, else nothing."""
        start = self.skip_space(at)
        return self.argument(start) if self.text[start : start + 1] == "{" else ("", at)

    def option(self, at: int) -> tuple[str | None, int]:
        """The next optional argument, or None."""
        start = self.skip_space(at)
        if self.text[start : start + 1] != "[":
            return None, at
        depth = 0
        for match in OPTION_MARKS.finditer(self.text, start + 1, min(len(self.text), start + MAX_OPTION)):
            mark = match.group()
            depth += (mark == "{") - (mark == "}")
            if mark == "]" and depth <= 0:
                return self.text[start + 1 : match.start()], match.end()
        return None, at

    def arguments(self, at: int, count: int) -> tuple[list[str], int]:
        found = []
        for _ in range(count):
            argument, at = self.argument(at)
            found.append(argument)
        return found, at

    def environment(self, at: int) -> tuple[int, int]:
        """Where the environment beginning here ends its body, and where reading goes on."""
        return self.ends.get(at, (len(self.text), len(self.text)))


def split_top(text: str, separators: re.Pattern[str]) -> list[str]:
    """Split where a separator stands outside braces and environments."""
    parts: list[str] = []
    depth = start = at = 0
    token = re.compile(rf"(?P<sep>{separators.pattern})|\\begin\s*\{{|\\end\s*\{{|\\.|[{{}}]", re.DOTALL)
    while match := token.search(text, at):
        at = match.end()
        found = match.group()
        if match.group("sep") is not None and depth <= 0:
            parts.append(text[start : match.start()])
            start = at
        elif found == "{" or found.startswith("\\begin"):
            depth += 1
            at = text.find("}", at) + 1 or at if found != "{" else at
        elif found == "}" or found.startswith("\\end"):
            depth -= 1
            at = text.find("}", at) + 1 or at if found != "}" else at
    return [*parts, text[start:]]
