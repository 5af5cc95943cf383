"""Foreign text in Markdown that programs turn into web pages: it shows as text and formulas, and does nothing."""

import re

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_TARGET = re.compile(r"\](?=[(\[:])")
_ACTIVE_MATH = re.compile(r"\\(?=(?:href|url|class|cssId|style|require|csname|includegraphics|html\w*)(?![A-Za-z]))")
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")
_COMMENT = re.compile(r"(?<!\\)%.*")
_RUN_OF_TICKS = re.compile(r"`{3,}")


def harmless(text: str) -> str:
    """Without tags, links, images, and formulas that carry links.

    A space makes a tag or a link's target plain text to every reader of Markdown, wherever it stands.
    """
    text = _TARGET.sub("] ", _TAG.sub("< ", plain(text)))
    return _ACTIVE_MATH.sub("", text)


def plain(text: str) -> str:
    """Without what steers terminals."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def fenced(text: str, language: str = "") -> str:
    """To the letter, in a block that nothing inside it closes."""
    longest = max([2, *(len(run) for run in _RUN_OF_TICKS.findall(text))])
    mark = "`" * (longest + 1)
    return f"{mark}{language}\n{plain(text).rstrip()}\n{mark}"


def formula(latex: str) -> str:
    """A displayed formula on one line, so that no margin gets into it."""
    lines = [_COMMENT.sub("", line) for line in harmless(latex).split("\n")]
    return f"$$ {' '.join(' '.join(lines).split()).replace('$$', '$')} $$"


def margin(text: str) -> str:
    """As a quotation."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
