"""`papercoder demo`: a whole run, without a key and without cost."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from papercoder.cli.command import Command
from papercoder.cli.errors import PROGRESS
from papercoder.cli.home import home_option

if TYPE_CHECKING:
    from papercoder.cli.progress import Progress
    from state.events import Event

EXAMPLES = """
papercoder demo
papercoder demo --output /tmp/demo --keep
"""


@click.command("demo", cls=Command, examples=EXAMPLES)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default="papercoder-demo", show_default=True,
    metavar="DIR", help="Where the repository goes.",
)  # fmt: skip
@click.option("--keep", is_flag=True, help="Keep the run in the home folder, for `papercoder show`.")
@home_option
def command(output: Path, keep: bool, home: Path) -> None:
    """Watch a whole run with recorded answers: no key, no network, no cost."""
    from papercoder.cli.progress import Progress

    if keep:
        play(output, home, Progress())
        return
    with TemporaryDirectory(prefix="papercoder-demo-") as folder:
        play(output, Path(folder), Progress(kept=False))


def play(output: Path, home: Path, progress: "Progress") -> None:
    """Run the demo and show what happens."""
    from papercoder.cli.follow import conclude
    from papercoder.cli.views import view_for
    from papercoder.demo import demo

    click.get_current_context().meta[PROGRESS] = progress
    with view_for(progress, as_json=False) as view:

        def on_event(event: "Event") -> None:
            progress.apply(event)
            view.show(event)

        demo(output, home, on_event)
    conclude(progress)
