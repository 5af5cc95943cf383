"""A fixed, synthetic target project: N files and their dependency graph.

The graph has the shape of a usual paper repository: configuration and utilities, then data and model layers, then
trainer and evaluation, then main.  5, 10, 20 and 40 files are nested families: the smaller project is the larger one
with files left out and their dependencies contracted.  Any other N works too; above 40 experiments are added.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass

from benchmarks.simulator.settings import Layout

_RUN_VALUES = (0.1, 0.2, 0.3)
# name, folder in the nested layout, smallest project that has it, dependencies
_TABLE: tuple[tuple[str, str, int, str], ...] = (
    ("utils", "common", 5, ""),
    ("dataset_loader", "data", 5, "batching tokenizer preprocess augmentation samplers utils"),
    ("model", "models", 5, "encoder decoder embeddings heads positional_encoding initializers attention utils"),
    ("trainer", "training", 5, "dataset_loader model optim scheduler losses callbacks ema utils"),
    ("main", "", 5, "trainer evaluation ablation report utils"),
    ("config_schema", "common", 10, ""),
    ("tokenizer", "data", 10, "vocab utils"),
    ("attention", "models", 10, "config_schema utils"),
    ("optim", "training", 10, "config_schema"),
    ("evaluation", "evaluation", 10, "dataset_loader model metrics beam_search bleu"),
    ("logging_utils", "common", 20, ""),
    ("checkpoint", "common", 20, "utils"),
    ("vocab", "data", 20, "utils"),
    ("batching", "data", 20, "tokenizer"),
    ("embeddings", "models", 20, "config_schema"),
    ("feed_forward", "models", 20, "config_schema"),
    ("encoder", "models", 20, "attention feed_forward layer_norm dropout"),
    ("decoder", "models", 20, "attention feed_forward layer_norm dropout"),
    ("losses", "training", 20, "utils"),
    ("metrics", "evaluation", 20, "utils"),
    ("seed", "common", 40, ""),
    ("registry", "common", 40, ""),
    ("tensor_types", "common", 40, ""),
    ("io_utils", "common", 40, "logging_utils registry"),
    ("download", "data", 40, "io_utils"),
    ("preprocess", "data", 40, "download vocab"),
    ("augmentation", "data", 40, "preprocess"),
    ("samplers", "data", 40, "seed"),
    ("positional_encoding", "models", 40, "config_schema tensor_types"),
    ("layer_norm", "models", 40, "tensor_types"),
    ("dropout", "models", 40, "seed"),
    ("heads", "models", 40, "layer_norm"),
    ("initializers", "models", 40, "seed registry"),
    ("beam_search", "evaluation", 40, "decoder model"),
    ("scheduler", "training", 40, "optim"),
    ("callbacks", "training", 40, "logging_utils checkpoint"),
    ("ema", "training", 40, "model"),
    ("bleu", "evaluation", 40, "metrics"),
    ("ablation", "experiments", 40, "trainer evaluation"),
    ("report", "experiments", 40, "ablation bleu evaluation"),
)


def stable_int(text: str, modulus: int) -> int:
    """A number that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % modulus


@dataclass(frozen=True)
class ProjectFile:
    """One file of the synthetic project."""

    name: str
    path: str
    class_name: str
    dependencies: tuple[str, ...] = ()
    """Names of the files it imports."""
    level: int = 0
    """The longest chain of dependencies below it."""

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".")

    @property
    def analysis_tokens(self) -> int:
        return 1400 + stable_int("a" + self.name, 201)

    @property
    def code_tokens(self) -> int:
        return 1500 + stable_int("c" + self.name, 1001)

    @property
    def score(self) -> float:
        """What the generated code computes for this file."""
        return sum(_RUN_VALUES) / (1 + stable_int(self.name, 9))


@dataclass(frozen=True)
class Project:
    """All files, dependencies first."""

    files: tuple[ProjectFile, ...]

    def by_name(self) -> dict[str, ProjectFile]:
        return {file.name: file for file in self.files}

    def by_path(self) -> dict[str, ProjectFile]:
        return {file.path: file for file in self.files}

    def imports(self, file: ProjectFile) -> list[ProjectFile]:
        names = self.by_name()
        return [names[name] for name in file.dependencies]

    @property
    def paths(self) -> list[str]:
        return [file.path for file in self.files]

    @property
    def entry_point(self) -> ProjectFile:
        return self.files[-1]

    @property
    def depth(self) -> int:
        return 1 + max(file.level for file in self.files)

    @property
    def width(self) -> int:
        return max(Counter(file.level for file in self.files).values())

    @property
    def edges(self) -> int:
        return sum(len(file.dependencies) for file in self.files)


def build_project(files: int, layout: Layout = "flat") -> Project:
    """The project with so many files: all in the root (`flat`), or in folders (`nested`)."""
    wanted, chosen = _choose(files)
    dependencies = {name: _contract(name, wanted, chosen) for name in chosen}
    if "main" in dependencies:
        dependencies["main"] += sorted(name for name in chosen if name.startswith("experiment_"))
    levels: dict[str, int] = {}
    for name in chosen:
        _level(name, dependencies, levels)
    rank = {name: position for position, name in enumerate(wanted)}
    ordered = sorted(chosen, key=lambda name: (levels[name], rank[name]))
    folders = {name: folder if layout == "nested" else "" for name, folder, _, _ in _TABLE}
    default = "experiments" if layout == "nested" else ""
    return Project(
        tuple(
            ProjectFile(
                name, _path(folders.get(name, default), name), class_name(name), tuple(dependencies[name]), levels[name]
            )
            for name in ordered
        )
    )


def class_name(name: str) -> str:
    """`beam_search` → `BeamSearch`."""
    return "".join(part.capitalize() for part in name.split("_"))


def _path(folder: str, name: str) -> str:
    return f"{folder}/{name}.py" if folder else f"{name}.py"


def _choose(files: int) -> tuple[dict[str, list[str]], set[str]]:
    """The dependencies that each file would like to have, and the files that this project has."""
    wanted = {name: dependencies.split() for name, _, _, dependencies in _TABLE}
    by_size = sorted(_TABLE, key=lambda row: row[2])
    chosen = {name for name, _, _, _ in by_size[:files]}
    extra = [f"experiment_{number:03d}" for number in range(files - len(chosen))]
    return wanted | {name: ["trainer", "evaluation"] for name in extra}, chosen | set(extra)


def _contract(
    name: str, wanted: dict[str, list[str]], chosen: set[str], seen: frozenset[str] = frozenset()
) -> list[str]:
    """A file's dependencies, with those that the project lacks replaced by theirs."""
    found: dict[str, None] = {}
    for dependency in wanted[name]:
        if dependency in seen:
            continue
        reached = [dependency] if dependency in chosen else _contract(dependency, wanted, chosen, seen | {dependency})
        found |= {other: None for other in reached if other != name}
    return list(found)


def _level(name: str, dependencies: dict[str, list[str]], levels: dict[str, int]) -> int:
    if name not in levels:
        levels[name] = 1 + max((_level(other, dependencies, levels) for other in dependencies[name]), default=-1)
    return levels[name]
