"""A remark becomes changes: places that exist, requirements that stay verified, deviations that are declared."""

import json
from typing import Any

import pytest

from agents.amending import amended
from agents.context import Material
from agents.reviser import Change, deviation_of, finding_of, meant, reviser
from papercoder.models.answers import AnswerError
from state.requirements import Specification


def change(place: str, **fields: Any) -> dict[str, Any]:
    return {"place": place, "problem": "It shall be otherwise.", **fields}


def read(material: Material, code: dict[str, str], *changes: dict[str, Any], answer: str = "Yes.") -> Any:
    question = reviser(material, code, "Do it.", [])
    return question.parse(f"```json\n{json.dumps({'answer': answer, 'changes': list(changes)})}\n```")


def test_places_are_understood_as_models_write_them(material: Material, code: dict[str, str]) -> None:
    said = [change("config.yaml", location="a.b"), change("Code", file="main.py"), change("tests", file="src/model.py")]
    assert [one.place for one in read(material, code, *said).changes] == ["configuration", "file", "tests"]


def test_an_answer_without_changes_is_an_answer(material: Material, code: dict[str, str]) -> None:
    question = reviser(material, code, "Well done.", [])
    assert question.parse('```json\n{"answer": "Thank you.", "changes": null}\n```').changes == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (change("file", file="src/../etc/passwd"), "is no source file of the repository"),
        (change("file"), "added or removed by a change of the architecture"),
        (change("tests", file="tests/test_model.py"), "is no source file"),
        (change("requirement", location="R99", fix="x"), "R99' is no requirement"),
        (change("requirement", location="R1"), "says in `fix` how it reads"),
        (change("weather"), "place"),
    ],
)
def test_a_place_that_does_not_exist_is_sent_back(
    material: Material, code: dict[str, str], wrong: dict[str, Any], told: str
) -> None:
    with pytest.raises(AnswerError, match=told):
        read(material, code, wrong)


def test_more_changes_than_anybody_oversees_are_sent_back(material: Material, code: dict[str, str]) -> None:
    with pytest.raises(AnswerError, match="31 entries"):
        read(material, code, *[change("plan")] * 31)


@pytest.mark.parametrize(
    ("remark", "files"),
    [
        ("src/model.py is slow", ["src/model.py"]),
        ("in `Ridge.fit` the sign is wrong.", ["src/model.py"]),
        ("data.py: no", ["src/data.py"]),
        ("load the data in main", []),
        ("everything", []),
    ],
)
def test_files_that_a_remark_names_are_shown_whole(
    material: Material, code: dict[str, str], remark: str, files: list[str]
) -> None:
    assert meant(remark, material, code) == files


def test_a_requirement_against_the_paper_says_both_and_keeps_its_quote(material: Material) -> None:
    wanted = Change(place="requirement", location="R1", problem="p", fix="Gradient descent.", paper="Closed form [E1].")
    found, ids = amended(material.specification, [wanted], material.paper)
    assert found
    (one, *others) = found.requirements
    assert ids == ("R1",)
    assert one.what == "Gradient descent. (the user's wish; the paper: Closed form [E1].)"
    assert one.deviation == "Closed form [E1]."
    assert one.quote == material.required[0].quote
    assert others == material.required[1:]


@pytest.mark.parametrize(
    "fields",
    [
        {"paper": "E3 flips to other classes."},
        {},
        {"source": ["S2.p1"], "quote": "Labels are flipped with probability ρ = 0.2."},
    ],
    ids=["against the paper", "where the paper is silent", "as the paper says"],
)
def test_a_requirement_that_reads_otherwise_keeps_no_choice_of_before(
    material: Material, fields: dict[str, Any]
) -> None:
    wanted = Change(place="requirement", location="R2", problem="p", fix="Labels are flipped to any class.", **fields)
    found, _ = amended(material.specification, [wanted], material.paper)
    assert found
    (flipped,) = found.named(["R2"])
    assert flipped.whole.startswith("Labels are flipped to any class.")
    assert "other classes, uniformly" not in flipped.whole
    assert flipped.alternatives == []
    assert Specification.model_validate(found.model_dump()) == found


def test_a_new_requirement_is_numbered_and_its_quote_is_held_against_the_paper(material: Material) -> None:
    right = Change(place="requirement", problem="p", fix="ε is 1e-9.", source=["A.p1"], quote="Seeds 0 to 4.")
    wrong = right.model_copy(update={"quote": "Seeds 0 to 9."})
    free = Change(place="requirement", problem="p", fix="A progress bar.")
    found, ids = amended(material.specification, [right, wrong, free], material.paper)
    assert found
    assert ids == ("R4", "R5", "R6")
    assert [bool(one.problem) for one in found.requirements[3:]] == [False, True, False]
    assert found.requirements[-1].status == "unspecified"


def test_without_a_requirement_among_the_changes_the_list_stands(material: Material) -> None:
    assert amended(material.specification, [Change(place="plan", problem="p")], material.paper) == (
        material.specification,
        (),
    )


def test_a_deviation_is_told_to_its_author_and_declared_with_the_user_s_words() -> None:
    wanted = Change(place="configuration", location="ridge", problem="Stronger.", fix="0.5", paper="0.1 [S2.p1]")
    assert "The user wants this although the paper says otherwise (0.1 [S2.p1])" in finding_of(wanted).problem
    choice = deviation_of(wanted, "I want 0.5").choice
    assert (choice.question, choice.choice) == ("The paper: 0.1 [S2.p1]", "0.5")
    assert choice.reason == "the user asked for it: “I want 0.5”"
