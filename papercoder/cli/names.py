"""Names that help texts need.  They repeat `state.context`, whose import takes longer than a help text may."""

STAGES = ("reading", "planning", "architecture", "logic", "configuration", "analysis", "coding", "publication")
ROLES = ("planner", "architect", "logic designer", "configurator", "analyst", "coder")
EVALUATION_STAGES = ("reading", "rubric", "judging", "grading", "comparing", "reporting")
PROTOCOLS = ("reference-free", "reference-based", "rubric", "comparison")
GATES = ("planning", "architecture", "configuration")
DEFAULT_MODEL = "openai:gpt-5-mini"
DEFAULT_HOME = ".papercoder"

ARTIFACTS = {"planning": "plan", "architecture": "architecture", "logic": "logic", "configuration": "configuration"}
"""The stages whose artifact can be shown, and where it stands in the state."""
