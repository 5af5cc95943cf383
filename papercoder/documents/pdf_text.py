"""Lines of prose joined, with the hyphens of line breaks undone."""

import re
from collections.abc import Iterable

from papercoder.documents.pdf_lines import Line

WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
HEAD = re.compile(r"([^\W\d_][\w-]*)-$")
SUFFIX = re.compile(
    r"\w{1,3}|(?:\w{0,3})(?:ings?|tions?|ments?|able|ably|ability|ness|ative|atively|ized?|izing|ances?|ences?|fully?|less|"
    r"ships?|standing|ously|ities|ation|ations|ically|ingly)"
)
TAIL = re.compile(r"^([^\W\d_]+)")


class Joiner:
    """Knows the words of a paper, so that it can tell a broken word from a compound."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._words: set[str] = set()
        broken = False
        for line in lines:
            words = [word.lower() for word in WORD.findall(line.text)]
            first, broken = int(broken), line.text.endswith("-")
            self._words.update(words[first : len(words) - broken])

    def join(self, lines: Iterable[Line]) -> str:
        """The text of a paragraph."""
        parts: list[str] = []
        for line in lines:
            text = line.text
            if not parts:
                parts.append(text)
            elif self._broken(parts[-1], text):
                parts[-1] = parts[-1][:-1]
                parts.append(text)
            elif HEAD.search(parts[-1][-40:]) or parts[-1].endswith(("/", "–")):
                parts.append(text)
            else:
                parts.append(" " + text)
        return "".join(parts)

    def _broken(self, before: str, after: str) -> bool:
        """Whether the hyphen at the end of a line is only there because the line ended."""
        head, tail = HEAD.search(before[-60:]), TAIL.search(after)
        if not head or not tail or not tail.group(1)[0].islower():
            return False
        first, second = head.group(1).lower(), tail.group(1).lower()
        if f"{first}-{second}" in self._words:
            return False
        if first + second in self._words:
            return True
        return not ("-" in first or self._compounds(first, second))

    def _compounds(self, first: str, second: str) -> bool:
        """Whether two parts are words of their own, as in `sequence-aligned`."""
        return len(first) > 4 and first in self._words and not SUFFIX.fullmatch(second)
