"""What `evaluate` and `compare` share: their options, the question before money is spent, and the table at the end."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import amounts, options, terminal
from papercoder.cli.run import check_source, describe_budget, is_paid
from papercoder.cli.values import Paper

if TYPE_CHECKING:
    from papercoder.runs import Home
    from state.context import Context
    from state.evaluation import EvaluationRequest
    from state.events import Event

Function = Callable[..., Any]

Folder = click.Path(exists=True, file_okay=False, path_type=Path)

rubric_option = click.option(
    "--rubric", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="A rubric in PaperBench's format, or a JSON list of requirements.",
)  # fmt: skip


def paper_options(function: Function) -> Function:
    """`--paper` and `--supplement`."""
    paper = click.option("--paper", type=Paper(addresses=True), required=True, metavar="PAPER",
                         help="The paper: any form that papercoder run takes.")  # fmt: skip
    supplement = click.option(
        "--supplement", "supplements", type=Paper(addresses=True), multiple=True, metavar="PAPER",
        help="Another file of the same paper: an appendix, an addendum. May be given several times.",
    )  # fmt: skip
    return paper(supplement(function))


def output_options(function: Function) -> Function:
    """`--output` and `--yes`."""
    output = click.option(
        "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
        help="The folder of the report. Default: in the working folder, after the repository's name.",
    )  # fmt: skip
    yes = click.option("-y", "--yes", is_flag=True, help="Do not ask before a paid evaluation begins.")
    return output(yes(function))


def begin(repositories: list[Path], usual_output: Path, asked: dict[str, Any], given: dict[str, Any]) -> None:
    """Ask whether to go on, where somebody can be asked; then follow the evaluation and show what came of it."""
    paper, target = given["paper"], given["output"] or usual_output
    for source in (paper, *given["supplements"]):
        check_source(source)
    context = options.context_of(given)
    request = _request(repositories, asked | {"rubric": str(given["rubric"] or ""), "samples": given["samples"]})
    recording = _recording(given)
    if not (given["yes"] or given["as_json"]) and terminal.is_interactive() and is_paid(context):
        _ask_to_go_on(given, target, context, request)

    from papercoder.cli.follow import follow

    async def start(opened: "Home") -> "AsyncIterator[Event]":
        return opened.evaluate(paper, request, target, context, supplements=given["supplements"], **recording)

    follow(given["home"], given["database"], start, as_json=given["as_json"])


def _request(repositories: list[Path], asked: dict[str, Any]) -> "EvaluationRequest":
    from pydantic import ValidationError

    from state.evaluation import EvaluationRequest

    try:
        return EvaluationRequest(repositories=[str(folder) for folder in repositories], **asked)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.UsageError(f"{reason[0].upper()}{reason[1:]}.") from error


def _recording(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `Home.evaluate` that `Home.start` has, too."""
    return {name: value for name, value in options.going(given | {"until": None}).items() if name != "until"}


def _ask_to_go_on(given: dict[str, Any], output: Path, context: "Context", request: "EvaluationRequest") -> None:
    rows = [
        ("Paper", str(given["paper"])),
        *(("Judged", folder) for folder in request.repositories),
        ("By", ", ".join(request.chosen)),
        ("Model", context.model + (f" at {context.base_url}" if context.base_url else "")),
        ("Report", f"{output}{' (exists)' if output.exists() else ''}"),
        ("Budget", describe_budget(context.budget)),
        ("Takes", _takes(given, context, request)),
    ]
    for label, text in rows:
        click.echo(f"{label:<8} {terminal.one_line(text)}")
    if not click.confirm("Go on?", default=True):
        from state.errors import Interrupted

        raise Interrupted("Nothing was started.")


def _takes(given: dict[str, Any], context: "Context", request: "EvaluationRequest") -> str:
    """Calls and tokens of input, counted as they will be sent."""
    from agents.judge.estimate import takes
    from papercoder.cli.read import understood

    paper = understood(given["paper"], given["supplements"], given["home"])
    estimate = takes(paper, context, request)
    price = estimate.dollars
    cost = f"{amounts.dollars(price[0])} to {amounts.dollars(price[1])}" if price else "price unknown"
    return f"{cost}, {estimate.calls:,} calls, {amounts.tokens(estimate.input)} tokens in"


def print_report(folder: Path) -> None:
    """The table of a report that was just written."""
    from rich.text import Text

    from papercoder.evaluation.report import Report, table, verdict

    report = Report.model_validate_json((folder / "report.json").read_bytes())
    head, rows = table(report)
    click.echo()
    cells = [[Text(terminal.one_line(cell)) for cell in row] for row in rows]
    terminal.print_table(list(head), cells, left=1)
    if report.comparison:
        click.echo("\n" + verdict(report.comparison))
