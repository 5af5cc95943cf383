"""The architecture: files with their contracts, classes and messages."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from state.artifacts import Artifact, OpenChoices, RequirementIds, Sources
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
