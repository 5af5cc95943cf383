"""Tests that were written before the code are held against its contracts."""

from dataclasses import replace

import pytest

from papercoder.checks import Design
from papercoder.checks.paper_tests import check_tests, tests_in, what_tests_cite
from state.architecture import FileContract, Symbol
from state.plan import ExpectedResult

PATH = "tests/test_model.py"
SOUND = '''"""Ridge regression, as the paper has it."""

import numpy as np
import pytest

from model import Ridge, solve

WEIGHTS = (0.0, 0.5)


def _made(weight):
    return Ridge(strength=weight)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_a_larger_weight_shrinks(weight):
    """§2, Eq. 1 [E1]: what is regularised more is smaller."""
    x = np.eye(2)
    assert np.abs(solve(x, x, weight=weight + 1)).sum() < np.abs(solve(x, x, weight=weight)).sum()


def test_an_unknown_name_is_refused():
    """§2 [S2.p1]: there is nothing to fit."""
    with pytest.raises(ValueError):
        _made(1.0).fit("")
'''


@pytest.fixture
def contracted(design: Design) -> Design:
    """The design, with a function in the model's contract, too."""
    assert design.architecture
    signature = "def solve(x: Array, y: Array, *, weight: float = 1.0) -> Array"
    solve = Symbol(name="solve", signature=signature, purpose="", source=[])
    main, model = design.architecture.files
    grown = model.model_copy(update={"symbols": [*model.symbols, solve]})
    helper = FileContract(path="tools/norms.py", purpose="", symbols=[
        Symbol(name="Norm", signature="class Norm", purpose="", source=[]),
        Symbol(name="Norm.__init__", signature="def __init__(self, p: int)", purpose="", source=[]),
    ])  # fmt: skip
    return replace(design, architecture=design.architecture.model_copy(update={"files": [main, grown, helper]}))


def rules(source: str, design: Design) -> list[str]:
    return [finding.rule for finding in check_tests(PATH, source, design)]


def with_body(body: str, head: str = "from model import Ridge, solve") -> str:
    return f'{head}\n\n\ndef test_it():\n    """Eq. 1 [E1]: so it is."""\n    {body}\n'


def test_nothing_is_found_in_sound_tests(contracted: Design) -> None:
    assert check_tests(PATH, SOUND, contracted) == []


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("assert solve(1, 2, 3)", "wrong-call"),
        ("assert solve(1)", "wrong-call"),
        ("assert solve(1, 2, x=3)", "wrong-call"),
        ("assert solve(1, 2, lamda=3)", "wrong-call"),
        ("assert Ridge()", "wrong-call"),
        ("assert Ridge(1.0, seed=1)", "wrong-call"),
        ("assert np.eye(2) is Ridge(1.0)", "undefined-name"),
        ("solve(1, 2)", "no-assertion"),
        ("assert True", "no-assertion"),
        ("pytest.skip('later')\n    assert solve(1, 2)", "skipped-test"),
        ("assert solve(1, 2) == 93.41", "copied-result"),
        ("# Eq. 7 [E7]\n    assert solve(1, 2)", "unknown-citation"),
    ],
)
def test_what_cannot_run_or_claims_nothing_is_found(body: str, rule: str, contracted: Design) -> None:
    head = "import pytest\nfrom model import Ridge, solve" if "pytest" in body else "from model import Ridge, solve"
    assert rules(with_body(body, head), contracted) == [rule]


@pytest.mark.parametrize(
    "body",
    [
        "assert solve(1, 2)",
        "assert solve(y=1, x=2, weight=3)",
        "assert solve(*[1, 2])",
        "assert solve(1, **{'y': 2})",
        "assert Ridge(1.0).fit('a').anything(1, 2, 3)",  # what an object can do, its class alone knows
        "solve = len\n    assert solve([1])",
    ],
)
def test_what_fits_or_cannot_be_known_passes(body: str, contracted: Design) -> None:
    head = "from model import Ridge" if body.startswith("solve =") else "from model import Ridge, solve"
    assert rules(with_body(body, head), contracted) == []


@pytest.mark.parametrize(
    ("head", "call", "found"),
    [
        ("import model", "model.solve(1)", ["wrong-call"]),
        ("import model as m", "m.solve(1)", ["wrong-call"]),
        ("import model as m", "m.solve(1, 2)", []),
        ("from model import solve as s", "s(1)", ["wrong-call"]),
        ("from tools import norms", "norms.Norm()", ["wrong-call"]),
        ("from tools.norms import Norm", "Norm(2)", []),
        ("from tools.norms import Norm", "Norm()", ["wrong-call"]),
        ("from model import Lasso", "Lasso()", ["missing-symbol"]),
        ("from models import Ridge", "Ridge(1.0)", ["undeclared-package"]),
        ("from .model import Ridge", "Ridge(1.0)", ["relative-import"]),
        ("import torch", "torch.ones(1)", ["undeclared-package"]),
        ("import hypothesis", "hypothesis", ["undeclared-package"]),
        ("import numpy.linalg, math, pytest", "math.pi", []),
        ("import subprocess", "subprocess.run('ls')", ["test-with-effects"]),
        ("print('here')", "len('a')", ["test-with-effects"]),
        ("DATA = open('data.csv').read()", "DATA", ["test-with-effects"]),
    ],
)
def test_imports_lead_to_contracts_and_declared_packages(
    head: str, call: str, found: list[str], contracted: Design
) -> None:
    assert rules(with_body(f"assert {call}", head), contracted) == found


def test_a_file_needs_tests_and_a_test_its_source(contracted: Design) -> None:
    assert rules("X = 1\n", contracted) == ["no-tests"]
    (note,) = check_tests(PATH, "def test_it():\n    assert len('a') == 1\n", contracted)
    assert (note.rule, note.is_note) == ("uncited-test", True)
    assert rules("def test(:\n", contracted) == ["syntax-error"]


@pytest.mark.parametrize("source", [SOUND, "", "def test(:\n", "def helper(): ...\n"])
def test_nothing_is_held_against_a_design_that_is_not_there(source: str) -> None:
    assert not {"wrong-call", "missing-symbol", "undeclared-package"} & {*rules(source, Design())}


def test_each_requirement_knows_the_tests_that_cite_it() -> None:
    one = 'def test_one():\n    """Eq. 1 [E1, R1]."""\n    assert 1  # §2 [R2]\n'
    two = 'class TestTwo:\n    def test_both(self):\n        """[R1]: so."""\n        assert 1\n\n# [R3]\n'
    assert len(tests_in(one)) == len(tests_in(two)) == 1
    assert what_tests_cite({"tests/test_b.py": two, "tests/test_a.py": one, "tests/x.py": "def test(:"}) == {
        "tests/test_a.py::test_one": ["R1", "R2"],
        "tests/test_b.py::TestTwo::test_both": ["R1"],
    }


def with_results(design: Design, *values: float) -> Design:
    assert design.plan
    results = [ExpectedResult(id=f"r{n}", what="", value=value, source=["T1"]) for n, value in enumerate(values)]
    return replace(design, plan=design.plan.model_copy(update={"expected_results": results}))


@pytest.mark.parametrize(
    "body",
    [
        "assert solve(1, 2) == 66.7",
        "assert solve(1, 2) == 0.667",
        "assert solve(1, 2) == 0.875",
        "# 0.4 * 233.5 + 0.01 = 93.41\n    assert solve(1, 2) == 93.41",
        "assert solve(1, 2) == 93.41  # 2 * 46.705 = 93.41",
        "x = 1\n    # (1 + 3) / 4 and so on,\n    # = 93.41\n    y = 93.41\n    assert solve(x, y)",
    ],
)
def test_a_number_of_a_small_example_is_no_copy(body: str, contracted: Design) -> None:
    assert rules(with_body(body), with_results(contracted, 93.41, 66.7, 87.5)) == []


@pytest.mark.parametrize(
    "body",
    [
        "assert solve(1, 2) == 93.41",
        "assert solve(1, 2) >= 0.9341",
        "# Table 1 = 93.41\n    assert solve(1, 2) == 93.41",
        "# 2 * 3 = 6\n    assert solve(1, 2) == 93.41",
        "assert solve(1, 2) == '93.41'",
    ],
)
def test_a_result_that_nothing_is_worked_out_for_is_one(body: str, contracted: Design) -> None:
    assert rules(with_body(body), with_results(contracted, 93.41, 66.7)) == ["copied-result"]
