"""What a run was worked on with, and what has changed since."""

from importlib.metadata import version

from prompts import prompts_digest


def versions() -> dict[str, str]:
    packages = ("papercoder", "langgraph", "langchain-openai", "pypdfium2")
    return {**{package: version(package) for package in packages}, "prompts": prompts_digest()}


def changes_since(then: dict[str, str]) -> tuple[str, ...]:
    """What is not as it was when the run was last worked on."""
    return tuple(
        "the prompts have changed: a question that now reads differently is asked again"
        if name == "prompts"
        else f"{name} was {then[name]} and is {current}"
        for name, current in versions().items()
        if name in then and then[name] != current
    )
