"""`.papercoder/report.html`: the audit as a page of its own, to read in any browser, without scripts or a network."""

from collections.abc import Mapping
from typing import Any

from agents.context import Material
from papercoder.publication.audit import Audit, Row, rows
from papercoder.publication.executions import diffs, failures
from papercoder.publication.rendering import HOW, render
from state.critique import Critique
from state.rendering import class_diagram, scale, sequence_diagram


def page(material: Material, audit: Audit) -> str:
    """The whole page.  Everything in it is text: nothing from paper, model or code is markup."""
    assert material.architecture
    required = rows(material, audit)
    run = material.configuration.full_run if material.configuration else None
    return render(
        "report.html",
        markup=True,
        paper=material.paper,
        labels=material.paper.labels(),
        specification=material.specification,
        rows=required,
        shares=_shares(required),
        audit=audit,
        failures=failures(audit),
        rulings=[ruling for attempt in audit.attempts for ruling in attempt.rulings],
        repairs=diffs(audit),
        loops=[_loop(name, critique) for name, critique in audit.critiques.items()],
        choices=_choices(material),
        results=material.plan.expected_results if material.plan else [],
        resources=material.plan.resources if material.plan else [],
        how=HOW,
        scale=scale(run) if run else "",
        basis=run.basis if run else "",
        diagrams={
            "Classes": class_diagram(material.architecture),
            "Call flow": sequence_diagram(material.architecture),
        },
    )


def _shares(required: list[Row]) -> Mapping[str, float]:
    """How much of the weight that counts has which verdict, in percent; empty where nobody assessed."""
    judged = [row for row in required if row.verdict and row.verdict.applies]
    total = sum(row.requirement.weight for row in judged)
    weights = {"met": 0, "partial": 0, "missing": 0}
    for row in judged:
        weights[row.judgement] += row.requirement.weight
    return {name: 100 * weight / total for name, weight in weights.items()} if total else {}


def _loop(name: str, critique: Critique) -> dict[str, Any]:
    found = sum(len(version.findings) for version in critique.versions)
    return {"name": name, "critique": critique, "found": found, "open": len(critique.open)}


def _choices(material: Material) -> list[tuple[str, Any]]:
    stages = {
        "planning": material.plan,
        "architecture": material.architecture,
        "logic": material.logic,
        "configuration": material.configuration,
    }
    return [(stage, choice) for stage, artifact in stages.items() if artifact for choice in artifact.open_choices]
