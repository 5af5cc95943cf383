"""Artifacts are refused with a sentence that a model can act on, and accepted in the forms that models write."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from state.architecture import RESERVED_FILES, Architecture
from state.configuration import Configuration, FullRun, Presets
from state.logic import Command, LogicDesign
from state.paths import module_name
from state.plan import Plan, PlanItem, Resource

ITEM = {"what": "x", "source": ["E1"]}


def a_plan(**changes: Any) -> Plan:
    return Plan.model_validate(
        {"summary": "s", "method": [ITEM], "data": [], "experiments": [], "metrics": []} | changes
    )


def an_architecture(*paths: str, entry: str = "main.py", **changes: Any) -> Architecture:
    files = [{"path": path, "purpose": "p"} for path in paths]
    return Architecture.model_validate({"approach": "a", "files": files, "entry_point": entry} | changes)


def a_logic(graph: dict[str, list[str]]) -> LogicDesign:
    tasks = [{"path": path, "depends_on": others, "logic": "l"} for path, others in graph.items()]
    return LogicDesign.model_validate({"tasks": tasks})


def a_configuration(*keys: str) -> Configuration:
    return Configuration.model_validate({"values": [{"key": key, "value": 1, "source": []} for key in keys]})


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        (["E4"], ["E4"]),
        ("E4", ["E4"]),
        ("E4, T1", ["E4", "T1"]),
        (["[E4]", " T1 "], ["E4", "T1"]),
        (None, []),
        ("", []),
        ([], []),
    ],
)
def test_sources_are_read_as_models_write_them(given: object, ids: list[str]) -> None:
    assert PlanItem.model_validate({"what": "x", "source": given}).source == ids


def test_a_plan_needs_a_method() -> None:
    with pytest.raises(ValidationError, match="method"):
        a_plan(method=[])


def test_two_results_under_one_key_are_refused() -> None:
    result = {"id": "a/b", "what": "w", "value": 1, "source": []}
    with pytest.raises(ValidationError, match=r"expected_results lists 'a/b' twice"):
        a_plan(expected_results=[result, result])


def test_files_that_publication_writes_are_dropped_from_the_file_list() -> None:
    made = an_architecture("main.py", *RESERVED_FILES, "readme.MD")
    assert made.paths == ["main.py"]


def test_a_file_list_of_reserved_files_alone_is_refused() -> None:
    with pytest.raises(ValidationError, match="no source file"):
        an_architecture("README.md", entry="README.md")


@pytest.mark.parametrize("path", ["tests", "config.yaml/x.py", "README.MD/x.py", "results.json/a/b.py"])
def test_a_file_that_would_stand_in_the_way_of_publication_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="cannot be"):
        an_architecture("main.py", path)


@pytest.mark.parametrize("path", ["../x.py", "/etc/x.py", ".git/hooks/pre-commit", "C:\\x.py"])
def test_a_hostile_path_in_a_file_list_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="the file name"):
        an_architecture("main.py", path)


def test_files_that_collide_are_refused() -> None:
    with pytest.raises(ValidationError, match="same file but for case"):
        an_architecture("main.py", "Main.py")


def test_the_entry_point_must_be_listed() -> None:
    with pytest.raises(ValidationError, match=r"entry_point 'run.py' is not in the file list: main.py"):
        an_architecture("main.py", entry="run.py")


def test_a_contract_is_found_by_its_path() -> None:
    assert an_architecture("main.py", "b.py").contract("b.py").path == "b.py"


def test_tasks_come_after_what_they_depend_on() -> None:
    design = a_logic({"main.py": ["a.py", "b.py"], "b.py": ["a.py"], "a.py": []})
    assert design.order() == ["a.py", "b.py", "main.py"]


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        ({"a.py": ["b.py"], "b.py": ["a.py"]}, "form a cycle"),
        ({"a.py": ["a.py"]}, "form a cycle"),
        ({"a.py": ["c.py", "d.py"]}, "depends on c.py, d.py, which no task writes"),
    ],
)
def test_tasks_that_cannot_be_ordered_are_refused(graph: dict[str, list[str]], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        a_logic(graph)


def test_two_tasks_for_one_file_are_refused() -> None:
    task = {"path": "a.py", "logic": "l"}
    with pytest.raises(ValidationError, match="twice"):
        LogicDesign.model_validate({"tasks": [task, task]})


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_an_order_always_respects_the_dependencies(picks: list[int]) -> None:
    graph = {f"f{n}.py": [f"f{pick % n}.py"] if n else [] for n, pick in enumerate(picks)}
    order = a_logic(dict(reversed(graph.items()))).order()
    assert sorted(order) == sorted(graph)
    assert all(order.index(other) < order.index(path) for path in graph for other in graph[path])


@pytest.mark.parametrize("command", ["a\nb", "a\rb", ""])
def test_a_command_is_one_line(command: str) -> None:
    with pytest.raises(ValidationError):
        Command(run=command, produces="p")


@pytest.mark.parametrize("key", ["", "a..b", ".a", "1a", "a b", "a:b", "a.b\n", "é", "a.", "-a"])
def test_a_key_must_be_a_dotted_name(key: str) -> None:
    with pytest.raises(ValidationError, match="dotted name"):
        a_configuration(key)


@pytest.mark.parametrize("keys", [("a", "a.b"), ("a.b.c", "a"), ("a.b", "a.b.c")])
def test_a_key_cannot_be_a_value_and_a_group(keys: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError, match="below another key"):
        a_configuration(*keys)


def test_a_key_may_be_given_once() -> None:
    with pytest.raises(ValidationError, match="twice"):
        a_configuration("a.b", "a.b")
    assert len(a_configuration("a.b", "a.c", "ab", "a-b.c_d").values) == 4


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("main.py", "main"),
        ("src/model.py", "src.model"),
        ("src/__init__.py", "src"),
        ("run-all.py", None),
        ("src/class.py", None),
        ("3d/net.py", None),
        ("data.csv", None),
    ],
)
def test_a_module_is_named_as_python_imports_it(path: str, module: str | None) -> None:
    assert module_name(path) == module


@pytest.mark.parametrize("value", [None, "", {}])
def test_presets_and_estimate_may_be_left_out(value: object) -> None:
    values = [{"key": "a", "value": 1, "source": []}]
    made = Configuration.model_validate({"values": values, "presets": value, "full_run": value, "open_choices": []})
    assert made.presets.by_name == {"smoke": [], "small": [], "full": []}
    assert (made.full_run.hardware, made.full_run.gpu_hours) == ("unknown", None)


def test_presets_are_read_as_models_write_them() -> None:
    made = Presets.model_validate({"smoke": {"training.steps": 2}, "small": None, "full": []})
    assert [(value.key, value.value) for value in made.smoke] == [("training.steps", 2)]


@pytest.mark.parametrize(
    ("keys", "words"), [(["a", "a"], "twice"), (["a", "a.b"], "lies below"), (["a b"], "is not a dotted name")]
)
def test_a_preset_is_a_tree_like_the_settings(keys: list[str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Presets.model_validate({"smoke": [{"key": key, "value": 1} for key in keys]})


def test_a_preset_among_the_settings_is_sent_to_its_place() -> None:
    with pytest.raises(ValidationError, match="goes into the field presets"):
        Configuration.model_validate(
            {"values": [{"key": "presets.smoke.steps", "value": 1, "source": []}], "open_choices": []}
        )


@pytest.mark.parametrize(
    ("written", "number"),
    [("~40 h", 40.0), ("1,200", 1200.0), (2, 2.0), ("2-3 hours", 2.0), ("unknown", None), (None, None)],
)
def test_an_estimate_is_the_first_number(written: object, number: float | None) -> None:
    assert FullRun.model_validate({"gpu_hours": written}).gpu_hours == number


@pytest.mark.parametrize(
    ("kind", "read"),
    [("Data set", "dataset"), ("corpus", "dataset"), ("pretrained weights", "weights"), ("model", "weights"),
     ("API", "service"), ("environment", "simulator")],
)  # fmt: skip
def test_a_resource_is_read_as_models_write_it(kind: str, read: str) -> None:
    made = Resource.model_validate(
        {"name": "a", "kind": kind, "available": "Unknown", "licence": None, "size": 60000, "source": None}
    )
    assert (made.kind, made.available, made.licence, made.size) == (read, "unavailable", "unknown", "60000")


def test_two_resources_of_one_name_are_refused() -> None:
    resource = {"name": "a", "kind": "dataset", "source": []}
    plan = {"summary": "", "method": [{"what": "x", "source": []}], "data": [], "experiments": [], "metrics": []}
    with pytest.raises(ValidationError, match="twice"):
        Plan.model_validate({**plan, "open_choices": [], "resources": [resource, resource]})
