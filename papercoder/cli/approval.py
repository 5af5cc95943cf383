"""Asking a person for their word on an artifact: accept it, edit it, or say what shall be different."""

import json
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import terminal
from papercoder.cli.errors import resume_command
from papercoder.cli.names import ARTIFACTS
from papercoder.cli.readable import readable
from state.errors import InputError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from state.events import ApprovalNeeded
    from state.review import Answer, ApprovalRequest, Gate

CHOICES = "[a]ccept, [s]how all of it, [e]dit, [w]ords for a revision, [l]ater"
EDIT_HEAD = "# Save and leave to go on with what stands here; leave without saving to be asked again.\n"


def given(accept: bool, words: str | None, edit: Path | None) -> "Answer | None":
    """The answer that the options of `resume` hold; None if they hold none."""
    if accept + (words is not None) + (edit is not None) > 1:
        raise click.UsageError("Choose one of --accept, --words and --edit.")

    from state.review import Answer

    if accept:
        return Answer(decision="accept")
    if words is not None:
        if not words.strip():
            raise click.UsageError("--words needs to say what shall be different.")
        return Answer(decision="revise", words=words)
    return Answer(decision="edit", artifact=_from_file(edit)) if edit else None


def ask(event: "ApprovalNeeded") -> "Answer | None":
    """Ask until there is an answer; None: later."""
    from state.review import Answer

    _introduce(event.request)
    while True:
        match click.prompt(CHOICES, prompt_suffix=": ", default="a", show_default=False).strip().lower()[:1]:
            case "a":
                return Answer(decision="accept")
            case "s":
                click.echo_via_pager(terminal.clean(readable(event.request.artifact)))
            case "e":
                if artifact := _edited(event.request):
                    return Answer(decision="edit", artifact=artifact)
            case "w":
                if words := click.prompt("What shall be different", default="", show_default=False).strip():
                    return Answer(decision="revise", words=words)
            case "l":
                return None


def tell_how_to_answer(event: "ApprovalNeeded") -> None:
    """The last lines of a command that leaves a run waiting."""
    context = click.get_current_context()
    _introduce(event.request)
    if not context.params.get("server"):
        click.echo(f"See it:     papercoder show {event.run} --stage {event.request.stage}")
    command = resume_command(context, event.run)
    click.echo(f"Answer:     {command} --accept, or --words 'what shall be different', or --edit FILE")


def _introduce(request: "ApprovalRequest") -> None:
    click.echo()
    if request.problem:
        click.echo(click.style("That could not be used: ", fg="red") + terminal.one_line(request.problem))
    click.secho(f"{request.stage.capitalize()} waits for your approval.", bold=True)
    if summary := request.artifact.get("summary"):
        click.echo(_wrapped(str(summary), ""))
    if request.questions:
        click.echo(f"The paper leaves open ({len(request.questions)}):")
        for question in request.questions:
            click.echo(_wrapped(f"- {question.question} → {question.choice}", "  "))


def _wrapped(text: str, indent: str) -> str:
    width = min(shutil.get_terminal_size().columns, 110)
    hanging = indent + "  " if indent else ""
    return textwrap.fill(terminal.one_line(text), width, initial_indent=indent, subsequent_indent=hanging)


def _edited(request: "ApprovalRequest") -> "dict[str, Any] | None":
    """The artifact as it comes out of the user's editor; None if nothing was saved or it is no artifact."""
    text = as_yaml(request.artifact)
    while True:
        changed = click.edit(EDIT_HEAD + text, extension=".yaml")
        if changed is None:
            click.echo("Nothing was saved.")
            return None
        try:
            return _checked(request.stage, parsed(changed))
        except ValueError as error:
            click.echo(click.style("That cannot be used: ", fg="red") + terminal.clean(str(error)))
            if not click.confirm("Edit again?", default=True):
                return None
            text = changed.removeprefix(EDIT_HEAD)


def as_yaml(artifact: dict[str, Any]) -> str:
    """As people edit it: long texts as blocks, keys in the artifact's order."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Dumper.add_representer(str, text)
    return yaml.dump(artifact, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)


def parsed(text: str) -> dict[str, Any]:
    """YAML, of which JSON is a part.  ValueError if it is not one mapping."""
    import yaml

    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"it is not YAML: {error}") from error
    if not isinstance(value, dict):
        raise ValueError("it is not a mapping of the artifact's fields to their values")
    return value


def _checked(stage: "Gate", artifact: dict[str, Any]) -> dict[str, Any]:
    """The artifact, if it has the stage's form."""
    from state.architecture import Architecture
    from state.configuration import Configuration
    from state.plan import Plan
    from state.requirements import Specification

    forms: dict[Gate, type[BaseModel]] = {
        "specification": Specification,
        "planning": Plan,
        "architecture": Architecture,
        "configuration": Configuration,
    }
    return forms[stage].model_validate(artifact).model_dump(mode="json")


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        value: dict[str, Any] = json.loads(json.dumps(parsed(text)))  # dates and the like have no place in an artifact
        return value
    except (ValueError, TypeError, OSError) as error:
        raise InputError(
            f"{path} does not hold an artifact: {error}",
            f"Begin with what is there: papercoder show RUN --stage {'|'.join(ARTIFACTS)} --json > artifact.json",
        ) from error
