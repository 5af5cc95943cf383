"""`walkthrough.ipynb`: passages and code to the letter, what the guide says of them, and the checks as they ran."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from agents.context import Material
from papercoder.checks.excerpts import Excerpt, excerpt, excerpt_problem
from papercoder.checks.walkthrough import LONGEST
from papercoder.publication.markdown import fenced, formula, harmless, margin, plain
from state.paper import Block, Paper
from state.walkthrough import NOTEBOOK, CellRun, CellsReport, Passage, Walked

Cell = dict[str, Any]

KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook(material: Material, code: Mapping[str, str], walked: Walked) -> str:
    """The notebook (nbformat 4.5).  It has no times, no paths of this machine, and no output but text."""
    cells = [_markdown("walkthrough", _opening(material, walked.report))]
    shown: dict[str, int] = {}
    for number, (passage, run) in enumerate(walked.pairs, 1):
        shown |= {reference: number for reference in passage.symbols if reference not in shown}
        listings = [_listing(reference, code, shown[reference], number) for reference in passage.symbols]
        cells += _cells(number, passage, run, material.paper, listings)
    whole = {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _opening(material: Material, report: CellsReport) -> str:
    title, words = harmless(material.paper.title), harmless(report.words)
    return f"""# Walkthrough: {title}

Each part shows a passage of the paper, the code that carries it out, and a check of that code on toy dimensions. \
Passages and code stand here as they do in the paper, as it was read, and in the repository. The words between them \
and the checks were written by a model, the guide: read a check before you believe it.

**{words[0].upper()}{words[1:]}.**

To run it yourself, at the repository's root, with what `requirements.txt` names:

```sh
pip install jupyterlab
jupyter lab {NOTEBOOK}
```"""


def _cells(number: int, passage: Passage, run: CellRun, paper: Paper, listings: list[str]) -> Iterator[Cell]:
    quotes = "\n\n".join(_quote(anchor, paper) for anchor in passage.source)
    yield _markdown(f"passage-{number}", f"## {number}. {harmless(passage.title)}\n\n{quotes}")
    yield _markdown(f"code-{number}", "\n\n".join(listings))
    yield _markdown(f"explanation-{number}", harmless(passage.explanation))
    yield _check(number, passage.check, run)
    if run.outcome == "failed":
        yield _markdown(f"outcome-{number}", f"**This check failed:** {harmless(run.error)}")


def _quote(anchor: str, paper: Paper) -> str:
    block = next((block for block in paper.blocks() if block.id == anchor), None)
    section = next((section for section in paper.sections if section.id == anchor), None)
    if section:
        return f"**{harmless(section.label)}** {harmless(section.title)}"
    if block is None:
        return f"`{anchor}` is no passage of the paper."
    return f"**{harmless(block.label)}** `[{block.id}]`\n\n{margin(_words(block))}"


def _words(block: Block) -> str:
    """The block as the paper has it."""
    caption = harmless(block.caption)
    match block.kind:
        case "equation" if block.notation == "latex":
            return formula(block.text)
        case "equation":
            return fenced(block.text)
        case "algorithm":
            return f"{caption}\n\n{fenced(block.text)}".strip()
        case "table" | "figure":
            return f"{caption}\n\n{harmless(block.text)}".strip()
    return harmless(block.text)


def _listing(reference: str, code: Mapping[str, str], shown_in: int, number: int) -> str:
    """The code, where it has not been shown already."""
    shown = excerpt(reference, code)
    if shown is None:
        return harmless(excerpt_problem(reference, code))
    return _excerpt(shown) if shown_in == number else f"{_place(shown)}, shown in part {shown_in}"


def _excerpt(shown: Excerpt) -> str:
    lines = shown.text.split("\n")
    listing = fenced("\n".join(lines[:LONGEST]), "python")
    rest = f"\n\nThe other {len(lines) - LONGEST} lines are in the file." if len(lines) > LONGEST else ""
    return f"{_place(shown)}\n\n{listing}{rest}"


def _place(shown: Excerpt) -> str:
    span = f"lines {shown.first} to {shown.last}" if shown.last > shown.first else f"line {shown.first}"
    return f"`{shown.path}`, {span}: `{shown.name}`"


def _markdown(name: str, text: str) -> Cell:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": _lines(text)}


def _check(number: int, source: str, run: CellRun) -> Cell:
    executed = number if run.outcome != "not run" else None
    return {
        "cell_type": "code",
        "execution_count": executed,
        "id": f"check-{number}",
        "metadata": {},
        "outputs": list(_outputs(run, executed)),
        "source": _lines(source),
    }


def _outputs(run: CellRun, executed: int | None) -> Iterator[Cell]:
    if run.printed:
        yield {"output_type": "stream", "name": "stdout", "text": _lines(run.printed)}
    if run.value:
        yield {
            "output_type": "execute_result", "execution_count": executed, "metadata": {},
            "data": {"text/plain": _lines(run.value)},
        }  # fmt: skip
    if run.outcome == "failed":
        name, _, message = plain(run.error).partition(": ")
        traceback = plain(run.traceback or run.error).rstrip().split("\n")
        yield {"output_type": "error", "ename": name, "evalue": message, "traceback": traceback}


def _lines(text: str) -> list[str]:
    """As Jupyter keeps them: a change of one line is one line of a diff."""
    return plain(text).splitlines(keepends=True)
