"""A revision comes as a whole, or as edits of what was written before; the two mean the same."""

import pytest

from agents.author import Author
from agents.coder import coder
from agents.context import Material
from agents.planner import planner
from papercoder.models.answers import AnswerError
from state.plan import Plan
from state.review import Finding

FOUND = (Finding(severity="medium", problem="The weight is wrong."),)


def edit(old: str, new: str, path: str = "") -> str:
    head = f"FILE: {path}\n" if path else ""
    return f"I changed one line.\n\n{head}<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n"


@pytest.fixture
def of_main(material: Material, code: dict[str, str]) -> Author[str]:
    return coder(material, "main.py", code)


@pytest.mark.parametrize("path", ["", "main.py", "./main.py"])
def test_an_edit_of_code_is_the_code_with_the_edit(of_main: Author[str], code: dict[str, str], path: str) -> None:
    parse = of_main.revising(code["main.py"], FOUND, 1).parse
    assert parse(edit("print(Ridge(1.0), yaml)", "print(Ridge(2.0), yaml)", path.removeprefix("./"))) == code[
        "main.py"
    ].replace("1.0", "2.0")


def test_a_whole_file_is_still_an_answer(of_main: Author[str], code: dict[str, str]) -> None:
    parse = of_main.revising(code["main.py"], FOUND, 1).parse
    assert parse("FILE: main.py\n```python\nx = 1\n```") == "x = 1\n"


def test_an_edit_of_a_plan_is_validated_as_a_whole_plan_is(material: Material) -> None:
    assert material.plan
    parse = planner(material).revising(material.plan, FOUND, 1).parse
    better = parse(edit('   "what": "Five seeds.",', '   "what": "Five seeds, 0 to 4.",', "planning"))
    assert isinstance(better, Plan)
    assert better.experiments[0].what == "Five seeds, 0 to 4."
    assert better.model_copy(update={"experiments": material.plan.experiments}) == material.plan
    with pytest.raises(AnswerError, match="Field required"):
        parse(edit('   "what": "Five seeds.",', "", "planning"))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (edit("print(Ridge(3.0), yaml)", "pass"), r"Nearest to it(.|\n)*print\(Ridge\(1.0\), yaml\)"),
        (edit("print(Ridge(1.0), yaml)", "print("), "does not parse|never closed"),
        (edit("print(Ridge(1.0), yaml)", "pass", "src/model.py"), "may not be changed"),
        ("<<<<<<< SEARCH\nprint(Ridge(1.0), yaml)\n", "not closed"),
    ],
)
def test_an_edit_that_does_not_apply_goes_back_with_the_reason(
    of_main: Author[str], code: dict[str, str], answer: str, told: str
) -> None:
    with pytest.raises(AnswerError, match=told):
        of_main.revising(code["main.py"], FOUND, 1).parse(answer)


def test_code_that_shows_fences_survives_an_edit(of_main: Author[str]) -> None:
    text = '"""Use:\n\n```python\nmain()\n```\n"""\n\nx = 1\n'
    parse = of_main.revising(text, FOUND, 1).parse
    assert parse(edit("x = 1", "x = 2")) == text.replace("x = 1", "x = 2")
