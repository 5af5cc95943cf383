"""A small design, and files that keep it."""

import pytest

from papercoder.checks import Design
from state.architecture import Architecture, FileContract, Symbol
from state.configuration import Configuration, ConfigValue, FullRun, Presets, PresetValue
from state.logic import Command, LogicDesign, Task
from state.plan import ExpectedResult, Plan, PlanItem

RIGHT = {
    "main.py": (
        "import sys\n\nimport yaml\n\nfrom model import Ridge\n\n\n"
        "def main() -> None:\n"
        '    with open("config.yaml") as file:\n'
        "        config = yaml.safe_load(file)\n"
        '    print(Ridge(config["model"]["strength"]).fit(config["data"]["dataset"]), config["data"]["seed"])\n'
        '    print("takes --config, --output, --preset, --smoke", sys.argv)\n\n\n'
        "main()\n"
    ),
    "model.py": (
        '"""Ridge regression."""\n\nimport numpy as np\n\n\n'
        "class Ridge:\n"
        "    def __init__(self, strength: float) -> None:\n"
        "        self.strength = strength\n\n"
        "    def fit(self, name: str) -> float:\n"
        "        # §2, Eq. 1 [E1]\n"
        "        return float(np.float64(self.strength)) + len(name)\n"
    ),
}


@pytest.fixture
def files() -> dict[str, str]:
    return dict(RIGHT)


@pytest.fixture
def design() -> Design:
    fit = Symbol(name="Ridge.fit", signature="def fit(self, name: str) -> float", purpose="", source=["E1"])
    ridge = Symbol(name="Ridge", signature="class Ridge(strength: float)", purpose="", source=["T1"])
    files = [FileContract(path="main.py", purpose=""), FileContract(path="model.py", purpose="", symbols=[ridge, fit])]
    results = [ExpectedResult(id="main/accuracy", what="", value=93.41, unit="%", source=["T1"]),
               ExpectedResult(id="main/loss", what="", value=0.5, source=["T1"])]  # fmt: skip
    return Design(
        architecture=Architecture(approach="", files=files, entry_point="main.py", open_choices=[]),
        logic=LogicDesign(
            packages=["numpy", "pyyaml"],
            tasks=[Task(path="model.py", logic=""), Task(path="main.py", depends_on=["model.py"], logic="")],
            commands=[Command(run="python main.py", produces="all")],
            open_choices=[],
        ),
        configuration=Configuration(
            values=[ConfigValue(key="model.strength", value=0.03, source=["T1"]),
                    ConfigValue(key="data.dataset", value="digits", source=["T1"]),
                    ConfigValue(key="data.seed", value=0, source=["T1"])],
            presets=Presets(smoke=[PresetValue(key="data.dataset", value="few digits")]),
            full_run=FullRun(hardware="one CPU core", wall_hours=0.1),
            open_choices=[],
        ),
        plan=Plan(
            summary="", method=[PlanItem(what="", source=[])], data=[], experiments=[], metrics=[],
            expected_results=results, open_choices=[],
        ),
        anchors=("S2", "S2.p1", "E1", "T1"),
    )  # fmt: skip
