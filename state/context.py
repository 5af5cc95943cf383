"""The settings of one run: what LangGraph calls its context, and Studio shows as the assistant's settings."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from state.review import Gate

Stage = Literal[
    "reading",
    "specification",
    "planning",
    "architecture",
    "logic",
    "configuration",
    "testing",
    "analysis",
    "coding",
    "integration",
    "execution",
    "assessment",
    "walkthrough",
    "publication",
]
STAGES: tuple[Stage, ...] = Stage.__args__  # type: ignore[attr-defined]
BESIDE: dict[Stage, Stage] = {"testing": "analysis"}
"""Stages that go on side by side: who has done the first has done the second, too."""

Role = Literal[
    "specifier",
    "planner",
    "architect",
    "logic designer",
    "configurator",
    "tester",
    "analyst",
    "coder",
    "critic",
    "debugger",
    "arbiter",
    "assessor",
    "reviser",
    "guide",
]
ROLES: tuple[Role, ...] = Role.__args__  # type: ignore[attr-defined]

Criticised = Literal["planning", "architecture", "logic", "configuration", "analysis", "coding"]
"""Stages whose artifact a critic can review."""
CRITICISED: tuple[Criticised, ...] = Criticised.__args__  # type: ignore[attr-defined]
EvaluationStage = Literal["reading", "rubric", "judging", "grading", "comparing", "reporting"]
EVALUATION_STAGES: tuple[EvaluationStage, ...] = EvaluationStage.__args__  # type: ignore[attr-defined]

RevisionStage = Literal["revision"]
REVISION_STAGES: tuple[Stage | RevisionStage, ...] = ("revision", *STAGES[STAGES.index("integration") :])
"""What a finished run goes through for the sake of a remark."""
REPAIR_STAGES: tuple[Stage, ...] = ("reading", "execution", "publication")
"""Of a repair of a repository that exists."""

AnyStage = Stage | RevisionStage | EvaluationStage


def position(stage: AnyStage) -> float:
    """Stages in their order; revision stands where its repository goes on."""
    order: tuple[str, ...] = (*STAGES, *EVALUATION_STAGES)
    return STAGES.index("integration") - 0.5 if stage == "revision" else order.index(stage)


def stage_before(stage: Stage | RevisionStage) -> Stage:
    """The last one that was finished before it."""
    return STAGES[-1] if stage == "revision" else STAGES[max(0, STAGES.index(stage) - 1)]


AnyRole = Role | Literal["judge"]
"""The judge of evaluations takes no part in making a repository."""

DEFAULT_MODEL = "openai:gpt-5-mini"


def check_place(url: str) -> str:
    """The address, if it is nothing but one; raises ValueError, without repeating it, where a key may stand in it."""
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query:
        raise ValueError("keys do not belong into an address: put them into OPENAI_API_KEY")
    return url


class Price(BaseModel):
    """Dollars for a million tokens."""

    model_config = ConfigDict(frozen=True)

    input: float = Field(ge=0)
    cached: float = Field(ge=0)
    output: float = Field(ge=0)


class Budget(BaseModel):
    """What a run may spend at most.  None is no limit."""

    model_config = ConfigDict(frozen=True)

    dollars: float | None = Field(None, gt=0)
    tokens: int | None = Field(None, gt=0, description="Input and output tokens together.")
    minutes: float | None = Field(None, gt=0, description="Time at work since the run was started or resumed.")


class Context(BaseModel):
    """Settings of a run.  Keys are never here: they come from the environment of the process."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)  # a refused address may hold a password

    model: str = Field(DEFAULT_MODEL, description="PROVIDER:NAME, e.g. openai:gpt-5-mini, or replay:FOLDER.")
    models: dict[Role, str] = Field(default_factory=dict, description="Another model for some roles.")
    base_url: str | None = Field(None, description="An OpenAI-compatible endpoint (vLLM, Ollama, llama.cpp, …).")
    price: Price | None = Field(
        None, description="Dollars per million tokens, where our table does not know the model."
    )
    context_window: int | None = Field(None, gt=2000, description="Tokens; where our table does not know the model.")
    max_output_tokens: int = Field(16_000, gt=0, description="The most a single answer may take.")
    temperature: float | None = Field(None, ge=0, le=2, description="None leaves it to the provider.")
    structured_output: Literal["text", "json_schema"] = Field(
        "text", description="json_schema helps small local models; text keeps the provider's prefix cache."
    )
    concurrency: int = Field(32, ge=1, le=256, description="Model calls in flight at once.")
    timeout: float = Field(600, gt=0, description="Seconds without a byte from the provider before a call is given up.")
    attempts: int = Field(3, ge=1, le=10, description="Answers asked for, repair turns included, before giving up.")
    rounds: int = Field(
        1, ge=0, le=10, description="How often an author revises what was found, at most; 0 asks no critic."
    )
    repairs: int = Field(3, ge=0, le=10, description="How often the code as a whole is mended by edits, at most.")
    critique: list[Criticised] = Field(list(CRITICISED), description="Stages whose artifact a critic reviews.")
    tests: bool = Field(True, description="Write tests from the paper, before there is code.")
    execute: bool = Field(
        True, description="Run the repository in a sandbox, tests and all, and mend what fails, before it is published."
    )
    sandbox: str = Field(
        "auto", max_length=80, description="What it runs in: auto is the strongest containment that works here."
    )
    assess: bool = Field(True, description="Hold the code against the requirements, and revise what it lacks.")
    notebook: bool = Field(
        False, description="Add walkthrough.ipynb: passages, the code that carries them out, checks that were run."
    )
    retries: int = Field(6, ge=0, le=20, description="Times that a failed request is repeated.")
    budget: Budget = Field(Budget(), description="What the run may spend; it stops, resumable, before it spends more.")
    framework: str = Field("PyTorch", max_length=80, description="What the generated code is written with.")
    figures: bool = Field(
        False, description="Show the models the figures that the method depends on: models that see images, only."
    )
    vision: bool | None = Field(
        None, description="Whether the models see images; None asks our table, which does not know every model."
    )
    scope: str = Field("", max_length=2000, description="What to reproduce, in words; everything if empty.")
    approve: list[Gate] = Field(
        default_factory=list, description="Stages whose artifact waits for a person's approval before the run goes on."
    )
    overwrite: bool = Field(False, description="Replace the output folder if it exists.")
    allow_drift: bool = Field(False, description="Replay recorded answers although their prompts have changed.")

    @field_validator("model", "models")
    @classmethod
    def _names_a_provider(cls, value: str | dict[Role, str]) -> str | dict[Role, str]:
        for name in [value] if isinstance(value, str) else value.values():
            provider, _, model = name.partition(":")
            if not provider or not model:
                raise ValueError(f"{name!r} is not PROVIDER:NAME, for example openai:gpt-5-mini")
        return value

    @field_validator("base_url")
    @classmethod
    def _is_a_place(cls, value: str | None) -> str | None:
        """It is kept with the run and shown, so no password or key may stand in it."""
        return value if value is None else check_place(value)

    def model_for(self, role: AnyRole) -> str:
        return next((name for named, name in self.models.items() if named == role), self.model)
