"""Algorithms line by line, from `algorithmic`, `algpseudocode` and `algorithm2e`."""

import re
from collections.abc import Callable, Generator, Iterator

from papercoder.documents.latex_flatten import unmarked
from papercoder.documents.latex_scan import Tex

MAX_INDENT = 12
OPENING = {"if": "if", "for": "for", "forall": "for all", "foreach": "for each", "while": "while", "loop": "loop"}
OPENING |= {"repeat": "repeat", "procedure": "procedure", "function": "function", "uif": "if", "eif": "if"}
TURNING = {"else": "else", "elsif": "else if", "elseif": "else if", "uelseif": "else if"}
CLOSING = {"endif", "endfor", "endwhile", "endloop", "until", "endprocedure", "endfunction"}
SAYING = {"state": "", "statex": "", "require": "Require: ", "ensure": "Ensure: ", "return": "return "}
SAYING |= {"kwin": "Input: ", "kwout": "Output: ", "kwdata": "Data: ", "kwresult": "Result: ", "input": "Input: "}
SAYING |= {"output": "Output: ", "kwret": "return ", "print": "print "}
ASIDE = {"comment", "tcp", "tcc", "tcp*", "algcommentinline"}
WORDS = sorted({*OPENING, *TURNING, *CLOSING, *SAYING, *ASIDE} - {"tcp*"}, key=len, reverse=True)
TOKEN = re.compile(
    rf"\\(?P<word>{'|'.join(WORDS)})(?![a-zA-Z])\*?|(?P<end>\\\\|\\;|\n\s*\n)|(?P<brace>\}})"
    r"|\\begin\{algorithmic\}(?:\[\d*\])?|\\end\{algorithmic\}|\\(?:SetAlgo\w+|DontPrintSemicolon|LinesNumbered)\b",
    re.IGNORECASE,
)


def algorithm_lines(source: str, convert: Callable[[str], str]) -> str:
    """An algorithm's steps, indented by their nesting."""
    return "\n".join(_Lines(unmarked(source), convert).run())


class _Lines:
    def __init__(self, source: str, convert: Callable[[str], str]) -> None:
        self._tex = Tex(source)
        self._convert = convert
        self._indent = 0
        self._blocks: set[int] = set()
        self._pending: list[str] = []

    def run(self) -> Iterator[str]:
        at, text = 0, self._tex.text
        while match := TOKEN.search(text, at):
            self._pending.append(text[at : match.start()])
            at = match.end()
            if match.group("word"):
                at = yield from self._word(match, at)
            elif match.group("brace") and match.start() not in self._blocks:
                self._pending.append("}")
            else:
                yield from self._flush()
                self._indent -= 1 if match.group("brace") else 0
        self._pending.append(text[at:])
        yield from self._flush()

    def _word(self, match: re.Match[str], at: int) -> Generator[str, None, int]:
        word = match.group("word").lower()
        if word in ASIDE:
            aside, at = self._tex.group(at)
            self._pending.append(f" \\% {aside}")
            return at
        yield from self._flush()
        if word in SAYING:
            content, at = self._tex.group(at)
            self._pending.append(SAYING[word] + content)
        elif word in CLOSING:
            yield from self._close(word)
        else:
            at = yield from self._open(word, match.group("word"), at)
        return at

    def _close(self, word: str) -> Iterator[str]:
        self._indent = max(self._indent - 1, 0)
        yield from self._line("until" if word == "until" else f"end {word.removeprefix('end')}")

    def _open(self, word: str, written: str, at: int) -> Generator[str, None, int]:
        """`if`, `for` and the like: the condition, then the steps inside."""
        if (word in TURNING and written.isupper()) or (word in TURNING and written[:1].isupper() and not self._blocks):
            self._indent = max(self._indent - 1, 0)
        _option, at = self._tex.option(at)
        condition, at = ("", at) if word in ("else", "loop", "repeat") else self._tex.group(at)
        yield from self._line(f"{OPENING.get(word) or TURNING[word]} {condition}")
        self._indent += 1
        start = self._tex.skip_space(at)
        if self._tex.text[start : start + 1] == "{" and start in self._tex.closing:
            self._blocks.add(self._tex.closing[start])
            at = start + 1
        return at

    def _flush(self) -> Iterator[str]:
        text, self._pending = "".join(self._pending), []
        yield from self._line(text)

    def _line(self, source: str) -> Iterator[str]:
        text = self._convert(source)
        if text:
            yield "  " * min(max(self._indent, 0), MAX_INDENT) + text
