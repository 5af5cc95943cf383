"""Names that help texts need.  They repeat `state.context`, whose import takes longer than a help text may."""

STAGES = (
    "reading", "specification", "planning", "architecture", "logic", "configuration", "testing", "analysis",
    "coding", "integration", "execution", "assessment", "walkthrough", "publication",
)  # fmt: skip
ROLES = (
    "specifier", "planner", "architect", "logic designer", "configurator", "tester", "analyst", "coder", "critic",
    "debugger", "arbiter", "assessor", "reviser", "guide",
)  # fmt: skip
EVALUATION_STAGES = ("reading", "rubric", "judging", "grading", "comparing", "reporting")
REPAIR_STAGES = ("reading", "execution", "publication")
PROTOCOLS = ("reference-free", "reference-based", "rubric", "comparison")
GATES = ("specification", "planning", "architecture", "configuration")
CRITICISED = ("planning", "architecture", "logic", "configuration", "analysis", "coding")
DEFAULT_MODEL = "openai:gpt-5-mini"
DEFAULT_HOME = ".papercoder"

ARTIFACTS = {
    "specification": "specification", "planning": "plan", "architecture": "architecture", "logic": "logic",
    "configuration": "configuration",
}  # fmt: skip
"""The stages whose artifact can be shown, and where it stands in the state."""
