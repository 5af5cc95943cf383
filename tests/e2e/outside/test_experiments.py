"""An evaluation as an experiment in LangSmith: what is there, what never leaves, and where nothing is sent at all."""

import json

import pytest

KEY = "lsv2_pt_canary0123456789abcdef"
SENTENCE = "estimate the mean of a noisy signal"
SECRET = "a sentence of the judged code"


@pytest.fixture
def bench(desk):
    (desk.folder / "code").mkdir()
    (desk.folder / "code" / "model.py").write_text(f"# {SECRET}\ndef model():\n    return 1\n", encoding="utf-8")
    return desk


def evaluated(bench, *more: object, code: int = 0, **environment: str):
    return bench.ends(
        code, "evaluate", "code", "--paper", "paper.md", "--model", "openai:o3-mini", "--output", "report", "-n", 2,
        "--json", *more, **environment,
    )  # fmt: skip


def settings(url: str, **more: str) -> dict[str, str]:
    return {"LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": KEY, "LANGSMITH_ENDPOINT": url, **more}


def test_an_evaluation_is_an_experiment_on_a_dataset_of_papers(bench, langsmith) -> None:
    run = evaluated(bench, **settings(langsmith.url)).run
    (dataset,), (example,) = langsmith.created("datasets"), langsmith.created("examples")
    (experiment,), (feedback,) = langsmith.created("sessions"), langsmith.created("feedback")
    (whole,) = langsmith.created("runs")
    assert dataset["name"] == "papercoder: papers"
    assert example["inputs"] == {"paper": "Scaled Means: A Small Estimator"}
    assert experiment["reference_dataset_id"] == example["dataset_id"] == langsmith.datasets[0]["id"]
    assert (whole["reference_example_id"], whole["session_name"]) == (example["id"], f"default: {run}")
    assert (feedback["key"], feedback["run_id"]) == ("reference-free", whole["id"])
    report = json.loads((bench.folder / "report" / "report.json").read_text(encoding="utf-8"))
    assert feedback["score"] == report["reference_free"]["mean"]


@pytest.mark.long
def test_a_second_evaluation_uses_the_same_dataset_and_the_same_example(bench, langsmith) -> None:
    evaluated(bench, **settings(langsmith.url))
    evaluated(bench, "--force", **settings(langsmith.url))
    assert len(langsmith.created("datasets")) == 1
    assert len({example["id"] for example in langsmith.created("examples")}) == 1
    assert len({whole["id"] for whole in langsmith.created("runs")}) == 2


def test_neither_paper_nor_code_nor_keys_nor_folders_leave(bench, langsmith) -> None:
    evaluated(bench, **settings(langsmith.url))
    said = langsmith.said.decode(errors="replace")
    assert "Scaled Means" in said
    for secret in (SENTENCE, SECRET, str(bench.folder), KEY):
        assert secret not in said


def test_without_a_key_or_without_the_switch_nothing_is_sent(bench, langsmith) -> None:
    evaluated(bench, **settings(langsmith.url, LANGSMITH_API_KEY=""))
    evaluated(bench, "--force", **settings(langsmith.url, LANGSMITH_TRACING=""))
    assert langsmith.requests == []


def test_an_evaluation_does_not_depend_on_langsmith(bench, langsmith) -> None:
    langsmith.status = 503
    process = evaluated(bench, **settings(langsmith.url))
    warnings = [event["text"] for event in process.events if event["kind"] == "warned"]
    assert sum("the experiment does not reach LangSmith" in text for text in warnings) == 1
    assert KEY not in process.out + process.err
    assert (bench.folder / "report" / "report.json").is_file()
