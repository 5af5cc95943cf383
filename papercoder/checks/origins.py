"""Where each setting comes from: a requirement, a passage of the paper, or a choice that was declared."""

import re
from collections.abc import Iterator

from papercoder.checks.design import Design
from papercoder.checks.rules import finding
from state.configuration import ConfigValue
from state.review import Finding, Severity

INDIFFERENT = re.compile(
    r"\bno (?:result|effect)|\bnot? (?:change|affect|influence)\w* (?:any |the )?result", re.IGNORECASE
)
"""How a note says that no result depends on a setting."""
OPERATIONAL = frozenset(
    {"device", "devices", "workers", "threads", "processes", "verbose", "verbosity", "progress", "stand", "dir"}
    | {"directory", "folder", "path", "cache", "output", "log", "logging"}
)
"""Words in the keys of settings that say where and how a program runs, not what it computes."""
TELLING = 6
"""Letters of a key that are found written together or apart in a choice (`warmup_steps`, "warm-up steps")."""


def origins(design: Design) -> Iterator[Finding]:
    """Settings that come from nowhere.

    Where there are no requirements a setting's note may explain it, and what has none is a note of ours.
    """
    choices = list(_choices(design))
    for value in design.configuration.values if design.configuration else ():
        explained = bool(value.note) and not design.specification
        if not (
            _has_source(value)
            or explained
            or _is_indifferent(value)
            or any(_speaks_of(choice, value.key) for choice in choices)
        ):
            text = f"{value.key} comes from no requirement, no passage of the paper and no open choice."
            severity: Severity = "medium" if design.specification else "low"
            yield finding("unsourced-value", "config.yaml", text, location=value.key, severity=severity)


def _has_source(value: ConfigValue) -> bool:
    """Whether it names one; whether that exists is for other rules to say."""
    return bool(value.requirements or value.source)


def _is_indifferent(value: ConfigValue) -> bool:
    """Whether no result depends on it: a paper has no reason to state it."""
    return bool(OPERATIONAL & set(re.findall(r"[a-z]+", value.key.lower())) or INDIFFERENT.search(value.note))


def _choices(design: Design) -> Iterator[str]:
    """What any stage declared as open, as text."""
    stages = (design.specification, design.plan, design.architecture, design.logic, design.configuration)
    for stage in stages:
        for choice in stage.open_choices if stage else ():
            yield f"{choice.question} {choice.choice}"


def _speaks_of(text: str, key: str) -> bool:
    leaf = key.rpartition(".")[2]
    together = "".join(_words(leaf))
    written = len(together) >= TELLING and together in "".join(_words(text))
    return key in text or written or set(_words(leaf)) <= set(_words(text))


def _words(text: str) -> list[str]:
    """In lower case, without a plural's s."""
    return [word.removesuffix("s") for word in re.findall(r"[a-z0-9]+", text.lower())]
