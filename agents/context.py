"""What a model is shown: the shared prefix first, then what varies, fitted to the model's window.

Providers cache a prompt's beginning.  So everything that the calls of a stage have in common comes first and is the
same to the letter: preamble, paper, plan, config, one line a file.  What concerns one file follows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from agents.headers import header
from papercoder.models.prices import window_of
from papercoder.models.tokens import count_tokens, cut_to_tokens
from prompts import quoted, render
from state.artifacts import Architecture, Configuration, LogicDesign, Plan, PlanItem
from state.context import Context
from state.paper import Paper, Section
from state.rendering import config_yaml

PAPER_SHARE = 0.5
BASE_SHARE = 0.1
INDIRECT_TOKENS = 1_000
"""Headers of files that a file depends on through others: useful to know, not worth more than this."""


@dataclass(frozen=True)
class Material:
    """Everything that prompts are made of, with its bodies loaded."""

    context: Context
    paper: Paper
    base: Mapping[str, str] = field(default_factory=dict)
    plan: Plan | None = None
    architecture: Architecture | None = None
    logic: LogicDesign | None = None
    configuration: Configuration | None = None
    analyses: Mapping[str, str] = field(default_factory=dict)

    @property
    def window(self) -> int:
        """Tokens that every model of the run can read, the answer set aside."""
        names = {self.context.model, *self.context.models.values()}
        smallest = min(window_of(name, self.context) for name in names)
        return max(smallest - self.context.max_output_tokens, smallest // 4)

    @property
    def shown_paper(self) -> tuple[str, tuple[str, ...]]:
        """The paper as prompts show it, and what had to be left out for the window's sake."""
        return paper_text(self.paper, int(self.window * PAPER_SHARE))


def preamble(context: Context) -> str:
    return render("system", framework=context.framework, scope=context.scope)


def prefix(material: Material, *parts: str) -> str:
    """The paper, the base repository, and then the named parts of what was decided so far."""
    whole = render("paper", paper=quoted("paper", material.shown_paper[0]))
    if material.base:
        whole += render("base", files=base_text(material.base, int(material.window * BASE_SHARE)))
    return whole + "".join(_part(material, part) for part in parts)


def _part(material: Material, part: str) -> str:
    values = {"plan": material.plan, "architecture": material.architecture, "logic": material.logic}
    if part == "configuration_so_far":
        assert material.configuration
        values["configuration"] = material.configuration  # type: ignore[assignment]
        return render(part, yaml=config_yaml(material.configuration), configuration=material.configuration)
    if part == "outline":
        assert material.logic
        return render(part, order=material.logic.order(), **values)
    return render(part, **values)


def file_prefix(material: Material) -> str:
    """The prefix that analysis and coding of every file share.

    Of the plan it has what concerns all files; each file's analysis gets the items that concern it (`plan_items`).
    """
    return prefix(material, "plan_in_short", "configuration_so_far", "outline")


def plan_items(material: Material, path: str) -> list[PlanItem]:
    """The plan's items from the sections of the paper that the file's contract rests on, and those without a source."""
    assert material.plan and material.architecture
    symbols = material.architecture.contract(path).symbols
    concerned = _sections(material.paper, [anchor for symbol in symbols for anchor in symbol.source])
    plan = material.plan
    items = [*plan.method, *plan.data, *plan.experiments, *plan.metrics]
    return [item for item in items if not item.source or _overlap(concerned, _sections(material.paper, item.source))]


def _sections(paper: Paper, anchors: Iterable[str]) -> set[str]:
    """The sections that these anchors lie in; a section lies in itself."""
    homes = {block.id: section.id for section in paper.sections for block in section.blocks}
    return {homes.get(anchor, anchor) for anchor in anchors}


def _overlap(one: set[str], other: set[str]) -> bool:
    """Whether the two name a section in common, or a section and one of its subsections."""
    return any(a == b or a.startswith(b + ".") or b.startswith(a + ".") for a in one for b in other)


@lru_cache(maxsize=8)
def paper_text(paper: Paper, limit: int) -> tuple[str, tuple[str, ...]]:
    """The paper within `limit` tokens, and what was left out: references, then appendix prose, then the rest's end."""
    text = paper.markdown()
    if count_tokens(text) <= limit:
        return text, ()
    trimmed = ["the paper's references"]
    sections = list(paper.sections)
    for index in reversed(range(len(sections))):
        if sections[index].label.startswith("App."):
            sections[index] = _without_prose(sections[index])
            trimmed.append(f"the prose of {sections[index].label}")
            text = paper.model_copy(update={"sections": tuple(sections)}).markdown()
            if count_tokens(text) <= limit:
                return text, tuple(trimmed)
    trimmed.append("the end of the paper")
    return cut_to_tokens(text, limit), tuple(trimmed)


def _without_prose(section: Section) -> Section:
    return section.model_copy(update={"blocks": tuple(b for b in section.blocks if b.kind != "paragraph")})


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
    return [*entries.values(), *headers.values()], tuple(trimmed)


def _full(path: str, source: str) -> str:
    return f"### `{path}`\n{quoted('file', source)}"


def _header(path: str, source: str) -> str:
    return f"### `{path}`, signatures only\n{quoted('header', header(source))}"


def _tokens(texts: Iterable[str]) -> int:
    """Of the texts with blank lines between them."""
    return sum(count_tokens(text) + 1 for text in texts)
