"""Correct repositories to put defects into: installed pure-Python packages, and small samples that use torch and jax.

Each gets what a generated repository has: an entry point that imports every module and reads `config.yaml`, contracts
for its public functions and classes, declared packages, results of a paper, passages to cite, and requirements: one for
each file, which cites it in its last line, and one for each setting.
"""

import ast
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import yaml

from papercoder.checks import Design
from papercoder.checks.distributions import providers
from papercoder.checks.imported import imports_of
from papercoder.checks.module import parse
from papercoder.checks.resources import addresses
from state.architecture import Architecture, FileContract, Symbol
from state.configuration import Configuration, ConfigValue, FullRun, Presets, PresetValue
from state.logic import LogicDesign, Task
from state.paths import module_name
from state.plan import ExpectedResult, Plan, PlanItem, Resource
from state.requirements import Kind, Requirement, Specification

SAMPLES = Path(__file__).parent / "samples"
PACKAGES = (
    "anyio bs4 click confection croniter dotenv h11 html5lib httpcore httpx idna jinja2 langdetect markdown_it "
    "packaging pluggy pycparser requests smart_open soupsieve starlette structlog tenacity typer urllib3 uvicorn "
    "wasabi websockets"
)
ANCHORS = ("abstract", "S2", "S2.p1", "S3.2", "E1", "E2", "E3", "E4", "T1", "T2", "A1")
RESULTS = {"main/accuracy": 93.41, "main/bleu": 28.4, "ablation/error": 0.8731}
SETTINGS = {
    "training.learning_rate": 3e-4,
    "training.batch_size": 64,
    "model.hidden_size": 512,
    "training.seed": 0,
    "data.name": "digits",
}


@dataclass(frozen=True)
class Subject:
    """A repository that is right as it is."""

    name: str
    files: dict[str, str]
    design: Design

    def changed(self, path: str, text: str) -> "Subject":
        return replace(self, files={**self.files, path: text})


def subjects(names: str = PACKAGES) -> Iterator[Subject]:
    """The samples, then the named packages."""
    yield from (_sample(folder) for folder in sorted(SAMPLES.iterdir()) if folder.is_dir())
    yield from (_package(name, number) for number, name in enumerate(names.split()))


def _sample(folder: Path) -> Subject:
    files = {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*.py"))}
    packages = (folder / "requirements.txt").read_text().split()
    config = yaml.safe_load((folder / "config.yaml").read_text())
    values = {f"{part}.{key}": value for part, inner in config.items() for key, value in inner.items()}
    return _subject(folder.name, files, packages, values)


def _package(name: str, number: int) -> Subject:
    found = importlib.util.find_spec(name)
    assert found and found.submodule_search_locations, f"{name} is not installed as a package"
    root = Path(next(iter(found.submodule_search_locations)))
    files = {
        f"{name}/{path.relative_to(root).as_posix()}": path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*.py"))
        if not {"tests", "testing", "_vendor"} & set(path.relative_to(root).parts)
    }
    files["main.py"] = _MAINS[number % len(_MAINS)].format(imports=_imports(files), options=_OPTIONS)
    return _subject(name, files, ["pyyaml", *_packages(name, files)], SETTINGS)


def _subject(name: str, files: dict[str, str], packages: list[str], settings: dict[str, object]) -> Subject:
    """Each file is given a requirement of its own, which it cites."""
    owned = {path: f"R{number}" for number, path in enumerate(files, start=1)}
    cited = {path: f"{text.rstrip()}\n# [{owned[path]}]\n" for path, text in files.items()}
    return Subject(name, cited, _design(cited, packages, settings, owned))


def _packages(name: str, files: dict[str, str]) -> list[str]:
    """A package for each module that is imported: the one that is installed here, else the first that brings it."""
    installed = metadata.packages_distributions()
    imported = {item.top for path, text in files.items() for item in imports_of(parse(path, text)) if not item.level}
    imported -= {name, "", "main", *sys.stdlib_module_names}
    imported = {module for module in imported if not module.startswith("_")}  # `_typeshed` is nobody's
    found = {package for module in imported for package in installed.get(module, sorted(providers(module))[:1])}
    return sorted(found)


def _imports(files: dict[str, str]) -> str:
    names = [name for path in files if (name := module_name(path)) and not name.endswith("__main__")]
    return "\n".join(f"import {name}" for name in names)


def _design(files: dict[str, str], packages: list[str], settings: dict[str, object], owned: dict[str, str]) -> Design:
    item = PlanItem(what="all of it", source=["S2"])
    results = [ExpectedResult(id=id, what="", value=value, source=["T1"]) for id, value in RESULTS.items()]
    set_by = {key: f"R{number}" for number, key in enumerate(settings, start=len(files) + 1)}
    others = [path for path in files if path != "main.py"]
    tasks = [*(Task(path=path, logic="") for path in others), Task(path="main.py", depends_on=others, logic="")]
    return Design(
        architecture=Architecture(
            approach="", files=[_contract(path, text, owned[path]) for path, text in files.items()],
            entry_point="main.py", open_choices=[],
        ),
        logic=LogicDesign(packages=packages, tasks=tasks, open_choices=[]),
        configuration=Configuration(
            values=[ConfigValue(key=key, value=value, source=[], requirements=[set_by[key]])
                    for key, value in settings.items()],
            presets=Presets(smoke=[PresetValue(key=key, value=value) for key, value in settings.items()]),
            full_run=FullRun(hardware="one CPU core"),
            open_choices=[],
        ),
        plan=Plan(
            summary="", method=[item], data=[], experiments=[], metrics=[], expected_results=results, open_choices=[],
            resources=list(_resources(files)),
        ),
        anchors=ANCHORS,
        specification=Specification(requirements=[
            *(_requirement(owned[path], "result" if path == "main.py" else "method", path) for path in files),
            *(_requirement(id, "hyperparameter", key) for key, id in set_by.items()),
        ]),
    )  # fmt: skip


def _resources(files: dict[str, str]) -> Iterator[Resource]:
    """What the package's addresses lead to, as a plan would have named it."""
    for address in sorted({found for text in files.values() for found in addresses(text)}):
        yield Resource(name=address, kind="dataset", available="package", origin=address, source=["S2"])


def _requirement(id: str, kind: Kind, what: str) -> Requirement:
    return Requirement(id=id, kind=kind, what=f"The paper's {what}.", source=["S2.p1"], quote=what)


def _contract(path: str, text: str, requirement: str) -> FileContract:
    """The file's public functions and classes, as an architect would have promised them."""
    nodes = [node for node in ast.parse(text).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    symbols = {node.name: Symbol(name=node.name, signature=_signature(node), purpose="", source=[]) for node in nodes}
    public = [symbol for name, symbol in symbols.items() if not name.startswith("_")]
    return FileContract(path=path, purpose="", symbols=public, requirements=[requirement])


def _signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.ClassDef):
        return f"class {node.name}({', '.join(map(ast.unparse, node.bases))})"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"def {node.name}({ast.unparse(node.args)}){returns}"


_OPTIONS = """
def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="config.yaml")
    parser.add_argument("--output", default="results.json")
    parser.add_argument("--preset", choices=["smoke", "small", "full"], default="full")
    parser.add_argument("--smoke", dest="preset", action="store_const", const="smoke")
    return parser.parse_args()


def merged(base, changes):
    result = dict(base)
    for key, value in changes.items():
        result[key] = merged(base[key], value) if isinstance(value, dict) and key in base else value
    return result
"""

_SUBSCRIPTS = '''"""Everything."""

import argparse

import yaml

{imports}

{options}

def train(config: dict) -> float:
    rate = config["training"]["learning_rate"]
    return rate * config["training"]["batch_size"] + config["model"]["hidden_size"] + config["training"]["seed"]


def main() -> None:
    given = options()
    with open(given.config) as file:
        config = yaml.safe_load(file)
    config = merged(config, config.pop("presets")[given.preset])
    print(config["data"]["name"], train(config))


main()
'''

_ATTRIBUTES = '''"""Everything."""

import argparse
from types import SimpleNamespace

import yaml

{imports}

{options}

class Trainer:
    def __init__(self, cfg) -> None:
        self.cfg = cfg

    def train(self) -> float:
        training = self.cfg.training
        return training.learning_rate * training.batch_size + self.cfg.model.hidden_size + training.seed


def namespace(tree):
    if isinstance(tree, dict):
        return SimpleNamespace(**{{key: namespace(value) for key, value in tree.items()}})
    return tree


def main() -> None:
    given = options()
    with open(given.config) as file:
        tree = yaml.safe_load(file)
    cfg = namespace(merged(tree, tree.pop("presets")[given.preset]))
    print(cfg.data.name, Trainer(cfg).train())


main()
'''

_ALIASES = '''"""Everything."""

import argparse

import yaml

{imports}

{options}

def build(config):
    return [0.0] * config.get("hidden_size")


def main() -> None:
    given = options()
    with open(given.config) as file:
        config = yaml.safe_load(file)
    config = merged(config, config.pop("presets")[given.preset])
    training, data = config["training"], config.get("data")
    rate, size = training["learning_rate"], training["batch_size"]
    print(data["name"], rate * size, build(config["model"]), training["seed"])


main()
'''

_MAINS = (_SUBSCRIPTS, _ATTRIBUTES, _ALIASES)
