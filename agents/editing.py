"""Questions whose answer is a set of SEARCH/REPLACE edits of several files."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from agents.author import VERSIONS
from agents.context import Material, file_prefix, preamble
from agents.headers import header
from agents.question import Question
from papercoder.edits import Addable, apply_edits, has_edits, parse_edits
from papercoder.models.answers import AnswerError, Parser, strip_reasoning
from papercoder.models.tokens import count_tokens
from prompts import quoted, render
from state.context import Role, Stage
from state.paths import check_distinct
from state.review import Finding

Code = dict[str, str]
NO_EDITS = re.compile(r"^\W*NO EDITS\b", re.MULTILINE)


@dataclass(frozen=True)
class Shown:
    """What the question shows: files that may be edited, in full; of the others what they offer."""

    editable: dict[str, str]
    headers: dict[str, str]
    left_out: tuple[str, ...] = ()


def edits_question(
    role: Role, stage: Stage, prompt: str, material: Material, code: Mapping[str, str], findings: Sequence[Finding],
    number: int, addable: Addable | None = None,
) -> Question[Code]:  # fmt: skip
    """Asks for edits that mend the findings.  The answer is the whole code with the edits put in.

    `addable` judges which files that are not there may be added; None: none.
    """
    shared = file_prefix(material)
    shown = _shown(code, findings, max(material.window - count_tokens(shared) - 4_000, 2_000))
    task = render(
        prompt,
        files=[(path, quoted("file", text)) for path, text in shown.editable.items()],
        others=[(path, quoted("header", text)) for path, text in shown.headers.items()],
        findings=[f for f in findings if f.file not in code or f.file in shown.editable],
    ) + render("edits_form")
    return Question(
        role=role,
        stage=stage,
        system=preamble(material.context),
        prefix=shared,
        images=material.images,
        task=task,
        round=material.revision * VERSIONS + number,
        parse=edited(code, shown.editable, addable),
        trimmed=(*material.shown_paper[1], *shown.left_out),
        optional=True,
    )


def edited(code: Mapping[str, str], allowed: Collection[str], addable: Addable | None = None) -> Parser[Code]:
    """A parser that puts the edits in.  One that does not apply refuses them all, with the nearest text."""

    def parse(text: str) -> Code:
        answer = strip_reasoning(text)
        if NO_EDITS.search(answer) and not has_edits(answer):
            return dict(code)
        try:
            applied = apply_edits(code, parse_edits(answer), allowed, addable)
            _check_added({path: text for path, text in applied.files.items() if path not in code})
        except ValueError as error:  # edits that do not apply, or names that do not go together
            raise AnswerError(str(error)) from error
        if not applied.files:
            raise AnswerError("The edits change nothing: their new text is in the files already. Mend what was found.")
        return {**code, **applied.files}

    return parse


def _check_added(added: Mapping[str, str]) -> None:
    check_distinct(added)
    for path, text in added.items():
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise ValueError(f"{path} would be a new file, and what it holds is no text.")


def _shown(code: Mapping[str, str], findings: Sequence[Finding], room: int) -> Shown:
    """The files with findings in full, those with most of them first; the others by their signatures.

    A finding about no file of the code, but about config.yaml or the whole, may be mended in any of them.
    """
    counts = {path: sum(finding.file == path for finding in findings) for path in code}
    anywhere = any(finding.file not in code for finding in findings)
    ranked = sorted(code, key=lambda path: (-counts[path], path))
    shown = fitted(code, [path for path in ranked if anywhere or counts[path]], room, room)
    lacking = tuple(f"the bodies of {path}" for path in ranked if counts[path] and path not in shown.editable)
    return replace(shown, left_out=lacking)


def fitted(code: Mapping[str, str], wanted: Sequence[str], most: int, room: int) -> Shown:
    """The wanted files in full, as far as `most` tokens go, the first in any case; the others by their signatures."""
    editable: dict[str, str] = {}
    for path in wanted:
        if not editable or _size({**editable, path: code[path]}) <= most:
            editable[path] = code[path]
    rest = {path: header(code[path]) for path in sorted(code) if path not in editable and path.endswith(".py")}
    while rest and _size({**editable, **rest}) > room:
        rest.popitem()
    lacking = tuple(f"the bodies of {path}" for path in wanted if path not in editable)
    return Shown(dict(sorted(editable.items())), rest, lacking)


def _size(texts: Mapping[str, str]) -> int:
    return sum(count_tokens(text) + 20 for text in texts.values())
