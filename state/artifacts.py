"""What each stage produces, as typed data.

The field descriptions are part of the prompts: `prompts.describe` shows a model the form that its answer must have,
and the answer is validated against the same class.  A validator's message is quoted back to the model, so it says
what is wrong and what to do.
"""

import keyword
import re
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, field_validator, model_validator

from state.paths import RepositoryPath, check_beside, check_distinct, folded

RESERVED_FILES = (
    "README.md",
    "REPRODUCTION_NOTES.md",
    "config.yaml",
    "requirements.txt",
    "reproduce.sh",
    "results.json",
    "results.small.json",
    "results.smoke.json",
    "RESULTS.md",
    "tests/test_contracts.py",
    "tests/conftest.py",
    "walkthrough.ipynb",
    ".gitignore",
)
"""Files that publication or a run of the repository writes: never part of the file list."""


class Artifact(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _field_names_as_asked_for(cls, value: object) -> object:
        """`openChoices` and `Open choices` mean `open_choices`: dropped as unknown, they would be lost in silence."""
        if not isinstance(value, dict):
            return value
        return {_snake_case(key) if isinstance(key, str) and key not in cls.model_fields else key: item
                for key, item in value.items()}  # fmt: skip


def _snake_case(key: str) -> str:
    return re.sub(r"[\s-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key)).lower()


def _as_ids(value: object) -> object:
    """Ids as models write them: `[E4]`, `E4, T1`, or nothing at all."""
    if value is None:
        return []
    if isinstance(value, str):
        value = value.split(",")
    if isinstance(value, list):
        return [item.strip(" []") if isinstance(item, str) else item for item in value if item != ""]
    return value


Sources = Annotated[
    list[str],
    BeforeValidator(_as_ids),
    Field(description="ids of the passages of the paper this comes from, e.g. S3.2.p4, E4, T1"),
]


RequirementIds = Annotated[
    list[str],
    BeforeValidator(_as_ids),
    Field(default_factory=list, description="ids of the requirements that are meant, e.g. R3, R7"),
]


class OpenChoice(Artifact):
    """Something the paper does not state, and what we do about it."""

    question: str = Field(description="what the paper leaves open")
    choice: str = Field(description="what this implementation does")
    alternatives: list[str] = Field(default_factory=list, description="other reasonable choices")
    reason: str = Field("", description="why this one")


OpenChoices = Annotated[
    list[OpenChoice],
    Field(default_factory=list, description="everything you had to decide because the paper does not state it"),
]


# --- planning


class PlanItem(Artifact):
    what: str = Field(
        description="one thing to implement, precise enough to code from: quantities, symbols, order of steps"
    )
    source: Sources


class ExpectedResult(Artifact):
    """One number of the paper that a reproduction is compared with.  It is never given to the program."""

    id: str = Field(description="a short unique key for results.json, e.g. digits/ours/accuracy")
    what: str = Field(description="method, data set, metric and conditions")
    value: float
    spread: float | None = Field(None, description="the standard deviation or interval that the paper states, if any")
    unit: str = Field("", description="e.g. %, BLEU, nats")
    tolerance: float | None = Field(
        None,
        description="how far a faithful reproduction may be off, in the same unit, if the paper says so; else null",
    )
    source: Sources


ResourceKind = Literal["dataset", "weights", "simulator", "service"]
Availability = Literal["package", "download", "restricted", "unavailable"]


def _as_kind(value: object) -> object:
    """As models write it: `data set`, `Pretrained weights`, `API`."""
    word = str(value).lower()
    if re.search(r"weight|checkpoint|model", word):
        return "weights"
    if re.search(r"simulat|environment", word):
        return "simulator"
    return "service" if re.search(r"service|api\b", word) else "dataset" if re.search(r"data|corpus", word) else value


def _as_availability(value: object) -> object:
    word = str(value).strip().lower()
    return "unavailable" if word in ("unknown", "none", "") else word


UNKNOWN = "unknown"


def _as_text(value: object) -> object:
    """`null` and `""` say as much as `unknown`; a size may come as a number."""
    return UNKNOWN if value in (None, "") else str(value) if isinstance(value, int | float) else value


Known = Annotated[str, BeforeValidator(_as_text)]


class Resource(Artifact):
    """Something that the experiments need and no file of the repository holds."""

    name: str = Field(pattern=r"\S", description="short, lower case, as it will stand in results.json: cifar-10")
    kind: Annotated[ResourceKind, BeforeValidator(_as_kind)]
    available: Annotated[Availability, BeforeValidator(_as_availability)] = Field(
        "unavailable",
        description="package: comes with a package, without a network; download: for anyone, by a package's loader or "
        "from an address; restricted: on request, for money, with consent; unavailable: also where nobody knows",
    )
    origin: Known = Field(
        UNKNOWN, description="the package and the call that brings it, or the address that the paper states"
    )
    licence: Known = Field(UNKNOWN, description="its name")
    size: Known = Field(UNKNOWN, description="samples or parameters, and bytes")
    checksum: Known = Field(UNKNOWN, description="e.g. sha256:…, if the paper or the package states it")
    stand_in: str = Field("", description="what takes its place behind the same interface where it cannot be had")
    source: Sources


class Plan(Artifact):
    """The overall plan (Paper2Code, section 3.1): what must be implemented, before any code is thought of."""

    summary: str = Field(
        description="what the paper contributes and what the repository will reproduce, in a paragraph"
    )
    method: list[PlanItem] = Field(
        min_length=1, description="the method: every equation, algorithm step and architecture detail"
    )
    data: list[PlanItem] = Field(description="data sets, splits, preprocessing, noise, augmentation")
    experiments: list[PlanItem] = Field(
        description="training and evaluation protocol, baselines, ablations, seeds, schedules"
    )
    metrics: list[PlanItem] = Field(description="how each reported number is computed and aggregated")
    resources: list[Resource] = Field(
        default_factory=list,
        description="data sets, pretrained weights, simulators and services that come from outside",
    )
    expected_results: list[ExpectedResult] = Field(
        default_factory=list, description="the numbers in scope that a reproduction should be compared with"
    )
    open_choices: OpenChoices

    @field_validator("expected_results")
    @classmethod
    def _ids_are_unique(cls, results: list[ExpectedResult]) -> list[ExpectedResult]:
        _refuse_duplicates("expected_results", [result.id for result in results])
        return results

    @field_validator("resources", mode="before")
    @classmethod
    def _none_is_an_empty_list(cls, value: object) -> object:
        return [] if value in (None, "") else value

    @field_validator("resources")
    @classmethod
    def _names_are_unique(cls, resources: list[Resource]) -> list[Resource]:
        _refuse_duplicates("resources", [resource.name for resource in resources])
        return resources


# --- architecture


class Symbol(Artifact):
    """A name that a file offers to other files."""

    name: str = Field(description="class, function or constant; a method as Class.method")
    signature: str = Field(description="as in Python, with types: `def loss(logits: Tensor, target: Tensor) -> Tensor`")
    purpose: str = Field(description="what it does, with shapes and units")
    source: Sources


class FileContract(Artifact):
    path: RepositoryPath = Field(description="relative to the repository's root, e.g. src/model.py")
    purpose: str = Field(description="what this file is for, in one sentence")
    symbols: list[Symbol] = Field(default_factory=list, description="everything that other files may import or call")
    requirements: RequirementIds = Field(
        default_factory=list, description="ids of the requirements that this file carries out, e.g. R3, R7"
    )


RelationKind = Literal["inherits", "composes", "aggregates", "uses"]


class Relation(Artifact):
    source: str = Field(description="a class of the file list")
    target: str = Field(description="a class of the file list")
    kind: RelationKind
    label: str = Field("", description="a word or two")


class Message(Artifact):
    """One arrow of the sequence diagram."""

    sender: str = Field(description="a class or file")
    receiver: str = Field(description="a class or file")
    call: str = Field(description="what is called, with arguments")
    returns: str = Field("", description="what comes back; empty if nothing does")


class Architecture(Artifact):
    """Files and their contracts, class diagram and sequence diagram (Paper2Code, section 3.1)."""

    approach: str = Field(description="how the code is organised and why, in a paragraph")
    files: list[FileContract] = Field(min_length=1, description="every file to write, the entry point included")
    entry_point: RepositoryPath = Field(description="the file that runs the experiments")
    relations: list[Relation] = Field(default_factory=list, description="the class diagram's edges")
    sequence: list[Message] = Field(default_factory=list, description="the program's call flow from start to results")
    open_choices: OpenChoices

    @field_validator("files")
    @classmethod
    def _files_are_ours(cls, files: list[FileContract]) -> list[FileContract]:
        reserved = {folded(name) for name in RESERVED_FILES}
        kept = [file for file in files if folded(file.path) not in reserved]
        if not kept:
            raise ValueError("the file list names no source file")
        check_distinct(file.path for file in kept)
        check_beside([file.path for file in kept], RESERVED_FILES)
        return kept

    @model_validator(mode="after")
    def _entry_point_is_listed(self) -> "Architecture":
        if self.entry_point not in self.paths:
            raise ValueError(f"entry_point {self.entry_point!r} is not in the file list: {', '.join(self.paths)}")
        return self

    @property
    def paths(self) -> list[str]:
        return [file.path for file in self.files]

    def contract(self, path: str) -> FileContract:
        return next(file for file in self.files if file.path == path)


# --- logic


class Task(Artifact):
    path: str = Field(description="a file of the architecture")
    depends_on: list[str] = Field(default_factory=list, description="the files it imports from; no cycles")
    logic: str = Field(description="what the file does, step by step, and what it takes from the files it depends on")


class Command(Artifact):
    run: str = Field(
        pattern=r"^[^\r\n]+$",
        description="a shell command from the repository's root, e.g. python main.py; packages are installed already",
    )
    produces: str = Field(description="which results it produces")


class LogicDesign(Artifact):
    """Ordered tasks with their dependencies, packages and shared knowledge (Paper2Code, section 3.1)."""

    packages: list[str] = Field(
        default_factory=list, description="third-party requirements, e.g. numpy>=1.26; not the standard library"
    )
    optional: list[str] = Field(
        default_factory=list, description="requirements without which everything in scope runs; usually none"
    )
    tasks: list[Task] = Field(min_length=1, description="one for each file of the architecture, dependencies first")
    commands: list[Command] = Field(default_factory=list, description="what reproduces the results, in order")
    shared_knowledge: str = Field(
        "", description="conventions that all files keep: names, shapes, types, seeds, file formats"
    )
    open_choices: OpenChoices

    @model_validator(mode="after")
    def _tasks_can_be_ordered(self) -> "LogicDesign":
        _refuse_duplicates("tasks", [task.path for task in self.tasks])
        known = {task.path for task in self.tasks}
        for task in self.tasks:
            if unknown := [path for path in task.depends_on if path not in known]:
                raise ValueError(f"the task {task.path!r} depends on {', '.join(unknown)}, which no task writes")
        self.order()
        return self

    def task(self, path: str) -> Task:
        return next(task for task in self.tasks if task.path == path)

    def dependencies(self) -> dict[str, list[str]]:
        return {task.path: list(task.depends_on) for task in self.tasks}

    def order(self) -> list[str]:
        """Paths with dependencies first; among equals the order of the task list.  A cycle raises."""
        try:
            return list(TopologicalSorter(self.dependencies()).static_order())
        except CycleError as error:
            raise ValueError(f"the dependencies form a cycle: {' -> '.join(error.args[1])}") from error


# --- configuration

PRESETS = "presets"
"""The group of config.yaml that says what smaller runs change."""


class ConfigValue(Artifact):
    key: str = Field(description="dotted, e.g. training.learning_rate")
    value: JsonValue = Field(description="a number, string, boolean, null, or a list or map of them")
    source: Sources
    requirements: RequirementIds = Field(default_factory=list)
    note: str = Field("", description="unit or meaning; where the paper is silent, why this value")


class PresetValue(Artifact):
    key: str = Field(description="a key of values")
    value: JsonValue = Field(description="what stands there instead, of the same type")


class Presets(Artifact):
    """What smaller runs change; all else is as in the full run."""

    smoke: list[PresetValue] = Field(default_factory=list, description="a minute on a CPU")
    small: list[PresetValue] = Field(default_factory=list, description="an hour on one GPU or a CPU")

    @field_validator("smoke", "small", mode="before")
    @classmethod
    def _a_map_is_a_list_of_values(cls, value: object) -> object:
        if isinstance(value, dict):
            return [{"key": key, "value": item} for key, item in value.items()]
        return [] if value in (None, "") else value

    @field_validator("smoke", "small")
    @classmethod
    def _keys_form_a_tree(cls, values: list[PresetValue]) -> list[PresetValue]:
        _refuse_keys("presets", [value.key for value in values])
        return values

    @property
    def by_name(self) -> dict[str, list[PresetValue]]:
        return {"smoke": self.smoke, "small": self.small, "full": []}


def _as_number(value: object) -> object:
    """`~40`, `2-3 h` and `unknown` as models write them: the first number, or none."""
    if not isinstance(value, str):
        return value
    found = re.search(r"\d+(?:\.\d+)?", value.replace(",", ""))
    return float(found[0]) if found else None


Estimate = Annotated[float | None, BeforeValidator(_as_number)]


class FullRun(Artifact):
    """What the whole of it takes, all seeds and experiments together."""

    hardware: Known = Field(UNKNOWN, description="the least that does, e.g. one GPU with 24 GB, or 4 CPU cores")
    gpu_hours: Estimate = Field(None, description="0 where no GPU is needed, null where nothing can be said")
    gpu_memory_gb: Estimate = Field(None, description="of each GPU; 0 and null as above")
    wall_hours: Estimate = None
    basis: str = Field("", description="how you came to these: runs × steps × time of a step, or what the paper says")
    source: Sources = Field(default_factory=list)


class Configuration(Artifact):
    """`config.yaml`, value by value, each with where it comes from (Paper2Code, section 3.1)."""

    values: list[ConfigValue] = Field(min_length=1, description="every setting of the method and the experiments")
    presets: Presets = Field(default_factory=Presets, description="the settings that smaller runs replace")
    full_run: FullRun = Field(default_factory=FullRun, description="an estimate for the settings as they are in values")
    open_choices: OpenChoices

    @field_validator("presets", "full_run", mode="before")
    @classmethod
    def _nothing_is_the_default(cls, value: object) -> object:
        return {} if value in (None, "", []) else value

    @field_validator("values")
    @classmethod
    def _keys_form_a_tree(cls, values: list[ConfigValue]) -> list[ConfigValue]:
        _refuse_keys("values", keys := [value.key for value in values])
        if taken := [key for key in keys if key.split(".")[0] == PRESETS]:
            raise ValueError(f"{taken[0]!r} stands among values: what presets replace goes into the field {PRESETS}")
        return values


# --- analysis and coding: texts, kept out of the state under their hash


class Body(Artifact):
    """A text that lives in the store under its SHA-256; the state carries only this."""

    sha256: str
    characters: int


class Published(Artifact):
    """Where publication put the repository.  `commit` is empty where git is missing."""

    folder: str
    files: int
    commit: str = ""
    warnings: list[str] = Field(default_factory=list)
    runs: bool | None = Field(None, description="Of a repair: whether every step of a run goes well now.")


def _refuse_duplicates(field: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{field} lists {key!r} twice")
        seen.add(key)


def _refuse_keys(field: str, keys: list[str]) -> None:
    """Refuses what is no dotted name, and a key below another one."""
    _refuse_duplicates(field, keys)
    for key in keys:
        parts = key.split(".")
        if not all(re.fullmatch(r"[A-Za-z_][\w-]*", part) for part in parts):
            raise ValueError(f"the key {key!r} is not a dotted name such as training.learning_rate")
        if any(".".join(parts[:n]) in keys for n in range(1, len(parts))):
            raise ValueError(f"the key {key!r} lies below another key that has a value of its own")


def module_name(path: str) -> str | None:
    """`src/model.py` → `src.model`; None for what Python cannot import."""
    if not path.endswith(".py"):
        return None
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return ".".join(parts) if all(p.isidentifier() and not keyword.iskeyword(p) for p in parts) else None
