"""Which files a repository has, and in which commits they come."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from agents.context import Material
from agents.editable_texts import requirements_of
from agents.sources import sources, unstated_addresses
from papercoder.checks.paper_tests import what_tests_cite
from papercoder.publication.audit import Audit, report, rows
from papercoder.publication.executions import attempt_files, before_repairs, failures, repairs, told
from papercoder.publication.notebook import notebook
from papercoder.publication.notes import code_choices
from papercoder.publication.page import page
from papercoder.publication.rendering import HOW, render
from prompts import prompts_digest
from state.architecture import Architecture
from state.configuration import Configuration
from state.logic import LogicDesign
from state.paths import module_name
from state.plan import Plan
from state.rendering import class_diagram, config_yaml, scale, sequence_diagram
from state.requirements import Specification
from state.revision import deviations
from state.walkthrough import NOTEBOOK

ABOUT = ("README.md", "REPRODUCTION.md", "REPRODUCTION_NOTES.md")
ENTRY = ".papercoder/architecture.json"
"""Names the entry point to whoever runs the repository."""
IGNORED = "".join(
    f"{name}\n"
    for name in ("__pycache__/", ".venv/", "downloads/", "results.json", "results.small.json", "results.smoke.json")
)
"""What a run of the repository writes, RESULTS.md excepted: that is worth a commit."""


@dataclass(frozen=True)
class Commit:
    message: str
    files: dict[str, str]


def commits(material: Material, code: Mapping[str, str], run: str, audit: Audit) -> list[Commit]:
    """The steps of the repository's history; a later one may replace files of an earlier."""
    title = material.paper.title
    mended = {**code, **material.tests}
    written = before_repairs(audit, mended)
    steps = [
        Commit(f"Plan and design of a reproduction of “{title}”", _design(material)),
        Commit(f"Code: {len(code.keys() & written)} files", {path: written[path] for path in code if path in written}),
        *(Commit(message, files) for message, files in repairs(audit, mended)),
        Commit("How to run it, and what the paper left open", _documents(material, code, run, audit)),
    ]
    if material.tests:
        tests = _tests(material) | {path: written[path] for path in material.tests}
        steps.insert(1, Commit(f"Tests from the paper: {len(material.tests)} files", tests))
    if audit.walked:
        message = f"A walkthrough of {len(audit.walked.walkthrough.passages)} passages: {audit.walked.report.words}"
        steps.append(Commit(message, {NOTEBOOK: notebook(material, code, audit.walked)}))
    if material.base:
        steps.insert(0, Commit("The repository to build on", dict(material.base)))
    return steps


def runnable(material: Material, code: Mapping[str, str]) -> dict[str, str]:
    """The files of the repository that its programs have to do with: all but what is written about it."""
    files = {path: text for step in commits(material, code, "", Audit()) for path, text in step.files.items()}
    return {path: text for path, text in files.items() if not _is_about(path, material)}


def _is_about(path: str, material: Material) -> bool:
    if path in material.base:
        return False
    return path in ABOUT or (path.startswith(".papercoder/") and path != ENTRY)


def revision_message(audit: Audit) -> str:
    """Of the commit that carries out the newest remark."""
    revision = audit.revisions[-1]
    parts = [f"Revision: {revision.in_short}", revision.answer]
    if revision.in_short != revision.remark:
        parts.insert(1, revision.remark)
    against = [f"The paper: {one.paper} Here: {one.here}" for one in revision.deviations]
    return "\n\n".join(part.replace("\0", "") for part in (*parts, *against))


def _design(material: Material) -> dict[str, str]:
    assert material.architecture and material.configuration
    labels = material.paper.labels()
    artifacts = {
        "specification": material.specification,
        "plan": material.plan,
        "architecture": material.architecture,
        "logic": material.logic,
        "configuration": material.configuration,
    }
    files = {
        f".papercoder/{name}.json": value.model_dump_json(indent=1) + "\n" for name, value in artifacts.items() if value
    }
    files["config.yaml"] = config_yaml(material.configuration, labels)
    files[".papercoder/class_diagram.mmd"] = class_diagram(material.architecture)
    files[".papercoder/sequence_diagram.mmd"] = sequence_diagram(material.architecture)
    files[".papercoder/paper.md"] = material.paper.markdown(references=True)
    files |= {f".papercoder/analyses/{path}.md": text + "\n" for path, text in material.analyses.items()}
    return files


def _tests(material: Material) -> dict[str, str]:
    """The tests, whatever pytest is started from, and which of them cites which requirement."""
    cited = json.dumps(what_tests_cite(material.tests), indent=1) + "\n"
    conftest = material.base.get("tests/conftest.py", render("conftest.py"))
    return {**material.tests, "tests/conftest.py": conftest, ".papercoder/tests.json": cited}


def _documents(material: Material, code: Mapping[str, str], run: str, audit: Audit) -> dict[str, str]:
    values = _values(material, code) | {
        "audit": audit,
        "rows": rows(material, audit),
        "failures": failures(audit),
        "deviations": deviations(audit.revisions),
    }
    base = material.base
    return {
        ("REPRODUCTION.md" if "README.md" in base else "README.md"): render("README.md", **values),
        "REPRODUCTION_NOTES.md": render("REPRODUCTION_NOTES.md", **values),
        "requirements.txt": requirements_of(material) + _optional(material),
        "reproduce.sh": render("reproduce.sh", **values),
        "tests/test_contracts.py": render("test_contracts.py", **values),
        ".gitignore": base.get(".gitignore", IGNORED),
        **attempt_files(audit),
        ".papercoder/report.json": report(material, audit, told(audit)),
        ".papercoder/report.html": page(material, audit),
        ".papercoder/run.json": json.dumps(_manifest(material, run), indent=1, ensure_ascii=False) + "\n",
    }


def _optional(material: Material) -> str:
    """What is not installed, as comments."""
    assert material.logic
    return "".join(f"# optional: {package}\n" for package in material.logic.optional)


def _values(material: Material, code: Mapping[str, str]) -> dict[str, Any]:
    assert material.plan and material.architecture and material.logic and material.configuration
    labels = material.paper.labels()
    named: dict[str, Specification | Plan | Architecture | LogicDesign | Configuration] = {
        "Specification": material.specification or Specification(),
        "Plan": material.plan,
        "Architecture": material.architecture,
        "Logic": material.logic,
        "Configuration": material.configuration,
    }
    unknown = sorted({anchor for artifact in named.values() for anchor in sources(artifact) if anchor not in labels})
    return {
        "paper": material.paper,
        "specification": material.specification,
        "plan": material.plan,
        "architecture": material.architecture,
        "logic": material.logic,
        "configuration": material.configuration,
        "context": material.context,
        "tests": material.tests,
        "commands": [command.run for command in material.logic.commands]
        or [f"python {material.architecture.entry_point}"],
        "checked": bool(material.plan.expected_results) and not _writes_elsewhere(material.logic),
        "scale": scale(material.configuration.full_run),
        "presets": _presets(material.configuration),
        "HOW": HOW,
        "unverified": {r.name for r in material.plan.resources if unstated_addresses(r, material.paper)},
        "labels": labels,
        "unknown": unknown,
        "left_out": material.shown_paper[1],
        "choices": {stage: artifact.open_choices for stage, artifact in named.items()},
        "code_choices": code_choices(code),
        "class_diagram": class_diagram(material.architecture),
        "sequence_diagram": sequence_diagram(material.architecture),
        "modules": _contracts(material),
        "version": version("papercoder"),
    }


def _writes_elsewhere(logic: LogicDesign) -> bool:
    """Whether some command says itself where its results go."""
    return any("--output" in command.run for command in logic.commands)


def _presets(configuration: Configuration) -> dict[str, list[str | None]]:
    """Setting → its value in the full, the small and the smoke run, as text; None where it is not replaced."""
    presets = configuration.presets
    rows: dict[str, list[str | None]] = {}
    full = {value.key: value.value for value in configuration.values}
    for column, values in ((1, presets.small), (2, presets.smoke)):
        for value in values:
            stated = json.dumps(full[value.key], ensure_ascii=False) if value.key in full else None
            rows.setdefault(value.key, [stated, None, None])[column] = json.dumps(value.value, ensure_ascii=False)
    return rows


def _contracts(material: Material) -> dict[str, list[str]]:
    """Module → the names it must have, for the contract test."""
    assert material.architecture
    return {
        module: [symbol.name for symbol in file.symbols]
        for file in material.architecture.files
        if (module := module_name(file.path))
    }


def _manifest(material: Material, run: str) -> dict[str, Any]:
    """How the repository came about.  No times: the same answers make the same files, byte for byte."""
    context = material.context
    return {
        "run": run,
        "paper": {"title": material.paper.title, "format": material.paper.format},
        "model": context.model,
        "models": context.models,
        "framework": context.framework,
        "scope": context.scope,
        "papercoder": version("papercoder"),
        "prompts": prompts_digest(),
    }
