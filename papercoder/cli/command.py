"""What all commands share: examples at the end of their help, errors told in one way, `--debug`."""

from typing import Any

import click

from papercoder.cli.errors import reporting


class Command(click.Command):
    """A command with examples, whose errors become a message and an exit code."""

    def __init__(self, *args: Any, examples: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = [line.strip() for line in examples.strip().splitlines()]
        self.params.append(_debug_option())

    def invoke(self, ctx: click.Context) -> Any:
        with reporting(ctx):
            return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for line in self.examples:
                formatter.write(f"  {line}\n")


def _debug_option() -> click.Option:
    return click.Option(
        ["--debug"], is_flag=True, envvar="PAPERCODER_DEBUG", show_envvar=True, expose_value=False, callback=_keep,
        help="Show the traceback of an error that was not foreseen.",
    )  # fmt: skip


def _keep(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    ctx.meta["papercoder.debug"] = value
