"""`papercoder run`: a paper becomes a repository."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import options, terminal
from papercoder.cli.command import Command
from papercoder.cli.estimating import expected, in_short, print_estimate
from papercoder.cli.home import database_option, home_option
from papercoder.cli.read import understood
from papercoder.cli.values import Paper

if TYPE_CHECKING:
    from papercoder.documents.album import Images
    from papercoder.runs import Home
    from papercoder.server.runs import Remote
    from state.context import Budget, Context
    from state.estimate import Estimate
    from state.events import Event

EXAMPLES = """
papercoder run paper.pdf
papercoder run paper.tex -o transformer --budget 2.50
papercoder run arXiv:1706.03762v7
papercoder run main.pdf --supplement appendix.pdf
papercoder run arxiv-source/ --model openai:gpt-5 --role-model analyst=openai:gpt-5-mini
papercoder run paper.pdf --base-url http://localhost:8000/v1 --model openai:qwen --price 0,0 --context-window 32k
papercoder run paper.pdf --model openai:gpt-5 --figures --estimate
papercoder run paper.pdf --scope "Table 2 only" --until architecture
papercoder run paper.pdf --rounds 0 --no-assess
papercoder run paper.pdf --json --yes > events.jsonl
papercoder run paper.pdf --server http://127.0.0.1:2024
"""
_SUFFIXES = (".tar.gz", ".tgz", ".tar", ".gz", ".tei.xml")


@click.command("run", cls=Command, examples=EXAMPLES)
@click.argument("paper", type=Paper(addresses=True))
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Where the repository goes. Default: ./PAPER-code, after the paper's file name.",
)  # fmt: skip
@click.option(
    "--supplement", "supplements", type=Paper(addresses=True), multiple=True, metavar="PAPER",
    help="Another file of the same paper: an appendix, an addendum. May be given several times.",
)  # fmt: skip
@options.model_options(environment=True)
@options.settings_options()
@options.endpoint_options(resumed=False)
@options.review_options(resumed=False)
@click.option(
    "--base", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="REPO",
    help="An existing repository to build on; it is read, not changed.",
)  # fmt: skip
@options.going_options()
@click.option("--estimate", is_flag=True, help="Print what the run would take, and do not begin it. No model is asked.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before a paid run begins.")
@home_option
@database_option
@options.server_option
def command(
    paper: Path | str, output: Path | None, supplements: tuple[Path | str, ...], base: Path | None, estimate: bool,
    yes: bool, as_json: bool, home: Path, database: str, server: str | None, **given: Any,
) -> None:  # fmt: skip
    """Turn PAPER into a code repository.

    PAPER is a PDF; LaTeX (a .tex file, a folder, a .zip or .tar.gz); HTML; Markdown; .docx, .odt, .rtf, .epub, .pptx,
    .eml or .msg; S2ORC .json or GROBID .tei.xml; an arXiv id (2401.01234v2), or an https address.
    """
    for source in (paper, *supplements):
        check_source(source)
    target = output or Path(f"{stem(paper)}-code")
    going = options.going(given)
    options.refuse_local(server, given | {"base": base, "supplements": supplements}, "base", "supplements", "record")
    context = options.context_of(given)

    def expectation() -> "Estimate":
        images: Images = {}
        found = understood(paper, supplements, home, images if context.figures else None)
        return expected(found, images, context, base, given["until"])

    if context.figures and (estimate or not server):
        from papercoder.models.vision import refuse_blind

        refuse_blind(context)
    if estimate:
        print_estimate(expectation(), as_json=as_json)
        return
    if not (yes or as_json) and terminal.is_interactive() and is_paid(context):
        takes = in_short(expectation())
        ask_to_go_on(paper, target, context, takes, server)

    from papercoder.cli.follow import follow

    if server:
        there = {"until": given["until"], "force": given["force"]}

        async def send(opened: "Remote") -> "AsyncIterator[Event]":
            return opened.start(paper, target, context, **there)

        follow(home, "", send, as_json=as_json, server=server, output=target, **there)
        return

    async def begin(opened: "Home") -> "AsyncIterator[Event]":
        return opened.start(paper, target, context, supplements=supplements, base=base, **going)

    follow(home, database, begin, as_json=as_json, until=given["until"])


def check_source(paper: Path | str) -> None:
    """A folder has to hold LaTeX: seen before anything is asked or begun."""
    if isinstance(paper, Path) and paper.is_dir() and next(paper.rglob("*.tex"), None) is None:
        from state.errors import InputError

        others = sorted(
            str(file) for file in paper.iterdir() if file.suffix.lower() in (".pdf", ".html", ".md", ".docx")
        )
        instead = f"Give the paper itself: {' or '.join(others[:3])}." if others else "Give a file, or a LaTeX source."
        raise InputError(f"The folder {paper} contains no .tex file.", instead)


def stem(paper: Path | str) -> str:
    """The paper's name without what its format adds."""
    if isinstance(paper, str):
        from papercoder.documents.addresses import address

        return address(paper).stem.replace("/", "-")
    name = paper.resolve().name
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name if paper.is_dir() else Path(name).stem


def is_paid(context: "Context") -> bool:
    """Some role's answers come from a provider."""
    return any(not name.startswith("replay:") for name in (context.model, *context.models.values()))


def ask_to_go_on(paper: Path | str, output: Path, context: "Context", takes: str, server: str | None = None) -> None:
    """Say what is about to happen and what it takes; a no ends the command."""
    for label, text in [*outline(paper, output, context), ("Takes", takes), *([("Server", server)] if server else [])]:
        click.echo(f"{label:<8} {terminal.one_line(text)}")
    if not click.confirm("Go on?", default=True):
        from state.errors import Interrupted

        raise Interrupted("Nothing was started.")


def outline(paper: Path | str, output: Path, context: "Context") -> list[tuple[str, str]]:
    """What will happen, as labels and texts."""
    roles = "".join(f", {role}: {name}" for role, name in context.models.items())
    endpoint = f" at {context.base_url}" if context.base_url else ""
    rows = [
        ("Paper", str(paper)),
        ("Model", f"{context.model}{endpoint}{roles}"),
        ("Output", f"{output}{' (exists)' if output.exists() else ''}"),
        ("Budget", describe_budget(context.budget)),
    ]
    return [*rows, ("Scope", context.scope)] if context.scope else rows


def describe_budget(budget: "Budget") -> str:
    """The limits in words."""
    limits = [
        f"${budget.dollars:.2f}" if budget.dollars else "",
        f"{budget.tokens:,} tokens" if budget.tokens else "",
        f"{budget.minutes:g} minutes" if budget.minutes else "",
    ]
    return ", ".join(filter(None, limits)) or "no limit (set one with --budget 2.50)"
