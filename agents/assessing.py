"""The code between the assessor and the coder: what it lacks of the requirements is put in by edits."""

from dataclasses import dataclass, field

from langgraph.runtime import Runtime

from agents.assessor import assess
from agents.context import Material
from agents.debugger import beyond, checked
from agents.editing import Code, edits_question
from agents.mendable import Execute
from agents.model import ask
from state.assessment import Coverage, Verdict
from state.context import Context
from state.critique import Critique, Version
from state.execution import Attempt
from state.requirements import Requirement
from state.review import Finding, Severity

CORE = 4
"""A requirement of this weight is the method itself."""
MOST_COMPLETIONS = 4
"""What is lacking is put in as long as coverage rises, but not more often than this."""


def completions(context: Context) -> int:
    """How often what the code lacks of the requirements may be put in."""
    return MOST_COMPLETIONS if context.rounds else 0


@dataclass(frozen=True)
class Assessed:
    """What the loop works on.  `coverages` are those of all versions, `attempts` the runs of all but the first.

    What is `settled` was not met before a revision that is not about it: it is told, and not mended.
    """

    run: Runtime[Context]
    material: Material
    code: Code
    execute: Execute | None = None  # where the first version was run, too
    attempts: list[Attempt] = field(default_factory=list)
    coverages: list[Coverage] = field(default_factory=list)
    settled: frozenset[str] = frozenset()

    @property
    def rounds(self) -> int:
        return completions(self.run.context)

    @property
    def subject(self) -> tuple[str, str]:
        return "assessment", ""

    async def write(self) -> Code:
        return self.code

    async def review(self, code: Code, before: Critique) -> Version:
        """A version that fails checks which the first one passed, or does not run where that one ran, is no better,
        whatever it covers.
        """
        assert self.material.specification
        coverage = await assess(self.run, self.material, code, len(before.versions))
        if self.coverages:
            coverage = coverage.held_to(self.coverages[0])
        self.coverages.append(coverage)
        return Version(
            checks=(*await self._broken(code), *await self._worse(code)),
            critique=tuple(f for f in _findings(self.material, coverage) if f.requirement not in self.settled),
            reviewed=True,
            score=coverage.share(self.material.specification),
        )

    async def _broken(self, code: Code) -> tuple[Finding, ...]:
        """What checks find now and did not find before."""
        return beyond(await checked(self.material, self.code), await checked(self.material, code))

    async def _worse(self, code: Code) -> tuple[Finding, ...]:
        """What goes wrong now when it is run, and did not before."""
        if self.execute is None or len(self.coverages) == 1:
            return ()
        first = await self.execute(self.material, self.code)
        report = await self.execute(self.material, code)
        changed = [path for path, text in code.items() if text != self.code[path]]
        attempt = Attempt(
            stage="assessment",
            changed={path: code[path] for path in changed},
            before={path: self.code[path] for path in changed},
            report=report,
        )
        self.attempts.append(attempt)
        if report.impediment:
            return (Finding(problem=report.impediment, rule="execution-sandbox"),)
        known = {_what(finding) for finding in first.findings}
        return tuple(finding for finding in report.findings if _what(finding) not in known)

    async def revise(self, code: Code, version: Version, number: int) -> Code:
        question = edits_question("coder", "assessment", "completion", self.material, code, version.to_mend, number)
        return await ask(self.run, question)


def _what(finding: Finding) -> tuple[str, str, str]:
    """Wherever it stands now."""
    return finding.rule, finding.location, finding.problem.partition("\n")[0]


def _findings(material: Material, coverage: Coverage) -> list[Finding]:
    """The requirements that are not met, the heaviest first."""
    verdicts = {verdict.requirement: verdict for verdict in coverage.verdicts}
    heaviest_first = sorted(material.required, key=lambda requirement: -requirement.weight)
    return [
        _finding(material, requirement, verdicts[requirement.id])
        for requirement in heaviest_first
        if verdicts[requirement.id].credit < 1 and verdicts[requirement.id].applies
    ]


def _finding(material: Material, requirement: Requirement, verdict: Verdict) -> Finding:
    owners = [path for path in material.paths if requirement.id in material.contract(path).requirements]
    state = "is met in part" if verdict.credit else "is not met"
    said = verdict.problem or verdict.reason
    return Finding(
        severity=_severity(requirement.weight, verdict.credit),
        location=requirement.id,
        requirement=requirement.id,
        file=verdict.file if verdict.file in material.paths else owners[0] if owners else "",
        line=verdict.line,
        problem=f"{requirement.what} {state}{f': {said}' if said else ''}",
        evidence=requirement.quote,
    )


def _severity(weight: int, credit: float) -> Severity:
    if weight >= CORE:
        return "medium" if credit else "high"
    return "low" if credit or weight == 1 else "medium"
