"""The repository between a sandbox, the debugger, the arbiter and the tester: run, and mended until it runs."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from langgraph.runtime import Runtime

from agents.arbiter import arbitrations
from agents.debugger import repair_of_run
from agents.editing import Code
from agents.events import emit_event
from agents.mendable import Mendable
from agents.model import ask
from agents.premises import Premises
from agents.question import Question
from agents.together import together
from state.context import Context
from state.critique import Critique, Version
from state.errors import AnswerUnusable
from state.events import Warned
from state.execution import Attempt, ExecutionReport, Ruling
from state.review import Finding

UNVERIFIED = -1
"""As far gets what could not be run: no further than anything."""


@dataclass(frozen=True)
class Executed:
    """What the loop works on.  `attempts` are all versions that were run, with their `texts`."""

    run: Runtime[Context]
    repository: Mendable
    attempts: list[Attempt] = field(default_factory=list)
    texts: list[Code] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        return self.run.context.repairs

    @property
    def subject(self) -> tuple[str, str]:
        return "execution", ""

    async def write(self) -> Code:
        return self.repository.first

    async def review(self, texts: Code, before: Critique) -> Version:
        """What a version brings with it that checks do not like counts as well as what went wrong in the run."""
        report = await self.repository.execute(texts)
        checks = await self.repository.broken(texts)
        self._note(texts, before, report, checks)
        if not report.impediment:
            findings = (*checks, *report.findings)
            return Version(checks=findings, reached=report.reached, made_of=_digest(texts))
        if not before.versions:
            return Version(note=report.impediment)
        unverified = Finding(problem=report.impediment, rule="execution-sandbox")
        return Version(checks=(unverified,), reached=UNVERIFIED, made_of=_digest(texts))

    def _note(self, texts: Code, before: Critique, report: ExecutionReport, checks: tuple[Finding, ...]) -> None:
        parent = before.best if before.versions else None
        base = self.texts[parent] if parent is not None else texts
        differing = [path for path, text in texts.items() if text != base.get(path)]
        self.texts.append(texts)
        self.attempts.append(
            Attempt(
                parent=parent,
                changed={path: texts[path] for path in differing},
                before={path: base[path] for path in differing if path in base},
                report=report,
                checks=checks,
            )
        )

    async def revise(self, texts: Code, version: Version, number: int) -> Code:
        """Tests and code are mended side by side, each by who wrote them, as the arbiter says."""
        at = max(n for n, known in enumerate(self.texts) if known == texts)
        premises = self.repository.premises(texts)
        rulings = await self._rulings(premises, texts, at)
        attempt = self.attempts[at] = self.attempts[at].model_copy(update={"rulings": rulings})
        faults = {ruling.test: ruling for ruling in rulings}
        open_ = [f for f in attempt.report.failures if f.test not in faults or faults[f.test].wrong != "test"]
        questions: list[Question[Code]] = []
        if open_ or attempt.checks:
            tried = [one for one in self.attempts if one.parent == at]
            questions.append(repair_of_run(premises, texts, attempt, tried, number, self.repository.fits))
        if wrong := [_finding(ruling) for ruling in rulings if ruling.wrong != "code"]:
            questions.append(self.repository.mending(texts, wrong, number))
        edits = await together(self._answered(question) for question in questions)
        return {**texts, **dict(chain.from_iterable(_changes(texts, one).items() for one in edits))}

    async def _rulings(self, premises: Premises, texts: Code, at: int) -> tuple[Ruling, ...]:
        """Who is wrong where tests from the paper fail.  Of what has no usable ruling the code is taken to be wrong:
        a test is not changed on nobody's word.
        """
        questions = arbitrations(premises, self.repository.code(texts), self.attempts[at].report.failures, at)
        ruled = await together(self._ruled(question) for question in questions)
        return tuple(chain.from_iterable(ruled))

    async def _ruled(self, question: Question[list[Ruling]]) -> list[Ruling]:
        try:
            return await ask(self.run, question)
        except AnswerUnusable as error:
            emit_event(self.run.stream_writer, Warned(text=f"{error.cause} The code is taken to be wrong."))
            return []

    async def _answered(self, question: Question[Code]) -> Code:
        """One of the two may have nothing to say."""
        try:
            return await ask(self.run, question)
        except AnswerUnusable as error:
            emit_event(self.run.stream_writer, Warned(text=error.cause))
            return {}


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Code:
    return {path: text for path, text in after.items() if text != before.get(path)}


def _finding(ruling: Ruling) -> Finding:
    """For the tester, who does not see the code."""
    file, _, name = ruling.test.partition("::")
    source = f" [{', '.join(ruling.source)}]" if ruling.source else ""
    return Finding(file=file, location=name, problem=f"{ruling.test_change}{source}", rule="arbiter")


def _digest(texts: Mapping[str, str]) -> str:
    whole = json.dumps(sorted(texts.items())).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:16]
