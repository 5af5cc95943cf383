"""`papercoder check`: what static checks find in a repository, without running it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercoder.cli import terminal
from papercoder.cli.command import Command
from papercoder.cli.options import json_option
from state.errors import ExecutionError

if TYPE_CHECKING:
    from state.review import Finding

EXAMPLES = """
papercoder check paper-code
papercoder check paper-code --json | jq '.[] | select(.severity == "high")'
"""
COLOURS = {"high": "red", "medium": "yellow", "low": "bright_black"}


@click.command("check", cls=Command, examples=EXAMPLES)
@click.argument("repository", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option("Write a JSON list.")
def command(repository: Path, as_json: bool) -> None:
    """Check the code of REPOSITORY: imports, names, calls, contracts, settings, citations, literals.

    Nothing is run and nothing installed.  A repository that papercoder wrote is held against its design, too.
    Exit code 9 if there is a finding of high severity.
    """
    from papercoder.checks import check_design, check_repository
    from papercoder.publication.reading import read_published

    files, design = read_published(repository)
    found = [*check_repository(files, design), *check_design(design)]
    if as_json:
        import json

        click.echo(json.dumps([finding.model_dump() for finding in found], indent=2))
    else:
        _print(found, len(files))
    if any(finding.severity == "high" for finding in found):
        click.get_current_context().exit(ExecutionError.exit_code)


def _print(found: "list[Finding]", files: int) -> None:
    for finding in found:
        place = ":".join(str(part) for part in (finding.file, finding.line) if part)
        severity = click.style(finding.severity, fg=COLOURS[finding.severity])
        click.echo(f"{terminal.one_line(place)}: {severity} {finding.rule}: {terminal.one_line(finding.problem)}")
        click.echo(f"    → {terminal.one_line(finding.fix)}")
    counts = [sum(finding.severity == severity for finding in found) for severity in COLOURS]
    text = ", ".join(f"{count} {severity}" for count, severity in zip(counts, COLOURS, strict=True))
    click.echo(f"{files} files: {text}." if found else f"{files} files: nothing found.")
