"""A Markdown file's lines, without what a reader does not see, and what its front matter says."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from papercoder.documents.html_tree import hides

FRONT = re.compile(r"\A---[ \t]*\n(.{0,50000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
ANCHOR = re.compile(r"(?:[:\[,-]|^)[ \t]*&\w", re.MULTILINE)
"""What a few aliases can make gigabytes of."""
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
CODE = re.compile(r"^(?P<fence> {0,3}(?:`{3,}|~{3,})).*?^(?P=fence)[`~]*[ \t]*$|`[^`\n]+`", re.DOTALL | re.MULTILINE)
STYLED = re.compile(
    r"<(?P<tag>span|font|div|section|details|p|small|sup|sub|b|i|em|strong)\b(?P<attributes>[^>]{0,500})>(?P<inside>.*?)</(?P=tag)>",
    re.DOTALL | re.IGNORECASE,
)
CONTAINER = re.compile(r"</?(?:div|section|center|details|summary)\b[^>]{0,500}>", re.IGNORECASE)
"""Tags around Markdown, which are no text themselves."""
QUOTED_FORMULA = re.compile(r"\$`([^`\n]+)`\$")
"""How GitHub writes a formula inside a line."""
STYLE = re.compile(r"style\s*=\s*[\"']([^\"']*)|\bcolor\s*=\s*[\"']?([#\w]+)", re.IGNORECASE)
HIDDEN = re.compile(r"\bhidden\b(?!\s*=\s*[\"']?false)", re.IGNORECASE)


@dataclass
class MarkdownSource:
    """Lines as numbered in the file."""

    lines: list[str]
    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    hidden: list[str] = field(default_factory=list)


def markdown_source(text: str) -> MarkdownSource:
    """Take front matter, comments and hidden text out; every other line keeps its number."""
    front = FRONT.match(text)
    fields = _fields(front.group(1)) if front else {}
    if front and fields:
        text = _blank(front.group()) + text[front.end() :]
    hidden: list[str] = []
    text = QUOTED_FORMULA.sub(r"$\1$", text)
    text = _outside_code(text, lambda part: _seen(COMMENT.sub(lambda found: _blank(found.group()), part), hidden))
    return MarkdownSource(
        text.split("\n"), _string(fields.get("title")), _names(fields.get("author") or fields.get("authors")),
        _string(fields.get("abstract")), hidden,
    )  # fmt: skip


def _fields(source: str) -> dict[str, Any]:
    if ANCHOR.search(source):
        return {}
    try:
        found = yaml.safe_load(source)
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _outside_code(text: str, change: Any) -> str:
    parts, at = [], 0
    for match in CODE.finditer(text):
        parts += [change(text[at : match.start()]), match.group()]
        at = match.end()
    return "".join([*parts, change(text[at:])])


def _seen(text: str, hidden: list[str]) -> str:
    def keep(match: re.Match[str]) -> str:
        styles = [style or f"color:{color}" for style, color in STYLE.findall(match.group("attributes"))]
        if not HIDDEN.search(STYLE.sub("", match.group("attributes"))) and not any(map(hides, styles)):
            return match.group()
        hidden.append(" ".join(match.group("inside").split()))
        return _blank(match.group())

    return CONTAINER.sub(lambda found: _blank(found.group()), STYLED.sub(keep, text))


def _blank(text: str) -> str:
    return "\n" * text.count("\n")


def _names(value: object) -> tuple[str, ...]:
    people = value if isinstance(value, list) else [value]
    names = [_string(person.get("name")) if isinstance(person, dict) else _string(person) for person in people]
    return tuple(filter(None, names))


def _string(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int | float) else ""
