"""One text from a main file and what it includes, without comments, with marks for where each line came from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from papercoder.documents.errors import DocumentError
from papercoder.documents.invisible import invisible
from papercoder.documents.latex_source import Source
from state.paper import Location

MAX_DEPTH = 16
MAX_INPUTS = 2_000
MAX_TOTAL_CHARS = 20_000_000
MARK_OPEN, MARK_CLOSE = "\x02", "\x03"

MARK = re.compile(f"{MARK_OPEN}\\d+{MARK_CLOSE}")
COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*")
INPUT = re.compile(
    r"\\(?:input|include|subfile)\s*\{([^{}]*)\}|\\input\s+([\w./-]+)|\\(?:sub)?import\s*\{([^{}]*)\}\s*\{([^{}]*)\}"
)
BEGIN_DOCUMENT = re.compile(r"^[^%\n]*\\begin\s*\{document\}", re.MULTILINE)
VERBATIM = re.compile(r"\\(begin|end)\s*\{(verbatim\*?|Verbatim|lstlisting|minted|comment)\}")
CONDITIONAL = re.compile(r"\\(iffalse|iftrue|fi|else|if[a-zA-Z@]*)(?![a-zA-Z@])")
STARTS_BLOCK = re.compile(r"\s*\\(begin|(sub)*section|chapter|paragraph|item|caption|\[)")


@dataclass
class Flat:
    """The flattened text; `places` tells the location that each mark stands for."""

    text: str
    places: list[Location]
    warnings: list[str]

    def location(self, mark: str) -> Location:
        return self.places[int(mark[1:-1])]


def flatten(source: Source) -> Flat:
    """Follow every ``\\input`` of a source."""
    flattener = _Flattener(source)
    parts = list(flattener.file(source.main, ()))
    text, unprinted = _without_false_branches("".join(parts))
    if unprinted:
        flattener.warnings.append(f"{len(unprinted)} passages between \\iffalse and \\fi: {invisible(unprinted[0])}")
    warnings = source.warnings + flattener.warnings
    warnings += [f"\\input{{{name}}} leads out of the source and was not read." for name in source.refused]
    if others := [name for name in source.others if name not in flattener.read]:
        warnings.insert(0, f"{source.main} was read, and not {', '.join(others[:5])}: give the one that you mean, and "
                           "what belongs to it with --supplement.")  # fmt: skip
    return Flat(text, flattener.places, warnings)


def unmarked(text: str) -> str:
    """Without the marks of location."""
    return MARK.sub("", text)


@dataclass
class _Flattener:
    source: Source
    places: list[Location] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    inputs: int = 0
    chars: int = 0

    def file(self, name: str, parents: tuple[str, ...]) -> Iterator[str]:
        text = self.source.load(name).replace(MARK_OPEN, "").replace(MARK_CLOSE, "")
        text = _inside(text) if parents else text
        self.read.add(name)
        self.chars += len(text)
        if self.chars > MAX_TOTAL_CHARS:
            raise DocumentError(f"{name}: the source includes more than {MAX_TOTAL_CHARS:,} characters. Shorten it.")
        after_blank = True
        for number, line in _uncommented(text.split("\n")):
            if line.strip() and (after_blank or STARTS_BLOCK.match(line)):
                yield self._mark(name, number)
            after_blank = not line.strip()
            yield from self._line(line, (*parents, name))
            if "\\endinput" in line:
                return
            yield "\n"

    def _mark(self, name: str, number: int) -> str:
        self.places.append(Location(file=name, line=number))
        return f"{MARK_OPEN}{len(self.places) - 1}{MARK_CLOSE}"

    def _line(self, line: str, parents: tuple[str, ...]) -> Iterator[str]:
        at = 0
        for match in INPUT.finditer(line):
            yield line[at : match.start()]
            name = (match.group(1) or match.group(2) or f"{match.group(3) or ''}/{match.group(4) or ''}").strip()
            yield from self._included(name.strip('"'), parents)
            at = match.end()
        yield line[at:]

    def _included(self, name: str, parents: tuple[str, ...]) -> Iterator[str]:
        found = self.source.find(name)
        self.inputs += 1
        if found in parents:
            raise DocumentError(f"{parents[-1]}: \\input{{{name}}} includes itself. Remove that line.")
        if len(parents) > MAX_DEPTH or self.inputs > MAX_INPUTS:
            raise DocumentError(f"{parents[-1]}: files are included too deeply or too often. Flatten the source.")
        if found:
            yield from self.file(found, parents)
        elif name not in self.source.refused:
            self.warnings.append(f"\\input{{{name}}}: there is no such file in the source.")


def _inside(text: str) -> str:
    """A subfile is a whole document of its own: only its body belongs here, on the lines where it stands."""
    begin = BEGIN_DOCUMENT.search(text)
    if not begin:
        return text
    end = text.find("\\end{document}", begin.end())
    return "\n" * text.count("\n", 0, begin.end()) + text[begin.end() : end if end >= 0 else len(text)]


def _uncommented(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Numbered lines without comments; a line that was all comment disappears, as it does for TeX."""
    verbatim = ""
    for number, line in enumerate(lines, start=1):
        if verbatim:
            end = VERBATIM.search(line)
            closes = bool(end and end.group(1) == "end" and end.group(2) == verbatim)
            if verbatim != "comment":
                yield number, line
            verbatim = "" if closes else verbatim
            continue
        bare = COMMENT.sub(r"\1", line)
        begin = VERBATIM.search(bare)
        if begin and begin.group(1) == "begin" and f"\\end{{{begin.group(2)}}}" not in bare:
            verbatim = begin.group(2)
            bare = bare[: begin.start()] if verbatim == "comment" else bare
        if bare.strip() or not line.strip():
            yield number, bare


def _without_false_branches(text: str) -> tuple[str, list[str]]:
    """The text without what stands between ``\\iffalse`` and its ``\\fi``, and that."""
    kept: list[str] = []
    dropped: list[str] = []
    at = depth = 0
    for match in CONDITIONAL.finditer(text):
        word = match.group(1)
        if not depth and word == "iffalse":
            kept.append(text[at : match.start()])
            at = match.end()
            depth = 1
        elif depth and word == "fi":
            depth -= 1
            dropped += [text[at : match.start()]] if not depth else []
            at = match.end() if not depth else at
        elif depth == 1 and word == "else":
            depth = 0
            dropped.append(text[at : match.start()])
            at = match.end()
        elif depth and word not in ("else", "fi"):
            depth += 1
    (dropped if depth else kept).append(text[at:])
    return "".join(kept), [passage for passage in map(unmarked, dropped) if passage.strip()]
