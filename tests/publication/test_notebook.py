"""walkthrough.ipynb: valid, to the letter, with what the checks gave, and without anything that acts on its reader."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lxml import html

from agents.context import Material
from papercoder.publication import Audit, publish
from papercoder.publication.markdown import fenced, formula, harmless
from papercoder.publication.notebook import notebook
from state.walkthrough import CellRun, CellsReport, Walked
from tests.publication.walks import CHECK, WALKED

UNEXECUTED = Walked(
    walkthrough=WALKED.walkthrough, report=CellsReport(cells=[CellRun(), CellRun()], unexecuted="no containment works")
)


def read(text: str) -> Any:
    made = nbformat.reads(text, as_version=4)
    nbformat.validate(made)
    return made


@pytest.fixture
def cells(material: Material, code: dict[str, str]) -> dict[str, Any]:
    return {cell.id: cell for cell in read(notebook(material, code, WALKED)).cells}


def test_passages_and_code_stand_in_it_to_the_letter(cells: dict[str, Any]) -> None:
    assert "**Eq. 1** `[E1]`\n\n> $$ \\hat w = (X^\\top X + \\lambda I)^{-1} X^\\top y $$" in cells["passage-1"].source
    assert "> Labels are flipped with probability ρ = 0.2." in cells["passage-1"].source
    assert "> | λ | acc |\n> |---|---|\n> | 1 | 93.4 |" in cells["passage-2"].source
    assert "`src/model.py`, lines 14 to 15: `Ridge.fit`" in cells["code-1"].source
    assert "```python\ndef fit(self, x, y):  # Eq. 1\n    return self\n```" in cells["code-1"].source
    assert "`src/model.py`, line 5: `EPSILON`" in cells["code-1"].source
    assert cells["explanation-1"].source == r"`fit` solves Eq. 1; $\lambda$ is `weight`."


def test_code_is_shown_once(material: Material, code: dict[str, str]) -> None:
    first = WALKED.walkthrough.passages[0]
    again = WALKED.model_copy(
        update={"walkthrough": WALKED.walkthrough.model_copy(update={"passages": [first, first]})}
    )
    cells = {cell.id: cell.source for cell in read(notebook(material, code, again)).cells}
    assert cells["code-2"].startswith("`src/model.py`, lines 14 to 15: `Ridge.fit`, shown in part 1")
    assert "```" not in cells["code-2"]


def test_checks_stand_in_it_with_what_they_gave(cells: dict[str, Any]) -> None:
    passed, failed = cells["check-1"], cells["check-2"]
    assert passed.source == CHECK
    assert [output.output_type for output in passed.outputs] == ["stream", "execute_result"]
    assert passed.outputs[0].text == "shapes\n"
    assert passed.outputs[1].data == {"text/plain": "1.0"}
    assert (failed.outputs[0].ename, failed.outputs[0].evalue) == ("AssertionError", "[0 1 1 0]")
    assert "outcome-1" not in cells
    assert cells["outcome-2"].source == "**This check failed:** AssertionError: [0 1 1 0]"
    assert "**1 of 2 checks passed in bubblewrap 0.11.0.**" in cells["walkthrough"].source


def test_one_that_nobody_ran_says_so_and_has_no_outputs(material: Material, code: dict[str, str]) -> None:
    made = read(notebook(material, code, UNEXECUTED))
    assert "**None of 2 checks was run: no containment works.**" in made.cells[0].source
    checks = [cell for cell in made.cells if cell.cell_type == "code"]
    assert [(cell.outputs, cell.execution_count) for cell in checks] == [([], None)] * 2


def test_what_the_guide_names_and_nobody_has_is_said_to_be_missing(material: Material, code: dict[str, str]) -> None:
    passage = WALKED.walkthrough.passages[0].model_copy(
        update={"source": ["E9", "S2"], "symbols": ["src/model.py::Ridge.fits", "nowhere.py::x"]}
    )
    walked = Walked(walkthrough=WALKED.walkthrough.model_copy(update={"passages": [passage]}),
                    report=CellsReport(cells=[CellRun()], unexecuted="asked not to"))  # fmt: skip
    cells = {cell.id: cell.source for cell in read(notebook(material, code, walked)).cells}
    assert "`E9` is no passage of the paper." in cells["passage-1"]
    assert "**§2** Method" in cells["passage-1"]
    assert "src/model.py defines no 'Ridge.fits'; is it Ridge.fit?" in cells["code-1"]
    assert "There is no file 'nowhere.py'." in cells["code-1"]


HOSTILE = [
    "<script>alert(1)</script>",
    "a <img src=x onerror=alert(1)> b",
    "<!-- --><svg/onload=alert(1)>",
    "`</code><script>alert(1)</script>`",
    "$a$ </p><script>alert(1)</script> $b$",
    "![p](http://tracker.example/p.png)",
    "![p][r]\n\n[r]: http://tracker.example/p.png",
    "- [r]: javascript:alert(1)\n\n[click][r]",
    "[click](javascript:alert(1))",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\csname href\endcsname{javascript:alert(1)}{x}$",
    "<javascript:alert(1)>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_foreign_is_markup(text: str) -> None:
    shown = harmless(text)
    assert not any(f"<{first}" in shown for first in "abcdefghijklmnopqrstuvwxyz!/?")
    assert "](" not in shown and "][" not in shown and "]:" not in shown
    assert r"\href" not in shown and r"\csname" not in shown


def test_formulas_and_prose_stay_what_they_are() -> None:
    text = "For $a < b$ and `x[0]` the *mean* is [1], see (2); if p -> q, 3 <= 4."
    assert harmless(text) == text
    assert formula("a &= b % why\n\\\\ c &< d") == r"$$ a &= b \\ c &< d $$"
    assert formula("50\\% $$ x") == r"$$ 50\% $ x $$"


def test_a_fence_in_a_listing_closes_nothing() -> None:
    listing = fenced('"""\n```\nx\n````\n"""', "python")
    assert listing.startswith("`````python\n")
    assert listing.endswith("\n`````")


def test_what_steers_terminals_is_gone(material: Material, code: dict[str, str]) -> None:
    run = CellRun(outcome="failed", printed="\x1b[31mred\x1b[0m\x07\r\n", error="E: \x1b]0;t", traceback="\x00x")
    walked = WALKED.model_copy(update={"report": CellsReport(cells=[run, run], containment="x")})
    text = notebook(material, code, walked)
    assert read(text).cells[4].outputs[0].text == "red\n"
    assert not set(text) & {chr(n) for n in [*range(9), *range(11, 32), 127]}
    assert "\\u001b" not in text


@pytest.fixture
def repository(material: Material, code: dict[str, str], tmp_path: Path) -> Callable[..., Path]:
    def write(audit: Audit) -> Path:
        publish(material, code, tmp_path / "repository", "run-1", audit)
        return tmp_path / "repository"

    return write


def test_the_repository_has_it_and_tells_of_it_wherever_it_tells_of_checks(repository: Callable[..., Path]) -> None:
    folder = repository(Audit(walked=WALKED))
    read((folder / "walkthrough.ipynb").read_text(encoding="utf-8"))
    assert "[walkthrough.ipynb](walkthrough.ipynb)" in (folder / "README.md").read_text(encoding="utf-8")
    notes = (folder / "REPRODUCTION_NOTES.md").read_text(encoding="utf-8")
    assert "| Noisy labels | §2, Table 1 | `src/data.py::load` | failed: AssertionError: [0 1 1 0] |" in notes
    report = json.loads((folder / ".papercoder" / "report.json").read_text(encoding="utf-8"))["walkthrough"]
    assert [passage["outcome"] for passage in report["passages"]] == ["passed", "failed"]
    page = html.fromstring((folder / ".papercoder" / "report.html").read_text(encoding="utf-8"))
    assert "1 of 2 checks passed in bubblewrap 0.11.0" in " ".join(page.itertext())
    for anchor in page.xpath("//nav/a/@href"):
        assert page.get_element_by_id(str(anchor).removeprefix("#")) is not None


def test_without_one_the_repository_does_not_speak_of_it(repository: Callable[..., Path]) -> None:
    folder = repository(Audit())
    assert not (folder / "walkthrough.ipynb").exists()
    for name in ("README.md", "REPRODUCTION_NOTES.md", ".papercoder/report.html"):
        assert "alkthrough" not in (folder / name).read_text(encoding="utf-8")
