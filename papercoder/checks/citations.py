"""Citations in comments and docstrings: `# §3.2, Eq. 4 [E4]` must name passages that the paper has."""

import ast
import re
from collections.abc import Iterator

from papercoder.checks.design import Design
from papercoder.checks.module import Module
from papercoder.checks.rules import finding
from state.review import Finding

_GROUP = re.compile(r"\[([^\[\]\n]{2,80})\]")
_ID = re.compile(r"S\w{1,6}(?:\.\w{1,8})+|S[A-Z]?\d\w{0,3}|[ETAFNR]\d{1,3}[a-z]?(?:\.\w{1,8})*|abstract(?:\.p\d+)?")
_LABEL = re.compile(
    r"§|\b(?:Eqs?|Equations?|Tables?|Tab|Algs?|Algorithms?|App|Appendix|Sec|Sections?|Figs?|Abstract)\b"
)


def unknown_citations(module: Module, design: Design) -> Iterator[Finding]:
    """Ids in square brackets that look like the paper's and are not.  Nothing is said without a paper's anchors."""
    if not design.anchors:
        return
    known = {*design.anchors, *design.requirements}
    for line, text in sorted({*module.comments, *_docstring_lines(module)}):
        unknown = [id for id in cited(text) if id not in known and _is_judged(id, design)]
        if unknown:
            names = ", ".join(dict.fromkeys(unknown))
            yield finding("unknown-citation", module.path, f"The paper has no passage {names}.", line=line)


def cited(text: str) -> Iterator[str]:
    """The ids that one line cites.  A short one like `T1` counts beside a label or another id: it may be a shape."""
    for group in _GROUP.findall(text):
        ids = [part.strip() for part in re.split(r"[,;]", group)]
        if all(_ID.fullmatch(id) for id in ids) and (_LABEL.search(text) or any("." in id for id in ids)):
            yield from ids


def _is_judged(id: str, design: Design) -> bool:
    return bool(design.requirements) or not re.fullmatch(r"R\d+", id)


def _docstring_lines(module: Module) -> Iterator[tuple[int, str]]:
    for node in module.docstrings:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno + n, line) for n, line in enumerate(node.value.split("\n")))
