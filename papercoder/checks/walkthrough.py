"""A walkthrough held against the paper and the code that it is about."""

import ast
from collections.abc import Collection, Iterator, Mapping

from papercoder.checks.excerpts import SEPARATOR, excerpt, excerpt_problem
from papercoder.checks.module import Unreadable, parse
from papercoder.checks.rules import finding
from state.paper import Paper
from state.review import Finding
from state.walkthrough import NOTEBOOK, Passage, Walkthrough

LONGEST = 60
"""Lines of a symbol that a reader follows; of a longer one the end is left out."""


def check_walkthrough(walkthrough: Walkthrough, code: Mapping[str, str], paper: Paper) -> list[Finding]:
    """Anchors and symbols exist; each check parses, asserts something, and is about one of its symbols."""
    blocks = {block.id for block in paper.blocks()}
    sections = {section.id for section in paper.sections}
    return [found for passage in walkthrough.passages for found in _findings(passage, code, blocks, sections)]


def _findings(
    passage: Passage, code: Mapping[str, str], blocks: Collection[str], sections: Collection[str]
) -> Iterator[Finding]:
    for anchor in passage.source:
        if anchor in sections:
            yield _of(passage, "unknown-passage", f"{anchor} is a whole section.")
        elif anchor not in blocks:
            yield _of(passage, "unknown-passage", f"The paper has no passage {anchor}.")
    for reference in passage.symbols:
        if problem := excerpt_problem(reference, code):
            yield _of(passage, "unknown-symbol", problem)
        elif (shown := excerpt(reference, code)) and shown.last - shown.first >= LONGEST:
            yield _of(passage, "long-symbol", f"{reference} has {shown.last - shown.first + 1} lines.")
    yield from _of_check(passage)


def _of_check(passage: Passage) -> Iterator[Finding]:
    try:
        cell = parse("the check", passage.check)
    except Unreadable as error:
        yield _of(passage, "unreadable-check", f"{error} (line {error.line})")
        return
    if not any(isinstance(node, ast.Assert) for node in cell.nodes):
        yield _of(passage, "vacuous-check", "The check asserts nothing.")
    names = {node.id for node in cell.nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in cell.nodes if isinstance(node, ast.Attribute)}
    symbols = {part for reference in passage.symbols for part in reference.partition(SEPARATOR)[2].split(".")}
    if not names & symbols:
        yield _of(passage, "vacuous-check", f"The check uses none of {', '.join(sorted(symbols))}.")


def _of(passage: Passage, rule: str, problem: str) -> Finding:
    return finding(rule, NOTEBOOK, problem, location=passage.title)
