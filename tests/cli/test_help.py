"""Help: what is listed, and what it costs to list it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import click
import pytest

from papercoder.cli import checks, names
from papercoder.cli.app import COMMANDS, exit_codes, group
from papercoder.cli.terminal import NOBODY_READS
from state import context, evaluation
from state.errors import PapercoderError

ROOT = Path(__file__).parents[2]
HEAVY = ("langgraph", "langchain_core", "pydantic", "rich", "asyncio", "openai", "httpx")


def test_commands() -> None:
    assert list(COMMANDS) == [
        "read", "run", "resume", "revise", "repair", "demo", "evaluate", "compare", "runs", "show", "check", "execute",
        "rm", "salvage", "doctor", "graph",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["show", "--help"], ["evaluate", "--help"], ["--version"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = f"""
import sys
from papercoder.cli import main
sys.argv = ["papercoder", *{arguments}]
try:
    main()
finally:
    print("loaded:", [name for name in {HEAVY} if name in sys.modules])
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert answer.stdout.splitlines()[-1] == "loaded: []"


def test_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "papercoder", "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert answer.stdout.startswith("papercoder ")


def test_group_help_has_sections_and_every_exit_code(invoke) -> None:
    text = invoke("--help").stdout
    for part in ("Make a repository:", "Look at runs:", "Exit codes:", "Shell completion:", "papercoder demo"):
        assert part in text
    codes = {int(code) for code, _ in exit_codes()}
    assert {error.exit_code for error in PapercoderError.__subclasses__()} | {0, 1, 2, 10, NOBODY_READS} == codes
    assert all(f"\n  {code} " in text for code in codes)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_help_ends_with_examples(name: str, invoke) -> None:
    answer = invoke(name, "--help")
    assert answer.exit_code == 0
    last = answer.stdout.split("Examples:\n")[1].strip().splitlines()
    assert all(line.strip().startswith(f"papercoder {name}") for line in last)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name: str) -> None:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    options = [param for param in command.params if isinstance(param, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_help_names_defaults_and_variables(invoke) -> None:
    text = " ".join(invoke("run", "--help").stdout.split())
    settings = context.Context()
    for default in (settings.model, settings.max_output_tokens, settings.concurrency, f"{settings.timeout:g}"):
        assert f"Default: {default}." in text
    for variable in ("PAPERCODER_MODEL", "PAPERCODER_HOME", "PAPERCODER_BASE_URL", "OPENAI_BASE_URL"):
        assert variable in text


def test_names_are_those_of_the_context() -> None:
    assert get_args(context.Stage) == names.STAGES
    assert names.CRITICISED == context.CRITICISED
    assert get_args(context.Role) == names.ROLES
    assert get_args(context.EvaluationStage) == names.EVALUATION_STAGES
    assert context.REPAIR_STAGES == names.REPAIR_STAGES
    assert evaluation.PROTOCOLS == names.PROTOCOLS
    assert names.DEFAULT_MODEL == context.DEFAULT_MODEL


def test_packages_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    def name(requirement: str) -> str:
        return re.split(r"[>=\[]", requirement)[0]

    assert list(checks.CORE) == [name(one) for one in project["dependencies"]]
    extras = {key: tuple(map(name, wanted)) for key, wanted in project["optional-dependencies"].items()}
    assert extras == checks.EXTRAS


def test_an_unknown_command_is_met_with_a_suggestion(invoke) -> None:
    answer = invoke("resum")
    assert answer.exit_code == 2
    assert "Did you mean resume?" in answer.stderr
