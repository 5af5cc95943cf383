"""What questions about a repository that was run stand on: its paper and design, as far as there are any."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from agents.author import VERSIONS
from agents.context import Material, file_prefix
from agents.tester import places
from papercoder.models.requests import Image
from prompts import contract
from state.context import Context
from state.requirements import Requirement


@dataclass(frozen=True)
class Premises:
    """`prefix` is what all its questions share; `tests` are those whose word an arbiter weighs against the code's.

    `subjects`: file of tests → the file that they are of; `contracts` and `owned` (ids of requirements) by file.
    `there` are paths that the repository has beside the texts which can be mended.
    """

    context: Context
    prefix: str
    window: int
    tests: Mapping[str, str] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)
    contracts: Mapping[str, str] = field(default_factory=dict)
    requirements: Sequence[Requirement] = ()
    owned: Mapping[str, Sequence[str]] = field(default_factory=dict)
    there: Collection[str] = ()
    images: tuple[Image, ...] = ()
    trimmed: tuple[str, ...] = ()
    rounds: int = 0  # that went before: versions after a person's words are counted on from there

    def concerned(self, path: str, cited: set[str]) -> list[Requirement]:
        """The requirements that the file carries out, and those that are cited."""
        ids = set(self.owned.get(path, ())) | cited
        return [requirement for requirement in self.requirements if requirement.id in ids]


def of_design(material: Material) -> Premises:
    """For a repository that a run is making."""
    assert material.architecture
    files = material.architecture.files
    return Premises(
        context=material.context,
        prefix=file_prefix(material),
        window=material.window,
        tests=material.tests,
        subjects={name: path for path, name in places(material.architecture).items()},
        contracts={file.path: contract(file) for file in files},
        requirements=material.required,
        owned={file.path: file.requirements for file in files},
        there=material.base.keys(),
        images=material.images,
        trimmed=material.shown_paper[1],
        rounds=material.revision * VERSIONS,
    )
