"""Running LaTeX text as plain text that keeps ``$…$``, with references and citations resolved."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from papercoder.documents.latex_math import normalised
from papercoder.documents.latex_numbers import Target
from papercoder.documents.latex_scan import Tex

MAX_NESTING = 40
MAX_INLINE_MATH = 5_000

TOKEN = re.compile(
    r"\\(?P<command>[a-zA-Z@]+)(?P<star>\*?)|\\(?P<symbol>.)|(?P<math>\$+)|(?P<quote>``|''|---?|~|[{}])"
    r"|(?P<mark>\x02\d+\x03)",
    re.DOTALL,
)
MATH_END = re.compile(r"(?<!\\)(?:\\\\)*\$")

ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307"}
LETTER_ACCENTS = {"c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a"}
SYMBOLS = {"``": '"', "''": '"', "--": "–", "---": "—", "~": " ", "{": "", "}": ""}
ESCAPED = {"\\": " ", " ": " ", ",": " ", ";": " ", ":": " ", "!": "", "/": "", "-": "", "@": "", "\n": " ", "$": "\\$"}
LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "i": "ı", "j": "ȷ",
    "aa": "å", "AA": "Å", "S": "§", "P": "¶", "dag": "†", "ddag": "‡", "copyright": "©", "pounds": "£",
    "ldots": "…", "dots": "…", "textellipsis": "…", "textbackslash": "\\", "textasciitilde": "~",
    "textasciicircum": "^", "textunderscore": "_", "textbar": "|", "textless": "<", "textgreater": ">",
    "textdegree": "°", "texttimes": "×", "textpm": "±", "textrightarrow": "→", "textquotedbl": '"',
    "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "quad": " ", "qquad": " ", "newline": " ", "linebreak": " ",
    "checkmark": "✓", "cmark": "✓", "xmark": "✗", "bullet": "•", "textbullet": "•", "space": " ", "par": " ",
    "textquotesingle": "'", "slash": "/", "lbrack": "[", "rbrack": "]", "newblock": " ", "textendash": "–",
    "textemdash": "—", "ie": "i.e.", "eg": "e.g.", "triangleright": "▷", "textregistered": "®",
    "texttrademark": "™", "today": "",
}  # fmt: skip
DROPPED_ARGUMENTS = {
    "label": 1, "vspace": 1, "hspace": 1, "includegraphics": 1, "color": 1, "setlength": 2, "addtolength": 2,
    "fontsize": 2, "vskip": 0, "definecolor": 3, "colorbox": 1, "textcolor": 1, "fcolorbox": 2, "resizebox": 2,
    "scalebox": 1, "raisebox": 1, "rotatebox": 1, "parbox": 1, "phantom": 1, "hphantom": 1, "vphantom": 1,
    "rule": 2, "bibliographystyle": 1, "pagestyle": 1, "thispagestyle": 1, "hyperref": 0, "caption": 0,
    "setcounter": 2, "addtocounter": 2, "addcontentsline": 3, "markboth": 2, "index": 1, "captionsetup": 1,
    "multirow": 2, "multicolumn": 2, "rowcolor": 1, "cellcolor": 1, "columncolor": 1, "specialrule": 3,
    "cmidrule": 1, "cline": 1, "hypersetup": 1, "penalty": 0, "fontfamily": 1, "fontseries": 1, "selectfont": 0,
    "begin": 1, "end": 1, "renewcommand": 2, "pdfbookmark": 2, "hypertarget": 1, "hyperlink": 1, "natexlab": 0,
    "graphicspath": 1, "input": 1, "include": 1, "linespread": 1, "titlespacing": 4, "adjustbox": 1,
    "tikz": 0, "node": 0, "crefname": 3, "Crefname": 3, "tikzset": 1, "nocite": 1, "bibliography": 1,
    "textsc": 0, "theoremstyle": 1, "pgfplotsset": 1, "allowbreak": 0, "enlargethispage": 1, "setlist": 1,
    "newtoggle": 1, "providetoggle": 1, "toggletrue": 1, "togglefalse": 1, "settoggle": 2, "newbool": 1, "booltrue": 1,
    "boolfalse": 1, "setbool": 2, "newboolean": 1, "setboolean": 2,
}  # fmt: skip
WITH_OPTION = {
    "includegraphics", "color", "rotatebox", "hyperref", "multirow", "rowcolor", "cellcolor",
    "rule", "textcolor", "colorbox", "caption", "captionsetup", "resizebox", "begin", "linebreak", "pagebreak", "item",
    "columncolor", "adjustbox", "addlinespace", "footnotemark", "setlist", "definecolor", "pdfbookmark", "node", "tikz",
    "makecell", "thead", "midrule", "toprule", "bottomrule",
}  # fmt: skip
BOXES = {"makebox", "framebox", "raisebox", "parbox", "scalebox", "savebox"}
"""With several options, in front of their other arguments or behind them."""
MAX_BOX_OPTIONS = 3
CITING = re.compile(r"(?:[cC]ite|[Pp]arencite|[Tt]extcite|autocite|footcite|supercite|shortcite|onlinecite|newcite)")
TEXTUAL = ("citet", "textcite", "newcite", "citeauthor")
REFERRING = {"ref", "eqref", "autoref", "cref", "Cref", "pageref", "nameref", "vref", "labelcref", "subref", "figref"}
KIND_WORDS = {"section": "Section", "equation": "Eq.", "table": "Table", "figure": "Figure", "algorithm": "Algorithm"}


@dataclass(frozen=True)
class Citation:
    """An entry of the bibliography: its place in it, and its authors if the style names them."""

    position: int
    authors: str = ""


@dataclass
class Inline:
    """Converts text; footnotes are set aside in `footnotes`."""

    labels: dict[str, Target] = field(default_factory=dict)
    citations: dict[str, Citation] = field(default_factory=dict)
    footnotes: list[str] = field(default_factory=list)

    def text(self, source: str, nesting: int = 0) -> str:
        """One line of plain text."""
        if nesting > MAX_NESTING:
            return ""
        converted = "".join(_Conversion(self, source, nesting).run())
        return " ".join(unicodedata.normalize("NFC", converted).split())

    def reference(self, command: str, names: str) -> str:
        """What ``\\ref`` and its relatives print; the label's name where it is unknown."""
        shown = []
        for name in names.split(","):
            target = self.labels.get(name.strip())
            number = target.number if target and target.number else f"[{name.strip()}]"
            word = KIND_WORDS.get(target.kind, target.kind.capitalize()) if target else ""
            named = command in ("autoref", "cref", "Cref", "vref")
            bracketed = f"({number})" if command == "eqref" else number
            shown.append(f"{word} {bracketed}".strip() if named else bracketed)
        return ", ".join(shown)

    def citation(self, command: str, keys: str) -> str:
        """``[1, 2]``, or ``[key]`` for a work that the bibliography does not hold."""
        names = [key.strip() for key in keys.split(",") if key.strip()]
        known = [self.citations.get(name) for name in names]
        marks = ", ".join(str(cited.position) if cited else name for name, cited in zip(names, known, strict=True))
        authors = ", ".join(cited.authors for cited in known if cited and cited.authors)
        prefix = f"{authors} " if authors and command.startswith(TEXTUAL) else ""
        return f"{prefix}[{marks}]"


class _Conversion:
    """One pass over one piece of text."""

    def __init__(self, inline: Inline, source: str, nesting: int) -> None:
        self._inline = inline
        self._tex = Tex(source)
        self._nesting = nesting
        self._at = 0
        self._output: list[str] = []

    def run(self) -> list[str]:
        text = self._tex.text
        while match := TOKEN.search(text, self._at):
            self._output.append(text[self._at : match.start()])
            self._at = match.end()
            self._token(match)
        self._output.append(text[self._at :])
        return self._output

    def _token(self, match: re.Match[str]) -> None:
        if match.group("command"):
            self._command(match.group("command"), match.group("star"))
        elif match.group("symbol"):
            self._symbol(match.group("symbol"))
        elif match.group("math"):
            self._math(match)
        else:
            self._output.append(SYMBOLS.get(match.group(), ""))

    def _command(self, name: str, star: str) -> None:
        handler = HANDLERS.get(name)
        if handler:
            handler(self, name)
        elif CITING.match(name):
            self._cite(name)
        elif name in REFERRING:
            argument, self._at = self._tex.argument(self._at)
            self._output.append(self._inline.reference(name, argument))
        elif name in LETTERS:
            self._output.append(LETTERS[name])
            self._swallow_space()
        elif name in LETTER_ACCENTS and len(name) == 1:
            self._accent(LETTER_ACCENTS[name])
        else:
            self._drop(name)

    def _drop(self, name: str) -> None:
        """Leave a command out; the text in its other arguments stays."""
        if name in WITH_OPTION:
            _, self._at = self._tex.option(self._at)
        if name in BOXES:
            self._drop_options()
        for _ in range(DROPPED_ARGUMENTS.get(name, 0)):
            _, self._at = self._tex.group(self._at)
        if name in BOXES:
            self._drop_options()
        if not DROPPED_ARGUMENTS.get(name):
            self._swallow_space()

    def _drop_options(self) -> None:
        for _ in range(MAX_BOX_OPTIONS):
            option, self._at = self._tex.option(self._at)
            if option is None:
                break

    def _swallow_space(self) -> None:
        while self._tex.text[self._at : self._at + 1] == " ":
            self._at += 1

    def _symbol(self, symbol: str) -> None:
        if symbol in ACCENTS:
            self._accent(ACCENTS[symbol])
        elif symbol in "([":
            closing = "\\)" if symbol == "(" else "\\]"
            end = self._tex.text.find(closing, self._at, self._at + MAX_INLINE_MATH)
            if end >= 0:
                self._formula(self._tex.text[self._at : end])
                self._at = end + 2
        else:
            if symbol == "\\":
                _, self._at = self._tex.option(self._at)
            self._output.append(ESCAPED.get(symbol, symbol if symbol in "&%#_{}|" else ""))

    def _accent(self, mark: str) -> None:
        letter, self._at = self._tex.argument(self._at)
        letter = {"\\i": "i", "\\j": "j"}.get(letter.strip(), letter)
        self._output.append(letter[:1] + mark + letter[1:] if letter.strip() else letter)

    def _math(self, match: re.Match[str]) -> None:
        mark = match.group("math")[:2]
        self._at = match.start() + len(mark)
        end = MATH_END.search(self._tex.text, self._at, self._at + MAX_INLINE_MATH)
        if not end:
            return
        self._formula(self._tex.text[self._at : end.end() - 1])
        self._at = end.end() + len(mark) - 1

    def _formula(self, source: str) -> None:
        formula = normalised(source)
        if formula:
            self._output.append(f"${formula}$")

    def _cite(self, name: str) -> None:
        notes = []
        for _ in range(2):
            note, self._at = self._tex.option(self._at)
            notes += [note] if note else []
        keys, self._at = self._tex.group(self._at)
        self._output.append(self._inline.citation(name, keys))
        if notes:
            self._output.append(f" ({self._inline.text(notes[-1], self._nesting + 1)})")

    def xspace(self, name: str) -> None:
        """A space, unless punctuation or the end of a group follows."""
        self._swallow_space()
        follows = self._tex.text[self._at : self._at + 1]
        if (
            follows.isalnum()
            or follows in ("(", "[", "$", "`", "\n")
            or re.match(r"\\[a-zA-Z]", self._tex.text[self._at :][:2])
        ):
            self._output.append(" ")

    def footnote(self, name: str) -> None:
        _, self._at = self._tex.option(self._at)
        content, self._at = self._tex.group(self._at)
        if content:
            self._inline.footnotes.append(self._inline.text(content, self._nesting + 1))

    def link(self, name: str) -> None:
        address, self._at = self._tex.group(self._at)
        address = re.sub(r"\\([%#_&~])", r"\1", address).strip()
        shown = address
        if name == "href":
            content, self._at = self._tex.group(self._at)
            shown = self._inline.text(content, self._nesting + 1)
        self._output.append(shown if address in shown else f"{shown} ({address})")

    def ensured(self, name: str) -> None:
        content, self._at = self._tex.group(self._at)
        self._formula(content)

    def first_of_two(self, name: str) -> None:
        content, self._at = self._tex.group(self._at)
        _, self._at = self._tex.group(self._at)
        self._output.append(self._inline.text(content, self._nesting + 1))

    def verb(self, name: str) -> None:
        mark = self._tex.text[self._at : self._at + 1]
        end = self._tex.text.find(mark, self._at + 1, self._at + MAX_INLINE_MATH) if mark else -1
        if end > 0:
            self._output.append(self._tex.text[self._at + 1 : end])
            self._at = end + 1


HANDLERS: dict[str, Callable[[_Conversion, str], None]] = {
    "footnote": _Conversion.footnote,
    "footnotetext": _Conversion.footnote,
    "thanks": _Conversion.footnote,
    "url": _Conversion.link,
    "href": _Conversion.link,
    "ensuremath": _Conversion.ensured,
    "texorpdfstring": _Conversion.first_of_two,
    "xspace": _Conversion.xspace,
    "verb": _Conversion.verb,
    "lstinline": _Conversion.verb,
}
