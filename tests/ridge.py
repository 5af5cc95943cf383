"""A small fixed paper on ridge classifiers, with everything that the pipeline makes of it."""

from agents.context import Material
from state.architecture import Architecture, FileContract, Message, Relation, Symbol
from state.artifacts import OpenChoice
from state.configuration import Configuration, ConfigValue, FullRun, Presets, PresetValue
from state.context import Context
from state.logic import Command, LogicDesign, Task
from state.paper import Block, Paper, Reference, Section
from state.plan import ExpectedResult, Plan, PlanItem, Resource
from state.requirements import Contradiction, Requirement, Specification

PAPER = Paper(
    title="Ridge Classifiers under Label Noise",
    authors=("A. Author", "B. Author"),
    sections=(
        Section(
            id="abstract",
            label="Abstract",
            title="Abstract",
            blocks=(Block(id="abstract.p1", label="Abstract", kind="paragraph", text="We fit {ridges} to noise."),),
        ),
        Section(
            id="S2",
            label="§2",
            number="2",
            title="Method",
            blocks=(
                Block(id="S2.p1", label="§2", kind="paragraph", text="Labels are flipped with probability ρ = 0.2."),
                Block(
                    id="E1",
                    label="Eq. 1",
                    kind="equation",
                    notation="latex",
                    text=r"\hat w = (X^\top X + \lambda I)^{-1} X^\top y",
                    number="1",
                ),
                Block(
                    id="T1",
                    label="Table 1",
                    kind="table",
                    caption="Accuracy.",
                    text="| λ | acc |\n|---|---|\n| 1 | 93.4 |",
                ),
            ),
        ),
        Section(
            id="A",
            label="App. A",
            number="A",
            title="Details",
            blocks=(
                Block(id="A.p1", label="App. A", kind="paragraph", text="Seeds 0 to 4."),
                Block(id="E2", label="Eq. 2", kind="equation", text="ε = 1e-9", number="2"),
            ),
        ),
    ),
    references=(Reference(id="B1", label="[1]", text="Hoerl and Kennard, 1970."),),
    format="latex",
    warnings=("one figure could not be read",),
)

SPECIFICATION = Specification(
    requirements=[
        Requirement(
            id="R1",
            kind="equation",
            what="The weights solve the regularised normal equations in closed form.",
            source=["E1"],
            quote=r"\hat w = (X^\top X + \lambda I)^{-1} X^\top y",
            weight=5,
        ),
        Requirement(
            id="R2",
            kind="data",
            what="Each label is flipped with probability ρ.",
            source=["S2.p1"],
            quote="Labels are flipped with probability ρ = 0.2.",
            weight=3,
            status="partial",
            choice="to one of the other classes, uniformly",
            alternatives=["to any class"],
        ),
        Requirement(
            id="R3",
            kind="evaluation",
            what="Accuracy is measured for seeds 0 to 4.",
            source=["A.p1"],
            quote="Seeds 0 to 5.",
            problem="the words are not in [A.p1]",
        ),
    ],
    contradictions=[
        Contradiction(id="C1", what="{Five} seeds against six.", source=["A.p1", "T1"], choice="five seeds")
    ],
)

PLAN = Plan(
    summary="A ridge classifier is trained on noisy labels.",
    method=[PlanItem(what="Solve Eq. 1 in closed form.", source=["E1"])],
    data=[PlanItem(what="Flip labels with probability ρ.", source=["S2.p1"])],
    experiments=[PlanItem(what="Five seeds.", source=["A.p1"])],
    metrics=[PlanItem(what="Test accuracy in percent.", source=[])],
    resources=[
        Resource(
            name="digits",
            kind="dataset",
            available="restricted",
            origin="the {authors}",
            size="1,797 images",
            stand_in="normal noise of the same shape",
            source=["S2.p1"],
        )
    ],
    expected_results=[
        ExpectedResult(id="digits/ridge/accuracy", what="accuracy on digits", value=93.4, unit="%", source=["T1"])
    ],
    open_choices=[OpenChoice(question="Which split?", choice="80/20", alternatives=["50/50"], reason="usual")],
)

ARCHITECTURE = Architecture(
    approach="Three files.",
    files=[
        FileContract(
            path="src/data.py",
            purpose="Loads the data.",
            symbols=[
                Symbol(
                    name="load",
                    signature="def load(seed: int) -> tuple",
                    purpose="x (n, d), y (n,)",
                    source=["S2.p1"],
                )
            ],
            requirements=["R2"],
        ),
        FileContract(
            path="src/model.py",
            purpose="The classifier.",
            symbols=[
                Symbol(name="Ridge", signature="class Ridge", purpose="Eq. 1", source=["E1"]),
                Symbol(name="Ridge.fit", signature="def fit(self, x, y) -> Ridge", purpose="solves", source=["E1"]),
            ],
            requirements=["R1"],
        ),
        FileContract(path="main.py", purpose="Runs everything.", requirements=["R3"]),
    ],
    entry_point="main.py",
    relations=[Relation(source="main.py", target="Ridge", kind="uses", label="trains")],
    sequence=[Message(sender="main.py", receiver="Ridge", call="fit(x, y)", returns="self")],
    open_choices=[],
)

LOGIC = LogicDesign(
    packages=["numpy>=1.26", "pyyaml"],
    tasks=[
        Task(path="src/data.py", logic="Draw, then flip."),
        Task(path="src/model.py", depends_on=["src/data.py"], logic="Solve the normal equations."),
        Task(path="main.py", depends_on=["src/model.py"], logic="Train and write results.json."),
    ],
    commands=[Command(run="python main.py --config config.yaml", produces="results.json")],
    shared_knowledge="Arrays are float64.",
    open_choices=[OpenChoice(question="Which solver?", choice="Cholesky")],
)

CONFIGURATION = Configuration(
    values=[
        ConfigValue(key="data.noise", value=0.2, source=["S2.p1"], note="ρ"),
        ConfigValue(key="model.epsilon", value=1e-9, source=["E2"]),
        ConfigValue(key="seeds", value=[0, 1, 2, 3, 4], source=[], note="five of them"),
    ],
    presets=Presets(smoke=[PresetValue(key="seeds", value=[0])]),
    full_run=FullRun(hardware="one CPU core", gpu_hours=0, wall_hours=0.2, basis="5 seeds, a minute each"),
    open_choices=[],
)

ANALYSES = {
    "src/data.py": "1. Draw the labels.\n2. Flip them.",
    "src/model.py": "1. Solve Eq. 1.",
    "main.py": "1. Train.\n2. Write.",
}

MATERIAL = Material(
    context=Context(model="openai:o3-mini", framework="NumPy", scope="Table 1 only"),
    paper=PAPER,
    specification=SPECIFICATION,
    plan=PLAN,
    architecture=ARCHITECTURE,
    logic=LOGIC,
    configuration=CONFIGURATION,
    analyses=ANALYSES,
)

CODE = {
    "src/data.py": '"""Noisy labels."""\n\nimport numpy as np\n\n\ndef load(seed: int) -> tuple:\n'
    '    """Images and labels. [S2.p1]"""\n    # Choice: numpy\'s default generator\n'
    "    # because the paper names none\n"
    "    rng = np.random.default_rng(seed)\n    return rng.normal(size=(4, 2)), rng.integers(0, 2, 4)\n",
    "src/model.py": '"""A ridge classifier."""\n\nfrom src.data import load\n\nEPSILON: float = 1e-9\n\n\n'
    "class Ridge:\n"
    '    """Ridge regression on ±1 targets. [E1]"""\n\n    def __init__(self, weight: float) -> None:\n'
    "        self.weight = weight\n\n    def fit(self, x, y):  # Eq. 1\n        return self\n",
    "main.py": "import yaml\n\nfrom src.model import Ridge\n\nprint(Ridge(1.0), yaml)\n",
}
