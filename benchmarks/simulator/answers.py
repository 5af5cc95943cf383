"""The answer book: what the simulated model says to each prompt of the pipeline.

The last heading `# Stage: planning`, `# Stage: coding of src/model.py` and so on says what is wanted; the paper and the
like may stand before it in the same message.  Messages behind it are a repair, which gets the same well-formed answer,
or, where the last one begins with `# Continue`, a continuation, which gets what the answer cut off before still lacks.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.simulator import critics, designs, judging, reviews, revisions, runs, surveys, trials
from benchmarks.simulator.project import Project, ProjectFile, build_project, class_name
from benchmarks.simulator.settings import Layout, Reviewer
from benchmarks.simulator.texts import analysis_text, code_text, prose, within
from benchmarks.simulator.tokens import content_of
from benchmarks.simulator.trials import tests_path, tests_text
from benchmarks.simulator.walks import walkthrough

Turn = Literal["first", "repair", "continuation"]
Message = Mapping[str, Any]

_STAGE = re.compile(r"^# Stage: *(?P<stage>.+?)(?: of (?P<file>.+?))? *$", re.MULTILINE)
_ANCHOR = re.compile(r"^\[((?:[SETA][\w.]*\d|abstract)[\w.]*)\]", re.MULTILINE)
_CONTINUE = "# Continue"
_AT_MOST = re.compile(r"at most about (\d+) words")
_DESIGNS: dict[str, Callable[[Project], designs.Json]] = {
    "planning": designs.plan,
    "architecture": designs.architecture,
    "logic": designs.logic,
    "configuration": designs.configuration,
}


def _words_asked(prompt: str) -> int:
    """How long the last task wants its answer to be at most, in words; 0 if it does not say."""
    found = _AT_MOST.findall(prompt)
    return int(found[-1]) if found else 0


@dataclass(frozen=True)
class Question:
    """What a request asks for."""

    stage: str
    file: str
    turn: Turn


def question(messages: Sequence[Message]) -> Question:
    """Reads the stage, the file and the turn off a conversation; without a stage heading the stage is `other`."""
    texts = [content_of(message) for message in messages]
    for position in reversed(range(len(texts))):
        heading = _heading(texts[position]) if messages[position].get("role") != "assistant" else None
        if heading is None:
            continue
        turn: Turn = "first" if position == len(texts) - 1 else "repair"
        if _continues(texts[-1]):
            turn = "continuation"
        return Question(heading["stage"], heading["file"] or "", turn)
    return Question("other", "", "first")


class AnswerBook:
    """Well-formed answers for every stage, for one synthetic project."""

    def __init__(self, files: int = 10, layout: Layout = "flat", reviewer: Reviewer = "lenient") -> None:
        self.project = build_project(files, layout)
        self.strict = reviewer == "strict"

    def reply(self, body: Mapping[str, Any]) -> str:
        """The answer to a request's body; bare JSON where its response format asks for JSON."""
        messages = body["messages"]
        asked = question(messages)
        bare = (body.get("response_format") or {}).get("type") in ("json_schema", "json_object")
        prompt = "\n".join(content_of(message) for message in messages if message.get("role") != "assistant")
        opening = content_of(messages[1]) if len(messages) > 1 else ""
        if verdict := judging.judged(asked.stage, opening):
            answer = judging.as_answer(verdict, bare=bare)
        else:
            answer = self._reviewing(asked, prompt, bare=bare) or self._writing(asked, prompt, bare=bare)
        answer = critics.in_character(str(body.get("model", "")), asked.stage, prompt, answer, bare=bare)
        return remainder(answer, partial_answers(messages)) if asked.turn == "continuation" else answer

    def _reviewing(self, asked: Question, prompt: str, *, bare: bool) -> str:
        """What is said of work that is there; empty where something is to be written."""
        heading = _heading(prompt)
        task = prompt[heading.start() :] if heading else ""
        match asked.stage:
            case "critique":
                return reviews.in_json(reviews.remarks(task, strict=self.strict), bare=bare)
            case "assessment":
                return reviews.in_json(reviews.verdicts(prompt, strict=self.strict), bare=bare)
            case "arbitration":
                return reviews.in_json(runs.rulings(task), bare=bare)
            case "repair" if asked.file != "the code":
                return runs.repair(task)
            case "repair":
                return runs.addition(task) or reviews.repair(task)
            case "completion":
                return reviews.completion(task)
            case "revision":
                return reviews.in_json(revisions.changes(task, self.project.paths), bare=bare)
        return ""

    def _writing(self, asked: Question, prompt: str, *, bare: bool) -> str:
        if asked.stage in surveys.STAGES:
            return reviews.in_json(surveys.reading(asked.stage, asked.file, prompt), bare=bare)
        if reviews.is_revision(prompt) and asked.stage in _DESIGNS and (design := revisions.revised_design(prompt)):
            return reviews.in_json(reviews.mended_design(design), bare=bare)
        required = trials.requirements_in if asked.stage == "testing" else surveys.requirements_in
        known = {"anchors": anchors_in(prompt), "requirements": required(prompt)}
        mended = reviews.is_revision(prompt)
        text = self.answer(asked.stage, asked.file, bare=bare, mended=mended, words=_words_asked(prompt), **known)
        return revisions.revised_code(prompt, text) if asked.stage == "coding" else text

    def answer(
        self, stage: str, file: str = "", *, bare: bool = False, mended: bool = False,
        anchors: Sequence[str] = ("abstract",), requirements: Sequence[str] = (), words: int = 0,
    ) -> str:  # fmt: skip
        """The whole answer of a stage; what it states is said to come from `anchors` of the paper.

        `words`: how long prose may be; 0 leaves it as long as the original's prompts get it.
        """
        if stage in _DESIGNS:
            design = designs.sourced(_DESIGNS[stage](self.project), anchors)
            design = designs.owned(design, requirements) if stage == "architecture" and requirements else design
            return reviews.in_json(reviews.mended_design(design) if mended else design, bare=bare)
        if stage == "analysis":
            text = within(analysis_text(self.file(file), self.project), words)
            return reviews.mended_text(text) if mended else text
        if stage == "testing":
            careless = self.strict and not mended
            return f"FILE: {tests_path(file)}\n\n```python\n{tests_text(self.file(file), requirements, careless)}```\n"
        if stage == "coding":
            source = code_text(self.file(file), self.project, reviews.UNREAD if self.strict else "")
            return f"FILE: {file}\n\n```python\n{reviews.mended_code(source) if mended else source}```\n"
        if stage == "walkthrough":
            return walkthrough(self.project, anchors, wrong=self.strict and not mended)
        return prose("other", 2000)

    def file(self, path: str) -> ProjectFile:
        """The project's file of that path; an unknown path gets a file of its own, without dependencies."""
        known = self.project.by_path().get(path)
        name = re.sub(r"\W+", "_", path.rsplit("/", 1)[-1].rsplit(".", 1)[0]).strip("_") or "extra"
        return known or ProjectFile(name, path, class_name(name))


def anchors_in(prompt: str) -> list[str]:
    """The ids of the passages of the paper that the prompt shows."""
    return list(dict.fromkeys(_ANCHOR.findall(prompt))) or ["abstract"]


def partial_answers(messages: Sequence[Message]) -> list[str]:
    """What the assistant has said of the answer that is to be continued, over several continuations."""
    parts: list[str] = []
    position = len(messages) - 1
    while position > 0 and _continues(content_of(messages[position])):
        parts.insert(0, content_of(messages[position - 1]))
        position -= 2
    return parts


def remainder(answer: str, parts: Sequence[str]) -> str:
    """The answer behind its parts, whose ends may have been stripped; the whole answer if they are not of it."""
    at = 0
    for part in parts:
        end = _end_of(part, answer, at)
        if end is None:
            return answer
        at = end
    return answer[at:]


def _end_of(part: str, answer: str, at: int) -> int | None:
    """Where a part that begins at `at`, give or take white space, ends in the answer."""
    if answer.startswith(part, at):
        return at + len(part)
    core = part.strip()
    start = len(answer) - len(answer[at:].lstrip()) if core else at
    return start + len(core) if answer.startswith(core, start) else None


def _heading(text: str) -> re.Match[str] | None:
    """The last one: what stands before it is quoted material."""
    return next(reversed(list(_STAGE.finditer(text))), None)


def _continues(text: str) -> bool:
    return text.lstrip().startswith(_CONTINUE)
