"""How far the repository can be trusted: what was required, found, mended, left open, and shown to be there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.context import Material
from state.assessment import Coverage, Judgement, Verdict
from state.critique import Critique
from state.execution import Attempt, Execution
from state.requirements import Requirement
from state.review import Finding
from state.revision import Revision
from state.walkthrough import Walked


@dataclass(frozen=True)
class Audit:
    """`critiques` by stage, or by stage of file; no coverage where nobody assessed the code, no execution where the
    stage was not there yet, and no attempts where nothing was run.

    `checks` are what checks find in the code as it is published, `citations` the lines that cite each requirement,
    `tests` those written from the paper, as pytest calls them, each with the requirements that it cites; `walked` is
    the walkthrough, where one was asked for.
    """

    critiques: Mapping[str, Critique] = field(default_factory=dict)
    checks: tuple[Finding, ...] = ()
    citations: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    coverage: Coverage | None = None
    execution: Execution | None = None
    attempts: Sequence[Attempt] = ()
    revisions: tuple[Revision, ...] = ()  # that were carried out, the oldest first
    tests: Mapping[str, Sequence[str]] = field(default_factory=dict)
    walked: Walked | None = None

    @property
    def open(self) -> list[tuple[str, Finding]]:
        """What was found and not mended, with the loop that left it.

        What checks found in a file was mended since, or is found again; what the code lacks of the requirements is
        the verdicts' to say.
        """
        found = [
            (name, finding)
            for name, critique in self.critiques.items()
            if name not in ("integration", "execution", "assessment")
            for finding in (critique.kept.critique if name.startswith("coding of ") else critique.open)
            if not finding.is_note
        ]
        return [*found, *(("integration", finding) for finding in self.checks if not finding.is_note)]

    @property
    def unreviewed(self) -> list[tuple[str, str]]:
        """Loops whose critic said nothing that could be used, with the reason."""
        return [(name, critique.kept.note) for name, critique in self.critiques.items() if critique.kept.note]

    @property
    def first_share(self) -> float | None:
        """Coverage of the code before anything was put in for its sake."""
        assessed = self.critiques.get("assessment")
        return assessed.versions[0].score if assessed else None

    @property
    def final_share(self) -> float | None:
        assessed = self.critiques.get("assessment")
        return assessed.kept.score if assessed else None


@dataclass(frozen=True)
class Row:
    """One requirement, followed back to the paper and forward to the line."""

    requirement: Requirement
    owners: tuple[str, ...]
    verdict: Verdict | None
    cited: tuple[str, ...] = ()  # path:line of comments that name it
    tests: tuple[str, ...] = ()  # tests from the paper that are about it

    @property
    def judgement(self) -> Judgement:
        """Without evidence that holds, nothing is met."""
        return self.verdict.judgement if self.verdict and not self.verdict.problem else "missing"

    @property
    def place(self) -> str:
        verdict = self.verdict
        return f"{verdict.file}:{verdict.line}" if verdict and verdict.credit else ""


def rows(material: Material, audit: Audit) -> list[Row]:
    verdicts = {verdict.requirement: verdict for verdict in audit.coverage.verdicts} if audit.coverage else {}
    return [
        Row(r, _owners(material, r.id), verdicts.get(r.id), _cited(audit, r.id), _tests(audit, r.id))
        for r in material.required
    ]


def _cited(audit: Audit, id: str) -> tuple[str, ...]:
    return tuple(f"{path}:{line}" for path, line in audit.citations.get(id, ()))


def _tests(audit: Audit, id: str) -> tuple[str, ...]:
    return tuple(name for name, cited in audit.tests.items() if id in cited)


def _owners(material: Material, id: str) -> tuple[str, ...]:
    return tuple(path for path in material.paths if id in material.contract(path).requirements)


def report(material: Material, audit: Audit, execution: Mapping[str, Any] | None) -> str:
    """`.papercoder/report.json`; `execution` is how the repository ran.

    No times and no costs: the same answers make the same file, byte for byte.
    """
    return json.dumps({**_report(material, audit), "execution": execution}, indent=1, ensure_ascii=False) + "\n"


def _report(material: Material, audit: Audit) -> dict[str, Any]:
    specification = material.specification
    required = material.required
    return {
        "requirements": {
            "count": len(required),
            "by_status": _counted(r.status for r in required),
            "unverified": {r.id: r.problem for r in required if r.problem},
            "contradictions": len(specification.contradictions) if specification else 0,
        },
        "open": [{"loop": loop, **_plain(finding)} for loop, finding in audit.open],
        "unreviewed": dict(audit.unreviewed),
        "coverage": _coverage(audit),
        "revisions": [_revision(revision) for revision in audit.revisions],
        "walkthrough": _walkthrough(audit.walked),
        "citations": {r.id: list(_cited(audit, r.id)) for r in required if _cited(audit, r.id)},
        "tests": {name: list(cited) for name, cited in audit.tests.items()},
        "resources": [
            resource.model_dump(mode="json", include={"name", "kind", "available", "origin", "stand_in"})
            for resource in (material.plan.resources if material.plan else [])
        ],
        "full_run": material.configuration.full_run.model_dump(mode="json") if material.configuration else None,
        "loops": {name: _loop(critique) for name, critique in audit.critiques.items()},
    }


def _counted(values: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


def _coverage(audit: Audit) -> dict[str, Any] | None:
    if not audit.coverage:
        return None
    return {
        "first": audit.first_share,
        "final": audit.final_share,
        "placebos": {"asked": len(audit.coverage.placebos), "accepted": audit.coverage.accepted_placebos},
        "inapplicable": audit.coverage.inapplicable,
        **audit.coverage.model_dump(mode="json", include={"verdicts"}),
    }


def _revision(revision: Revision) -> dict[str, Any]:
    return revision.model_dump(mode="json", exclude={"before", "published"})


def _walkthrough(walked: Walked | None) -> dict[str, Any] | None:
    if not walked:
        return None
    return {
        "containment": walked.report.containment,
        "unexecuted": walked.report.unexecuted,
        "passages": [
            {**passage.model_dump(include={"title", "source", "symbols"}), "outcome": run.outcome, "error": run.error}
            for passage, run in walked.pairs
        ],
    }


def _loop(critique: Critique) -> dict[str, Any]:
    return {
        "ended": critique.ended,
        "kept": critique.best,
        "versions": [
            {
                "reviewed": version.reviewed,
                "note": version.note,
                "score": version.score,
                "checks": [_plain(finding) for finding in version.checks],
                "critique": [_plain(finding) for finding in version.critique],
            }
            for version in critique.versions
        ],
    }


def _plain(finding: Finding) -> dict[str, Any]:
    return finding.model_dump(mode="json", exclude_defaults=True) | {"severity": finding.severity}
