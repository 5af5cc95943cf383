"""The numbers LaTeX would print: its counters for sections, formulas, floats and theorems."""

import re
from collections import Counter
from dataclasses import dataclass, field

LEVELS = ("section", "subsection", "subsubsection")
BOOK_LEVELS = ("chapter", *LEVELS)
SHOWN = re.compile(r"\\(arabic|alph|Alph|roman|Roman)\s*\{(\w+)\}|\\the(\w+)")
LEFTOVER = re.compile(r"\\[a-zA-Z@]+|[{}\\\s]")
MAX_NUMBER = 100_000


@dataclass(frozen=True)
class Target:
    """What a ``\\label`` points at."""

    kind: str
    number: str


@dataclass
class Numbers:
    """LaTeX's counters."""

    book: bool = False
    appendix: bool = False
    depth: int = 3
    within: dict[str, str] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)
    _parent_equation: str = ""

    @property
    def levels(self) -> tuple[str, ...]:
        return BOOK_LEVELS if self.book else LEVELS

    def level(self, command: str) -> int:
        """1 for the outermost kind of section."""
        return self.levels.index(command) + 1 if command in self.levels else 1

    def section(self, command: str) -> str:
        """Step to the next section of a kind and give its number."""
        level = self.level(command)
        if level > self.depth + (1 if self.book else 0):
            return ""
        self.step(command)
        for deeper in self.levels[level:]:
            self._counts[deeper] = 0
        return self.shown(command)

    def start_appendix(self) -> None:
        self.appendix = True
        for level in self.levels:
            self._counts[level] = 0

    def next(self, counter: str) -> str:
        """Step a counter and give what it prints."""
        if counter == "equation" and self._parent_equation:
            self.step("subequation")
            return self._parent_equation + _letters(self._counts["subequation"]).lower()
        self.step(counter)
        return self.shown(counter)

    def step(self, counter: str) -> None:
        self._counts[counter] += 1
        for inner, outer in self.within.items():
            if outer == counter:
                self._counts[inner] = 0

    def set(self, counter: str, value: int) -> None:
        if counter == "secnumdepth":
            self.depth = value
        else:
            self._counts[counter] = max(min(value, MAX_NUMBER), -1)

    def setting(self, command: str, first: str, second: str) -> None:
        """Obey ``\\setcounter``, ``\\numberwithin`` or the redefinition of what a counter prints."""
        name = first.strip().removeprefix("\\the").removeprefix("the")
        if command == "setcounter" and re.fullmatch(r"-?\d{1,5}", second.strip()):
            self.set(first, int(second))
        elif command in ("numberwithin", "counterwithin") and first != second:
            self.within[first] = second
        elif command == "renewcommand" and name in (*BOOK_LEVELS, "equation", "table", "figure", "algorithm"):
            self.formats[name] = second[:200]

    def open_subequations(self) -> str:
        number = self.next("equation")
        self._parent_equation, self._counts["subequation"] = number, 0
        return number

    def close_subequations(self) -> None:
        self._parent_equation = ""

    def shown(self, counter: str, nesting: int = 0) -> str:
        """What ``\\the<counter>`` prints."""
        if counter in self.formats and nesting < 5:
            filled = SHOWN.sub(lambda match: self._filled(match, nesting), self.formats[counter])
            return LEFTOVER.sub("", filled)
        if counter in self.levels:
            return self._section_number(self.levels.index(counter))
        own = str(self._counts[counter])
        outer = self.within.get(counter)
        return f"{self.shown(outer, nesting + 1)}.{own}" if outer and nesting < 5 else own

    def _filled(self, match: re.Match[str], nesting: int) -> str:
        if match.group(3):
            return self.shown(match.group(3), nesting + 1)
        return _style(match.group(1), self._counts[match.group(2)])

    def _section_number(self, index: int) -> str:
        counts = [str(self._counts[level]) for level in self.levels[: index + 1]]
        if self.appendix:
            counts[0] = _letters(self._counts[self.levels[0]])
        return ".".join(counts)


def _style(style: str, count: int) -> str:
    if style in ("Alph", "alph"):
        return _letters(count) if style == "Alph" else _letters(count).lower()
    if style in ("Roman", "roman"):
        return _roman(count) if style == "Roman" else _roman(count).lower()
    return str(count)


def _letters(count: int) -> str:
    return chr(ord("A") + (count - 1) % 26) * ((count - 1) // 26 + 1) if 0 < count < 1000 else str(count)


def _roman(count: int) -> str:
    if not 0 < count < 4000:
        return str(count)
    values = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"))
    text = ""
    for value, letters in (*values, (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        text += letters * (count // value)
        count %= value
    return text
