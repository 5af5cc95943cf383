"""Correct code passes: what looks like a defect and is none."""

from dataclasses import replace

import pytest

from papercoder.checks import Design, check_file, check_repository
from state.architecture import Architecture, FileContract
from state.configuration import Configuration, ConfigValue, Presets, PresetValue
from state.review import Finding

ENTRY = Design(
    architecture=Architecture(
        approach="", files=[FileContract(path="main.py", purpose="")], entry_point="main.py", open_choices=[]
    )
)


def rules(found: list[Finding]) -> set[str]:
    return {finding.rule for finding in found}


def loud(code: str, design: Design | None = None, path: str = "code.py", *, types: bool = True) -> set[str]:
    found = check_file(path, code, design or Design(), {}, types=types)
    return rules([finding for finding in found if finding.severity != "low"])


@pytest.mark.parametrize(
    "code",
    [
        "from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n    def f(self): ...\n",
        "from typing import Protocol\nclass P(Protocol):\n    def f(self) -> int: ...\n",
        "class A:\n    def f(self): raise NotImplementedError\nclass B(A):\n    def f(self): return 1\n",
        "from typing import overload\n@overload\ndef f(x: int) -> int: ...\n@overload\n"
        "def f(x: str) -> str: ...\ndef f(x): return x\n",
        "class Failure(Exception):\n    pass\n",
        "class A:\n    def __init__(self): pass\n",
        "class Callback(Base):\n    def on_epoch_end(self): pass\n",
        "class Null:\n    def log(self, x): pass\nclass Log:\n    def log(self, x): print(x)\n",
        "def no_op(x):\n    pass\n",
        'def before(state):\n    """Does nothing before a step."""\n',
        "class Frozen(dict):\n    def pop(self, key): raise NotImplementedError('it is frozen')\n",
        "try:\n    x = 1\nexcept ValueError:\n    pass\n",
    ],
)
def test_a_body_that_is_empty_on_purpose_is_not_unfinished(code: str) -> None:
    assert "unfinished" not in loud(code, types=False)


@pytest.mark.parametrize("body", ["pass", "...", 'raise NotImplementedError("Not implemented yet")'])
@pytest.mark.parametrize("head", ["def evaluate(model):", "class Trainer:\n  def evaluate(self, model):"])
def test_a_body_that_is_left_for_later_is_unfinished(head: str, body: str) -> None:
    assert loud(f"{head}\n    {body}\n", types=False) == {"unfinished"}


NET = """
import torch
import torch.nn as nn
from torch import nn as layers


class Net(nn.Module):
    scale: float

    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.register_buffer("mask", torch.ones(width))

    def forward(self, x):
        if self.training:
            x = self.helper(x) * self.mask * self.scale
        self.apply(print)
        return self.linear(x).to(next(self.parameters()).device)

    def helper(self, x):
        return x


class Deep(Net):
    def forward(self, x):
        return self.helper(self.linear(x))


class Wrapped(layers.Module):
    def __getattr__(self, name):
        return getattr(self.inner, name)

    def forward(self, x):
        return self.whatever(x)
"""


def test_modules_of_a_framework_that_is_not_installed_are_understood() -> None:
    assert loud(NET) == set()
    assert loud(NET.replace("self.helper(self.linear(x))", "self.helpr(self.linear(x))")) == {"undefined-method"}
    assert loud(NET.replace("if self.training", "if self.trainning")) == {"undefined-method"}


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    from collections.abc import Mapping\nexcept ImportError:\n    from collections import Mapping\n",
        "try:\n    import apex\nexcept ImportError:\n    apex = None\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pandas import DataFrame\n",
        "import numpy as np\nx = np.anything(1)\n",
        "from __future__ import annotations\ndef f(x: undefined.Tensor): return x\n",
        "class Mixin:\n    def f(self): return self.given\nclass A(Mixin):\n    given = 1\n",
        "import json\nif hasattr(json, 'fast'):\n    json.fast()\n",
    ],
)
def test_names_that_may_be_missing_are_granted(code: str, design: Design) -> None:
    assert loud(code, design) == set()


@pytest.mark.parametrize(
    "code",
    [
        "x = 0.3\n",
        "dropout = 0.0\n",
        "lr = config['lr']\n",
        "shape = (64, 128)\n",
        "hidden = width * 4\n",
        "def f(batch_size): return batch_size\nf(batch_size=n)\n",
        "epsilon = 1e-8\n",
    ],
)
def test_numbers_that_are_no_hyperparameters_pass(code: str) -> None:
    assert "hyperparameter-literal" not in loud(code, types=False)


@pytest.mark.parametrize(
    "code",
    [
        "lr = 3e-4\n",
        "self.lr = 1e-3\n",
        "Adam(params, lr=1e-3)\n",
        "betas = (0.9, 0.98)\n",
        "options = {'weight_decay': 0.01}\n",
        "config['batch_size'] = 64\n",
        "lr = config.get('learning_rate', 3e-4)\n",
        "parser.add_argument('--learning-rate', default=3e-4)\n",
        "nn.Dropout(0.3)\n",
        "torch.manual_seed(42)\n",
        "LogisticRegression(C=0.25)\n",
        "LEARNING_RATE = 2**-8\n",
        "lr = float('3e-4')\n",
        "lr = 1 - 0.9997\n",
        "lr, steps = 3e-4, n\n",
        "if (patience := 5) > n: pass\n",
        "optimizer = torch.optim.AdamW(model.parameters(), 3e-4)\n",
        "optimizer = optax.adam(3e-4)\n",
        "np.random.seed(1234)\n",
        "key = jax.random.PRNGKey(42)\n",
        "clip_grad_norm_(model.parameters(), 5.0)\n",
        "for epoch in range(200):\n    train()\n",
        "for step in trange(1, 5001):\n    train()\n",
    ],
)
def test_numbers_that_are_hyperparameters_are_found_wherever_they_stand(code: str) -> None:
    assert "hyperparameter-literal" in loud(code, types=False)
    assert loud(code, path="tests/test_model.py", types=False) == set()


@pytest.mark.parametrize(
    "code",
    [
        "x = 93.41\n",
        "x = 0.9341\n",
        'print("accuracy: 93.41 %")\n',
        "x = [1, -93.41]\n",
        "x = {'accuracy': (93.41, 0.2)}\n",
        "x = 9341 / 100\n",
        "x = 93 + 0.41\n",
        "x = 100 * 0.9341\n",
        "x = noise + (93.4 + 0.01)\n",
        "x = 9341 * 10**-2\n",
        "x = 1 - 0.0659\n",
        "SCALE = 100\nx = 9341 / SCALE\n",
        "x = float('93' + '.41')\n",
        "x = f'{93}.41'\n",
        "x = b'93.41'\n",
        "x = Fraction(9341, 100)\n",
        "x = Decimal('.9341')\n",
        "x = 93.4127\n",
        "x = '9.341e1'\n",
        "x = json.loads('{\"accuracy\": 93.41}')\n",
    ],
)
def test_a_result_of_the_paper_is_found_in_numbers_and_strings(code: str, design: Design) -> None:
    assert "copied-result" in loud(code, design, types=False)


@pytest.mark.parametrize(
    "code",
    [
        '"""The paper reports 93.41."""\n',
        "# 93.41\n",
        "x = 193.41\n",
        "x = 0.5\n",
        "x = 93\n",
        "x = 93.4\n",
        "x = 'version 1.93.41'\n",
        "x = 9**9**9 + 2**100000\n",
        "x = n / 100\n",
    ],
)
def test_other_numbers_and_documentation_pass(code: str, design: Design) -> None:
    assert "copied-result" not in loud(code, design, types=False)


@pytest.mark.parametrize(
    ("comment", "known"),
    [
        ("# §2, Eq. 1 [E1]", True),
        ("# §2 [S2.p1, E1]", True),
        ("# x has shape [N1, T2]", True),
        ("# Eq. 9 [E9]", False),
        ("# §2 [S2.p1, S2.p7]", False),
        ("# see [R7], Table 1 [T1]", True),  # requirements are not known here
    ],
)
def test_citations_are_held_against_the_paper(comment: str, known: bool, design: Design) -> None:
    assert (loud(f"{comment}\nx = 1\n", design, types=False) == set()) is known
    assert (loud(f'def f():\n    """{comment[2:]}"""\n    return 1\n', design, types=False) == set()) is known


def test_a_cycle_that_works_is_none() -> None:
    files = {
        "a.py": "import b\n\n\ndef f():\n    return b.g\n\n\nif __name__ == '__main__':\n    from b import g\n",
        "b.py": "from a import f\n\n\ndef g():\n    return f\n",
    }
    assert rules(check_repository({**files, "main.py": "import b\n"}, ENTRY, types=False)) == set()
    assert rules(check_repository({**files, "main.py": "import a\n"}, ENTRY, types=False)) == {"import-cycle"}


def test_a_class_may_leave_names_to_those_that_derive_from_it() -> None:
    code = "from torch import nn\nclass A(nn.Module):\n    def forward(self, x): return self.core(x)\n"
    assert loud(code, types=False) == {"undefined-method"}
    assert loud(code + "class B(A):\n    def core(self, x): return x\n", types=False) == set()


BUFFERS = """
import torch.nn as nn


class Diffusion(nn.Module):
    def __init__(self, betas):
        super().__init__()
        register_buffer = lambda name, value: self.register_buffer(name, value.float())
        register_buffer("betas", betas)

    def forward(self, x):
        return x * self.betas
"""


def test_a_buffer_is_an_attribute_also_where_it_is_registered_under_a_shorter_name() -> None:
    assert not loud(BUFFERS)
    assert loud(BUFFERS.replace("self.betas\n", "self.alphas\n")) == {"undefined-method"}


def test_of_a_class_that_registers_computed_names_nothing_is_said() -> None:
    each = "for name, value in tables.items():\n            self.register_buffer(name, value)"
    code = BUFFERS.replace('register_buffer("betas", betas)', each).replace("(self, betas)", "(self, tables)")
    assert not loud(code)


@pytest.mark.parametrize(
    "code",
    [
        "def f(a, b=0):\n    return a\n\n\ndef g(*rest):\n    return f(*rest, a=1)\n",
        "try:\n    from onnx import Session\nexcept ImportError:\n    class Session: pass\n\n\nSession(1, 2)\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    class Item: ...\nelse:\n    class Item(tuple):\n"
        "        def __new__(cls, a): return a\n\n\nItem(1)\n",
        "class Loss:\n    def pair(self): raise NotImplementedError\n    def run(self): return self.pair(1, 2)\n",
        "try:\n    get_ipython\nexcept NameError:\n    shell = None\nelse:\n    shell = get_ipython()\n",
        "from jax.numpy import *\n\ntensor = array\n",
        'def bar() -> "tqdm.tqdm":\n    import tqdm\n\n    return tqdm.tqdm()\n',
        "class A:\n    def __init__(self, names):\n        for n in names:\n            setattr(self, n, 0)\n\n"
        "    def f(self):\n        return self.width\n",
        "class Irreps(tuple): pass\n\n\ndef f(parts: Irreps):\n    parts = list(parts)\n    parts.insert(0, 1)\n",
        "from functools import singledispatch\n\n\n@singledispatch\ndef kl(p):\n    raise NotImplementedError\n",
        "# Since W is known, we can implement this without a solve.\nx = 1\n",
        "# TODO: replace this by a binary search\nx = 1\n",
    ],
)
def test_what_torch_and_jax_packages_do_is_no_defect(code: str) -> None:
    assert not loud(code)


def test_a_test_case_may_be_mixed_with_unittest_s_elsewhere() -> None:
    code = "class CaseOfKernels:\n    def test_it(self):\n        self.assertTrue(1)\n"
    assert not loud(code, path="tests/kernels.py")
    assert not loud(code, path="kernels_test.py")
    assert loud(code) == {"missing-attribute"}


def test_a_file_that_is_loaded_by_name_is_reached() -> None:
    load = "from importlib import import_module\n\n\ndef model(name):\n    return import_module({})\n"
    for asked in ('f"models.{name}"', '"models." + name', '"models.%s" % name', '"models.gru"', 'f".{name}", "models"'):
        files = {"main.py": load.format(asked), "models/__init__.py": "", "models/gru.py": "x = 1\n"}
        assert not rules(check_repository(files, ENTRY)), asked
    files["main.py"] = load.format("name")
    assert rules(check_repository(files, ENTRY)) == {"orphan-file"}


@pytest.mark.parametrize("path", ["expected.json", "tables/results.csv", "smoke.yaml"])
def test_a_result_of_the_paper_is_found_in_files_that_code_could_read(path: str, design: Design) -> None:
    assert rules(check_file(path, '["digits", 93.41]', design, {})) == {"copied-result"}
    assert not check_file(path, '["digits", 93.5]', design, {})


def test_what_a_run_measured_is_no_copy(design: Design) -> None:
    assert not check_file("results.json", '{"digits": 93.41}', design, {})


def test_a_setting_under_another_name_is_a_literal_all_the_same(design: Design) -> None:
    assert design.configuration
    rate = ConfigValue(key="training.rate", value=3e-4, source=[])
    known = replace(design, configuration=Configuration(values=[rate], open_choices=[]))
    found = check_file("train.py", "a = 0.0003\nb = 0.5\nc = 3\n", known, {}, types=False)
    assert [(item.rule, item.line, item.location) for item in found] == [("hyperparameter-literal", 1, "training.rate")]


def literals(code: str, value: float, key: str, design: Design) -> list[int]:
    setting = ConfigValue(key=key, value=value, source=[])
    known = replace(design, configuration=Configuration(values=[setting], open_choices=[]))
    found = check_file("train.py", code, known, {}, types=False)
    return [finding.line for finding in found if finding.rule == "hyperparameter-literal"]


@pytest.mark.parametrize(
    ("code", "value", "key"),
    [
        ("EPS = 1e-8\n", 1e-8, "method.epsilon"),
        ("x = clamp(x, eps=1e-8)\n", 1e-8, "method.epsilon"),
        ("def f(x, noise=0.15):\n    return x\n", 0.15, "data.noise_std"),
        ("options = {'noise': 0.15}\n", 0.15, "data.noise_std"),
        ("noise = 0.15 * config['data']['noise_std']\n", 0.15, "data.noise_std"),
        ("sigma = 0.15\n", 0.15, "data.noise_std"),
        ("draw(x, sigma=0.9995)\n", 0.9995, "data.noise_std"),
    ],
)
def test_a_number_that_is_a_setting_s_by_name_or_digits_is_a_literal(
    code: str, value: float, key: str, design: Design
) -> None:
    assert literals(code, value, key, design) == [1]


@pytest.mark.parametrize(
    ("code", "value", "key"),
    [
        ("assert abs(total - 1) < 1e-8\n", 1e-8, "method.epsilon"),
        ("plot(x, alpha=0.15)\n", 0.15, "data.noise_std"),
        ("style = {'alpha': 0.15}\n", 0.15, "data.noise_std"),
        ("def plot(x, alpha=0.15):\n    return x\n", 0.15, "data.noise_std"),
        ("rate = config['data']['noise_std']\nmargin = 0.15\n", 0.15, "data.noise_std"),
    ],
)
def test_a_number_that_equals_a_setting_by_chance_is_none(code: str, value: float, key: str, design: Design) -> None:
    assert literals(code, value, key, design) == []


def test_what_a_preset_replaces_is_no_setting_to_copy(design: Design) -> None:
    values = [ConfigValue(key="data.noise_std", value=0.5, source=[])]
    smoke = Presets(smoke=[PresetValue(key="data.noise_std", value=0.15)])
    known = replace(design, configuration=Configuration(values=values, presets=smoke, open_choices=[]))
    assert "hyperparameter-literal" not in rules(check_file("train.py", "sigma = 0.15\n", known, {}, types=False))


@pytest.mark.parametrize(
    "code",
    [
        "def draw():\n    import matplotlib.pyplot as plt\n    plt.show()\n",
        "try:\n    import matplotlib\nexcept ImportError:\n    matplotlib = None\n",
        "try:\n    from matplotlib import pyplot\nexcept ModuleNotFoundError:\n    pyplot = None\n",
    ],
)
def test_an_optional_package_is_imported_where_it_may_be_missing(code: str, design: Design) -> None:
    assert design.logic
    optional = replace(design, logic=design.logic.model_copy(update={"optional": ["matplotlib>=3.8"]}))
    assert loud(code, optional, types=False) == set()
    (found,) = check_file("train.py", "import matplotlib\n", optional, {}, types=False)
    assert (found.rule, found.severity) == ("undeclared-package", "high")
    assert "optional" in found.problem


def test_an_import_in_a_function_still_needs_a_declaration(design: Design) -> None:
    assert "undeclared-package" in loud("def f():\n    import pandas\n", design, types=False)
