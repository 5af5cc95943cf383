"""What a model is shown: the shared prefix first, then what varies, fitted to the model's window.

Providers cache a prompt's beginning.  So everything that the calls of a stage have in common comes first and is the
same to the letter: preamble, paper, plan, config, one line a file.  What concerns one file follows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.headers import header
from agents.paper import paper_text
from papercoder.checks import Design
from papercoder.models.prices import window_of
from papercoder.models.requests import Image
from papercoder.models.tokens import count_tokens
from papercoder.models.vision import shown_tokens
from prompts import quoted, render
from state.architecture import Architecture, FileContract
from state.configuration import Configuration
from state.context import Context
from state.logic import LogicDesign
from state.paper import Paper
from state.plan import Plan, PlanItem
from state.rendering import config_yaml
from state.requirements import Requirement, Specification
from state.review import Review
from state.revision import Deviation

PAPER_SHARE = 0.5
BASE_SHARE = 0.1
INDIRECT_TOKENS = 800
"""Headers of files that a file depends on through others: useful to know, not worth more than this."""


@dataclass(frozen=True)
class Material:
    """Everything that prompts are made of, with its bodies loaded."""

    context: Context
    paper: Paper
    base: Mapping[str, str] = field(default_factory=dict)
    base_packages: str | None = None  # its requirements.txt as a repair left it; None: as it came
    specification: Specification | None = None
    plan: Plan | None = None
    architecture: Architecture | None = None
    logic: LogicDesign | None = None
    configuration: Configuration | None = None
    analyses: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)  # those written from the paper, by their own paths
    reviews: Mapping[str, Review] = field(default_factory=dict)
    images: tuple[Image, ...] = ()
    revision: int = 0  # how often its user has asked for something else
    wishes: tuple[Deviation, ...] = ()  # what the user decided against the paper

    @property
    def design(self) -> Design:
        """What code is held against."""
        anchors = self.paper.labels()
        return Design(
            self.architecture,
            self.logic,
            self.configuration,
            self.plan,
            anchors,
            specification=self.specification,
        )

    @property
    def required(self) -> list[Requirement]:
        """What a faithful implementation must show; nothing where the run began without a specification."""
        return self.specification.requirements if self.specification else []

    @property
    def paths(self) -> list[str]:
        """The files of the architecture."""
        return self.architecture.paths if self.architecture else []

    def contract(self, path: str) -> FileContract:
        assert self.architecture
        return self.architecture.contract(path)

    def owned(self, path: str) -> list[Requirement]:
        """The requirements that a file carries out."""
        return self.specification.named(self.contract(path).requirements) if self.specification else []

    @property
    def window(self) -> int:
        """Tokens that every model of the run can read, the answer set aside."""
        names = {self.context.model, *self.context.models.values()}
        left = min(window_of(name, self.context) - shown_tokens(name, self.images) for name in names)
        return max(left - self.context.max_output_tokens, left // 4)

    @property
    def shown_paper(self) -> tuple[str, tuple[str, ...]]:
        """The paper as prompts show it, and what had to be left out for the window's sake."""
        return paper_text(self.paper, int(self.window * PAPER_SHARE))


def preamble(context: Context) -> str:
    return render("system", framework=context.framework, scope=context.scope)


def prefix(material: Material, *parts: str) -> str:
    """The paper, the base repository, what the user wants otherwise, then the named parts of what was decided."""
    linearised = any(block.notation == "linearised" for block in material.paper.blocks())
    whole = render("paper", paper=quoted("paper", material.shown_paper[0]), linearised=linearised)
    if material.base:
        whole += render("base", files=base_text(material.base, int(material.window * BASE_SHARE)))
    if material.wishes:
        whole += render("wishes", wishes=material.wishes)
    return whole + "".join(_part(material, part) for part in parts)


def _part(material: Material, part: str) -> str:
    if part == "requirements":
        return render("requirements", specification=material.specification) if material.required else ""
    values: dict[str, Any] = {"plan": material.plan, "architecture": material.architecture, "logic": material.logic}
    if part == "configuration_so_far":
        assert material.configuration
        values["yaml"] = config_yaml(material.configuration)
    if part == "outline":
        assert material.plan and material.architecture and material.logic and material.configuration
        artifacts = (material.plan, material.architecture, material.logic, material.configuration)
        values["order"] = material.logic.order()
        values["decided"] = [choice for artifact in artifacts for choice in artifact.open_choices]
    return render(part, **values)


def file_prefix(material: Material) -> str:
    """The prefix that all prompts about single files share.

    Of the plan it has what concerns all files; each file's own prompts get the items and the results that concern it.
    """
    return prefix(material, "plan_in_short", "configuration_so_far", "outline")


def writing_prefix(material: Material) -> str:
    """The same with the ways in which code drifts from its paper: analyst, coder and their critics go through them."""
    return file_prefix(material) + render("drift")


def plan_items(material: Material, path: str) -> list[PlanItem]:
    """The plan's items that concern a file; every item concerns some file."""
    assert material.plan
    plan = material.plan
    items = (*plan.method, *plan.data, *plan.experiments, *plan.metrics)
    return [item for item in items if path in _concerned(material, item)]


def _concerned(material: Material, item: PlanItem) -> set[str]:
    """The files whose contracts name a passage of the item, else its section, else the entry point.

    An item without a source concerns every file.
    """
    assert material.architecture
    files, homes, anchors = material.architecture.files, _homes(material.paper), set(item.source)
    if not anchors:
        return set(material.architecture.paths)
    exact = {file.path for file in files if _meet(anchors, _sources(file), homes)}
    near = {file.path for file in files if _sections(anchors, homes) & _sections(_sources(file), homes)}
    return exact or near or {material.architecture.entry_point}


def _homes(paper: Paper) -> dict[str, str]:
    """The section that each block stands in."""
    return {block.id: section.id for section in paper.sections for block in section.blocks}


def _sections(anchors: set[str], homes: Mapping[str, str]) -> set[str]:
    return {homes.get(anchor, anchor) for anchor in anchors}


def _sources(file: FileContract) -> set[str]:
    return {anchor for symbol in file.symbols for anchor in symbol.source}


def _meet(one: set[str], other: set[str], homes: Mapping[str, str]) -> bool:
    """Whether the two name a passage in common; a section's id stands for all that is in it."""
    return any(a == b or homes.get(a) == b or homes.get(b) == a for a in one for b in other)


def results_text(material: Material, path: str) -> str:
    """The keys of results.json, for the entry point and the files it is made of; empty for the others."""
    assert material.plan and material.architecture and material.logic
    entry_point = material.architecture.entry_point
    concerned = {entry_point, *material.logic.task(entry_point).depends_on}
    if path not in concerned or not material.plan.expected_results:
        return ""
    return render("results_to_measure", results=material.plan.expected_results)


def base_text(files: Mapping[str, str], limit: int) -> str:
    """The base repository as a list of files with the headers of its Python files, as far as `limit` tokens go."""
    shown, used = [], 0
    for path, source in sorted(files.items()):
        entry = f"- `{path}`"
        if path.endswith(".py"):
            entry += "\n" + quoted("header", header(source))
        if used + count_tokens(entry) > limit:
            entry = f"- `{path}`"
        used += count_tokens(entry)
        shown.append(entry)
    return "\n".join(shown)


def imports(direct: Mapping[str, str], indirect: Mapping[str, str], limit: int) -> tuple[list[str], tuple[str, ...]]:
    """Direct dependencies in full, indirect ones as headers, within `limit` tokens; and what was trimmed."""
    entries = {path: _full(path, source) for path, source in direct.items()}
    headers = {path: _header(path, source) for path, source in indirect.items()}
    trimmed: list[str] = []
    for path in reversed(list(headers)):
        if _tokens(headers.values()) > INDIRECT_TOKENS or _tokens([*entries.values(), *headers.values()]) > limit:
            del headers[path]
            trimmed.append(f"the header of {path}")
    for path in sorted(entries, key=lambda path: -count_tokens(entries[path])):
        if _tokens([*entries.values(), *headers.values()]) > limit:
            entries[path] = _header(path, direct[path])
            trimmed.append(f"the bodies of {path}")
    for path in sorted(entries, key=lambda path: -count_tokens(entries[path])):
        if _tokens([*entries.values(), *headers.values()]) > limit:
            entries[path] = f"### `{path}`, left out for lack of room"
            trimmed.append(f"the header of {path}")
    return [*entries.values(), *headers.values()], tuple(trimmed)


def _full(path: str, source: str) -> str:
    return f"### `{path}`\n{quoted('file', source)}"


def _header(path: str, source: str) -> str:
    return f"### `{path}`, signatures only\n{quoted('header', header(source))}"


def _tokens(texts: Iterable[str]) -> int:
    """Of the texts with blank lines between them."""
    return sum(count_tokens(text) + 1 for text in texts)
