"""Reading what a model said: the reasoning stripped, the JSON or the file found, refused with a reason if unusable.

A parser takes the text and returns the value, or raises `AnswerError` with a sentence that a model can act on: it is
quoted back in the repair turn.
"""

import ast
import json
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
Parser = Callable[[str], T]

_MAX_PROBLEMS = 8


class AnswerError(ValueError):
    """Why an answer cannot be used, in words for the model."""


@dataclass(frozen=True)
class Fence:
    """A fenced block: its info string, the non-empty line before it, its body, and whether it was closed."""

    info: str
    lead: str
    body: str
    closed: bool


_THINK = re.compile(r"^[ \t]*<think(?:ing)?>", re.MULTILINE)
_THOUGHT = re.compile(r"""(?<!["'])(?<!(?<!``)`)</think(?:ing)?>(?!["']|`(?!``))""")  # not one that is quoted


def strip_reasoning(text: str) -> str:
    """The answer without `<think>…</think>`; reasoning that never ends leaves nothing."""
    return without_reasoning(text).strip()


def without_reasoning(text: str) -> str:
    """The same, with its white space.  The tags count in prose only: code may be about them."""
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    if not _in_prose(_THINK, text) and (end := _in_prose(_THOUGHT, text)):
        text = text[end.end() :]  # templates that open it themselves
    while start := _in_prose(_THINK, text):
        end = _THOUGHT.search(text, start.end())
        text = text[: start.start()] + (text[end.end() :] if end else "")
    return text


def _in_prose(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match outside fenced blocks."""
    match = pattern.search(text)
    if match is None:
        return None
    blocks = _spans(text)
    return next((m for m in pattern.finditer(text) if not any(a <= m.start() < b for a, b in blocks)), None)


_FENCE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,})(?P<info>[^\n`]*)$", re.MULTILINE)


def fences(text: str) -> list[Fence]:
    """The outermost fenced blocks of a text.

    A block closes at a bare fence at least as long as the one that opened it.  A fence with an info string inside a
    block opens a nested one (a docstring or a Markdown text that shows code), which closes first.
    """
    return [_fence(text, start, end) for start, end in _blocks(text)]


def _spans(text: str) -> list[tuple[int, int]]:
    return [(start.start(), end.end() if end else len(text)) for start, end in _blocks(text)]


def _blocks(text: str) -> list[tuple[re.Match[str], re.Match[str] | None]]:
    """The lines that open and close each block; None for one that is never closed."""
    found: list[tuple[re.Match[str], re.Match[str] | None]] = []
    opened: list[re.Match[str]] = []
    for match in _FENCE.finditer(text):
        bare = not match["info"].strip()
        if opened and bare and _closes(match, opened[-1]):
            start = opened.pop()
            if not opened:
                found.append((start, match))
        elif not opened or (not bare and match["mark"][0] == opened[-1]["mark"][0]):
            opened.append(match)
    return [*found, (opened[0], None)] if opened else found


def _closes(match: re.Match[str], start: re.Match[str]) -> bool:
    return match["mark"][0] == start["mark"][0] and len(match["mark"]) >= len(start["mark"])


def _fence(text: str, start: re.Match[str], end: re.Match[str] | None) -> Fence:
    lead = text[: start.start()].rstrip().rsplit("\n", 1)[-1].strip()
    body = text[start.end() + 1 : end.start() if end else len(text)]
    return Fence(start["info"].strip(), lead, body, closed=end is not None)


def fenced(text: str) -> str:
    """The text in a block that no fence inside it closes."""
    mark = "`" * (1 + max([2, *(len(match["mark"]) for match in _FENCE.finditer(text))]))
    return f"{mark}\n{text.rstrip()}\n{mark}"


def json_answer(model: type[M], check: Callable[[M], None] | None = None) -> Parser[M]:
    """A parser for one JSON object in a fenced block (or bare), validated against `model` and then by `check`."""

    def parse(text: str) -> M:
        value = _json_object(strip_reasoning(text))
        try:
            artifact = model.model_validate(value)
            if check:
                check(artifact)
        except ValidationError as error:
            raise AnswerError(_describe(error)) from error
        except (ValueError, RecursionError) as error:
            raise AnswerError(str(error)) from error
        return artifact

    return parse


def _json_object(text: str) -> dict[str, Any]:
    if not text:
        raise AnswerError("The answer was empty. Answer with one JSON object in a fenced block.")
    problem = "The answer contains no JSON object. Answer with one JSON object in a fenced block and nothing else."
    for candidate in _json_candidates(text):
        try:
            value = json.loads(candidate, strict=False)  # a raw line break inside a string is harmless
        except json.JSONDecodeError as error:
            near = candidate[max(0, error.pos - 40) : error.pos + 40].replace("\n", "⏎")
            problem = f"The JSON does not parse: {error.msg} at line {error.lineno}, column {error.colno}, near: {near}"
            continue
        except (ValueError, RecursionError) as error:  # a number of thousands of digits; brackets nested too deep
            problem = f"The JSON does not parse: {error}"
            continue
        if isinstance(value, dict):
            return value
        problem = f"The JSON is {_kind(value)}; it must be one object."
    raise AnswerError(problem)


def _json_candidates(text: str) -> Iterator[str]:
    """Fenced blocks, the last first (a model that corrects itself does so at the end); then the widest braces."""
    blocks = fences(text)
    for block in reversed(blocks):
        if block.closed and block.info.lower() in ("json", "", "jsonc", "json5"):
            yield _without_trailing_commas(block.body)
    first, last = text.find("{"), text.rfind("}")
    if 0 <= first < last and not any(block.closed for block in blocks):
        yield _without_trailing_commas(text[first : last + 1])


def _without_trailing_commas(text: str) -> str:
    """JSON as models write it: a comma before a closing bracket is dropped, outside strings only."""
    pieces = re.split(r'("(?:[^"\\]|\\.)*")', text)
    pieces[::2] = [re.sub(r",(\s*[\]}])", r"\1", piece) for piece in pieces[::2]]
    return re.sub(r",(\s*[\]}]\s*)\Z", r"\1", "".join(pieces))


def _kind(value: object) -> str:
    return {list: "a list", str: "a string", int: "a number", float: "a number"}.get(type(value), "not an object")


def _describe(error: ValidationError) -> str:
    problems = error.errors(include_url=False)
    lines = [f"- {_where(problem['loc'])}: {_what(problem)}" for problem in problems[:_MAX_PROBLEMS]]
    if len(problems) > _MAX_PROBLEMS:
        lines.append(f"- and {len(problems) - _MAX_PROBLEMS} more")
    return "The JSON does not have the form that was asked for:\n" + "\n".join(lines)


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "the object"


def _what(problem: Any) -> str:
    given = "" if problem["type"] == "missing" else f" (given: {str(problem['input'])[:80]!r})"
    return f"{problem['msg'].removeprefix('Value error, ')}{given}"


def text_answer(minimum: int = 40) -> Parser[str]:
    """A parser for prose, which must not be empty or a mere refusal."""

    def parse(text: str) -> str:
        prose = strip_reasoning(text)
        whole = re.fullmatch(r"(`{3,})(?:markdown|md)?\n(.*)\n\1", prose, flags=re.DOTALL)
        prose = whole[2].strip() if whole else prose
        if len(prose) < minimum:
            raise AnswerError("The answer was empty or too short. Answer the task above in full.")
        if len(prose) < 400 and re.match(r"(I['’]m sorry|I am sorry|Sorry,|I can(?:no|['’])t )", prose):
            raise AnswerError(
                "The answer declined the task. It is ordinary programming work on a published paper: do it."
            )
        return prose

    return parse


def file_answer(path: str) -> Parser[str]:
    """A parser for the content of one file in a fenced block."""

    def parse(text: str) -> str:
        answer = strip_reasoning(text)
        if not answer:
            raise AnswerError(f"The answer was empty. Answer with the line `FILE: {path}` and one fenced block.")
        blocks = fences(answer)
        if not blocks:
            raise AnswerError(
                f"The answer contains no fenced block. Answer with the line `FILE: {path}` and one fenced block."
            )
        block = _block_for(path, blocks)
        if not block.closed:
            raise AnswerError("The fenced block is not closed: the file seems cut off. Send the whole file again.")
        content = block.body.strip("\n") + "\n"
        if not content.strip():
            raise AnswerError("The fenced block is empty. Send the whole file.")
        if problem := _syntax_problem(path, content):
            content = _widest_block(answer) + "\n"
            if not content.strip() or _syntax_problem(path, content):
                raise AnswerError(problem)
        return content

    return parse


def _widest_block(text: str) -> str:
    """From the first fence to the last: a docstring that shows fenced code closes its block too early."""
    widest = re.search(r"^`{3,}[^\n]*\n(.*)\n`{3,}[ \t]*$", text, flags=re.DOTALL | re.MULTILINE)
    return widest[1].strip("\n") if widest else "("


def _block_for(path: str, blocks: list[Fence]) -> Fence:
    named = [block for block in blocks if _names(block, path)]
    if named:
        return max(named, key=lambda block: len(block.body))
    others = [block for block in blocks if other_path(block)]
    if others:
        raise AnswerError(
            f"The answer is for {other_path(others[0])!r}; the file to write is {path!r}. Write that one."
        )
    if len(blocks) > 1:
        raise AnswerError(f"The answer has {len(blocks)} fenced blocks. Send {path} whole, in one block.")
    return blocks[0]


def _names(block: Fence, path: str) -> bool:
    first = block.body.lstrip().split("\n", 1)[0]
    pattern = rf"(?<![\w./-]){re.escape(path)}(?![\w/-])"
    return any(re.search(pattern, line) for line in (block.info, block.lead, first if first.startswith("#") else ""))


def other_path(block: Fence) -> str:
    """The path that a block's heading or info string names, if any."""
    heading = re.match(r"(?:FILE:|#+\s*(?:Code:)?|\*\*)\s*`?([\w./\\-]+\.[A-Za-z]\w*)", block.lead)
    match = heading or re.search(r"(?:^|[\s=:\"'])([\w./\\-]+\.[A-Za-z]\w*)", block.info)
    return match[1] if match else ""


def _syntax_problem(path: str, content: str) -> str:
    """Why Python would refuse the file; empty if it would not, or if it is not Python."""
    if not path.endswith(".py"):
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in generated code is not our user's business
            ast.parse(content, path)
    except SyntaxError as error:
        return f"{path} is not valid Python: {error.msg} (line {error.lineno}). Send the whole file again."
    except (ValueError, RecursionError, MemoryError) as error:
        return f"{path} is not valid Python: {error}. Send the whole file again."
    return ""
