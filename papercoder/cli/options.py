"""Options that several commands share, and how they become the settings of a run."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import values
from papercoder.cli.names import CRITICISED, DEFAULT_MODEL, GATES, ROLES, STAGES

if TYPE_CHECKING:
    from state.context import Budget, Context

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]

_ROLES = f"{', '.join(role.replace(' ', '-') for role in ROLES[:-1])} or {ROLES[-1]}"

BUDGET = {"budget": "dollars", "budget_tokens": "tokens", "budget_minutes": "minutes"}
"""Options of a budget → its fields."""

ENDPOINT = ("price", "context_window", "vision", "max_output_tokens", "concurrency", "timeout", "retries")
"""Options of the endpoint, which are fields of the settings, too."""

REVIEWS = ("rounds", "repairs", "critique", "tests", "execute", "sandbox", "assess", "notebook")
"""Options of the reviews, which are fields of the settings, too."""

_BASE_URL_VARIABLES = ("PAPERCODER_BASE_URL", "OPENAI_BASE_URL")


def model_options(*, environment: bool) -> Decorator:
    """`--model` and `--base-url`.  A resumed run keeps its own, whatever the environment says."""
    model = click.option(
        "--model", type=values.Model(), metavar="PROVIDER:NAME", envvar="PAPERCODER_MODEL" if environment else None,
        show_envvar=environment,
        help="The model; replay:FOLDER answers from a recording, free of charge. Default: "
             + (f"{DEFAULT_MODEL}." if environment else "the run's."),
    )  # fmt: skip
    base_url = click.option(
        "--base-url", type=values.BaseUrl(), metavar="URL", envvar=_BASE_URL_VARIABLES if environment else None,
        show_envvar=environment, help="An OpenAI-compatible endpoint: vLLM, Ollama, llama.cpp, a gateway. Default: the "
        + ("provider's own." if environment else "run's."),
    )  # fmt: skip
    return _all(model, base_url)


def endpoint_options(*, resumed: bool) -> Decorator:
    """How the endpoint is used.  A resumed run may need another answer than it began with."""

    def default(value: str) -> str:
        return "Default: the run's." if resumed else f"Default: {value}."

    return _all(
        click.option("--price", type=values.Price(), metavar="IN[,CACHED],OUT",
                     help="Dollars per million tokens. " + default("from the table of known models")),
        click.option("--context-window", type=values.Tokens(2001), metavar="TOKENS",
                     help="What the model can read at once; 128k is 128,000. "
                          + default("from the table of known models")),
        click.option("--vision/--no-vision", default=None,
                     help="Whether the models see images. " + default("from the table of known models")),
        click.option("--max-output-tokens", type=values.Tokens(), metavar="TOKENS",
                     help="The most a single answer may take. " + default("16000")),
        click.option("--concurrency", type=click.IntRange(1, 256), metavar="N",
                     help="Model calls in flight at once. " + default("32")),
        click.option("--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS",
                     help="Without a byte from the provider for so long, a call is given up. " + default("600")),
        click.option("--retries", type=click.IntRange(0, 20), metavar="N",
                     help="Times that a request is repeated where the provider fails. " + default("6")),
    )  # fmt: skip


def settings_options() -> Decorator:
    """The settings of a run that are fixed when it starts."""
    return _all(
        click.option("--role-model", "models", type=values.RoleModel(), multiple=True, metavar="ROLE=PROVIDER:NAME",
                     help=f"Another model for one role: {_ROLES}. May be given several times."),
        click.option("--structured-output", type=click.Choice(["text", "json_schema"]),
                     help="json_schema helps small local models; text keeps the provider's prefix cache. "
                          "Default: text."),
        click.option("--temperature", type=click.FloatRange(0, 2), metavar="T",
                     help="Sampling temperature. Default: the provider's."),
        click.option("--framework", metavar="NAME", callback=_at_most(80),
                     help="What the code is written with. Default: PyTorch."),
        click.option("--scope", metavar="WORDS", callback=_at_most(2000),
                     help='What to reproduce, in words: "Table 2 only". Default: everything.'),
        click.option("--figures", is_flag=True, default=None,
                     help="Show the models the figures that the method depends on. For models that see images; "
                          "--estimate says what that takes."),
        click.option("--allow-drift", is_flag=True, default=None,
                     help="Replay recorded answers although their prompts have changed."),
    )  # fmt: skip


def review_options(*, resumed: bool) -> Decorator:
    """What is reviewed, and how often it is mended."""

    def default(value: str) -> str:
        return "Default: the run's." if resumed else f"Default: {value}."

    return _all(
        click.option("--rounds", type=click.IntRange(0, 10), metavar="N",
                     help="How often an author revises what a review found, at most; 0 asks no critic. "
                          + default("1")),
        click.option("--repairs", type=click.IntRange(0, 10), metavar="N",
                     help="How often the code as a whole is mended by edits, at most. " + default("3")),
        click.option("--critique", type=values.Stages(CRITICISED, "critic"), metavar="STAGE,…",
                     help=f"Stages whose artifact a critic reviews: {', '.join(CRITICISED)}; all, or none. "
                          + default("all")),
        click.option("--tests/--no-tests", default=None,
                     help="Write tests from the paper, before there is code. "
                          + default("--tests")),
        click.option("--execute/--no-execute", default=None,
                     help="Run the repository in a sandbox, tests and all, and mend what fails, before it is "
                          "published. " + default("--execute")),
        click.option("--sandbox", metavar="NAME",
                     help="What it runs in: auto (the strongest that works here), bubblewrap, landlock, docker, "
                          "podman; none runs generated code without any containment. " + default("auto")),
        click.option("--assess/--no-assess", default=None,
                     help="Hold the code against the requirements, and revise what it lacks. "
                          + default("--assess")),
        click.option("--notebook/--no-notebook", default=None,
                     help="Add walkthrough.ipynb: passages of the paper, the code that carries them out, and checks "
                          "on toy dimensions, run in a sandbox. " + default("--no-notebook")),
    )  # fmt: skip


def going_options() -> Decorator:
    """What `run` and `resume` have in common: how far, how much, and how it is shown."""
    return _all(
        click.option("--budget", type=values.Dollars(), metavar="DOLLARS",
                     help="Stop, resumable, before more is spent: 2.50 or '$2.50'. Default: no limit."),
        click.option("--budget-tokens", type=values.Tokens(), metavar="TOKENS",
                     help="The same in tokens, input and output together: 500000, 500k, 2M."),
        click.option("--budget-minutes", type=click.FloatRange(0, min_open=True), metavar="MINUTES",
                     help="The same in minutes, counted from this start or resumption."),
        click.option("--until", type=click.Choice(STAGES), metavar="STAGE",
                     help=f"Stop after this stage, resumable: {', '.join(STAGES)}. Default: the last."),
        click.option("--approve", type=values.Stages(GATES, "approval"), metavar="STAGE,…",
                     help=f"Wait for your approval after these stages: {', '.join(GATES)}; all, or none. "
                          "You accept, edit, or say what shall be different."),
        click.option("--record", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
                     help="Keep every answer in this folder, for --model replay:FOLDER."),
        click.option("--only-drifted", is_flag=True,
                     help="With --record: ask again only where the prompt differs from the recorded one."),
        click.option("--force", is_flag=True,
                     help="Replace the output folder if it exists; without it, such a run is refused."),
        json_option("Write one JSON event a line on stdout, and nothing else."),
    )  # fmt: skip


server_option = click.option(
    "--server", type=values.BaseUrl(), metavar="URL", envvar="PAPERCODER_SERVER", show_envvar=True,
    help="Let the LangGraph server at this address do the work: the paper is sent there, the repository is written "
         "here. PAPERCODER_SERVER_TOKEN goes along as a bearer token. Default: this machine.",
)  # fmt: skip


def some_of(group: Decorator, *names: str) -> Decorator:
    """Those options of a group that have these names."""

    def decorate(function: Function) -> Function:
        apart: Any = group(lambda: None)
        chosen = [option for option in apart.__click_params__ if option.name in names]
        params = function.__dict__.setdefault("__click_params__", [])
        params.extend(chosen)
        return function

    return decorate


def judging_options() -> Decorator:
    """What an evaluation shares with a run: the model, the endpoint, budgets, recordings."""
    return _all(
        model_options(environment=True),
        some_of(settings_options(), "structured_output", "temperature", "allow_drift"),
        endpoint_options(resumed=False),
        some_of(going_options(), *BUDGET, "record", "only_drifted", "force", "as_json"),
    )


def json_option(text: str) -> Decorator:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help=text)


def going(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that `Home.start` and `Home.resume` share."""
    if given["only_drifted"] and not given["record"]:
        raise click.UsageError("--only-drifted needs --record FOLDER, the recording to renew.")
    return {name: given[name] for name in ("until", "force", "record", "only_drifted")}


def context_of(given: Mapping[str, Any]) -> "Context":
    """The settings of a new run; what was not given keeps its default."""
    from pydantic import ValidationError

    from state.context import Budget, Context

    fields = {name: value for name, value in given.items() if name in Context.model_fields and _is_given(value)}
    fields["budget"] = Budget(**limits(given))
    fields |= endpoint(given)
    if "models" in fields:
        fields["models"] = dict(fields["models"])
    fields["base_url"] = endpoint_for(fields.get("model", DEFAULT_MODEL), fields.get("base_url"))
    try:
        return Context(**fields)
    except ValidationError as error:
        raise click.UsageError(_refusal(error)) from error


def changes_of(given: Mapping[str, Any], budget: "Budget | None") -> dict[str, Any]:
    """What the options of `resume` change; a new limit leaves the budget's other limits as they were.

    Without a budget, the new limits alone.
    """
    names = ("model", "base_url", "approve", *REVIEWS)
    changes = {name: given[name] for name in names if _is_given(given[name])} | endpoint(given)
    if new := limits(given):
        changes["budget"] = budget.model_copy(update=new) if budget else new
    return changes


def endpoint(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that `endpoint_options` gave."""
    from state.context import Price

    fields = {name: given[name] for name in ENDPOINT if given.get(name) is not None}
    if "price" in fields:
        fields["price"] = Price(**dict(zip(("input", "cached", "output"), fields["price"], strict=True)))
    return fields


def limits(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the budget that were given."""
    return {field: given[option] for option, field in BUDGET.items() if given.get(option) is not None}


def refuse_local(server: str | None, given: Mapping[str, Any], *names: str) -> None:
    """Options that name something on this machine, which a server cannot see."""
    for name in names if server else ():
        if given.get(name):
            raise click.UsageError(f"--{name.replace('_', '-')} is for runs on this machine; leave it or --server out.")


def _is_given(value: Any) -> bool:
    return value is not None and value != ()


def endpoint_for(model: str, base_url: str | None) -> str | None:
    """OPENAI_BASE_URL is meant for models of OpenAI's; PAPERCODER_BASE_URL and the option are meant for any.

    What the environment here says is not meant for a server.
    """
    ctx = click.get_current_context(silent=True)
    from_environment = ctx and ctx.get_parameter_source("base_url") is click.core.ParameterSource.ENVIRONMENT
    if from_environment and ctx and ctx.params.get("server"):
        return None  # the server has an environment of its own
    if from_environment and not os.environ.get("PAPERCODER_BASE_URL") and not model.startswith("openai:"):
        return None
    return base_url


def _refusal(error: Any) -> str:
    first = error.errors()[0]
    option = "--" + str(first["loc"][0]).replace("_", "-") if first["loc"] else "the options"
    return f"Invalid value for {option}: {first['msg']}"


def _at_most(length: int) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    def check(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
        if value is not None and len(value) > length:
            raise click.BadParameter(f"{len(value)} characters, more than the {length} allowed", ctx, param)
        return value

    return check


def _all(*decorators: Decorator) -> Decorator:
    def decorate(function: Function) -> Function:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate
