"""`papercoder doctor`: what is configured, what is missing, what to do."""

from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from papercoder.cli import options, terminal
from papercoder.cli.command import Command
from papercoder.cli.home import database_option, home_option
from papercoder.cli.names import DEFAULT_MODEL
from state.errors import InputError

if TYPE_CHECKING:
    from papercoder.cli.checks import Check

EXAMPLES = """
papercoder doctor
papercoder doctor --model openai:qwen --base-url http://localhost:8000/v1 --online
papercoder doctor --json | jq '.[] | select(.state == "missing")'
"""
MARKS = {"ok": ("✓", "green"), "note": ("–", "yellow"), "missing": ("✗", "red")}
INDENT = " " * 19


@click.command("doctor", cls=Command, examples=EXAMPLES)
@options.model_options(environment=True)
@click.option("--online", is_flag=True, help="Also ask the endpoint whether it is there.")
@options.json_option("Write a JSON list.")
@home_option
@database_option
def command(model: str | None, base_url: str | None, online: bool, as_json: bool, home: Path, database: str) -> None:
    """Check what is configured and what is missing.

    Exit code 0 if a run could start, else 3.  Keys are never shown, only the names of their variables.
    """
    from papercoder.cli.checks import Setup, checks

    name = model or DEFAULT_MODEL
    setup = Setup(name, options.endpoint_for(name, base_url), home, online, database)
    found = list(checks(setup))
    if as_json:
        import json

        click.echo(json.dumps([asdict(check) for check in found], indent=2))
    else:
        _print(found)
    if any(check.state == "missing" for check in found):
        click.get_current_context().exit(InputError.exit_code)


def _print(found: "list[Check]") -> None:
    for check in found:
        mark, colour = MARKS[check.state]
        first, *more = _wrapped(check.text)
        step = _wrapped(f"→ {check.next_step}") if check.next_step else []
        click.echo(f"{click.style(mark, fg=colour)} {check.name:<16} {first}")
        for line in more + step:
            click.echo(INDENT + line)
    missing = sum(check.state == "missing" for check in found)
    click.echo("\nA run can start." if not missing else f"\nA run cannot start yet: see ✗ above ({missing}).")


def _wrapped(text: str) -> list[str]:
    return wrap(terminal.one_line(text), 60, break_on_hyphens=False) or [""]
