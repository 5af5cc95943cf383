"""Citations in comments and docstrings: `# §3.2, Eq. 4 [E4, R7]` must name passages and requirements that exist."""

import ast
import re
from collections.abc import Iterator, Mapping

from papercoder.checks.design import Design
from papercoder.checks.module import Module
from papercoder.checks.rules import finding
from papercoder.checks.syntax import parsed
from state.review import Finding

GROUP = re.compile(r"\[([^\[\]\n]{2,80})\]")
ID = re.compile(r"S\w{1,6}(?:\.\w{1,8})+|S[A-Z]?\d\w{0,3}|[ETAFNR]\d{1,3}[a-z]?(?:\.\w{1,8})*|abstract(?:\.p\d+)?")
REQUIREMENT = re.compile(r"R\d+")
_LABEL = re.compile(
    r"§|\b(?:Eqs?|Equations?|Tables?|Tab|Algs?|Algorithms?|App|Appendix|Sec|Sections?|Figs?|Abstract)\b"
)


def unknown_citations(module: Module, design: Design) -> Iterator[Finding]:
    """Ids in square brackets that look like the paper's and are not.  Nothing is said without a paper's anchors."""
    if not design.anchors:
        return
    known = {*design.anchors, *design.requirements}
    for line, text in _prose(module):
        unknown = [id for id in dict.fromkeys(cited(text)) if id not in known and _is_judged(id, design)]
        requirements = [id for id in unknown if REQUIREMENT.fullmatch(id)]
        if passages := [id for id in unknown if id not in requirements]:
            yield finding(
                "unknown-citation", module.path, f"The paper has no passage {', '.join(passages)}.", line=line
            )
        for id in requirements:
            text = f"There is no requirement {id}."
            yield finding("unknown-citation", module.path, text, line=line, requirement=id)


def uncited_requirements(module: Module, design: Design) -> Iterator[Finding]:
    """A file that owns requirements and cites none of them.

    A note: whether the code meets them is not for its comments to say, and a revision for a comment's sake costs a
    call and may break what was right.
    """
    contract = design.contract(module.path)
    owned = [id for id in contract.requirements if id in design.requirements] if contract else []
    here = {id for _, text in _prose(module) for id in cited(text)}
    if owned and not here & {*owned}:
        text = f"{module.path} carries out {', '.join(owned)} and cites none of them."
        only = owned[0] if len(owned) == 1 else ""
        yield finding("uncited-requirement", module.path, text, requirement=only)


def citations_of(files: Mapping[str, str]) -> dict[str, list[tuple[str, int]]]:
    """Requirement → the lines that cite it, as path and line number: a requirement followed forward to the code."""
    found: dict[str, list[tuple[str, int]]] = {}
    for path, source in sorted(files.items()):
        for line, text in _comments(path, source):
            for id in filter(REQUIREMENT.fullmatch, dict.fromkeys(cited(text))):
                found.setdefault(id, []).append((path, line))
    return found


def _comments(path: str, source: str) -> Iterator[tuple[int, str]]:
    """Comments and docstrings; of files that are not Python, or do not parse, what follows a number sign."""
    module = parsed(path, source) if path.endswith(".py") else None
    if isinstance(module, Module):
        yield from _prose(module)
    elif path.endswith((".py", ".yaml", ".yml", ".sh", ".toml")):
        for number, line in enumerate(source.split("\n"), start=1):
            if "#" in line:
                yield number, line.partition("#")[2]


def cited(text: str) -> Iterator[str]:
    """The ids that one line cites.  A short one like `T1` counts beside a label or a longer id: it may be a shape."""
    for group in GROUP.findall(text):
        ids = [part.strip() for part in re.split(r"[,;]", group)]
        certain = _LABEL.search(text) or any("." in id or REQUIREMENT.fullmatch(id) for id in ids)
        if certain and all(ID.fullmatch(id) for id in ids):
            yield from ids


def _is_judged(id: str, design: Design) -> bool:
    return bool(design.requirements) or not REQUIREMENT.fullmatch(id)


def _prose(module: Module) -> list[tuple[int, str]]:
    """Every line of comments and docstrings, with its number."""
    return sorted({*module.comments, *_docstring_lines(module)})


def _docstring_lines(module: Module) -> Iterator[tuple[int, str]]:
    for node in module.docstrings:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno + n, line) for n, line in enumerate(node.value.split("\n")))
