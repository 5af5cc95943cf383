"""One text from a main file and what it includes, without comments, with marks for where each line came from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from papercoder.documents.errors import DocumentError
from papercoder.documents.invisible import invisible
from papercoder.documents.latex_conditionals import printed
from papercoder.documents.latex_packages import own_definitions
from papercoder.documents.latex_source import Source
from state.paper import Location

MAX_DEPTH = 16
MAX_INPUTS = 2_000
MAX_TOTAL_CHARS = 20_000_000
MARK_OPEN, MARK_CLOSE = "\x02", "\x03"

MARK = re.compile(f"{MARK_OPEN}\\d+{MARK_CLOSE}")
COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*")
INPUT = re.compile(
    r"\\(?:input|include|subfile|subfileinclude)\s*\{([^{}]*)\}|\\input\s+([\w./-]+)|\\(?:sub)?import\s*\{([^{}]*)\}\s*\{([^{}]*)\}"
)
PACKAGES = re.compile(r"\\(?:usepackage|RequirePackage)\s*(?:\[[^\]]{0,500}\]\s*)?\{([^{}]*)\}")
SHOWN = re.compile(r"(?<![\\a-zA-Z@])[a-zA-Z]|[^\\a-zA-Z@\s{}]")
"""What a passage of commands alone does not have."""
LISTED = re.compile(
    r"\\(?:lstinputlisting|verbatiminput\*?|inputminted\s*(?:\[[^\]]{0,500}\])?\s*\{\w*\})\s*(?:\[[^\]]{0,500}\]\s*)?\{([^{}]*)\}"
)
BEGIN_DOCUMENT = re.compile(r"^[^%\n]*\\begin\s*\{document\}", re.MULTILINE)
VERBATIM = re.compile(r"\\(begin|end)\s*\{(verbatim\*?|Verbatim|lstlisting|minted|comment)\}")
COMMENT_BEGINS = re.compile(r"\\begin\s*\{comment\}")
COMMENT_ENDS = re.compile(r"\\end\s*\{comment\}")
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
    text, unprinted = printed("".join(parts))
    if passages := [passage for passage in map(unmarked, unprinted) if SHOWN.search(passage)]:
        told = "1 passage is" if len(passages) == 1 else f"{len(passages)} passages are"
        flattener.warnings.append(f"{told} switched off, as by \\iffalse: {invisible(passages[0])}")
    warnings = source.warnings + flattener.warnings
    warnings += [
        f"\\input{{{name}}} leads out of the source and was not read. If it belongs to the paper, give the folder that "
        "holds all of it." for name in source.refused
    ]  # fmt: skip
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
            self.warnings += [
                f"The listing {listed} is a file of its own, and such files are not read: paste it into the source if "
                "the method needs it." for listed in LISTED.findall(line)
            ]  # fmt: skip
            if "\\endinput" in line:
                return
            yield "\n"

    def _mark(self, name: str, number: int) -> str:
        self.places.append(Location(file=name, line=number))
        return f"{MARK_OPEN}{len(self.places) - 1}{MARK_CLOSE}"

    def _line(self, line: str, parents: tuple[str, ...]) -> Iterator[str]:
        at = 0
        for match in INPUT.finditer(line):
            yield from self._packages(line[at : match.start()])
            name = (match.group(1) or match.group(2) or f"{match.group(3) or ''}/{match.group(4) or ''}").strip()
            yield from self._included(name.strip('"'), parents)
            at = match.end()
        yield from self._packages(line[at:])

    def _packages(self, text: str) -> Iterator[str]:
        """The text, and before it the macros of the packages that it names and that lie beside the paper."""
        for name in (name for match in PACKAGES.finditer(text) for name in match.group(1).split(",")):
            package = self.source.package(name.strip())
            if package and package not in self.read:
                self.read.add(package)
                lines = (line for _, line in _uncommented(self.source.load(package).split("\n")))
                yield f"\n{own_definitions(chr(10).join(lines))}\n"
        yield text

    def _included(self, name: str, parents: tuple[str, ...]) -> Iterator[str]:
        found = self.source.find(name, parents[-1])
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
        bare = _without_whole_comments(COMMENT.sub(r"\1", line))
        begin = VERBATIM.search(bare)
        if begin and begin.group(1) == "begin" and f"\\end{{{begin.group(2)}}}" not in bare:
            verbatim = begin.group(2)
            bare = bare[: begin.start()] if verbatim == "comment" else bare
        if bare.strip() or not line.strip():
            yield number, bare


def _without_whole_comments(line: str) -> str:
    """A line without the comments that begin and end in it."""
    kept, at = [], 0
    while (begin := COMMENT_BEGINS.search(line, at)) and (end := COMMENT_ENDS.search(line, begin.end())):
        kept.append(line[at : begin.start()])
        at = end.end()
    return "".join([*kept, line[at:]])
