"""What `show` tells of a run's faithfulness: requirements, coverage, findings that stayed open."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from state.counts import counted
from state.shares import percent

if TYPE_CHECKING:
    from papercoder.publication.audit import Audit
    from state.critique import Critique
    from state.requirements import Specification
    from state.walkthrough import Walked


def audit_of(state: Mapping[str, Any], critiques: "Mapping[str, Critique]", walked: "Walked | None" = None) -> "Audit":
    """What the loops so far have left; of the code as a whole, what the checks of integration found."""
    from papercoder.publication.audit import Audit

    integrated = critiques.get("integration")
    return Audit(critiques, integrated.open if integrated else (), coverage=state.get("coverage"), walked=walked)


def requirement_words(specification: "Specification | None") -> str:
    if specification is None:
        return ""
    silent, unverified = len(specification.open_choices), len(specification.unverified)
    parts = [
        counted(len(specification.requirements), "requirement"),
        f"{silent} with open choices" if silent else "",
        f"{unverified} not verified" if unverified else "",
        counted(len(specification.contradictions), "contradiction") if specification.contradictions else "",
    ]
    return ", ".join(filter(None, parts))


def coverage_words(audit: "Audit") -> str:
    if audit.coverage is None or audit.final_share is None:
        return ""
    first = audit.first_share or 0.0
    asked, accepted = len(audit.coverage.placebos), audit.coverage.accepted_placebos
    before = f", {percent(first)} before the code was completed" if first != audit.final_share else ""
    outside = len(audit.coverage.inapplicable)
    left_out = f"; {outside} not counted, for the scope rules out when they hold" if outside else ""
    share = f"{percent(audit.final_share)} of the requirements by weight{before}{left_out}"
    return f"{share}; {accepted} of {asked} placebos accepted"


def walkthrough_words(walked: "Walked | None") -> str:
    return f"{counted(len(walked.walkthrough.passages), 'passage')}; {walked.report.words}" if walked else ""


def as_dict(audit: "Audit", specification: "Specification | None") -> dict[str, Any]:
    """The same as JSON."""
    coverage = audit.coverage
    return {
        "requirements": specification
        and {
            "count": len(specification.requirements),
            "open": len(specification.open_choices),
            "unverified": len(specification.unverified),
            "contradictions": len(specification.contradictions),
        },
        "coverage": coverage
        and {
            "first": audit.first_share,
            "final": audit.final_share,
            "placebos": {"asked": len(coverage.placebos), "accepted": coverage.accepted_placebos},
            "inapplicable": coverage.inapplicable,
        },
        "walkthrough": audit.walked and audit.walked.model_dump(mode="json"),
        "open": [
            {"loop": loop, **finding.model_dump(mode="json", exclude_defaults=True), "severity": finding.severity}
            for loop, finding in audit.open
        ],
    }
