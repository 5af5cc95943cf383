"""A LaTeX body as a flat list of items with LaTeX's numbers, and what every label points at."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from papercoder.documents.builder import NOWHERE, FloatKind
from papercoder.documents.latex_flatten import Flat, unmarked
from papercoder.documents.latex_floats import float_kind, parts
from papercoder.documents.latex_math import LABEL, MATH_ENVIRONMENTS, WITH_ARGUMENT, rows
from papercoder.documents.latex_numbers import Numbers, Target
from papercoder.documents.latex_scan import Tex
from papercoder.documents.latex_tables import ARGUMENTS as TABULARS
from papercoder.documents.latex_theorems import Theorems
from state.paper import Location

Kind = Literal["section", "abstract", "paragraph", "equation", "code"] | FloatKind

TOKEN = re.compile(
    r"(?P<mark>\x02\d+\x03)|\\begin\s*\{(?P<begin>[^{}\\]{1,40})\}|\\end\s*\{(?P<end>[^{}\\]{1,40})\}"
    r"|\\(?P<command>[a-zA-Z@]+)\*?|(?P<display>\\\[|\$\$)|(?P<math>\$)|(?P<blank>\n[ \t]*\n)|\\.",
    re.DOTALL,
)
MATH_END = re.compile(r"(?<!\\)(?:\\\\)*\$|\n[ \t]*\n")
SETTINGS = re.compile(r"\\(renewcommand|setcounter|numberwithin|counterwithin)\*?(?![a-zA-Z])")
HEADINGS = {"part", "chapter", "section", "subsection", "subsubsection"}
VERBATIM = {"verbatim", "verbatim*", "Verbatim", "lstlisting", "minted"}
LISTS = {"itemize", "enumerate", "description", "compactitem", "compactenum", "inparaenum"}
APART = {"quote", "quotation", "center", "flushleft", "flushright", "tcolorbox", "minipage", "mdframed", "framed"}
SKIPPED_NAMES = """
tikzpicture CCSXML filecontents pspicture axis forest picture icmlauthorlist keywords
"""
SKIPPED = frozenset(SKIPPED_NAMES.split())
ARGUMENTS = {"minipage": 1, "wrapfigure": 2, "wraptable": 2, "adjustbox": 1, "multicols": 1, "spacing": 1}
ARGUMENTS |= {"adjustwidth": 2, "list": 2, "minted": 1, "subfigure": 1, "subtable": 1}
FRONT_NAMES = """
title author icmltitle icmltitlerunning icmlauthor icmlaffiliation icmlcorrespondingauthor icmlkeywords date
email icmlsetsymbol affiliation address institute titlerunning authorrunning keywords affil ccsdesc thanks
twocolumn printAffiliationsAndNotice hypersetup lstset tcbset bibliography bibliographystyle newtheorem
theoremstyle lstinputlisting
"""
FRONT = frozenset(FRONT_NAMES.split())
FRONT_ARGUMENTS = {"icmlauthor": 2, "icmlaffiliation": 2, "icmlcorrespondingauthor": 2, "icmlsetsymbol": 2}
FRONT_ARGUMENTS |= {"newtheorem": 2, "twocolumn": 0}


@dataclass
class Item:
    """One piece of the paper, still in LaTeX."""

    kind: Kind
    text: str
    number: str = ""
    caption: str = ""
    level: int = 1
    appendix: bool = False
    location: Location = NOWHERE


@dataclass
class Structure:
    items: list[Item] = field(default_factory=list)
    labels: dict[str, Target] = field(default_factory=dict)


class Walker:
    """Walks a body once, from block to block."""

    def __init__(self, flat: Flat, preamble: str, body: str) -> None:
        self._structure = Structure()
        self._numbers = Numbers(book="\\chapter" in body)
        self._theorems = Theorems(preamble + body, self._numbers)
        self._flat = flat
        self._tex = Tex(body)
        self._at = 0
        self._here = self._start = Location()
        self._target = Target("section", "")
        self._buffer: list[str] = []
        self._lists: list[int | None] = []
        for match in SETTINGS.finditer(preamble):
            (first, second), _ = Tex(preamble[match.end() : match.end() + 500]).arguments(0, 2)
            self._numbers.setting(match.group(1), first, second)

    def walk(self) -> Structure:
        text = self._tex.text
        while match := TOKEN.search(text, self._at):
            self._add(text[self._at : match.start()])
            self._at = match.end()
            self._token(match)
        self._add(text[self._at :])
        self._flush()
        return self._structure

    def _token(self, match: re.Match[str]) -> None:
        if match.group("mark"):
            self._here = self._flat.location(match.group())
        elif match.group("begin"):
            self._begin(match.group("begin"), match.start())
        elif match.group("end"):
            self._end(match.group("end"))
        elif match.group("blank"):
            self._at = match.end() - 1
            self._flush()
        elif match.group("display"):
            self._display(match.group())
        elif match.group("math"):
            self._inline_math(match.start())
        elif match.group("command"):
            self._command(match)
        else:
            self._add(match.group())

    def _add(self, text: str) -> None:
        if not self._buffer and text.strip():
            self._start = self._here
        if text and (self._buffer or text.strip()):
            self._buffer.append(text)

    def _flush(self) -> None:
        text, self._buffer = "".join(self._buffer), []
        self._label(LABEL.findall(text), self._target)
        if text.strip():
            self._item(Item("paragraph", text, location=self._start))

    def _item(self, item: Item) -> None:
        self._structure.items.append(item)

    def _label(self, names: list[str], target: Target) -> None:
        for name in names:
            self._structure.labels[name] = target

    def _inline_math(self, start: int) -> None:
        end = MATH_END.search(self._tex.text, self._at)
        if end and end.group().endswith("$"):
            self._at = end.end()
        self._add(self._tex.text[start : self._at])

    def _display(self, opening: str) -> None:
        closing = "\\]" if opening == "\\[" else "$$"
        end = self._tex.text.find(closing, self._at)
        if end >= 0:
            self._equation("$$", self._tex.text[self._at : end])
            self._at = end + 2

    def _equation(self, environment: str, body: str) -> None:
        self._flush()
        for row in rows(environment, body):
            number = (row.tag or self._numbers.next("equation")) if row.numbered else ""
            self._label(list(row.labels), Target("equation", number))
            if row.text:
                self._item(Item("equation", row.text, number, location=self._here))

    def _begin(self, name: str, start: int) -> None:
        stop, after = self._tex.environment(start)
        if name in MATH_ENVIRONMENTS:
            at = self._tex.group(self._at)[1] if name.rstrip("*") in WITH_ARGUMENT else self._at
            self._equation(name, self._tex.text[at:stop])
        elif float_kind(name):
            self._float(name, start, stop)
        elif name in TABULARS:
            self._flush()
            self._item(Item("table", unmarked(self._tex.text[start:after]), location=self._here))
        elif name in VERBATIM:
            self._code(name, stop)
        elif name not in SKIPPED:
            self._transparent(name)
            return
        self._at = after

    def _transparent(self, name: str) -> None:
        """An environment whose contents are part of the text."""
        if self._theorems.knows(name):
            self._theorem(name)
            return
        self._at = self._skip_arguments(name)
        if name in LISTS:
            self._flush()
            self._lists.append(0 if "enum" in name else None)
        elif name == "abstract":
            self._flush()
            self._item(Item("abstract", ""))
        elif name in ("appendices", "appendix"):
            self._numbers.start_appendix()
        elif name == "subequations":
            self._subequations()
        elif name in APART:
            self._flush()

    def _end(self, name: str) -> None:
        if name == "subequations":
            self._numbers.close_subequations()
        elif name in LISTS | APART or name == "abstract" or self._theorems.knows(name):
            self._flush()
        if name in LISTS:
            del self._lists[-1:]

    def _subequations(self) -> None:
        number = self._numbers.open_subequations()
        label = re.compile(r"\s*\\label\s*\{([^{}]*)\}").match(self._tex.text, self._at)
        if label:
            self._label([label.group(1)], Target("equation", number))

    def _theorem(self, name: str) -> None:
        self._flush()
        note, self._at = self._tex.option(self._at)
        title, number = self._theorems.next(name)
        self._target = Target(title, number)
        self._add(f"\\runin{{{title} {number}" + (f" ({note})" if note else "") + ".} ")

    def _skip_arguments(self, name: str) -> int:
        _, at = self._tex.option(self._at)
        for _ in range(ARGUMENTS.get(name.rstrip("*"), 0)):
            _, at = self._tex.option(at)
            _, at = self._tex.group(at)
        return at

    def _float(self, name: str, start: int, stop: int) -> None:
        """A float stands between paragraphs, also when it is written inside one."""
        if name in TABULARS:
            source = f"{unmarked(self._tex.text[start:stop])}\\end{{{name}}}"
        else:
            source = unmarked(self._tex.text[self._skip_arguments(name) : stop])
        for part in parts(name, source):
            number = self._numbers.next(part.kind) if part.numbered else ""
            self._label(list(part.labels), Target(part.kind, number))
            self._item(Item(part.kind, part.body, number, part.caption, location=self._here))

    def _code(self, name: str, stop: int) -> None:
        self._flush()
        start = self._skip_arguments(name)
        self._item(Item("code", unmarked(self._tex.text[start:stop]).strip("\n"), location=self._here))

    def _command(self, match: re.Match[str]) -> None:
        name = match.group("command")
        if name in HEADINGS:
            self._heading(name, match.group().endswith("*"))
        elif name in ACTIONS:
            ACTIONS[name](self)
        elif name in FRONT:
            self._front(name)
        elif SETTINGS.fullmatch(match.group()):
            (first, second), self._at = self._tex.arguments(self._at, 2)
            self._numbers.setting(name, first, second)
        else:
            self._add(match.group())

    def _heading(self, name: str, starred: bool) -> None:
        self._flush()
        _, self._at = self._tex.option(self._at)
        title, self._at = self._tex.group(self._at)
        number = "" if starred or name == "part" else self._numbers.section(name)
        self._target = Target("section", number)
        self._label(LABEL.findall(title), self._target)
        level = self._numbers.level(name)
        appendix = self._numbers.appendix and bool(number)
        self._item(Item("section", unmarked(title), number, "", level, appendix, self._here))

    def _front(self, name: str) -> None:
        _, self._at = self._tex.option(self._at)
        for _ in range(FRONT_ARGUMENTS.get(name, 1)):
            _, self._at = self._tex.group(self._at)
            _, self._at = self._tex.option(self._at)

    def _run_in(self) -> None:
        self._flush()
        title, self._at = self._tex.group(self._at)
        self._add(f"\\runin{{{title}}} ")

    def _list_item(self) -> None:
        self._flush()
        label, self._at = self._tex.option(self._at)
        count = self._lists[-1] if self._lists else None
        mark = "-"
        if count is not None:
            self._lists[-1] = count + 1
            mark = f"{count + 1}."
            self._target = Target("item", str(count + 1))
        self._add(f"{mark} {label} " if label else f"{mark} ")

    def _appendix(self) -> None:
        self._flush()
        self._numbers.start_appendix()

    def _footnote(self) -> None:
        start = self._at
        _, self._at = self._tex.option(self._at)
        _, self._at = self._tex.group(self._at)
        self._add(f"\\footnote{self._tex.text[start : self._at]}")

    def _caption_of(self) -> None:
        """A caption outside any float."""
        name, self._at = self._tex.group(self._at)
        text, self._at = self._tex.group(self._at)
        kind = float_kind(name)
        if kind:
            number = self._numbers.next(kind)
            self._target = Target(kind, number)
            self._item(Item(kind, "", number, text, location=self._here))


ACTIONS: dict[str, Callable[[Walker], None]] = {
    "par": Walker._flush,
    "item": Walker._list_item,
    "paragraph": Walker._run_in,
    "subparagraph": Walker._run_in,
    "appendix": Walker._appendix,
    "appendices": Walker._appendix,
    "footnote": Walker._footnote,
    "footnotetext": Walker._footnote,
    "captionof": Walker._caption_of,
}
