"""A written file is held against the names that its contract promises."""

import pytest

from papercoder.checks import Design, check_file
from state.architecture import Architecture, FileContract, Symbol
from state.review import Finding


def contract_findings(contract: FileContract, source: str) -> tuple[Finding, ...]:
    architecture = Architecture(approach="", files=[contract], entry_point=contract.path, open_choices=[])
    found = check_file(contract.path, source, Design(architecture=architecture), {}, types=False)
    return tuple(finding for finding in found if finding.rule == "broken-contract")


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


SIGNATURE = "def fit(x: Tensor, y: Tensor, *, rounds: int = 3) -> float"


@pytest.mark.parametrize(
    "definition",
    [
        "def fit(x, y, *, rounds=3): return 1",
        "def fit(x, y, rounds=5): return 1",
        "def fit(x, y, *, rounds=3, verbose=False): return 1",
        "def fit(x, y, **options): return 1",
        "def fit(*args, **options): return 1",
        "async def fit(x, y, *, rounds=3): return 1",
        "class fit:\n    def __call__(self): return 1",
        "fit = make()",
    ],
)
def test_a_definition_that_can_be_called_as_promised_keeps_its_contract(definition: str) -> None:
    assert contract_findings(signed("fit", SIGNATURE), definition) == ()


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ("def fit(x, y): return 1", "no parameter rounds"),
        ("def fit(x, target, *, rounds=3): return 1", "no parameter y"),
        ("def fit(x, y, z, *, rounds=3): return 1", "further argument z"),
        ("def fit(x, y, *, rounds): return 1", "requires rounds"),
        ("def fit(y, x, *, rounds=3): return 1", "order (y, x, rounds)"),
    ],
)
def test_a_definition_that_breaks_a_promised_call_is_named_with_the_reason(definition: str, says: str) -> None:
    (finding,) = contract_findings(signed("fit", SIGNATURE), definition)
    assert says in finding.problem
    assert finding.line == 1
    assert SIGNATURE in finding.fix


@pytest.mark.parametrize(
    ("signature", "kept"),
    [
        ("class Ridge(lam: float, rounds: int = 3)", True),
        ("class Ridge(Base)", True),
        ("class Ridge", True),
        ("class Ridge(lam: float)", False),  # the code requires rounds
        ("Ridge: a class that …", True),  # not Python: nothing to hold against
    ],
)
def test_the_constructor_s_signature_may_stand_with_the_class(signature: str, kept: bool) -> None:
    required = "" if kept else "*, rounds"
    source = f"class Ridge:\n    def __init__(self, lam, {required or 'rounds=3'}):\n        self.lam = lam\n"
    assert (contract_findings(signed("Ridge", signature), source) == ()) is kept


def test_a_method_s_contract_may_leave_self_out() -> None:
    source = "class Ridge:\n    def fit(self, x): return x\n    @staticmethod\n    def load(path): return path\n"
    for signature in ("def fit(self, x: Tensor)", "def fit(x: Tensor)"):
        assert contract_findings(signed("Ridge.fit", signature), source) == ()
    assert contract_findings(signed("Ridge.load", "def load(path: str)"), source) == ()


def signed(name: str, signature: str) -> FileContract:
    return FileContract(
        path="model.py", purpose="", symbols=[Symbol(name=name, signature=signature, purpose="", source=[])]
    )
