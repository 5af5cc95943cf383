"""What is said of the repository: in the notes, in report.json, and on a page that no paper or model can script."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from agents.context import Material
from papercoder.publication import Audit, publish
from state.assessment import Coverage, Verdict
from state.critique import Critique, Version
from state.review import Finding

HOSTILE = "<script>alert(1)</script> | `x` <img src=x onerror=alert(2)> {{ 7 * 7 }}"
MENDED = Finding(severity="high", problem="the sign is wrong", file="src/model.py", line=11, evidence="return self")
NOTE = Finding(severity="low", problem="a matter of taste")
OPEN = Finding(severity="medium", problem="no seed is set", file="main.py", line=3, location="main", fix="Set it.")

AUDIT = Audit(
    critiques={
        "planning": Critique(versions=(Version(reviewed=True),), ended="nothing to mend"),
        "coding of src/model.py": Critique(
            versions=(Version(critique=(MENDED, NOTE), reviewed=True), Version(critique=(NOTE,), reviewed=True)),
            best=1,
            ended="nothing to mend",
        ),
        "coding of main.py": Critique(versions=(Version(note="No answer could be used."),), ended="nothing to mend"),
        "assessment": Critique(
            versions=(Version(reviewed=True, score=0.5), Version(reviewed=True, score=0.75)), best=1,
            ended="no rounds left",
        ),
    },
    checks=(OPEN, NOTE),
    citations={"R3": (("main.py", 3),)},
    coverage=Coverage(
        verdicts=(
            Verdict(requirement="R1", judgement="met", file="src/model.py", line=13, reason="solves it"),
            Verdict(requirement="R2", judgement="partial", file="src/data.py", line=10, reason="no flips"),
            Verdict(requirement="R3", judgement="met", file="main.py", line=1, problem="line 1 is an import"),
        ),
        placebos=(Verdict(requirement="a placebo", judgement="missing"), Verdict(requirement="b", judgement="met")),
    ),
)  # fmt: skip


@pytest.fixture
def repository(material: Material, code: dict[str, str], tmp_path: Path) -> Callable[..., Path]:
    def write(audit: Audit = AUDIT, **changes: Any) -> Path:
        publish(replace(material, **changes), code, tmp_path / "repository", "run-1", audit)
        return tmp_path / "repository"

    return write


def test_the_notes_follow_each_requirement_to_the_paper_and_to_the_line(repository: Callable[..., Path]) -> None:
    notes = (repository() / "REPRODUCTION_NOTES.md").read_text(encoding="utf-8")
    rows = {line.split(" | ")[0].strip("| "): line for line in notes.splitlines() if line.startswith("| R")}
    assert "Eq. 1" in rows["R1"]
    assert "`src/model.py:13` | met |" in rows["R1"]
    assert "partial: no flips" in rows["R2"]
    assert "unverified" in rows["R3"]
    assert "not shown: line 1 is an import" in rows["R3"]
    assert "cited at `main.py:3`" in rows["R3"]
    assert "75 % are met, 50 % before" in notes
    assert "of 2 requirements of other papers, mixed in unmarked, it found 1 met" in notes
    assert "{Five} seeds against six." in notes


def test_what_stayed_open_is_a_known_gap_and_what_was_mended_is_not(repository: Callable[..., Path]) -> None:
    notes = (repository() / "REPRODUCTION_NOTES.md").read_text(encoding="utf-8")
    gaps = notes.partition("## Known gaps")[2].partition("\n## ")[0]
    assert "no seed is set" in gaps
    assert "coding of main.py: not reviewed. No answer could be used." in gaps
    assert "the sign is wrong" not in gaps
    assert "a matter of taste" not in gaps


def test_the_report_keeps_every_version_and_every_finding(repository: Callable[..., Path]) -> None:
    report = json.loads((repository() / ".papercoder" / "report.json").read_text(encoding="utf-8"))
    loop = report["loops"]["coding of src/model.py"]
    assert [len(version["critique"]) for version in loop["versions"]] == [2, 1]
    assert loop["versions"][0]["critique"][0] == {
        "severity": "high", "problem": "the sign is wrong", "file": "src/model.py", "line": 11,
        "evidence": "return self",
    }  # fmt: skip
    assert report["requirements"]["unverified"] == {"R3": "the words are not in [A.p1]"}
    assert report["citations"] == {"R3": ["main.py:3"]}
    assert report["coverage"]["placebos"] == {"asked": 2, "accepted": 1}
    assert (report["coverage"]["first"], report["coverage"]["final"]) == (0.5, 0.75)
    assert [found["problem"] for found in report["open"]] == ["no seed is set"]


def test_a_run_without_reviews_says_so(repository: Callable[..., Path]) -> None:
    folder = repository(Audit(), specification=None)
    notes = (folder / "REPRODUCTION_NOTES.md").read_text(encoding="utf-8")
    assert "None were made for this run." in notes
    assert "no finding stayed open" in notes
    page = (folder / ".papercoder" / "report.html").read_text(encoding="utf-8")
    assert "None were made for this run." in page
    assert "Nothing was reviewed." in page


def test_the_page_shows_what_the_report_holds(repository: Callable[..., Path]) -> None:
    folder = repository()
    page = html.fromstring((folder / ".papercoder" / "report.html").read_text(encoding="utf-8"))
    text = " ".join(" ".join(page.itertext()).split())
    for words in ("75 % met, by weight (50 % at first)", "1 of 2 placebos accepted", "1 quotes unverified"):
        assert words in text
    for link in page.xpath("//td//a/@href | //li/a/@href"):
        assert (folder / ".papercoder" / str(link)).resolve().is_file(), link
    for anchor in page.xpath("//nav/a/@href"):
        assert page.get_element_by_id(str(anchor).removeprefix("#")) is not None


def test_nothing_on_the_page_is_markup_but_ours(repository: Callable[..., Path], material: Material) -> None:
    assert material.specification
    worst = material.specification.requirements[0].model_copy(
        update={"what": HOSTILE, "quote": HOSTILE, "problem": HOSTILE, "status": "partial", "choice": HOSTILE}
    )
    finding = OPEN.model_copy(update={"problem": HOSTILE, "evidence": HOSTILE, "file": 'a".html', "location": HOSTILE})
    folder = repository(
        replace(AUDIT, checks=(finding,)),
        specification=material.specification.model_copy(update={"requirements": [worst]}),
        paper=material.paper.model_copy(update={"title": HOSTILE, "authors": (HOSTILE,)}),
    )
    source = (folder / ".papercoder" / "report.html").read_text(encoding="utf-8")
    page = html.fromstring(source)
    assert page.xpath("//script | //img | //iframe | //@onerror | //object") == []
    assert "49" not in page.text_content()
    assert "default-src 'none'" in source


def test_what_is_not_counted_is_named_with_its_condition(repository: Callable[..., Path]) -> None:
    assert AUDIT.coverage
    outside = Verdict(requirement="R2", judgement="inapplicable", condition="if D is used", reason="no D")
    verdicts = (AUDIT.coverage.verdicts[0], outside, AUDIT.coverage.verdicts[2])
    folder = repository(replace(AUDIT, coverage=AUDIT.coverage.model_copy(update={"verdicts": verdicts})))
    notes = (folder / "REPRODUCTION_NOTES.md").read_text(encoding="utf-8")
    assert "rules out the condition that each of them states: R2." in notes
    assert "inapplicable (“if D is used”): no D" in notes
    report = json.loads((folder / ".papercoder" / "report.json").read_text(encoding="utf-8"))
    assert report["coverage"]["inapplicable"] == {"R2": "if D is used"}
    page = html.fromstring((folder / ".papercoder" / "report.html").read_text(encoding="utf-8"))
    text = " ".join(" ".join(page.itertext()).split())
    assert "met 71 % · partial 0 % · missing 29 % of the weight. Left out: R2," in text
