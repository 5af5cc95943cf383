"""Requirements are carried out by files and settings, and each author hears only what that author can mend."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from papercoder.checks import RULES, Design, check_design, check_repository, check_stage
from papercoder.checks.citations import citations_of
from state.artifacts import OpenChoice
from state.configuration import Configuration, ConfigValue
from state.plan import Plan, PlanItem
from state.requirements import Requirement, Specification
from state.review import Finding


def requirement(id: str, kind: str = "method", **more: object) -> Requirement:
    values = {"kind": kind, "what": f"what {id} asks for", "source": ["E1"], "quote": "its words", **more}
    return Requirement.model_validate({"id": id, **values})


SPECIFICATION = Specification(
    requirements=[
        requirement("R1"),
        requirement("R2", "hyperparameter"),
        requirement("R3", "result"),
        requirement("R4", "data", status="unspecified", what="the data set's name", choice="digits"),
    ]
)


def owned(design: Design, **ids: Sequence[str]) -> Design:
    """The design with requirements: of the files `main` and `model`, and of the setting `strength`."""
    assert design.architecture
    assert design.configuration
    files = [
        file.model_copy(update={"requirements": list(ids.get(file.path.removesuffix(".py"), ()))})
        for file in design.architecture.files
    ]
    values = [
        value.model_copy(update={"requirements": list(ids.get(value.key.rpartition(".")[2], ()))})
        for value in design.configuration.values
    ]
    return replace(
        design,
        architecture=design.architecture.model_copy(update={"files": files}),
        configuration=design.configuration.model_copy(update={"values": values}),
        specification=SPECIFICATION,
    )


def said(found: Sequence[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.rule, finding.file, finding.requirement) for finding in found]


def test_a_design_that_covers_every_requirement_passes(design: Design) -> None:
    assert check_design(owned(design, model=["R1", "R4"], main=["R3"], strength=["R2"])) == []
    assert check_design(owned(design, model=["R1", "R2", "R4"], main=["R3"])) == []


def test_without_requirements_nobody_has_to_own_any(design: Design) -> None:
    covered = owned(design, model=["R9"], strength=["R9"])
    assert check_design(replace(covered, specification=None)) == []


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ({"model": ["R4"], "main": ["R3"], "strength": ["R2"]}, [("unowned-requirement", "", "R1")]),
        ({"model": ["R1", "R4"], "strength": ["R2", "R3"]}, [("unowned-requirement", "", "R3")]),
        ({"model": ["R1", "R4"], "main": ["R3"]}, [("unowned-requirement", "config.yaml", "R2")]),
        (
            {"model": ["R1", "R4", "R7"], "main": ["R3"], "strength": ["R2", "R8"]},
            [("unknown-requirement", "config.yaml", "R8"), ("unknown-requirement", "model.py", "R7")],
        ),
    ],
)
def test_requirements_and_their_owners_must_match(
    ids: dict[str, list[str]], expected: list[tuple[str, str, str]], design: Design
) -> None:
    assert said(check_design(owned(design, **ids))) == expected


def test_a_requirement_of_the_most_weight_is_missed_severely(design: Design) -> None:
    changed = owned(design, main=["R3"])
    heavy = Specification(requirements=[requirement("R1", weight=5), requirement("R2", weight=4)])
    found = check_stage("architecture", replace(changed, specification=heavy))
    assert [(f.requirement, f.severity) for f in found if f.rule == "unowned-requirement"] == [
        ("R1", "high"),
        ("R2", "medium"),
    ]


def test_a_result_may_belong_to_the_entry_point(design: Design) -> None:
    (found,) = check_stage("architecture", owned(design, model=["R1", "R4"]))
    assert found.requirement == "R3"
    assert "main.py" in found.fix


def test_a_setting_comes_from_a_requirement_a_passage_or_a_choice(design: Design) -> None:
    choice = OpenChoice(question="How many warm-up steps?", choice="100")
    keys = {
        "a.sourced": {"source": ["E1"]},
        "a.required": {"requirements": ["R2"]},
        "a.warmup_steps": {},
        "data.name": {},  # R4, which the paper leaves open
        "a.batch_size": {"note": "as usual"},
    }
    values = [ConfigValue.model_validate({"key": key, "value": 1, "source": [], **more}) for key, more in keys.items()]
    changed = replace(
        owned(design, model=["R1", "R4"], main=["R3"]),
        configuration=Configuration(values=values, open_choices=[choice]),
    )
    (found,) = unsourced(changed)
    assert (found.rule, found.location, found.severity) == ("unsourced-value", "a.batch_size", "medium")
    assert "open_choices" in found.fix
    (found,) = unsourced(replace(changed, specification=None))
    assert (found.location, found.severity) == ("data.name", "low")  # a note will do where nothing is required


def unsourced(design: Design) -> list[Finding]:
    return [found for found in check_stage("configuration", design) if found.rule == "unsourced-value"]


# --- each stage


def test_each_author_hears_what_that_author_can_mend(design: Design) -> None:
    assert design.plan
    assert design.logic
    assert design.configuration
    broken = replace(
        owned(design, model=["R1", "R4"], main=["R3"]),
        plan=Plan.model_validate({**design.plan.model_dump(), "method": [PlanItem(what="it", source=["E9"])]}),
        logic=design.logic.model_copy(update={"packages": ["sklearn"], "tasks": design.logic.tasks[:1]}),
    )
    broken = replace(broken, specification=Specification(requirements=[*SPECIFICATION.requirements, requirement("R5")]))
    assert said(check_stage("planning", broken)) == [("unknown-source", "", "")]
    assert said(check_stage("architecture", broken)) == [("unowned-requirement", "", "R5")]
    assert {f.rule for f in check_stage("logic", broken)} == {"unknown-package", "missing-task", "unreachable-file"}
    assert said(check_stage("configuration", broken)) == [("unowned-requirement", "config.yaml", "R2")]
    each = [f for stage in ("planning", "architecture", "logic", "configuration") for f in check_stage(stage, broken)]
    assert sorted(map(repr, each)) == sorted(map(repr, check_design(broken)))


@pytest.mark.parametrize("stage", ["planning", "architecture", "logic", "configuration"])
def test_a_stage_that_has_nothing_to_check_finds_nothing(stage: str) -> None:
    assert check_stage(stage, Design()) == []  # type: ignore[arg-type]
    assert check_stage(stage, Design(specification=SPECIFICATION)) == []  # type: ignore[arg-type]


# --- citations


def test_requirements_are_cited_by_id(files: dict[str, str], design: Design) -> None:
    complete = owned(design, model=["R1", "R4"], main=["R3"], strength=["R2"])
    cited = {
        "model.py": files["model.py"].replace("[E1]", "[E1, R1]"),
        "main.py": files["main.py"] + "# [R3]\n",
    }
    assert check_repository(cited, complete) == []
    wrong = {**cited, "main.py": cited["main.py"] + "# §2 [E1, R7]\n# [R8]\n"}
    assert [(f.rule, f.line) for f in check_repository(wrong, complete)] == [
        ("unknown-citation", cited["main.py"].count("\n") + 1),
        ("unknown-citation", cited["main.py"].count("\n") + 2),
    ]
    assert check_repository(wrong, replace(complete, specification=None)) == []


def test_a_file_that_cites_none_of_its_requirements_is_noted(files: dict[str, str], design: Design) -> None:
    complete = owned(design, model=["R1", "R4"], strength=["R2"])
    (found,) = check_repository(files, complete)
    assert (found.rule, found.file, found.severity) == ("uncited-requirement", "model.py", "low")
    assert RULES["uncited-requirement"].severity == "low"
    assert "R1, R4" in found.problem


def test_a_requirement_is_followed_to_the_lines_that_cite_it() -> None:
    found = citations_of(
        {
            "b.py": '"""Training.\n\nRidge [E4, R7].\n"""\nx = 1  # [R7]\ny = "[R9]"\n',
            "a.py": "# Eq. 4 [R12]\n",
            "broken.py": "def f(:\n    return 1  # [R7]\n",
            "reproduce.sh": "python main.py  # [R7, R12]\n",
            "README.md": "# Results [R7]\n",
        }
    )
    assert found == {
        "R7": [("b.py", 3), ("b.py", 5), ("broken.py", 2), ("reproduce.sh", 1)],
        "R12": [("a.py", 1), ("reproduce.sh", 1)],
    }


@pytest.mark.parametrize(
    ("key", "note", "found"),
    [
        ("evaluation.batch_size", "memory only: it changes no result", False),
        ("evaluation.batch_size", "does not affect the results", False),
        ("run.cache_dir", "where models are kept", False),
        ("run.device", "", False),
        ("training.batch_size", "a usual value", True),
        ("training.pathology_weight", "a usual value", True),
    ],
)
def test_where_a_program_runs_needs_no_passage_of_the_paper(key: str, note: str, found: bool) -> None:
    value = ConfigValue(key=key, value=8, source=[], note=note)
    design = Design(configuration=Configuration(values=[value], open_choices=[]), specification=Specification())
    assert ("unsourced-value" in [finding.rule for finding in check_design(design)]) is found
