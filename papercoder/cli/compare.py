"""`papercoder compare`: which of two repositories is the more faithful."""

from pathlib import Path
from typing import Any

import click

from papercoder.cli import judging, options
from papercoder.cli.command import Command
from papercoder.cli.home import database_option, home_option

EXAMPLES = """
papercoder compare ours theirs --paper paper.pdf
papercoder compare before after --paper paper.pdf --rubric rubric.json -n 4
"""


@click.command("compare", cls=Command, examples=EXAMPLES)
@click.argument("a", type=judging.Folder)
@click.argument("b", type=judging.Folder)
@judging.paper_options
@judging.rubric_option
@click.option("-n", "--samples", type=click.IntRange(1, 64), default=2, show_default=True, metavar="N",
              help="Judgements in each order.")  # fmt: skip
@options.judging_options()
@judging.output_options
@home_option
@database_option
def command(a: Path, b: Path, **given: Any) -> None:
    """Judge which of the repositories A and B implements a paper more faithfully.

    The judge sees them without their names, in both orders, so that a liking for the first or the second cancels.
    With --rubric, each of its leaves that code can show is a criterion.
    """
    judging.begin([a, b], Path(f"{a.resolve().name}-{b.resolve().name}-comparison"), {}, given)
