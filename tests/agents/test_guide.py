"""The guide's answer is read however it is marked up, and sent back where a part is missing."""

import pytest

from agents.context import Material
from agents.guide import as_text, guide, guided
from papercoder.models.answers import AnswerError
from state.assessment import Coverage, Verdict
from tests.publication.walks import CHECK, WALKTHROUGH

ANSWER = f"""Here is the walkthrough.

# Walkthrough

## The closed form

PAPER: E1, S2.p1
CODE: src/model.py::Ridge.fit, src/model.py::EPSILON

`fit` solves Eq. 1.

```python
# PAPER: nothing
{CHECK}
```

## 2. Noisy labels

**PAPER:** [S2.p1]; `T1`.
**Code**: `src/data.py:load()`

Labels are drawn.

It is not a flip.

~~~py
from src.data import load
# ## no heading
assert load(0)
~~~
"""


def test_an_answer_is_read_section_by_section(code: dict[str, str]) -> None:
    first, second = guided(code)(ANSWER).passages
    assert (first.title, first.source) == ("The closed form", ["E1", "S2.p1"])
    assert first.symbols == ["src/model.py::Ridge.fit", "src/model.py::EPSILON"]
    assert first.explanation == "`fit` solves Eq. 1."
    assert first.check == f"# PAPER: nothing\n{CHECK}"
    assert (second.source, second.symbols) == (["S2.p1", "T1"], ["src/data.py::load"])
    assert second.explanation == "Labels are drawn.\n\nIt is not a flip."
    assert second.check.endswith("assert load(0)")


def test_a_symbol_by_its_name_alone_is_found_where_one_file_has_it(code: dict[str, str]) -> None:
    answer = ANSWER.replace("src/model.py::Ridge.fit", "Ridge.fit").replace("src/model.py::EPSILON", "`EPSILONS`")
    assert guided(code)(answer).passages[0].symbols == ["src/model.py::Ridge.fit", "EPSILONS"]


@pytest.mark.parametrize(
    "line",
    [
        "CODE: `src/model.py::Ridge.fit` (the solver), src/model.py: EPSILON",
        "CODE: src/model.py::Ridge.fit() and `src/model.py`::`EPSILON`",
        "- **CODE:** [src/model.py::Ridge.fit]; EPSILON, a constant",
    ],
)
def test_remarks_and_marks_around_names_do_not_matter(code: dict[str, str], line: str) -> None:
    answer = ANSWER.replace("CODE: src/model.py::Ridge.fit, src/model.py::EPSILON", line)
    answer = answer.replace("PAPER: E1, S2.p1", "Paper: E1 (Eq. 1) and [S2.p1]")
    first = guided(code)(answer).passages[0]
    assert first.source == ["E1", "S2.p1"]
    assert first.symbols[:2] == ["src/model.py::Ridge.fit", "src/model.py::EPSILON"]


def test_an_answer_survives_being_shown_again(code: dict[str, str]) -> None:
    assert guided(code)(as_text(WALKTHROUGH)) == WALKTHROUGH
    assert guided(code)(f"````markdown\n{as_text(WALKTHROUGH)}\n````") == WALKTHROUGH


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("PAPER: E1, S2.p1\n", "", "no ids of passages"),
        ("CODE: src/model.py::Ridge.fit, src/model.py::EPSILON\n", "", "no symbols"),
        ("`fit` solves Eq. 1.", "", "no explanation"),
        ("```python", "```text", "no check"),
        ("~~~\n", "", "seems cut off"),
        (ANSWER, "I have looked at the code and find it well made in every respect.", "no section of a passage"),
        (ANSWER, "", "empty or too short"),
    ],
)
def test_what_is_missing_is_said(code: dict[str, str], old: str, new: str, said: str) -> None:
    with pytest.raises(AnswerError, match=said):
        guided(code)(ANSWER.replace(old, new))


def test_the_guide_is_told_what_weighs_most_and_where_it_was_found(material: Material, code: dict[str, str]) -> None:
    found = Verdict(requirement="R1", judgement="met", file="src/model.py", line=14)
    doubted = Verdict(requirement="R2", judgement="met", file="src/data.py", line=1, problem="an import")
    task = guide(material, code, Coverage(verdicts=(found, doubted))).question.task
    listed = [line for line in task.splitlines() if line.startswith("- R")]
    assert [line.split(":")[0] for line in listed] == ["- R1", "- R2", "- R3"]  # by weight
    assert listed[0].endswith("[E1] at src/model.py:14")
    assert listed[1].endswith("[S2.p1]")


def test_where_the_window_is_small_the_largest_files_are_shown_by_their_signatures(
    material: Material, code: dict[str, str]
) -> None:
    from dataclasses import replace

    small = replace(material, context=material.context.model_copy(update={"context_window": 9_000}))
    long = {**code, "src/model.py": code["src/model.py"] + "\n".join(f"x{n} = {n}" for n in range(5_000))}
    question = guide(small, long, None).question
    assert "the bodies of src/model.py" in question.trimmed
    assert "def load(seed: int)" in question.task
