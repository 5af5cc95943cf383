r"""Which branches of a LaTeX source are printed: ``\iffalse``, ``\if0``, and the author's own switches and toggles."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from papercoder.documents.latex_scan import Tex

SWITCH = re.compile(
    r"\\newif\s*\\if(?P<declared>[a-zA-Z@]+)"
    r"|\\let\s*\\if(?P<fixed>[a-zA-Z@]+)\s*=?\s*\\if(?P<value>true|false)(?![a-zA-Z@])"
)
COMMAND = re.compile(rf"{SWITCH.pattern}|\\(?P<name>[a-zA-Z@]+)")
PRIMITIVE_NAMES = """
if ifcat ifnum ifdim ifodd ifvmode ifhmode ifmmode ifinner ifvoid ifhbox ifvbox ifx ifeof ifcase ifdefined ifcsname
iffontchar ifincsname
"""
PRIMITIVES = frozenset(PRIMITIVE_NAMES.split())
ZERO = re.compile(r"\s*0(?!\s*0)")
r"""After ``\if``: zero compared with anything else, which is how passages are switched off."""
NO_CONDITIONAL = re.compile(r"\}|\s*(?:\[[^\]]{0,200}\]\s*)?\{")
r"""What follows a command that takes its branches as arguments, or a name in a definition: ``{\ifdraft}{\iffalse}``."""
TOGGLED = re.compile(
    r"\\(?:iftoggle|ifbool)\s*\{\s*(?P<toggle>[^{}\\]+?)\s*\}"
    r"|\\ifthenelse\s*\{\s*\\boolean\s*\{\s*(?P<boolean>[^{}\\]+?)\s*\}\s*\}"
)
TOGGLE_DECLARED = re.compile(r"\\(?:newtoggle|providetoggle|newbool|providebool|newboolean)\s*\{\s*([^{}\\]+?)\s*\}")
TOGGLE_SET = re.compile(
    r"\\(?:toggle|bool)(?P<value>true|false)\s*\{\s*(?P<name>[^{}\\]+?)\s*\}"
    r"|\\set(?:toggle|bool|boolean)\s*\{\s*(?P<named>[^{}\\]+?)\s*\}\s*\{\s*(?P<given>true|false)\s*\}"
)


def printed(text: str) -> tuple[str, list[str]]:
    """The text without the branches that TeX does not take, and those; where that cannot be told, all of them stay."""
    first = _Reading(text, {})
    first.run()
    # What a switch is only ever set to holds in macros that were written down before it was set, too.
    constant = {name: values.copy().pop() for name, values in first.set_to.items() if len(values) == 1}
    kept, unprinted = _Reading(text, constant).run()
    kept, untoggled = _without_other_branches(kept)
    return kept, unprinted + untoggled


@dataclass
class _Conditional:
    taken: bool | None
    """Whether its first branch is printed; None if unknown."""
    in_else: bool = False


class _Reading:
    def __init__(self, text: str, constant: dict[str, bool]) -> None:
        self.set_to: dict[str, set[bool]] = {}
        self._text = text
        self._constant = constant
        self._values = dict.fromkeys(_switches(text), False)
        self._open: list[_Conditional] = []
        self._skipped_from: int | None = None
        self._kept: list[str] = []
        self._unprinted: list[str] = []
        self._at = 0

    def run(self) -> tuple[str, list[str]]:
        for match in COMMAND.finditer(self._text):
            if match.group("name"):
                self._command(match.group("name"), match)
            elif match.group("fixed") and self._skipped_from is None:
                self._set(match.group("fixed"), match.group("value") == "true")
        (self._kept if self._skipped_from is None else self._unprinted).append(self._text[self._at :])
        return "".join(self._kept), self._unprinted

    def _command(self, name: str, match: re.Match[str]) -> None:
        if self._opens(name, match.end()):
            self._begin(name, match)
        elif name == "else" and self._open:
            self._else(match)
        elif name == "fi" and self._open:
            self._end(match)
        elif self._skipped_from is None and (switch := name.removesuffix("true").removesuffix("false")) != name:
            self._set(switch, name.endswith("true"))

    def _opens(self, name: str, after: int) -> bool:
        if not name.startswith("if") or name == "iff":
            return False
        if name[2:] in self._values:
            return self._text[after : after + 1] != "}"
        return name in PRIMITIVES or not NO_CONDITIONAL.match(self._text, after)

    def _begin(self, name: str, match: re.Match[str]) -> None:
        taken = self._value(name, match.end()) if self._skipped_from is None else None
        self._open.append(_Conditional(taken))
        if taken is not None:
            self._keep(match)
        if taken is False:
            self._skipped_from = len(self._open)

    def _else(self, match: re.Match[str]) -> None:
        here = self._open[-1]
        if here.taken is None or here.in_else:
            return
        here.in_else = True
        if here.taken:
            self._keep(match)
            self._skipped_from = len(self._open)
        else:
            self._drop(match)

    def _end(self, match: re.Match[str]) -> None:
        if self._skipped_from == len(self._open):
            self._drop(match)
        elif self._open[-1].taken is not None:
            self._keep(match)
        self._open.pop()

    def _keep(self, match: re.Match[str]) -> None:
        self._kept.append(self._text[self._at : match.start()])
        self._at = match.end()

    def _drop(self, match: re.Match[str]) -> None:
        self._unprinted.append(self._text[self._at : match.start()])
        self._at = match.end()
        self._skipped_from = None

    def _value(self, name: str, after: int) -> bool | None:
        if name in ("iftrue", "iffalse"):
            return name == "iftrue"
        if name == "if":
            return False if ZERO.match(self._text, after) else None
        switch = name[2:]
        return self._constant.get(switch, self._values.get(switch))

    def _set(self, switch: str, value: bool) -> None:
        if switch in self._values:
            self._values[switch] = value
            self.set_to.setdefault(switch, set()).add(value)


def _switches(text: str) -> set[str]:
    """The names that are declared; those of classes and packages are not in the source."""
    return {match.group("declared") or match.group("fixed") for match in SWITCH.finditer(text)}


def _without_other_branches(text: str) -> tuple[str, list[str]]:
    """Toggles choose between two arguments: the other one goes."""
    values = _toggles(text)
    tex = Tex(text)
    cuts: list[tuple[int, int]] = []
    unprinted: list[str] = []
    for match in TOGGLED.finditer(text):
        value = values.get(match.group("toggle") or match.group("boolean"))
        first, between = tex.group(match.end())
        second, after = tex.group(between)
        if value is None or not match.end() < between < after:
            continue
        unprinted.append(second if value else first)
        # What stays is one argument without its braces; the other one and the command are cut out.
        cuts += [(match.start(), between - 1 - len(first)), (between - 1, after)] if value else [
            (match.start(), after - 1 - len(second)), (after - 1, after)
        ]  # fmt: skip
    return "".join(_uncut(text, cuts)), unprinted


def _uncut(text: str, cuts: list[tuple[int, int]]) -> Iterator[str]:
    at = 0
    for start, end in sorted(cuts):
        yield text[at:start]
        at = max(at, end)
    yield text[at:]


def _toggles(text: str) -> dict[str, bool]:
    """Toggles that are only ever set to one value; false at first."""
    found: dict[str, set[bool]] = {name: set() for name in TOGGLE_DECLARED.findall(text)}
    for match in TOGGLE_SET.finditer(text):
        name = match.group("name") or match.group("named")
        if name in found:
            found[name].add((match.group("value") or match.group("given")) == "true")
    return {name: values == {True} for name, values in found.items() if len(values) < 2}
