"""The command group: which commands there are, and the help that lists them."""

import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Any, NamedTuple

import click

from papercoder.cli.terminal import quiet_when_nobody_reads, wants_colour
from state import errors


class Entry(NamedTuple):
    """Where a command is, and what the list says about it."""

    module: str
    help: str


SECTIONS: dict[str, dict[str, Entry]] = {
    "Make a repository": {
        "read": Entry("read", "Show what is understood of a paper; no model is asked."),
        "run": Entry("run", "Turn a paper into a code repository."),
        "resume": Entry("resume", "Go on where a run stopped."),
        "revise": Entry("revise", "Change a finished repository as you say."),
        "repair": Entry("repair", "Mend a repository until it runs."),
        "demo": Entry("demo", "Watch a whole run, without a key and without cost."),
    },
    "Judge a repository": {
        "evaluate": Entry("evaluate", "Judge a repository against its paper: critiques, scores, rubrics."),
        "compare": Entry("compare", "Judge which of two repositories is the more faithful."),
    },
    "Look at runs": {
        "runs": Entry("runs", "List the runs that are kept."),
        "show": Entry("show", "Show a run: stages, calls, cost, open choices, artifacts."),
        "check": Entry("check", "Check a repository's code without running it."),
        "execute": Entry("execute", "Run a repository in a sandbox and say what goes wrong."),
        "rm": Entry("rm", "Forget a run; its repository stays."),
        "salvage": Entry("salvage", "Save what can be read of a damaged database."),
    },
    "Look at papercoder": {
        "doctor": Entry("doctor", "Check what is configured and what is missing."),
        "graph": Entry("graph", "Draw the pipeline."),
    },
}
COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}


class LazyGroup(click.Group):
    """Imports a command's module when the command is used, not when it is listed."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with quiet_when_nobody_reads():  # help and version are written while options are read
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with quiet_when_nobody_reads():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"papercoder.cli.{COMMANDS[cmd_name].module}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(_unknown(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, entries in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.help) for name, entry in entries.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl(exit_codes())
        with formatter.section("Shell completion"):
            for line in COMPLETION:
                formatter.write(f"  {line}\n")


COMPLETION = (
    'bash: eval "$(_PAPERCODER_COMPLETE=bash_source papercoder)"',
    'zsh:  eval "$(_PAPERCODER_COMPLETE=zsh_source papercoder)"',
    "fish: _PAPERCODER_COMPLETE=fish_source papercoder | source",
)


def exit_codes() -> list[tuple[str, str]]:
    """The table of `state.errors`, row by row."""
    rows = [line.strip("| ").split(" | ") for line in (errors.__doc__ or "").splitlines() if line.startswith("| ")]
    return [(code, meaning.replace("`", "")) for code, meaning in rows if code.isdigit()]


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, COMMANDS, n=1)
    hint = f" Did you mean {close[0]}?" if close else f" The commands are: {', '.join(COMMANDS)}."
    return f"There is no command {name!r}.{hint}"


def _show_version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(f"papercoder {version()}")
        ctx.exit()


def version() -> str:
    """The installed version."""
    from importlib import metadata

    try:
        return metadata.version("papercoder")
    except metadata.PackageNotFoundError:
        return "from source, not installed"


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
    help="Show the version and exit.",
)  # fmt: skip
@click.pass_context
def group(ctx: click.Context) -> None:
    """Turn a machine-learning paper into a code repository that says where in the paper every choice comes from.

    \b
    Begin with:
      papercoder doctor            what is missing?
      papercoder demo              a run without a key
      papercoder read paper.pdf    what is understood of a paper
      papercoder run paper.pdf     the real thing
    """
    if not wants_colour():
        ctx.color = False  # click looks at the terminal alone


def main() -> None:
    """The entry point."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode gets '?' where it would get a crash
    group(prog_name="papercoder")
