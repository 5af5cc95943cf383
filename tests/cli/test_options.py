"""Options become the settings of a run, or are refused with the values that are allowed."""

from pathlib import Path

import pytest

from state.context import Budget, Context, Price

TABLE: list[tuple[list[str], Context]] = [
    ([], Context()),
    (["--model", "openai:gpt-5"], Context(model="openai:gpt-5")),
    (
        ["--role-model", "coder=openai:a", "--role-model", "logic-designer=openai:b"],
        Context(models={"coder": "openai:a", "logic designer": "openai:b"}),
    ),
    (["--base-url", "http://localhost:8000/v1"], Context(base_url="http://localhost:8000/v1")),
    (["--price", "0.25,2"], Context(price=Price(input=0.25, cached=0.25, output=2))),
    (["--price", "$0.25,0.025,2"], Context(price=Price(input=0.25, cached=0.025, output=2))),
    (["--context-window", "32k"], Context(context_window=32_000)),
    (["--max-output-tokens", "4000"], Context(max_output_tokens=4000)),
    (["--structured-output", "json_schema"], Context(structured_output="json_schema")),
    (["--framework", "JAX"], Context(framework="JAX")),
    (["--scope", "Table 2 only"], Context(scope="Table 2 only")),
    (["--budget", "2.50"], Context(budget=Budget(dollars=2.5))),
    (
        ["--budget", "$2.50", "--budget-tokens", "1.5M", "--budget-minutes", "30"],
        Context(budget=Budget(dollars=2.5, tokens=1_500_000, minutes=30)),
    ),
    (["--concurrency", "3"], Context(concurrency=3)),
    (["--timeout", "30"], Context(timeout=30)),
    (["--temperature", "0"], Context(temperature=0)),
    (["--allow-drift"], Context(allow_drift=True)),
    (["--rounds", "0", "--repairs", "1", "--no-assess"], Context(rounds=0, repairs=1, assess=False)),
    (["--critique", "coding,planning"], Context(critique=["planning", "coding"])),
    (["--critique", "none", "--assess"], Context(critique=[])),
    (["--notebook"], Context(notebook=True)),
]

REFUSED = [
    (["--model", "gpt-5"], "openai:gpt-5"),
    (["--model", "replay:nowhere"], "no folder 'nowhere'"),
    (["--role-model", "coder"], "ROLE=PROVIDER:NAME"),
    (["--role-model", "cook=openai:a"], "planner, architect, logic designer, configurator, tester, analyst, coder"),
    (["--base-url", "localhost:8000"], "http://localhost:8000/v1"),
    (["--price", "1"], "IN,CACHED,OUT"),
    (["--price", "1,x"], "IN,CACHED,OUT"),
    (["--context-window", "10"], "2,001"),
    (["--budget", "0"], "above 0"),
    (["--budget", "nan"], "above 0"),
    (["--budget-tokens", "many"], "200k"),
    (["--until", "cooking"], "'planning'"),
    (["--structured-output", "xml"], "json_schema"),
    (["--concurrency", "0"], "1<=x<=256"),
    (["--temperature", "3"], "0<=x<=2"),
    (["--scope", "x" * 2001], "2000"),
    (["--only-drifted"], "--record"),
    (["--rounds", "11"], "0<=x<=10"),
    (["--critique", "publication"], "'publication' has no critic; choose among planning"),
    (["--base", "nowhere"], "nowhere"),
]


@pytest.mark.parametrize(("arguments", "context"), TABLE)
def test_context(arguments: list[str], context: Context, home, invoke) -> None:
    assert invoke("run", "paper.pdf", *arguments).exit_code == 0
    assert home.asked["context"] == context


@pytest.mark.parametrize(("arguments", "hint"), REFUSED)
def test_refused(arguments: list[str], hint: str, home, invoke) -> None:
    answer = invoke("run", "paper.pdf", *arguments)
    assert answer.exit_code == 2
    assert hint in answer.stderr
    assert not home.asked


def test_a_password_in_an_address_is_refused_and_not_repeated(home, invoke) -> None:
    answer = invoke("run", "paper.pdf", "--base-url", "http://me:hunter2@host/v1")
    assert answer.exit_code == 2
    assert "hunter2" not in answer.output


def test_defaults_of_start(home, invoke) -> None:
    invoke("run", "paper.pdf")
    given = {key: value for key, value in home.asked.items() if key != "context"}
    assert given == {
        "source": Path("paper.pdf"),
        "output": Path("paper-code"),
        "supplements": (),
        "base": None,
        "until": None,
        "force": False,
        "record": None,
        "only_drifted": False,
    }


def test_arguments_of_start(home, invoke, folder: Path) -> None:
    (folder / "old").mkdir()
    more = ["--supplement", "paper.pdf", "--supplement", "arXiv:1706.03762v7"]
    arguments = [
        *more,
        "-o",
        "new",
        "--base",
        "old",
        "--until",
        "logic",
        "--force",
        "--record",
        "rec",
        "--only-drifted",
    ]
    invoke("run", "paper.pdf", *arguments)
    given = {key: value for key, value in home.asked.items() if key != "context"}
    assert given == {
        "source": Path("paper.pdf"),
        "output": Path("new"),
        "supplements": (Path("paper.pdf"), "arXiv:1706.03762v7"),
        "base": Path("old"),
        "until": "logic",
        "force": True,
        "record": Path("rec"),
        "only_drifted": True,
    }


@pytest.mark.parametrize(
    ("name", "output"), [("x.tar.gz", "x-code"), ("x.y.tex", "x.y-code"), ("source", "source-code"), (".", None)]
)
def test_output_is_named_after_the_paper(name: str, output: str | None, home, invoke, folder: Path) -> None:
    if name == "source":
        (folder / name).mkdir()
        (folder / name / "main.tex").touch()
    elif name == ".":
        (folder / "main.tex").touch()
    else:
        (folder / name).touch()
    invoke("run", name)
    assert home.asked["output"] == Path(output or f"{folder.name}-code")


def test_environment(home, invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERCODER_MODEL", "openai:from-env")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://gateway/v1")
    invoke("run", "paper.pdf")
    assert home.asked["context"] == Context(model="openai:from-env", base_url="http://gateway/v1")


def test_the_address_of_openai_is_not_for_others(home, invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://gateway/v1")
    invoke("run", "paper.pdf", "--model", "anthropic:claude")
    assert home.asked["context"].base_url is None
    monkeypatch.setenv("PAPERCODER_BASE_URL", "http://mine/v1")
    invoke("run", "paper.pdf", "--model", "anthropic:claude")
    assert home.asked["context"].base_url == "http://mine/v1"


def test_resume_keeps_what_it_is_not_told_to_change(home, invoke, monkeypatch: pytest.MonkeyPatch, a_record) -> None:
    monkeypatch.setenv("PAPERCODER_MODEL", "openai:from-env")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://gateway/v1")
    home.records = [a_record(context=Context(budget=Budget(dollars=1, minutes=30)))]
    invoke("resume")
    assert home.asked["changes"] is None
    invoke("resume", "--budget", "5", "--model", "openai:other")
    assert home.asked["changes"] == {"model": "openai:other", "budget": Budget(dollars=5, minutes=30)}
