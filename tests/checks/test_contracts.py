"""A written file is held against the names that its contract promises."""

import pytest

from agents.contracts import contract_findings
from state.artifacts import FileContract, Symbol


def contract(*names: str, path: str = "model.py") -> FileContract:
    symbols = [Symbol(name=name, signature=f"def {name}()", purpose="", source=[]) for name in names]
    return FileContract(path=path, purpose="", symbols=symbols)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("fit", "def fit(): ..."),
        ("fit", "async def fit(): ..."),
        ("Ridge.fit", "class Ridge:\n    def fit(self): ..."),
        ("Ridge.weight", "class Ridge:\n    weight: float = 1.0"),
        ("Ridge.weight", "class Ridge:\n    def __init__(self):\n        self.weight = 1.0"),
        ("EPSILON", "EPSILON: float = 1e-9"),
        ("A", "A, B = 1, 2"),
        ("load", "from data import read as load"),
        ("solve", "try:\n    from scipy import solve\nexcept ImportError:\n    from numpy import solve"),
        ("fit", "if True:\n    def fit(): ..."),
    ],
)
def test_a_promised_name_is_found_however_it_is_defined(name: str, source: str) -> None:
    assert contract_findings(contract(name), source) == ()


@pytest.mark.parametrize("source", ["", "def fits(): ...", "x = fit()", "class Fit:\n    def fit(self): ..."])
def test_a_promised_name_that_is_not_defined_is_named(source: str) -> None:
    (finding,) = contract_findings(contract("fit"), source)
    assert finding.location == "fit"
    assert "def fit()" in finding.fix


def test_a_method_of_another_class_does_not_count() -> None:
    (finding,) = contract_findings(contract("Ridge.fit"), "class Lasso:\n    def fit(self): ...")
    assert "Ridge.fit" in finding.problem


def test_what_is_not_python_is_not_judged() -> None:
    assert contract_findings(contract("fit", path="run.sh"), "exit 0") == ()
