"""Each rule finds its defect, at the right place and severity, and lets correct code pass."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from papercoder.checks import RULES, Design, check_design, check_file, check_repository
from state.architecture import Architecture, FileContract
from state.configuration import Configuration, ConfigValue
from state.logic import LogicDesign, Task
from state.requirements import Kind, Requirement, Specification
from state.review import Finding

MODEL = "model.py"


def rules(found: list[Finding]) -> set[str]:
    return {finding.rule for finding in found}


def appended(code: str, path: str = MODEL) -> dict[str, str]:
    return {path: f"+{code}"}


BROKEN: dict[str, Mapping[str, str]] = {
    "syntax-error": appended("\ndef f(:\n"),
    "undefined-name": appended("\ndef f():\n    return nowhere\n"),
    "unfinished": appended("\ndef evaluate(model):\n    pass\n"),
    "placeholder-comment": appended("\n# TODO: implement the loss\n"),
    "todo-comment": appended("\n# TODO: faster\n"),
    "broken-contract": {MODEL: "class Ridge:\n    def __init__(self, strength):\n        self.strength = strength\n"},
    "unknown-citation": appended("\n# §9, Eq. 7 [E7]\n"),
    "hyperparameter-literal": appended("\nlearning_rate = 3e-4\n"),
    "hyperparameter-default": appended("\ndef f(dropout=0.3):\n    return dropout\n"),
    "copied-result": appended("\nACCURACY = 93.41\n"),
    "undefined-setting": {"main.py": "-strength|strenght"},
    "missing-option": {"main.py": "-, --smoke|"},
    "unseeded-randomness": appended("\nSAMPLE = np.random.rand(3)\n"),
    "unplanned-address": appended('\nURL = "https://data.example.net/digits.zip"\n'),
    "undeclared-package": appended("\nimport sklearn\n"),
    "undefined-method": appended(
        "\nimport torch.nn as nn\n\n\nclass Net(nn.Module):\n"
        "    def forward(self, x):\n        return self.normalise(x)\n"
    ),
    "unresolved-import": {"main.py": "-from model|from model.deep"},
    "relative-import": {"main.py": "-from model|from .model"},
    "missing-symbol": {"main.py": "-import Ridge|import Lasso as Ridge"},
    "missing-attribute": appended("\nimport json\n\njson.dumpz(1)\n"),
    "wrong-call": {"main.py": '-Ridge(config["model"]["strength"])|Ridge(1.0, power=2)'},
    "import-cycle": {MODEL: "+", "main.py": "+\nTOP = 1\n", "model.py": "^from main import TOP\n"},
    "shadowed-module": {"random.py": "x = 1\n"},
    "orphan-file": {"extra.py": "x = 1\n"},
    "unused-setting": {"main.py": '-fit(config["data"]["dataset"])|fit("digits")'},
}
"""Rule → what is changed: `+` appends, `^` puts in front, `-a|b` replaces, anything else is the whole file."""


def broken(files: dict[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    result = dict(files)
    for path, change in changes.items():
        before = result.get(path, "")
        if change[:1] == "-":
            old, new = change[1:].split("|")
            assert old in before
            result[path] = before.replace(old, new)
        else:
            result[path] = {"+": before + change[1:], "^": change[1:] + before}.get(change[:1], change)
    return result


def test_a_correct_repository_has_no_findings(files: dict[str, str], design: Design) -> None:
    assert check_repository(files, design) == []
    assert check_design(design) == []


@pytest.mark.parametrize("rule", BROKEN)
def test_a_defect_is_found_under_its_rule(rule: str, files: dict[str, str], design: Design) -> None:
    found = [item for item in check_repository(broken(files, BROKEN[rule]), design) if item.rule == rule]
    assert found
    assert all(item.severity == RULES[rule].severity and item.problem and item.fix for item in found)
    assert {item.file for item in found} <= {*files, *BROKEN[rule], "config.yaml"}


@pytest.mark.parametrize(
    "code",
    [
        "def show(x):\n    return x\n\n\nclass View:\n    def show(self, x):\n        return show()\n",
        "def load(shell):\n    from model import load\n\n    load(shell, speed=1)\n",
    ],
    ids=["a method of the same name", "an import of the same name inside a function"],
)
def test_a_name_that_another_scope_has_too_is_known_all_the_same(
    code: str, files: dict[str, str], design: Design
) -> None:
    changed = broken(files, {MODEL: "+\n\ndef load(shell):\n    return shell\n", "views.py": code})
    assert "wrong-call" in {item.rule for item in check_repository(changed, design) if item.file == "views.py"}


OF_TESTS = {"no-tests", "no-assertion", "skipped-test", "test-with-effects", "uncited-test"}
"""See test_paper_tests.py."""
DESIGN_RULES = {
    "missing-file", "missing-task", "unplanned-task", "dependency-cycle", "unreachable-file", "unsourced-value",
    "unknown-source", "unknown-package", "unknown-requirement", "unowned-requirement", "uncited-requirement",
    "missing-preset", "unknown-preset-key", "preset-type", "missing-estimate", "unseeded-design", "missing-resource",
    "missing-stand-in", "unmarked-stand-in",
}  # fmt: skip


OF_WALKTHROUGHS = {
    "unknown-passage", "unknown-symbol", "long-symbol", "unreadable-check", "vacuous-check", "failed-check",
    "lost-passage",
}  # fmt: skip


def test_every_rule_has_a_test() -> None:
    assert {*BROKEN, *DESIGN_RULES, *OF_TESTS, *OF_WALKTHROUGHS, "checker-unavailable"} == set(RULES)


def test_a_file_that_is_not_there_is_missed(files: dict[str, str], design: Design) -> None:
    del files[MODEL]
    assert rules(check_repository(files, design)) == {"missing-file", "undeclared-package"}


@pytest.mark.parametrize("path", ["settings.json", "settings.yaml"])
def test_data_files_must_be_readable(path: str, files: dict[str, str], design: Design) -> None:
    assert rules(check_repository({**files, path: "{a: [1,\n"}, design)) == {"syntax-error"}


def test_one_file_is_checked_with_those_it_imports_and_planned_ones_are_granted(
    files: dict[str, str], design: Design
) -> None:
    main = files["main.py"]
    assert check_file("main.py", main, design, {MODEL: files[MODEL]}) == []
    assert check_file("main.py", main, design, {}) == []
    wrong = main.replace("import Ridge", "import Lasso as Ridge")
    assert rules(check_file("main.py", wrong, design, {MODEL: files[MODEL]})) == {"missing-symbol"}


def test_without_the_type_checker_the_other_checks_still_speak(files: dict[str, str], design: Design) -> None:
    code = files[MODEL] + "\nACCURACY = 93.41\nprint(nowhere)\n"
    assert rules(check_file(MODEL, code, design, {}, types=False)) == {"copied-result"}


def test_findings_come_in_the_same_order_every_time(files: dict[str, str], design: Design) -> None:
    changed = broken(files, BROKEN["copied-result"])
    backwards = dict(reversed(broken(changed, BROKEN["unused-setting"]).items()))
    first = check_repository(broken(changed, BROKEN["unused-setting"]), design)
    assert first == check_repository(backwards, design)
    assert [item.file for item in first] == sorted(item.file for item in first)


# --- the design


def architecture(*paths: str) -> Architecture:
    return Architecture(
        approach="",
        files=[FileContract(path=path, purpose="") for path in paths],
        entry_point=paths[0],
        open_choices=[],
    )


def logic(*tasks: tuple[str, list[str]], packages: tuple[str, ...] = ()) -> LogicDesign:
    return LogicDesign(
        packages=list(packages), tasks=[Task(path=p, depends_on=d, logic="") for p, d in tasks], open_choices=[]
    )


@pytest.mark.parametrize(
    ("files", "tasks", "rule"),
    [
        (["main.py", "a.py"], [("main.py", [])], "missing-task"),
        (["main.py"], [("a.py", []), ("main.py", ["a.py"])], "unplanned-task"),
        (["main.py", "a.py"], [("a.py", []), ("main.py", [])], "unreachable-file"),
    ],
)
def test_files_and_tasks_must_agree(files: list[str], tasks: list[tuple[str, list[str]]], rule: str) -> None:
    assert rules(check_design(Design(architecture=architecture(*files), logic=logic(*tasks)))) == {rule}


def test_a_cycle_of_dependencies_is_named() -> None:
    tasks = [Task(path="a.py", depends_on=["b.py"], logic=""), Task(path="b.py", depends_on=["a.py"], logic="")]
    circular = LogicDesign.model_construct(packages=[], tasks=tasks, commands=[], open_choices=[])
    (found,) = check_design(Design(logic=circular))
    assert found.rule == "dependency-cycle"
    assert "a.py" in found.problem
    assert "b.py" in found.problem


def test_what_a_command_runs_is_reached() -> None:
    both = logic(("main.py", []), ("pkg/evaluate.py", []))
    for run in ("python main.py && python pkg/evaluate.py", "python -m pkg.evaluate"):
        commanded = {**both.model_dump(), "commands": [{"run": run, "produces": ""}]}
        design = Design(
            architecture=architecture("main.py", "pkg/evaluate.py"),
            logic=LogicDesign.model_validate(commanded),
        )
        assert check_design(design) == []


@pytest.mark.parametrize(
    "package",
    ["sklearn", "cv2", "PIL", "pytorch", "json", "torch @ https://example.org/torch.whl", "git+https://example.org/x",
     "numpy>=2,<1", "-r other.txt", "not a package", ""],
)  # fmt: skip
def test_packages_that_cannot_be_installed_by_name_are_refused(package: str) -> None:
    assert rules(check_design(Design(logic=logic(("main.py", []), packages=(package,))))) == {"unknown-package"}


@pytest.mark.parametrize(
    "package", ["scikit-learn>=1.3", "torch==2.2.*", "numpy>=1.26,<3", "uvicorn[standard]", "dataclasses"]
)
def test_packages_that_look_installable_pass(package: str) -> None:
    assert check_design(Design(logic=logic(("main.py", []), packages=(package,)))) == []


def with_settings(design: Design, values: list[ConfigValue]) -> Configuration:
    """The configuration with further settings."""
    assert design.configuration
    return design.configuration.model_copy(update={"values": [*design.configuration.values, *values]})


def test_values_and_contracts_name_passages_that_the_paper_has(design: Design) -> None:
    values = [ConfigValue(key="a", value=1, source=["E9"]), ConfigValue(key="b", value=2, source=[])]
    changed = replace(design, configuration=with_settings(design, values))
    assert sorted((f.rule, f.location) for f in check_design(changed)) == [
        ("unknown-source", "a"),
        ("unsourced-value", "b"),
    ]


def test_a_result_of_the_paper_is_no_setting(design: Design) -> None:
    values = [ConfigValue(key="expected", value={"accuracy": [0.9341]}, source=["T1"])]
    changed = replace(design, configuration=with_settings(design, values))
    assert rules(check_design(changed)) == {"copied-result"}


@pytest.mark.parametrize(("kind", "found"), [("data", set()), ("result", {"copied-result"})])
def test_an_input_that_a_table_shows_as_well_is_a_setting(design: Design, kind: Kind, found: set[str]) -> None:
    stated = Requirement(id="R1", kind=kind, what="The first row is scaled by 93.41 %.", source=["T1"], quote="93.41")
    value = ConfigValue(key="data.scale", value=0.9341, source=["T1"], requirements=["R1"])
    changed = replace(
        design, configuration=with_settings(design, [value]), specification=Specification(requirements=[stated])
    )
    assert rules(check_design(changed)) - {"unowned-requirement"} == found
