"""An error becomes a message, a next step and an exit code."""

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercoder.cli.names import DEFAULT_HOME
from papercoder.cli.terminal import clean, is_unread
from state.errors import Interrupted, PapercoderError
from state.secrets import redacted

if TYPE_CHECKING:
    from papercoder.cli.progress import Progress
    from state.events import RunFailed

PROGRESS = "papercoder.progress"
"""Where a command that follows a run leaves what it knows of it, for the message at the end."""


class RunEnded(Exception):
    """A run told that it failed."""

    def __init__(self, event: "RunFailed") -> None:
        super().__init__(event.cause)
        self.event = event


@contextmanager
def reporting(ctx: click.Context) -> Iterator[None]:
    """Tell the user of every error, and exit with its code."""
    try:
        yield
    except (click.exceptions.Exit, click.ClickException):
        raise  # click knows what to do with these
    except RunEnded as ended:
        failed = ended.event
    except PapercoderError as error:
        failed = _failed(ctx, error)
    except (KeyboardInterrupt, click.Abort):
        failed = _failed(ctx, Interrupted("Interrupted."))
    except Exception as error:  # the one place that turns an unknown error into a report
        if isinstance(error, BrokenPipeError) and is_unread():
            raise  # any other pipe's end is an error: a connection's, or that of a program which we had started
        failed = _failed(ctx, _unforeseen(ctx, error))
    else:
        return
    _tell(ctx, failed)
    ctx.exit(failed.exit_code)


def _failed(ctx: click.Context, error: PapercoderError) -> "RunFailed":
    from state.events import RunFailed
    from state.ledger import Totals

    progress: Progress | None = ctx.meta.get(PROGRESS)
    return RunFailed(
        run=progress.run if progress else "",
        cause=error.cause,
        next_step=error.next_step,
        exit_code=error.exit_code,
        totals=progress.totals if progress else Totals(),
    )


def _tell(ctx: click.Context, failed: "RunFailed") -> None:
    if ctx.params.get("as_json"):
        click.echo(failed.model_dump_json())
    click.echo(click.style("Error: ", fg="red", bold=True) + clean(failed.cause), err=True)
    if failed.next_step:
        click.echo(click.style("Next:  ", bold=True) + clean(failed.next_step), err=True)
    if failed.run and _can_resume(ctx, failed):
        click.echo(f"Run {failed.run} is kept; resume with: {resume_command(ctx, failed.run)}", err=True)


def _can_resume(ctx: click.Context, failed: "RunFailed") -> bool:
    progress: Progress | None = ctx.meta.get(PROGRESS)
    return (progress is None or progress.kept) and f"papercoder resume {failed.run}" not in failed.next_step


def resume_command(ctx: click.Context, run: str) -> str:
    """What to type to go on; names home folder, server and database if they were named on the command line."""
    words = [f"papercoder resume {run}"]
    words += [f"--{name} {ctx.params[name]}" for name in ("home", "server") if _was_named(ctx, name)]
    if _was_named(ctx, "database"):
        from papercoder.storage.address import masked

        words.append(f"--database {masked(ctx.params['database'])}")
    return " ".join(words)


def _was_named(ctx: click.Context, option: str) -> bool:
    source = ctx.get_parameter_source(option)
    return bool(ctx.params.get(option)) and source is click.core.ParameterSource.COMMANDLINE


def _unforeseen(ctx: click.Context, error: Exception) -> PapercoderError:
    text = redacted("".join(traceback.format_exception(error)))
    if ctx.meta.get("papercoder.debug"):
        click.echo(text, err=True)
    home = ctx.params.get("home") or os.environ.get("PAPERCODER_HOME") or DEFAULT_HOME
    kept = _keep(Path(home) / "errors", text)
    where = f"The traceback is in {kept}." if kept else "Repeat the command with --debug to see the traceback."
    return PapercoderError(
        f"This is a bug in papercoder: {type(error).__name__}: {redacted(str(error))}",
        f"{where} Please report it; what was paid for is kept.",
    )


def _keep(folder: Path, text: str) -> Path | None:
    now = datetime.now(UTC)
    path = folder / f"{now:%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{now.isoformat()}\n{text}", encoding="utf-8")
    except OSError:
        return None
    return path
