"""The analyst: thinks one file through before it is written (Paper2Code, section 3.2)."""

from langgraph.runtime import Runtime

from agents.context import Material, file_prefix, plan_items, preamble, results_text
from agents.model import ask
from agents.session import Question
from papercoder.models.answers import text_answer
from prompts import contract, render
from state.context import Context

WORDS = 450
"""About how long an analysis should be: enough for what contract and work order lack."""


async def analyse(runtime: Runtime[Context], material: Material, path: str) -> str:
    """The logic analysis of one file, in Markdown."""
    assert material.architecture and material.logic
    architecture, task = material.architecture, material.logic.task(path)
    dependents = [other.path for other in material.logic.tasks if path in other.depends_on]
    question = Question(
        role="analyst",
        stage="analysis",
        file=path,
        system=preamble(material.context),
        prefix=file_prefix(material),
        images=material.images,
        task=render(
            "analysis",
            path=path,
            contract=contract(architecture.contract(path)),
            task=task.logic,
            items=plan_items(material, path),
            results=results_text(material, path),
            dependencies="\n\n".join(contract(architecture.contract(other)) for other in task.depends_on),
            dependents=", ".join(dependents),
            words=WORDS,
        ),
        parse=text_answer(),
        fan_out=True,
        trimmed=material.shown_paper[1],
    )
    return await ask(runtime, question)
