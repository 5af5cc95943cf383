"""What a revised design concerns: those files, and no other one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agents.affected import Affected, Asked, affected, misfits
from agents.context import Material
from state.architecture import FileContract, Symbol
from state.logic import Task
from state.review import Finding

NOTHING = Asked({}, {})


def designed(material: Material, path: str, task: dict[str, Any] | None = None, **contract: Any) -> Material:
    """With another contract or work order of one file."""
    assert material.architecture and material.logic
    files = [f.model_copy(update=contract) if f.path == path else f for f in material.architecture.files]
    tasks = [t.model_copy(update=task or {}) if t.path == path else t for t in material.logic.tasks]
    return replace(
        material,
        architecture=material.architecture.model_copy(update={"files": files}),
        logic=material.logic.model_copy(update={"tasks": tasks}),
    )


def concerned(
    before: Material, after: Material, code: dict[str, str], asked: Asked = NOTHING, changed: Sequence[str] = ()
) -> Affected:
    return affected(before, after, code, asked, changed)


def symbol(name: str, signature: str) -> Symbol:
    return Symbol(name=name, signature=signature, purpose="x (n, d), y (n,)", source=[])


def test_the_same_design_concerns_nothing(material: Material, code: dict[str, str]) -> None:
    found = concerned(material, material, code)
    assert (found.findings, found.tests, found.redesigned, found.new, found.removed) == ({}, {}, frozenset(), (), ())


def test_only_words_that_are_spaced_otherwise_are_no_change(material: Material, code: dict[str, str]) -> None:
    assert material.logic
    text = "\n  ".join(material.logic.task("src/data.py").logic.split())
    after = designed(material, "src/data.py", {"logic": text}, purpose="Reads the data.")
    assert concerned(material, after, code).findings == {}


def test_what_a_remark_says_of_a_file_concerns_it_and_its_analysis_stands(
    material: Material, code: dict[str, str]
) -> None:
    said = Finding(problem="It is too slow.")
    found = concerned(material, material, code, Asked({"main.py": [said]}, {"src/data.py": [said]}))
    assert found.findings == {"main.py": (said,)}
    assert found.tests == {"src/data.py": (said,)}
    assert found.redesigned == frozenset()


def test_a_signature_concerns_its_file_and_those_that_use_it(material: Material, code: dict[str, str]) -> None:
    after = designed(material, "src/data.py", symbols=[symbol("load", "def load(seed: int, size: int) -> tuple")])
    found = concerned(material, after, code)
    assert set(found.findings) == {"src/data.py", "src/model.py"}  # which imports it; main.py does not
    assert found.redesigned == {"src/data.py"}
    assert set(found.tests) == {"src/data.py"}
    assert "`def load(seed: int, size: int) -> tuple` now" in found.findings["src/model.py"][0].problem


def test_a_symbol_more_concerns_nobody_else(material: Material, code: dict[str, str]) -> None:
    assert material.architecture
    symbols = [*material.contract("src/data.py").symbols, symbol("SIZE", "SIZE: int")]
    assert set(concerned(material, designed(material, "src/data.py", symbols=symbols), code).findings) == {
        "src/data.py"
    }


def test_a_work_order_concerns_the_code_and_not_its_tests(material: Material, code: dict[str, str]) -> None:
    found = concerned(material, designed(material, "main.py", {"logic": "Run it twice."}), code)
    assert set(found.findings) == found.redesigned == {"main.py"}
    assert found.tests == {}


def test_a_requirement_concerns_the_files_that_carry_it_out(material: Material, code: dict[str, str]) -> None:
    found = concerned(material, material, code, changed=["R1"])
    assert set(found.findings) == set(found.tests) == {"src/model.py"}
    assert found.findings["src/model.py"][0].requirement == "R1"


def test_a_new_file_is_written_and_a_removed_one_goes(material: Material, code: dict[str, str]) -> None:
    assert material.architecture and material.logic
    new = FileContract(path="src/noise.py", purpose="Noise.")
    files = [new, *(file for file in material.architecture.files if file.path != "src/data.py")]
    tasks = [Task(path="src/noise.py", logic="Noise."), *(t for t in material.logic.tasks if t.path != "src/data.py")]
    tasks = [
        task.model_copy(update={"depends_on": [p for p in task.depends_on if p != "src/data.py"]}) for task in tasks
    ]
    after = replace(
        material,
        architecture=material.architecture.model_copy(update={"files": files}),
        logic=material.logic.model_copy(update={"tasks": tasks}),
    )
    found = concerned(material, after, code)
    assert found.new == ("src/noise.py",)
    assert found.removed == ("src/data.py",)
    assert "src/model.py" in found.findings  # it imports what is gone
    assert "src/noise.py" in found.tests


def test_a_setting_that_is_gone_concerns_the_files_that_read_it(material: Material, code: dict[str, str]) -> None:
    assert material.configuration
    key = material.configuration.values[0].key
    reading = code | {
        "main.py": f'import yaml\n\nconfig = yaml.safe_load(open("config.yaml"))\nprint(config{path(key)})\n'
    }
    left = [value for value in material.configuration.values if value.key != key]
    other = material.configuration.values[0].model_copy(update={"key": "other.setting"})
    after = replace(material, configuration=material.configuration.model_copy(update={"values": [other, *left]}))
    assert "main.py" in concerned(material, after, reading).findings
    changed = material.configuration.values[0].model_copy(update={"value": 0.123})
    same = replace(material, configuration=material.configuration.model_copy(update={"values": [changed, *left]}))
    assert concerned(material, same, reading).findings == {}


def path(key: str) -> str:
    return "".join(f'["{part}"]' for part in key.split("."))


@pytest.mark.parametrize("stage", ["architecture", "logic"])
def test_what_no_longer_fits_goes_back_to_its_author(material: Material, stage: str) -> None:
    assert material.architecture and material.specification
    more = material.specification.requirements[0].model_copy(update={"id": "R9"})
    required = material.specification.model_copy(update={"requirements": [*material.required, more]})
    files = [*material.architecture.files, FileContract(path="src/noise.py", purpose="Noise.")]
    after = replace(
        material,
        specification=required,
        architecture=material.architecture.model_copy(update={"files": files}),
    )
    (first, *_) = misfits(stage, material.design, after.design)  # type: ignore[arg-type]
    assert ("R9" if stage == "architecture" else "src/noise.py") in first.problem
    assert misfits(stage, material.design, material.design) == ()  # type: ignore[arg-type]
