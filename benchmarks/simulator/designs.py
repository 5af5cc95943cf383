"""What the simulated model plans for the synthetic project: plan, architecture, logic and configuration, as plain JSON.

Plain on purpose: that these objects validate against the pipeline's own types is tested, not given.
"""

import json
from collections.abc import Sequence
from typing import Any

from benchmarks.simulator.defaults import PRESETS, SETTINGS
from benchmarks.simulator.project import Project, ProjectFile, stable_int
from benchmarks.simulator.texts import PROSE_CHARACTERS_PER_TOKEN, line, prose

Json = dict[str, Any]

_SOURCE = ["abstract"]
_PLAN_TOKENS = 2000  # keys, sources and quotation marks bring the answer to about 2,500
_LOGIC_CHARACTERS = 380
_VALUES: Json = {
    "name": "synthetic-values",
    "kind": "dataset",
    "available": "package",
    "origin": "main.py itself",
    "licence": "unknown",
    "size": "3 numbers",
    "checksum": "unknown",
    "stand_in": "the first of them alone",
    "source": _SOURCE,
}


def plan(project: Project) -> Json:
    """The overall plan, about 2,500 tokens whatever the project's size."""
    items = _plan_items()
    scored = (project.entry_point, *project.imports(project.entry_point)[:2])
    return {
        "summary": "The repository reproduces the paper's main comparison. " + line("summary", 500),
        "method": items[:8],
        "data": items[8:10],
        "experiments": items[10:13],
        "metrics": items[13:],
        "resources": [_VALUES],
        "expected_results": [_expected(file) for file in scored],
        "open_choices": [
            open_choice("the exact tokenisation of the development set", "the tokenisation of the training set")
        ],
    }


def architecture(project: Project) -> Json:
    """A contract for every file, an edge for every import, and the calls that main makes."""
    entry = project.entry_point
    return {
        "approach": "We will write a small, modular Python package. " + line("arch", 900),
        "files": [_contract(file) for file in project.files],
        "entry_point": entry.path,
        "relations": [_relation(file, other) for file in project.files for other in project.imports(file)],
        "sequence": [_message(entry, file) for file in project.files if file is not entry],
        "open_choices": [open_choice("where settings are read", "one helper reads them once")],
    }


def logic(project: Project) -> Json:
    """About 100 tokens a file, dependencies first."""
    return {
        "packages": [],
        "tasks": [_task(file, project) for file in project.files],
        "commands": [{"run": f"python {project.entry_point.path}", "produces": "every number of results.json"}],
        "shared_knowledge": "All modules read config.yaml through the same helper and share one random seed.",
        "open_choices": [open_choice("the hardware of the large model", "a single node")],
    }


def configuration(_project: Project) -> Json:
    """The settings, the same for every project."""
    return {
        "values": [{"key": key, "value": value, "source": _SOURCE, "note": note} for key, value, note in SETTINGS],
        "presets": {
            name: [{"key": key, "value": value} for key, value in preset.items()] for name, preset in PRESETS.items()
        },
        "full_run": {
            "hardware": "one CPU core",
            "gpu_hours": 0,
            "gpu_memory_gb": 0,
            "wall_hours": 0.01,
            "basis": "one run of three values",
            "source": _SOURCE,
        },
        "open_choices": [open_choice("the random seed", "1234")],
    }


def owned(design: Json, requirements: Sequence[str]) -> Json:
    """The architecture with every requirement in the contract of some file."""
    files = design["files"]
    shares = [list(requirements[number :: len(files)]) for number in range(len(files))]
    return design | {"files": [file | {"requirements": ids} for file, ids in zip(files, shares, strict=True)]}


def sourced(value: Any, anchors: Sequence[str]) -> Any:
    """The same with sources spread over a paper's anchors, always the same for the same statement."""
    if isinstance(value, list):
        return [sourced(item, anchors) for item in value]
    if not isinstance(value, dict):
        return value
    spread = {key: sourced(item, anchors) for key, item in value.items()}
    if isinstance(value.get("source"), list):
        spread["source"] = [anchors[stable_int(json.dumps(value, sort_keys=True), len(anchors))]]
    return spread


def to_json(design: Json) -> str:
    """A line for each item of a list, as a model writes that saves tokens."""
    return "{\n" + ",\n".join(f"  {_dump(key)}: {_value(value)}" for key, value in design.items()) + "\n}"


def _value(value: Any) -> str:
    if not (isinstance(value, list) and value):
        return _dump(value)
    return "[\n" + ",\n".join(f"    {_dump(item)}" for item in value) + "\n  ]"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plan_items() -> list[Json]:
    text = prose("plan", int(_PLAN_TOKENS * PROSE_CHARACTERS_PER_TOKEN), "The reproduction", "the trainer", "Phase")
    return [{"what": " ".join(part.split()), "source": _SOURCE} for part in text.strip().split("\n\n")]


def _expected(file: ProjectFile) -> Json:
    return {
        "id": f"synthetic/{file.name}/score",
        "what": f"score of {file.class_name} on the synthetic values",
        "value": round(file.score, 6),
        "tolerance": 0.001,
        "source": _SOURCE,
    }


def open_choice(question: str, choice: str) -> Json:
    return {
        "question": question,
        "choice": choice,
        "alternatives": ["the defaults of related work"],
        "reason": "the simplest",
    }


def _contract(file: ProjectFile) -> Json:
    words = file.name.replace("_", " ")
    run = "def run(self, values: Sequence[float] = (0.1, 0.2, 0.3)) -> Dict[str, float]"
    symbols = [
        _symbol(file.class_name, f"class {file.class_name}", f"Implements the {words} part of the paper."),
        _symbol(f"{file.class_name}.run", run, "Runs every part this one depends on; scores by name."),
        _symbol("build", f"def build() -> {file.class_name}", "The shared instance."),
    ]
    return {"path": file.path, "purpose": f"The {words} of the reproduction.", "symbols": symbols}


def _symbol(name: str, signature: str, purpose: str) -> Json:
    return {"name": name, "signature": signature, "purpose": purpose, "source": _SOURCE}


def _relation(file: ProjectFile, other: ProjectFile) -> Json:
    return {"source": file.class_name, "target": other.class_name, "kind": "uses"}


def _message(entry: ProjectFile, file: ProjectFile) -> Json:
    return {"sender": entry.class_name, "receiver": file.class_name, "call": "run(values)", "returns": "metrics"}


def _task(file: ProjectFile, project: Project) -> Json:
    paths = [other.path for other in project.imports(file)]
    imports = ", ".join(paths) or "nothing in the project"
    text = line("t" + file.name, _LOGIC_CHARACTERS, file.class_name)
    return {"path": file.path, "depends_on": paths, "logic": f"Defines {file.class_name}; imports {imports}. {text}"}
