"""Requirements, settings and sources that do not fit together."""

import random
from dataclasses import replace

from benchmarks.checks.body_defects import line_in_function
from benchmarks.checks.defect import Operator, defect
from benchmarks.checks.subjects import Subject
from state.plan import PlanItem

DESIGNS: dict[str, Operator] = {
    "citation of no requirement": Operator(
        line_in_function("# [R999]", "# §2.1 [S2.p1, R999]", "# Eq. 1 [E1, R999]"), frozenset({"unknown-citation"})
    )
}

NOWHERE = ["R999"]


def _file(subject: Subject, rng: random.Random, **changes: object) -> Subject:
    """With one file's contract changed."""
    assert subject.design.architecture
    files = list(subject.design.architecture.files)
    at = rng.randrange(len(files))
    files[at] = files[at].model_copy(update=changes)
    return _with(subject, "architecture", files=files)


def _setting(subject: Subject, rng: random.Random, **changes: object) -> Subject:
    """With one setting changed."""
    assert subject.design.configuration
    values = list(subject.design.configuration.values)
    at = rng.randrange(len(values))
    values[at] = values[at].model_copy(update=changes)
    return _with(subject, "configuration", values=values)


def _with(subject: Subject, artifact: str, **changes: object) -> Subject:
    changed = getattr(subject.design, artifact).model_copy(update=changes)
    return replace(subject, design=replace(subject.design, **{artifact: changed}))


@defect(DESIGNS, "unowned-requirement")
def unowned_requirement(subject: Subject, rng: random.Random) -> Subject | None:
    return _file(subject, rng, requirements=[])


@defect(DESIGNS, "unknown-requirement")
def owner_of_no_requirement(subject: Subject, rng: random.Random) -> Subject | None:
    return _file(subject, rng, requirements=NOWHERE)


@defect(DESIGNS, "unowned-requirement")
def hyperparameter_without_setting(subject: Subject, rng: random.Random) -> Subject | None:
    return _setting(subject, rng, requirements=[], source=["T1"])


@defect(DESIGNS, "unknown-requirement")
def setting_of_no_requirement(subject: Subject, rng: random.Random) -> Subject | None:
    return _setting(subject, rng, requirements=NOWHERE)


@defect(DESIGNS, "unsourced-value")
def untraced_setting(subject: Subject, rng: random.Random) -> Subject | None:
    return _setting(subject, rng, requirements=[])


@defect(DESIGNS, "unknown-source")
def setting_from_nowhere(subject: Subject, rng: random.Random) -> Subject | None:
    return _setting(subject, rng, source=["T1", "E99"])


@defect(DESIGNS, "unknown-source")
def plan_from_nowhere(subject: Subject, rng: random.Random) -> Subject | None:
    return _with(subject, "plan", data=[PlanItem(what="the data", source=["S9.p9"])])


@defect(DESIGNS, "missing-task")
def file_without_task(subject: Subject, rng: random.Random) -> Subject | None:
    assert subject.design.logic
    tasks = list(subject.design.logic.tasks)
    tasks.pop(rng.randrange(len(tasks) - 1))  # the last one is the entry point's
    return _with(subject, "logic", tasks=tasks)


@defect(DESIGNS, "unreachable-file")
def file_that_nothing_depends_on(subject: Subject, rng: random.Random) -> Subject | None:
    assert subject.design.logic
    *tasks, last = subject.design.logic.tasks
    paths = [path for path in last.depends_on if not path.endswith("__init__.py")]
    if not paths:
        return None
    left_out = rng.choice(paths)
    depends_on = [path for path in last.depends_on if path != left_out]
    return _with(subject, "logic", tasks=[*tasks, last.model_copy(update={"depends_on": depends_on})])
