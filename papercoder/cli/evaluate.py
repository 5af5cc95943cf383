"""`papercoder evaluate`: a repository is judged against its paper."""

from pathlib import Path
from typing import Any

import click

from papercoder.cli import judging, options
from papercoder.cli.command import Command
from papercoder.cli.home import database_option, home_option
from papercoder.cli.names import PROTOCOLS

EXAMPLES = """
papercoder evaluate paper-code --paper paper.pdf
papercoder evaluate paper-code --paper paper.pdf --gold authors-code
papercoder evaluate paper-code --paper paper.pdf --rubric rubric.json --code-dev
papercoder evaluate paper-code --paper paper.pdf --by rubric
papercoder evaluate paper-code --paper arXiv:1706.03762v7 -n 4 --model openai:o3-mini --json
"""


@click.command("evaluate", cls=Command, examples=EXAMPLES)
@click.argument("repository", type=judging.Folder)
@judging.paper_options
@click.option("--gold", type=judging.Folder, metavar="DIR",
              help="The authors' own repository: the judge sees it, too (reference-based).")  # fmt: skip
@judging.rubric_option
@click.option(
    "--by", "protocols", type=click.Choice([name for name in PROTOCOLS if name != "comparison"]), multiple=True,
    help="What to judge by; may be given several times. Default: what --gold and --rubric allow, else reference-free. "
         "A rubric that is not given is made of the paper.",
)  # fmt: skip
@click.option("-n", "--samples", type=click.IntRange(1, 64), default=8, show_default=True, metavar="N",
              help="Samples of each reference-free or reference-based judgement.")  # fmt: skip
@click.option("--code-dev", is_flag=True, help="Of a rubric, grade only what can be seen in code: PaperBench Code-Dev.")
@options.judging_options()
@judging.output_options
@home_option
@database_option
def command(repository: Path, gold: Path | None, protocols: tuple[str, ...], code_dev: bool, **given: Any) -> None:
    """Judge how faithfully REPOSITORY implements a paper: critiques and a score from 1 to 5, or a rubric's leaves.

    The judge takes no part in making repositories.  What it says is kept and resumed like a run: see papercoder
    resume, runs, show and rm.  The report is a folder with report.json and report.md.
    """
    asked = {"gold": str(gold or ""), "protocols": list(protocols), "code_dev": code_dev}
    judging.begin([repository], Path(f"{repository.resolve().name}-evaluation"), asked, given)
