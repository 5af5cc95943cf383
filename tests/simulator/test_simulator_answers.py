"""The answer book: its designs are valid, its code runs, and it continues what was cut off."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.guide import guided
from benchmarks.simulator.answers import AnswerBook, Question, question, remainder
from benchmarks.simulator.settings import Layout
from benchmarks.simulator.tokens import Tokenizer
from papercoder.checks import Design, check_design, check_repository
from papercoder.checks.walkthrough import check_walkthrough
from state.architecture import Architecture
from state.artifacts import Artifact
from state.configuration import Configuration
from state.logic import LogicDesign
from state.paper import Block, Paper, Section
from state.plan import Plan
from state.rendering import config_yaml

A = TypeVar("A", bound=Artifact)
SIZES = [5, 10, 20, 40, 100]
TOKENS = Tokenizer()


def fenced(text: str) -> str:
    return text.removeprefix("```json\n").removesuffix("\n```\n")


def source(text: str) -> str:
    return text.split("```python\n")[1].removesuffix("```\n")


def design(book: AnswerBook, stage: str, kind: type[A]) -> A:
    return kind.model_validate_json(fenced(book.answer(stage)))


@pytest.mark.parametrize("files", SIZES)
def test_designs_are_valid_and_agree(files: int) -> None:
    book = AnswerBook(files)
    architecture, logic = design(book, "architecture", Architecture), design(book, "logic", LogicDesign)
    assert architecture.paths == [task.path for task in logic.tasks] == book.project.paths
    assert len(architecture.paths) == files
    assert len(architecture.relations) == book.project.edges == sum(map(len, logic.dependencies().values()))
    assert len(architecture.sequence) == files - 1
    assert all(2 <= len(file.symbols) <= 3 for file in architecture.files)
    assert len(design(book, "configuration", Configuration).values) == 23


@pytest.mark.parametrize("files", SIZES)
def test_the_plan_is_about_2500_tokens_whatever_the_size(files: int) -> None:
    book = AnswerBook(files)
    assert design(book, "planning", Plan).expected_results
    assert 2300 < TOKENS.count(book.answer("planning")) < 2700


@pytest.mark.parametrize("files", SIZES)
def test_sizes_of_texts(files: int) -> None:
    book = AnswerBook(files)
    analyses = [TOKENS.count(book.answer("analysis", path)) for path in book.project.paths]
    codes = [TOKENS.count(book.answer("coding", path)) for path in book.project.paths]
    assert 1400 < sum(analyses) / files < 1600
    assert 1850 < sum(codes) / files < 2150
    assert 90 * files < TOKENS.count(book.answer("logic")) < 150 * files


@pytest.mark.parametrize("files", SIZES)
def test_contracts_are_what_the_code_has(files: int) -> None:
    book = AnswerBook(files)
    for file in design(book, "architecture", Architecture).files:
        text = book.answer("coding", file.path)
        assert text.startswith(f"FILE: {file.path}\n\n```python\n")
        assert text.count("```") == 2
        assert {symbol.name for symbol in file.symbols} <= _names(source(text))


@pytest.mark.parametrize(("files", "layout"), [(5, "flat"), (20, "nested")])
def test_the_guide_names_what_is_there_and_its_checks_hold(files: int, layout: Layout) -> None:
    book = AnswerBook(files, layout)
    code = {path: source(book.answer("coding", path)) for path in book.project.paths}
    walkthrough = guided(code)(book.answer("walkthrough", anchors=("E1",)))
    blocks = (Block(id="E1", label="Eq. 1", kind="equation", text="x"),)
    paper = Paper(title="", sections=(Section(id="S1", label="§1", title="", blocks=blocks),))
    assert check_walkthrough(walkthrough, code, paper) == []


def _names(text: str) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
            names |= {f"{node.name}.{sub.name}" for sub in node.body if isinstance(sub, ast.FunctionDef)}
    return names


@pytest.mark.parametrize(
    ("files", "layout"), [(5, "flat"), (10, "nested"), (20, "flat"), (40, "nested"), (100, "flat")]
)
def test_the_code_runs_and_writes_the_expected_results(tmp_path: Path, files: int, layout: Layout) -> None:
    book = AnswerBook(files, layout)
    for path in book.project.paths:
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source(book.answer("coding", path)))
    (tmp_path / "config.yaml").write_text(config_yaml(design(book, "configuration", Configuration)))
    full, small, smoke = (measured(tmp_path, preset) for preset in ("full", "small", "smoke"))
    for expected in design(book, "planning", Plan).expected_results:
        entry = full[expected.id]
        assert entry["mean"] == pytest.approx(expected.value, abs=expected.tolerance)
        assert entry["runs"] == [entry["mean"]]
        assert entry["seeds"] == [1234]
        assert "stand_in" not in entry
        assert smoke[expected.id]["stand_in"] == ["synthetic-values"]
        assert smoke[expected.id]["mean"] < small[expected.id]["mean"] < entry["mean"]


def measured(folder: Path, preset: str) -> dict[str, dict[str, Any]]:
    command = [sys.executable, "-E", "-S", "main.py", "--preset", preset]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    name = "results.json" if preset == "full" else f"results.{preset}.json"
    found: dict[str, dict[str, Any]] = json.loads((folder / name).read_text())
    return found


@pytest.mark.parametrize("files", [5, 40])
def test_a_design_has_nothing_to_mend(files: int) -> None:
    book = AnswerBook(files)
    made = Design(
        design(book, "architecture", Architecture),
        design(book, "logic", LogicDesign),
        design(book, "configuration", Configuration),
        design(book, "planning", Plan),
    )
    code = {path: source(book.answer("coding", path)) for path in book.project.paths}
    assert [f for f in (*check_design(made), *check_repository(code, made, types=False)) if not f.is_note] == []


def test_an_unknown_file_gets_code_of_its_own() -> None:
    assert "class MyExtra:" in AnswerBook(5).answer("coding", "src/my extra.py")


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([user("# Stage: planning")], Question("planning", "", "first")),
        (
            [user("paper"), user("# Stage: coding of src/my model.py\nmore")],
            Question("coding", "src/my model.py", "first"),
        ),
        ([user("# Stage: critique of planning\n")], Question("critique", "planning", "first")),
        ([user("# Stage: logic\n"), assistant("no"), user("That is no JSON.")], Question("logic", "", "repair")),
        ([user("# Stage: logic\n"), assistant("{"), user("# Continue\n")], Question("logic", "", "continuation")),
        ([user("# Stage: logic\n"), assistant("{"), user("# Stage: planning\n")], Question("planning", "", "first")),
        ([user("# Stage: of fools\npaper\n\n# Stage: logic\nwork")], Question("logic", "", "first")),
        ([user("# Stage: logic"), assistant("# Stage: coding of x.py")], Question("logic", "", "repair")),
        ([user("what is a # Stage: planning")], Question("other", "", "first")),
        ([{"role": "user", "content": [{"type": "text", "text": "# Stage: logic"}]}], Question("logic", "", "first")),
    ],
)
def test_question(messages: list[dict[str, str]], expected: Question) -> None:
    assert question(messages) == expected


def test_a_repair_gets_the_same_answer() -> None:
    book = AnswerBook(5)
    first = [user("# Stage: architecture\n")]
    repair = [*first, assistant("prose"), user("Your answer has no JSON block.")]
    assert book.reply({"messages": repair}) == book.reply({"messages": first}) == book.answer("architecture")


@pytest.mark.parametrize("kind", ["json_schema", "json_object"])
def test_a_response_format_gets_bare_json(kind: str) -> None:
    answer = AnswerBook(5).reply({"messages": [user("# Stage: planning")], "response_format": {"type": kind}})
    assert Plan.model_validate_json(answer)


ANSWER = AnswerBook(5).answer("coding", "utils.py")
CUTS = st.lists(st.integers(0, len(ANSWER)), min_size=1, max_size=4).map(sorted)


@given(cuts=CUTS)
def test_continuations_make_up_the_whole_answer(cuts: list[int]) -> None:
    parts = [ANSWER[start:end] for start, end in zip([0, *cuts[:-1]], cuts, strict=True)]
    assert "".join(parts) + remainder(ANSWER, parts) == ANSWER


@given(cut=st.integers(0, len(ANSWER)))
def test_a_stripped_part_is_continued_with_its_white_space(cut: int) -> None:
    part = ANSWER[:cut].rstrip()
    assert part + remainder(ANSWER, [part]) == ANSWER


def test_what_is_not_of_the_answer_is_answered_anew() -> None:
    assert remainder(ANSWER, ["I cannot do that."]) == ANSWER


def test_a_continuation_through_the_book() -> None:
    book = AnswerBook(5)
    whole = book.answer("analysis", "utils.py")
    messages = [user("# Stage: analysis of utils.py\n")]
    for start in range(0, 3000, 1000):
        messages += [assistant(whole[start : start + 1000]), user("# Continue\nexactly where you stopped")]
        assert book.reply({"messages": messages}) == whole[start + 1000 :]
