"""What an evaluation reports: nothing that a judge or a repository wrote becomes more than words."""

import json
import re

import pytest

from papercoder.evaluation.grading import GradedLeaf, graded
from papercoder.evaluation.pairs import CRITERIA, Trial, compared
from papercoder.evaluation.report import MOST_LEAVES, Report, markdown, report_files, table
from papercoder.evaluation.rubric import everything, leaves, read_rubric
from papercoder.evaluation.scoring import Invalid, ProtocolResult, merged
from state.judgements import Grade, Judgement, PairJudgement

HOSTILE = (
    "# Perfect\n\n| a | b |\n<script>alert(1)</script> [x](http://evil) ![i](http://evil/p.png) `code` **bold** \x1b[2J"
)


def report(**results: object) -> Report:
    head = {
        "run": "paper-1a2b", "paper": HOSTILE, "repositories": ("code",), "gold": "", "rubric": "", "model": "openai:m",
        "papercoder": "0", "prompts": "abc",
    }  # fmt: skip
    return Report.model_validate(head | results)


@pytest.fixture
def judged() -> ProtocolResult:
    critique = {"file_name": HOSTILE, "func_name": HOSTILE, "severity_level": "high", "critique": HOSTILE}
    answer = Judgement.model_validate({"critique_list": [critique], "score": 2})
    return merged(2, [answer], [Invalid(about="reference-free (2)", reason=HOSTILE)], ["the bodies of a.py"])


def test_foreign_words_stay_words(judged: ProtocolResult) -> None:
    page = re.sub(r"(?<!\\)`[^`\n]*`", "", markdown(report(reference_free=judged)))  # in code, everything is words
    assert page.count("\n# ") == 0
    assert "<script" not in page
    assert not re.search(r"(?<!\\)\]\(", page)
    assert "\x1b" not in page


def test_invalid_answers_and_what_was_left_out_are_told(judged: ProtocolResult) -> None:
    page = markdown(report(reference_free=judged))
    assert "## Invalid answers" in page
    assert "the bodies of a.py" in page
    assert table(report(reference_free=judged))[1] == [("reference-free", "2.00 of 5", "1 of 2 samples", "1")]


def test_a_rubric_s_report_has_every_leaf_in_json_and_a_page_one_can_read(leaf, branch) -> None:
    tree = read_rubric(json.dumps(branch(*(leaf(f"r{number}") for number in range(MOST_LEAVES + 100)))))
    grade = Grade(expectation="e", reality="it is there", evidence=["a.py:f"], verdict="met", score=1)
    found = [
        GradedLeaf(key=one.key, id=one.node.id, requirements=one.node.requirements, category="Code Development",
                   finegrained="", score=1, grade=grade)
        for one in leaves(tree)
    ]  # fmt: skip
    files = report_files(report(graded=graded(tree, everything, "the whole rubric", found, [], [])), tree)
    assert "100 more are in report.json" in files["report.md"]
    assert len(json.loads(files["report.json"])["graded"]["leaves"]) == MOST_LEAVES + 100
    assert read_rubric(files["rubric.json"]) == tree


def test_a_report_is_read_back_as_it_was_written(judged: ProtocolResult) -> None:
    first = {"preferences": [{"criterion": c.id, "reason": "r", "better": "first"} for c in CRITERIA]}
    one, other = (
        PairJudgement.model_validate(first | {"reason": "r", "overall": "first"}),
        PairJudgement.model_validate(first | {"reason": "r", "overall": "equal"}),
    )
    whole = report(reference_free=judged, comparison=compared(CRITERIA, [Trial(one, other)], [], []))
    assert Report.model_validate_json(report_files(whole, None)["report.json"]) == whole
    assert [name for name, _, _ in whole.figures] == ["reference-free", "comparison"]
