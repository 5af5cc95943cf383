"""The coder: writes one file, with the code of the files it depends on in view (Paper2Code, section 3.3)."""

from collections import Counter
from collections.abc import Mapping, Sequence

from agents.author import Author
from agents.context import Material, imports, preamble, results_text, writing_prefix
from agents.question import Question
from papercoder.checks import check_file
from papercoder.models.answers import fenced, file_answer
from papercoder.models.tokens import count_tokens
from prompts import contract, quoted, render
from state.logic import LogicDesign
from state.paths import module_name


def coder(material: Material, path: str, code: Mapping[str, str]) -> Author[str]:
    """The content of one file.  `code` holds at least the files that it depends on, directly or not."""
    assert material.architecture and material.logic
    task, promised = material.logic.task(path), material.architecture.contract(path)
    direct = {other: code[other] for other in most_used_first(material.logic, task.depends_on)}
    indirect = {other: code[other] for other in indirect_dependencies(material.logic, path)}
    shared = writing_prefix(material) + render("coding_rules", import_example=_import_example(material.logic))
    room = material.window - count_tokens(shared) - count_tokens(material.analyses[path]) - 2_000
    entries, trimmed = imports(direct, indirect, max(room, 1_000))
    building_on = render("imports", dependencies="\n\n".join(entries)) if entries else ""
    instructions = render(
        "coding",
        path=path,
        contract=contract(promised),
        task=task.logic,
        analysis=material.analyses[path],
        requirements=material.owned(path),
        results=results_text(material, path),
        existing=quoted("file", material.base[path]) if path in material.base else "",
    )
    question = Question(
        role="coder",
        stage="coding",
        file=path,
        system=preamble(material.context),
        prefix=shared,
        images=material.images,
        task=building_on + instructions + render("coding_form", path=path),
        parse=file_answer(path),
        fan_out=True,
        shared=_shared(material.logic, list(direct), building_on, entries),
        trimmed=(*material.shown_paper[1], *trimmed),
    )
    return Author(
        question,
        instructions,
        str,
        lambda content: check_file(path, content, material.design, code, types=False),
        material.owned(path),
        lead=building_on,
        answered=lambda text: f"FILE: {path}\n{fenced(text)}",
        called=path,
    )


def _shared(logic: LogicDesign, direct: list[str], building_on: str, entries: list[str]) -> tuple[str, ...]:
    """The beginnings of `building_on`, up to some dependency, that other files' prompts have, too."""
    leads = Counter(
        tuple(ordered[:length])
        for task in logic.tasks
        for ordered in [most_used_first(logic, task.depends_on)]
        for length in range(1, len(ordered) + 1)
    )
    lengths = [length for length in range(1, len(direct) + 1) if leads[tuple(direct[:length])] > 1]
    return tuple(building_on[: building_on.index(entries[n - 1]) + len(entries[n - 1])] for n in lengths)


def most_used_first(logic: LogicDesign, paths: Sequence[str]) -> list[str]:
    """An order in which files that share dependencies share the beginning of their prompts, too."""
    uses = Counter(other for task in logic.tasks for other in task.depends_on)
    return sorted(paths, key=lambda path: (-uses[path], path))


def indirect_dependencies(logic: LogicDesign, path: str) -> list[str]:
    """What the file's dependencies depend on and it does not, nearest first."""
    graph = logic.dependencies()
    seen, ring, found = {path, *graph[path]}, list(graph[path]), []
    while ring:
        ring = [other for near in ring for other in graph[near]]
        ring = [other for other in dict.fromkeys(ring) if other not in seen]
        seen |= set(ring)
        found += ring
    return found


def _import_example(logic: LogicDesign) -> str:
    """How one of the repository's files is imported, so that no prefix is guessed; the same for all, to be cached."""
    module = next((name for path in logic.order() if (name := module_name(path))), "module")
    return f"from {module} import …"
