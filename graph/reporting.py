"""The end of an evaluation: its report, written."""

import json
from collections.abc import Mapping
from pathlib import Path

from langgraph.runtime import Runtime

from agents.model import run_of
from graph.evaluation_routes import request_of
from graph.serving import writable
from papercoder.evaluation.report import Report, report_files
from papercoder.evaluation.rubric import RubricNode
from papercoder.publication.writing import MARK, replace_folder
from papercoder.storage.process import home_folder
from papercoder.tracing.experiments import Experiment, record_experiment
from papercoder.versions import versions
from state.context import Context
from state.evaluation import EvaluationState
from state.paths import confine
from state.pipeline import PaperSummary
from state.published import Published

FIELDS = {"reference-free": "reference_free", "reference-based": "reference_based", "rubric": "graded"}


def written(
    state: EvaluationState, runtime: Runtime[Context], results: Mapping[str, str], tree: RubricNode | None
) -> Published:
    """Raises `OutputError` where the folder is taken or cannot be written."""
    report = _report(state, runtime, results)
    run, output = run_of(runtime), _output(state, runtime)
    mark = {"run": run, "paper": {"title": report.paper}, "evaluation": True}
    files = {**report_files(report, tree), MARK: json.dumps(mark, indent=1, ensure_ascii=False) + "\n"}
    overwrite = runtime.context.overwrite or not state.get("output")
    with replace_folder(output, files, run=run, overwrite=overwrite):
        pass
    problem = record_experiment(_experiment(report))
    return Published(folder=str(output), files=len(files), warnings=[problem] if problem else [])


def _experiment(report: Report) -> Experiment:
    """For LangSmith, where the user has turned it on."""
    return Experiment(
        run=report.run, paper=report.paper, repositories=report.repositories, judge=report.model, figures=report.figures
    )


def _report(state: EvaluationState, runtime: Runtime[Context], results: Mapping[str, str]) -> Report:
    asked, now = request_of(state), versions()
    made = "made of the paper" if state.get("rubric") else ""
    head = {
        "run": run_of(runtime),
        "paper": PaperSummary.model_validate(state["paper"], from_attributes=True).title,
        "repositories": [Path(folder).name for folder in asked.repositories],
        "gold": Path(asked.gold).name,
        "rubric": Path(asked.rubric).name or made,
        "model": runtime.context.model_for("judge"),
        "papercoder": now["papercoder"],
        "prompts": now["prompts"],
    }
    return Report.model_validate(head | {FIELDS.get(name, name): json.loads(text) for name, text in results.items()})


def _output(state: EvaluationState, runtime: Runtime[Context]) -> Path:
    """The folder that was named, else one of the run's own in the home folder."""
    if named := state.get("output"):
        return writable(runtime, named)
    return confine(home_folder().absolute() / "evaluations", run_of(runtime))
