"""`papercoder execute`: run a generated repository in a sandbox, and say what went wrong."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercoder.cli import terminal
from papercoder.cli.command import Command
from papercoder.cli.home import home_option
from papercoder.cli.options import json_option
from state.errors import ExecutionError

if TYPE_CHECKING:
    from papercoder.execution import Order
    from state.execution import ExecutionReport, Mode, StepReport

EXAMPLES = """
papercoder execute paper-code
papercoder execute paper-code --full --minutes 600
papercoder execute paper-code --step install --step tests
papercoder execute paper-code --json | jq '.steps[].failures[].kind'
"""
STEPS = ("install", "import", "tests", "smoke", "reproduce")
GIGABYTE = 1 << 30


@click.command("execute", cls=Command, examples=EXAMPLES)
@click.argument("repository", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--smoke/--full", "smoke", default=True, show_default=True,
    help="The short run of every step, or all of `reproduce.sh`.",
)  # fmt: skip
@click.option(
    "--step", "steps", type=click.Choice(STEPS), multiple=True,
    help="Take this step, and no other that is not named. May be given several times. Default: all.",
)  # fmt: skip
@click.option(
    "--sandbox", default="auto", show_default=True, metavar="NAME",
    help="auto (the strongest that works here), bubblewrap, landlock, docker, podman; none runs foreign code without "
         "any containment.",
)  # fmt: skip
@click.option(
    "--minutes", type=click.FloatRange(0, min_open=True), metavar="MINUTES",
    help="Wall clock for each step. Default: 5 to 15 minutes a step, 24 hours for --full's last.",
)  # fmt: skip
@click.option(
    "--memory", type=click.FloatRange(0.1), metavar="GB", default=4.0, show_default=True,
    help="Memory of all its processes together.",
)  # fmt: skip
@json_option("Write the report as JSON on stdout, and nothing else.")
@home_option
def command(
    repository: Path, smoke: bool, steps: tuple[str, ...], sandbox: str, minutes: float | None, memory: float,
    as_json: bool, home: Path,
) -> None:  # fmt: skip
    """Run REPOSITORY in a sandbox: install what it needs, import every module, run the tests and the experiments.

    It gets no network but for the installation, no home, no secrets, and can write to its own folder alone.  Exit
    code 0 if every step ran and none failed; 9 if one failed or could not be taken, or, after --full, if one of the
    paper's numbers is off, missing, or measured with a stand-in.  RESULTS.md in REPOSITORY then has each of them beside
    the paper's.
    """
    from papercoder.cli.measured import keep_measured, measured, print_measured, stamp
    from papercoder.execution import execute
    from papercoder.results import FELL_SHORT
    from papercoder.sandbox import SandboxUnavailable, find_sandbox

    try:
        chosen = find_sandbox(sandbox)
    except SandboxUnavailable as error:
        raise ExecutionError(str(error), "`papercoder doctor` shows what this machine has.") from error
    if not as_json:
        click.echo(f"sandbox: {chosen.name}")
    before = stamp(repository)
    report = execute(
        repository,
        sandbox=chosen,
        environments=home / "environments",
        logs=_logs(home, repository),
        order=_order("smoke" if smoke else "full", steps, minutes, memory),
        log=(lambda _: None) if as_json else lambda line: click.echo(click.style(f"  {line}", dim=True)),
        on_step=(lambda _: None) if as_json else _print,
    )
    compared = measured(report, repository, before)
    keep_measured(compared, repository)
    if as_json:
        results = [comparison.model_dump(mode="json") for comparison in compared]
        click.echo(json.dumps({**report.model_dump(mode="json"), "results": results}, indent=2))
    else:
        print_measured(compared)
        click.echo(_conclusion(report))
    if not report.passed or any(comparison.verdict in FELL_SHORT for comparison in compared):
        click.get_current_context().exit(ExecutionError.exit_code)


def _logs(home: Path, repository: Path) -> Path:
    """Of each repository its own, by the name of its folder and where that is."""
    where = hashlib.sha256(str(repository.resolve()).encode()).hexdigest()[:8]
    return home / "executions" / f"{repository.resolve().name}-{where}"


def _order(mode: "Mode", steps: tuple[str, ...], minutes: float | None, memory: float) -> "Order":
    from papercoder.execution import Order
    from state.execution import STEPS as OF_MODE

    order = Order(mode=mode, seconds=minutes and minutes * 60)
    chosen = [step for step in OF_MODE[mode] if step in steps]
    if steps and not chosen:
        raise click.UsageError(f"--{mode} has no step {', '.join(steps)}; it has {', '.join(OF_MODE[mode])}.")
    limits = order.limits.model_copy(update={"memory_bytes": int(memory * GIGABYTE)})
    return Order(mode=mode, steps=chosen, seconds=order.seconds, limits=limits)


def _print(step: "StepReport") -> None:
    mark, colour = ("–", "yellow") if step.skipped else ("✗", "red") if step.failures else ("✓", "green")
    words = step.skipped and f"not run: {step.skipped}"
    words = words or ", ".join(part for part in (step.detail, f"{step.seconds:.1f} s" if step.command else "") if part)
    click.echo(f"{click.style(mark, fg=colour)} {step.step:<10} {terminal.one_line(words)}")
    for failure in step.failures:
        place = ":".join(str(part) for part in (failure.file, failure.line) if part)
        click.echo(
            f"    {click.style(failure.kind, fg='red')} {terminal.one_line(f'{place} {failure.message}'.strip())}"
        )
        for line in failure.traceback.splitlines():
            click.echo(f"      {terminal.clean(line)}")
        click.echo(f"    → {failure.finding.fix}")


def _conclusion(report: "ExecutionReport") -> str:
    failed = [step.step for step in report.steps if step.failures]
    skipped = [step.step for step in report.steps if step.skipped]
    if report.passed:
        return f"All {len(report.steps)} steps passed in {report.containment}."
    parts = [f"failed: {', '.join(failed)}"] * bool(failed) + [f"not run: {', '.join(skipped)}"] * bool(skipped)
    return f"{'; '.join(parts)}."
