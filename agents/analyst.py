"""The analyst: thinks one file through before it is written (Paper2Code, section 3.2)."""

from agents.author import Author
from agents.context import Material, plan_items, preamble, results_text, writing_prefix
from agents.question import Question
from papercoder.models.answers import text_answer
from prompts import contract, render

WORDS = 450
"""About how long an analysis should be: enough for what contract and work order lack."""


def analyst(material: Material, path: str) -> Author[str]:
    """The logic analysis of one file, in Markdown; the one that the material has already, if it has one."""
    assert material.architecture and material.logic
    architecture, task = material.architecture, material.logic.task(path)
    dependents = [other.path for other in material.logic.tasks if path in other.depends_on]
    instructions = render(
        "analysis",
        path=path,
        contract=contract(architecture.contract(path)),
        task=task.logic,
        items=plan_items(material, path),
        requirements=material.owned(path),
        results=results_text(material, path),
        dependencies="\n\n".join(contract(architecture.contract(other)) for other in task.depends_on),
        dependents=", ".join(dependents),
        words=WORDS,
    )
    question = Question(
        role="analyst",
        stage="analysis",
        file=path,
        system=preamble(material.context),
        prefix=writing_prefix(material),
        images=material.images,
        task=instructions,
        parse=text_answer(),
        fan_out=True,
        trimmed=material.shown_paper[1],
    )
    return Author(question, instructions, str, lambda _: [], material.owned(path), written=material.analyses.get(path))
