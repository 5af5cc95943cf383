"""`doctor`: what it says is missing, and what it never says."""

import json
import re
from importlib import metadata
from pathlib import Path

import httpx
import pytest

from papercoder.cli import checks
from papercoder.cli.checks import Check, Setup

SECRET = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def no_sandbox_is_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "sandbox", lambda: Check("Sandbox", "ok", "none"))


def setup(
    model: str = "openai:gpt-5-mini", base_url: str | None = None, home: str = "h", online: bool = False
) -> Setup:
    return Setup(model, base_url, Path(home), online)


def test_a_run_could_start(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    answer = invoke("doctor")
    assert answer.exit_code == 0
    assert answer.stdout.endswith("A run can start.\n")
    assert "✓ API key          OPENAI_API_KEY is set" in answer.stdout


def test_what_is_missing_is_said_with_the_next_step(invoke) -> None:
    answer = invoke("doctor")
    assert answer.exit_code == 3
    assert "✗ API key" in answer.stdout
    assert "export OPENAI_API_KEY=…" in answer.stdout
    assert max(map(len, answer.stdout.splitlines())) <= 80


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--online", "--base-url", "http://localhost:1/v1"]])
def test_secrets_never_show(arguments: list[str], invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [*checks.KEYS.values(), "LANGSMITH_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY"]
    for number, name in enumerate(names):
        monkeypatch.setenv(name, f"{SECRET}-{number}")
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    answer = invoke("doctor", *arguments)
    assert SECRET not in answer.output
    assert answer.output.count("LangSmith") >= 1


def test_json(invoke) -> None:
    found = {check["name"]: check for check in json.loads(invoke("doctor", "--json").stdout)}
    assert found["API key"]["state"] == "missing"
    assert found["Model"]["state"] == "ok"
    assert set(found["Python"]) == {"name", "state", "text", "next_step"}


@pytest.mark.parametrize(
    ("model", "base_url", "variable", "state"),
    [
        ("openai:m", None, None, "missing"),
        ("openai:m", "http://localhost/v1", None, "note"),
        ("openai:m", None, "OPENAI_API_KEY", "ok"),
        ("anthropic:m", None, "OPENAI_API_KEY", "missing"),
        ("anthropic:m", None, "ANTHROPIC_API_KEY", "ok"),
        ("anthropic:m", "http://localhost/v1", "OPENAI_API_KEY", "ok"),
        ("nobody:m", None, None, "missing"),
        ("replay:folder", None, None, "ok"),
    ],
)
def test_keys(
    model: str, base_url: str | None, variable: str | None, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable:
        monkeypatch.setenv(variable, SECRET)
    assert checks.api_key(setup(model, base_url)).state == state


def test_a_provider_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", nothing)
    found = {check.name: check for check in checks.extras("anthropic")}
    assert found["Extra anthropic"].state == "missing"
    assert found["Extra google"].state == "note"
    assert "pip install langchain-google-genai" in found["Extra google"].next_step
    assert checks.core().state == "missing"


def test_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MINIMUM_PYTHON", (4, 0))
    assert checks.python().state == "missing"


@pytest.mark.parametrize(
    ("status", "state", "hint"), [(200, "ok", ""), (401, "missing", "API_KEY"), (404, "missing", "/v1")]
)
def test_an_endpoint_that_answers(status: int, state: str, hint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def get(url: str, **_: object) -> httpx.Response:
        asked.append(url)
        return httpx.Response(status)

    monkeypatch.setattr(httpx, "get", get)
    check = checks.endpoint(setup(base_url="http://host/v1/", online=True))
    assert (check.state, asked) == (state, ["http://host/v1/models"])
    assert hint in check.next_step


def test_an_endpoint_that_does_not() -> None:
    check = checks.endpoint(setup(base_url="http://127.0.0.1:1/v1", online=True))
    assert check.state == "missing"
    assert "cannot be reached (ConnectError)" in check.text


def test_nobody_is_asked_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpx, "get", lambda *_, **__: pytest.fail("asked"))
    assert checks.endpoint(setup(base_url="http://host/v1")).state == "note"
    assert checks.endpoint(setup(online=True)).state == "ok"


def test_a_model_that_nobody_knows() -> None:
    price, window = checks.model(setup("openai:my-own-model"))
    assert "--price" in price.next_step
    assert "--context-window" in window.next_step


def test_home(folder: Path) -> None:
    assert "made by the first run" in checks.home(folder / "new" / "home").text
    assert checks.home(folder).text.endswith("5 bytes")
    assert checks.home(folder / "paper.pdf").state == "missing"


def test_tools() -> None:
    assert checks.tool("python", "x").state == "ok"
    assert checks.tool("no-such-program", "x").state == "note"


def test_tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in checks.TRACING:
        monkeypatch.delenv(name, raising=False)
    assert checks.tracing().state == "ok"
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    assert "LANGSMITH_TRACING=false" in checks.tracing().next_step


def test_the_database_is_named_and_tried(invoke, postgres: str, canary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SQLite, in .papercoder" in invoke("doctor").stdout
    monkeypatch.setenv("PAPERCODER_DATABASE", postgres)
    there = {check["name"]: check for check in json.loads(invoke("doctor", "--json").stdout)}["Database"]
    assert (there["state"], there["next_step"]) == ("ok", "")
    assert re.search(r"PostgreSQL database papers_\w+ on 127\.0\.0\.1:\d+, version \d+", there["text"])
    gone = re.sub(r":\d+/", ":1/", postgres)
    answer = invoke("doctor", "--database", gone)
    assert answer.exit_code == 3
    assert "✗ Database" in answer.stdout
    assert "Connection refused" in answer.stdout
    assert not any(secret in answer.output for secret in (canary, postgres.split(":")[2].partition("@")[0]))


def test_another_kind_of_database_is_refused(invoke) -> None:
    answer = invoke("doctor", "--database", "mysql://u:secret@h/d")
    assert "begins with mysql://" in answer.stdout
    assert "secret" not in answer.output
