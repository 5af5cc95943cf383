"""The author's own macros, expanded; a macro that never ends is stopped."""

import re
from dataclasses import dataclass, field

from papercoder.documents.latex_scan import Tex

MAX_EXPANSIONS = 200_000
MAX_PRODUCED_CHARS = 10_000_000
MAX_NESTING = 200
MAX_BODY = 20_000
MAX_PARAMETERS = 9
MAX_CHOICES = 8
NO_VALUE = "-NoValue-"
"""What `xparse` puts in place of an option that was not given."""

COMMAND = re.compile(r"\\(?:([a-zA-Z@]+)(\*?)|(.))", re.DOTALL)
DEFINING = {"newcommand", "renewcommand", "providecommand", "DeclareRobustCommand"}
TEX_DEFINING = {"def", "gdef", "edef", "xdef"}
OPERATORS = {"DeclareMathOperator"}
ENVIRONMENTS = {"newenvironment", "renewenvironment"}
DOCUMENT_COMMANDS = {f"{verb}DocumentCommand" for verb in ("New", "Renew", "Provide", "Declare")}
DELIMITERS = "DeclarePairedDelimiter"
KEPT_NAMES = """
begin end item section subsection subsubsection chapter part paragraph subparagraph caption label ref cite citep
citet input include includegraphics title author footnote maketitle url href par textbf textit emph text mathrm
appendix bibliography bibitem abstract frac sum left right hline multicolumn multirow
"""
KEPT = frozenset(KEPT_NAMES.split())
VERBATIM = re.compile(r"\\begin\s*\{(?:verbatim\*?|Verbatim|lstlisting|minted)\}")
PARAMETER = re.compile(r"#([1-9])")
SPECIFIED = re.compile(r"[+!]*(?:([msov])|O\s*\{((?:[^{}]|\{[^{}]*\})*)\})\s*")
CHOICE = re.compile(r"\\If(?P<no>No)?(?P<kind>Value|Boolean)(?P<branches>TF|T|F)(?![a-zA-Z@])")
SPACES = re.compile(r"[ \t]*\n?(?![ \t]*\n)[ \t]*")


@dataclass(frozen=True)
class Macro:
    body: str
    arity: int = 0
    default: str | None = None
    specified: tuple[tuple[str, str], ...] = ()
    """`xparse`'s arguments, each with its default: m, s (a star), o (an option), v."""


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
        if name in DEFINING | TEX_DEFINING | OPERATORS | ENVIRONMENTS | DOCUMENT_COMMANDS | {DELIMITERS, "let"}:
            frame.at, kept = self._define(name, match, frame)
            output.append(kept)
        elif name == "begin" and (verbatim := VERBATIM.match(frame.tex.text, match.start())):
            frame.at = frame.tex.environment(match.start())[1]
            output.append(frame.tex.text[verbatim.start() : frame.at])
        elif name in ("begin", "end") and self.environments:
            self._environment(name, match, frames, output)
        elif name in self.macros and not self.exhausted:
            frame.at -= len(match.group(2) or "")  # a star is the macro's argument, or text behind it
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
        self._produced += max(len(body), len(macro.body) * (MAX_CHOICES if macro.specified else 1))
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
        arguments = self._arguments(macro, frame)
        longest = max((len(argument) for argument in arguments), default=0)
        if len(macro.body) + longest * macro.body.count("#") > MAX_PRODUCED_CHARS - self._produced:
            self.exhausted = True
            return ""
        body = _chosen(macro.body, arguments) if macro.specified else macro.body
        return PARAMETER.sub(lambda found: _argument(arguments, int(found.group(1))), body)

    def _arguments(self, macro: Macro, frame: _Frame) -> list[str]:
        arguments: list[str] = []
        for kind, default in macro.specified:
            if kind == "s":
                starred = frame.tex.text.startswith("*", frame.at)
                frame.at += starred
                arguments.append(str(starred))
            elif kind == "o":
                option, frame.at = frame.tex.option(frame.at)
                arguments.append(default if option is None else option)
            else:
                argument, frame.at = frame.tex.argument(frame.at)
                arguments.append(argument)
        if macro.default is not None:
            option, frame.at = frame.tex.option(frame.at)
            arguments.append(macro.default if option is None else option)
        rest, frame.at = frame.tex.arguments(frame.at, macro.arity - len(arguments))
        return arguments + rest

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
        if name in DOCUMENT_COMMANDS:
            return self._define_document_command(frame, only_new=name.startswith("Provide")), ""
        if name == DELIMITERS:
            return self._define_delimiters(frame), ""
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

    def _define_document_command(self, frame: _Frame, *, only_new: bool) -> int:
        (target, arguments, body), at = frame.tex.arguments(frame.at, 3)
        specified = [(kind or "o", default if not kind else NO_VALUE) for kind, default in SPECIFIED.findall(arguments)]
        if len(specified) <= MAX_PARAMETERS and not SPECIFIED.sub("", arguments).strip():
            self._learn(
                target.strip().lstrip("\\"), Macro(body, len(specified), specified=tuple(specified)), only_new=only_new
            )
        return at

    def _define_delimiters(self, frame: _Frame) -> int:
        """`mathtools`: a pair of delimiters, which a star or an option makes larger."""
        (target, left, right), at = frame.tex.arguments(frame.at, 3)
        specified = (("s", ""), ("o", ""), ("m", ""))
        self._learn(target.strip().lstrip("\\"), Macro(f"{left} #3 {right}", 3, specified=specified))
        return at

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


def _chosen(body: str, arguments: list[str]) -> str:
    """The branches that `xparse` takes for options that were given or not."""
    for _ in range(MAX_CHOICES):
        match = CHOICE.search(body)
        if not match:
            break
        tex = Tex(body)
        asked, at = tex.argument(match.end())
        given = PARAMETER.sub(lambda found: _argument(arguments, int(found.group(1))), asked)
        branches = {}
        for branch in match.group("branches"):
            branches[branch], at = tex.argument(at)
        holds = given == "True" if match.group("kind") == "Boolean" else (given == NO_VALUE) == bool(match.group("no"))
        body = body[: match.start()] + branches.get("T" if holds else "F", "") + body[at:]
    return body


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
