"""`papercoder salvage`: what can be read of a damaged database goes into a new one."""

from pathlib import Path

import click

from papercoder.cli.command import Command
from papercoder.cli.home import home_option
from state.counts import counted

EXAMPLES = """
papercoder salvage
papercoder salvage --home /data/papercoder
"""


@click.command("salvage", cls=Command, examples=EXAMPLES)
@home_option
def command(home: Path) -> None:
    """Save what can be read of a damaged database: runs and the answers that were paid for.

    The damaged file is kept beside the new one.  Runs begin anew when they are resumed, and find their answers.
    """
    from papercoder.runs import salvage_home

    saved = salvage_home(home)
    click.echo(f"Saved {counted(saved.runs, 'run')} with {counted(saved.answers, 'answer')}.")
    click.echo(f"The damaged database is {saved.damaged}. Next: papercoder runs, then papercoder resume RUN")
