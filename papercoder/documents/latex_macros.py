"""The author's own macros, expanded; a macro that never ends is stopped."""

import re
from dataclasses import dataclass, field

from papercoder.documents.latex_scan import Tex

MAX_EXPANSIONS = 200_000
MAX_PRODUCED_CHARS = 10_000_000
MAX_NESTING = 200
MAX_BODY = 20_000

COMMAND = re.compile(r"\\(?:([a-zA-Z@]+)(\*?)|(.))", re.DOTALL)
DEFINING = {"newcommand", "renewcommand", "providecommand", "DeclareRobustCommand"}
TEX_DEFINING = {"def", "gdef", "edef", "xdef"}
OPERATORS = {"DeclareMathOperator"}
ENVIRONMENTS = {"newenvironment", "renewenvironment"}
KEPT_NAMES = """
begin end item section subsection subsubsection chapter part paragraph subparagraph caption label ref cite citep
citet input include includegraphics title author footnote maketitle url href par textbf textit emph text mathrm
appendix bibliography bibitem abstract frac sum left right hline multicolumn multirow
"""
KEPT = frozenset(KEPT_NAMES.split())
VERBATIM = re.compile(r"\\begin\s*\{(?:verbatim\*?|Verbatim|lstlisting|minted)\}")
PARAMETER = re.compile(r"#([1-9])")
SPACES = re.compile(r"[ \t]*\n?(?![ \t]*\n)[ \t]*")


@dataclass(frozen=True)
class Macro:
    body: str
    arity: int = 0
    default: str | None = None


@dataclass
class _Frame:
    tex: Tex
    at: int = 0

    def done(self) -> bool:
        return self.at >= len(self.tex.text)


@dataclass
class Expander:
    """Expands a document in one pass, learning definitions on the way."""

    macros: dict[str, Macro] = field(default_factory=dict)
    environments: dict[str, tuple[Macro, str]] = field(default_factory=dict)
    exhausted: bool = False
    _expansions: int = 0
    _produced: int = 0

    def expand(self, text: str) -> str:
        frames = [_Frame(Tex(text))]
        output: list[str] = []
        while frames:
            frame = frames[-1]
            match = COMMAND.search(frame.tex.text, frame.at)
            if not match:
                output.append(frame.tex.text[frame.at :])
                frames.pop()
                continue
            output.append(frame.tex.text[frame.at : match.start()])
            frame.at = match.end()
            self._command(match, frames, output)
        return "".join(output)

    def _command(self, match: re.Match[str], frames: list[_Frame], output: list[str]) -> None:
        name, frame = match.group(1) or match.group(3), frames[-1]
        if name in DEFINING | TEX_DEFINING | OPERATORS | ENVIRONMENTS | {"let"}:
            frame.at, kept = self._define(name, match, frame)
            output.append(kept)
        elif name == "begin" and (verbatim := VERBATIM.match(frame.tex.text, match.start())):
            frame.at = frame.tex.environment(match.start())[1]
            output.append(frame.tex.text[verbatim.start() : frame.at])
        elif name in ("begin", "end") and self.environments:
            self._environment(name, match, frames, output)
        elif name in self.macros and not self.exhausted:
            self._expand(self.macros[name], frames, output)
        else:
            output.append(match.group())

    def _expand(self, macro: Macro, frames: list[_Frame], output: list[str]) -> None:
        while len(frames) > 1 and (
            frames[-1].done() or (macro.arity and not frames[-1].tex.text[frames[-1].at :].strip())
        ):
            frames.pop()
        frame = frames[-1]
        body = self._filled(macro, frame)
        self._expansions += 1
        self._produced += len(body)
        if self._expansions > MAX_EXPANSIONS or self._produced > MAX_PRODUCED_CHARS or len(frames) > MAX_NESTING:
            self.exhausted = True
            return
        self._skip_space_after_name(macro, frame)
        follows = frame.tex.text[frame.at : frame.at + 1]
        if re.search(r"\\[a-zA-Z]+$", body[-60:]) and follows.isalpha():
            body += " "
        frames.append(_Frame(Tex(body)))

    def _filled(self, macro: Macro, frame: _Frame) -> str:
        """The macro's body with its arguments put in."""
        arguments: list[str] = []
        if macro.default is not None:
            option, frame.at = frame.tex.option(frame.at)
            arguments.append(macro.default if option is None else option)
        rest, frame.at = frame.tex.arguments(frame.at, macro.arity - len(arguments))
        arguments += rest
        longest = max((len(argument) for argument in arguments), default=0)
        if len(macro.body) + longest * macro.body.count("#") > MAX_PRODUCED_CHARS - self._produced:
            self.exhausted = True
            return ""
        return PARAMETER.sub(lambda found: _argument(arguments, int(found.group(1))), macro.body)

    def _skip_space_after_name(self, macro: Macro, frame: _Frame) -> None:
        if not macro.arity:
            space = SPACES.match(frame.tex.text, frame.at)
            frame.at = space.end() if space else frame.at

    def _environment(self, name: str, match: re.Match[str], frames: list[_Frame], output: list[str]) -> None:
        frame = frames[-1]
        environment, after = frame.tex.group(frame.at)
        known = self.environments.get(environment)
        if known is None or self.exhausted:
            output.append(match.group())
            return
        frame.at = after
        self._expand(known[0] if name == "begin" else Macro(known[1]), frames, output)

    def _define(self, name: str, match: re.Match[str], frame: _Frame) -> tuple[int, str]:
        """Learn a definition; return where it ends and what of it stays in the text."""
        start = frame.at
        if name in ENVIRONMENTS:
            return self._define_environment(frame), ""
        if name == "let":
            return self._define_alias(frame), ""
        if name in TEX_DEFINING:
            return self._define_tex(frame), ""
        target, at = frame.tex.argument(start)
        target = target.strip().lstrip("\\")
        arity, default = 0, None
        if name in DEFINING:
            arity, default, at = _signature(frame.tex, at)
        body, at = _body(frame.tex, at)
        if target.startswith("the"):
            return at, f"\\renewcommand{{\\{target}}}{{{body}}}"
        if name in OPERATORS:
            body = f"\\operatorname{match.group(2)}{{{body}}}"
        self._learn(target, Macro(body, arity, default), only_new=name == "providecommand")
        return at, ""

    def _define_tex(self, frame: _Frame) -> int:
        tex = frame.tex
        at = tex.skip_space(frame.at)
        target = COMMAND.match(tex.text, at)
        brace = tex.text.find("{", at)
        if not target or brace < 0 or brace - at > 200:
            return at
        parameters = tex.text[target.end() : brace].strip()
        body, end = tex.argument(brace)
        if re.fullmatch(r"(#\d)*", parameters):
            self._learn(target.group(1) or target.group(3), Macro(body, parameters.count("#")))
        return end

    def _define_alias(self, frame: _Frame) -> int:
        match = re.compile(r"\s*\\([a-zA-Z@]+|.)\s*=?\s*(\\(?:[a-zA-Z@]+|.)|.)").match(frame.tex.text, frame.at)
        if not match:
            return frame.at
        old = match.group(2)
        self._learn(match.group(1), self.macros.get(old.lstrip("\\"), Macro(old)))
        return match.end()

    def _define_environment(self, frame: _Frame) -> int:
        name, at = frame.tex.argument(frame.at)
        arity, default, at = _signature(frame.tex, at)
        begin, at = _body(frame.tex, at)
        end, at = _body(frame.tex, at)
        if "\\begin" in begin and len(begin) <= MAX_BODY:
            self.environments[name] = (Macro(begin, arity, default), end)
        return at

    def _learn(self, name: str, macro: Macro, only_new: bool = False) -> None:
        if name in KEPT or len(macro.body) > MAX_BODY or (only_new and name in self.macros):
            return
        if not re.search(rf"\\{re.escape(name)}(?![a-zA-Z@])", macro.body):
            self.macros[name] = macro


def _argument(arguments: list[str], position: int) -> str:
    return arguments[position - 1] if position <= len(arguments) else ""


def _signature(tex: Tex, at: int) -> tuple[int, str | None, int]:
    count, at = tex.option(at)
    if count is None:
        return 0, None, at
    default, at = tex.option(at)
    return (min(int(count), 9) if count.strip().isdecimal() else 0), default, at


def _body(tex: Tex, at: int) -> tuple[str, int]:
    """The replacement text; a blank line stands for one that is empty."""
    start = tex.skip_space(at)
    if tex.text[start : start + 1] == "\n":
        return "", start
    return tex.argument(at)
