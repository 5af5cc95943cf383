"""A directed graph as text: nodes from top to bottom, an arrow to the next one, all others named beside it."""

from collections.abc import Iterator
from typing import NamedTuple

Edge = tuple[str, str, bool]
"""From, to, and whether a route decides it."""

NOTES = {
    "reading": "paper → sections, equations, tables, each with an anchor",
    "specification": "requirements, each with its quote",
    "specification_approval": "waits for a person, where asked for",
    "planning": "overall plan: method, data, experiments, metrics",
    "planning_approval": "waits for a person, where asked for",
    "architecture": "files, contracts, class and sequence diagram",
    "architecture_approval": "waits for a person, where asked for",
    "logic": "tasks, dependencies, packages",
    "configuration": "config.yaml, value by value",
    "configuration_approval": "waits for a person, where asked for",
    "testing": "tests of each file, from the paper alone",
    "analysis": "logic analysis of each file, in parallel",
    "coding": "each file, as its dependencies finish",
    "integration": "all files held against each other, mended by edits",
    "execution": "run in a sandbox, mended until it runs",
    "assessment": "the code held against the requirements",
    "walkthrough": "passages, their code, checks that are run; where asked for",
    "writing": "the first version",
    "critique": "checks, then a critic",
    "revising": "sent back with the findings",
    "publication": "the repository",
    "rubric": "made of the paper, where none was given",
    "judging": "samples, each with critiques and a score",
    "grading": "each leaf of the rubric: met or not",
    "comparing": "two repositories, in both orders",
    "reporting": "report.json and report.md",
}


class Strokes(NamedTuple):
    """What a drawing is made of."""

    node: str
    end: str
    down: str
    arrow: str
    aside: str
    back: str
    maybe: str


LINES = Strokes("●", "○", "│", "→", "╰→", "↺", "?")
ASCII = Strokes("*", "o", "|", "->", "`->", "<-", "?")


def draw(nodes: list[str], edges: list[Edge], strokes: Strokes = LINES) -> list[str]:
    """The lines of the drawing."""
    order = ordered(nodes, edges)
    lines: list[str] = []
    width = max(map(len, map(_shown, order)), default=0) + 1
    for number, node in enumerate(order):
        after = order[number + 1] if number + 1 < len(order) else None
        lines += [_node(node, width, strokes), *_asides(node, after, order, edges, strokes)]
        if after:
            lines.append(strokes.down if any(edge[:2] == (node, after) for edge in edges) else "")
    return lines


def ordered(nodes: list[str], edges: list[Edge]) -> list[str]:
    """Every node after those that lead to it; arrows that close a loop do not count."""
    follows: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target, _ in edges:
        follows[source].append(target)
    done: list[str] = []
    seen: set[str] = set()

    def visit(node: str) -> None:
        seen.add(node)
        for target in follows[node]:
            if target not in seen:
                visit(target)
        done.append(node)

    targets = {edge[1] for edge in edges}
    for node in sorted(nodes, key=targets.__contains__):  # what nothing leads to comes first
        if node not in seen:
            visit(node)
    return done[::-1]


def _node(name: str, width: int, strokes: Strokes) -> str:
    if name in ("__start__", "__end__"):
        return f"{strokes.end} {name.strip('_').upper()}"
    note = NOTES.get(name.rpartition(":")[2], "").replace("→", strokes.arrow)
    return f"{strokes.node} {_shown(name):<{width}} {note}".rstrip()


def _shown(name: str) -> str:
    """`coding:__end__` → `coding : end`."""
    return " : ".join(part.strip("_") for part in name.split(":"))


def _asides(node: str, after: str | None, order: list[str], edges: list[Edge], strokes: Strokes) -> Iterator[str]:
    for source, target, conditional in edges:
        if source == node and target != after:
            back = order.index(target) <= order.index(node)
            mark = f"{strokes.back} back to" if back else strokes.aside
            yield f"{strokes.down}   {mark} {_shown(target)}{' ' + strokes.maybe if conditional else ''}"
