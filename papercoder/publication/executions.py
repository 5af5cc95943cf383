"""How the repository ran, and how it came to run: for its history, its report, and `.papercoder/executions/`."""

import json
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from typing import Any

from papercoder.publication.audit import Audit
from state.execution import Attempt, way_to

FOLDER = ".papercoder/executions"


def before_repairs(audit: Audit, files: Mapping[str, str]) -> dict[str, str]:
    """The files as they were written, before anything was mended or added because it did not run."""
    first: dict[str, str] = {}
    added: set[str] = set()
    for attempt in _repairs(audit):
        added |= attempt.changed.keys() - attempt.before.keys()
        first = {**attempt.before, **first}
    return {path: first.get(path, text) for path, text in files.items() if path not in added}


def repairs(audit: Audit, files: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    """Each repair that was kept: the message of its commit, and the files as it left them."""
    told, number = [], 0
    for attempt in _repairs(audit):
        assert attempt.parent is not None
        changed = {path: text for path, text in attempt.changed.items() if path in files}
        if attempt.stage == "execution":
            number += 1
            title = f"Repair {number}: {_cause(audit.attempts[attempt.parent])}"
        else:
            title = "Completed: what the requirements ask for and the code lacked"
        told.append((f"{title}\n\nEdited: {', '.join(sorted(attempt.changed)) or 'nothing'}", changed))
    return told


def diffs(audit: Audit) -> list[tuple[str, dict[str, list[str]]]]:
    """What each repair that was kept mended, and the lines it changed in which file."""
    return [
        (
            f"Version {number}, {attempt.stage}: "
            + (_cause(audit.attempts[attempt.parent]) if attempt.parent is not None else ""),
            {path: _diff(attempt.before.get(path, ""), text) for path, text in attempt.changed.items()},
        )
        for number, attempt in enumerate(_repairs(audit), 2)
    ]


def commit_message(attempts: Sequence[Attempt], kept: int) -> str:
    """Of one commit for all repairs that are kept."""
    way = way_to(attempts, kept)
    causes = [_cause(attempts[n]) for n in way[:-1]]
    last = attempts[kept].report
    now = "It runs." if last.passed else f"What fails still: {_cause(attempts[kept])}" if last.failures else ""
    return "\n\n".join(part for part in (f"Repair: {causes[0]}" if causes else "Repair", *causes[1:], now) if part)


def _repairs(audit: Audit) -> list[Attempt]:
    if audit.execution is None or not audit.attempts:
        return []
    return [audit.attempts[n] for n in way_to(audit.attempts, audit.execution.kept)[1:]]


def _cause(attempt: Attempt) -> str:
    """What was wrong with the version that was mended, on one line."""
    said = [
        f"{failure.test or failure.file}: {failure.message.partition(chr(10))[0]}".lstrip(": ")
        for failure in attempt.report.failures
    ]
    said += [finding.problem for finding in attempt.checks]
    first = " ".join(said[0].split()) if said else "what checks found"
    more = f" and {len(said) - 1} more" if len(said) > 1 else ""
    return f"{first[:100]}{more}"


def attempt_files(audit: Audit) -> dict[str, str]:
    """One file for every version that was run.  No times: the same runs make the same files."""
    return {
        f"{FOLDER}/{number + 1:02}.json": json.dumps(_attempt(audit, number), indent=1, ensure_ascii=False) + "\n"
        for number in range(len(audit.attempts))
    }


def _attempt(audit: Audit, number: int) -> dict[str, Any]:
    attempt = audit.attempts[number]
    report = attempt.report.model_dump(mode="json", exclude_defaults=True)
    for step in report.get("steps", []):
        step.pop("seconds", None)
    return {
        "stage": attempt.stage,
        "made_of": None if attempt.parent is None else attempt.parent + 1,
        "kept": audit.execution is not None and audit.execution.kept == number,
        "report": report,
        "checks": [finding.model_dump(mode="json", exclude_defaults=True) for finding in attempt.checks],
        "rulings": [ruling.model_dump(mode="json", exclude_defaults=True) for ruling in attempt.rulings],
        "edits": {path: _diff(attempt.before.get(path, ""), text) for path, text in attempt.changed.items()},
    }


def _diff(before: str, after: str) -> list[str]:
    return list(unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm=""))[2:]


def failures(audit: Audit) -> list[tuple[str, str]]:
    """Step or test, and what is wrong with it, of the repository as it is."""
    if audit.execution is None or not audit.attempts:
        return []
    report = audit.attempts[audit.execution.kept].report
    return [(failure.test or step.step, f"{failure.kind}: {failure.message}") for step in report.steps
            for failure in step.failures]  # fmt: skip


def rulings(attempts: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Who was wrong in each attempt's failing tests."""
    return [
        {"attempt": number + 1, **ruling.model_dump(mode="json", exclude_defaults=True)}
        for number, attempt in enumerate(attempts)
        for ruling in attempt.rulings
    ]


def told(audit: Audit) -> dict[str, Any] | None:
    """For report.json."""
    if audit.execution is None:
        return None
    execution = audit.execution
    names = ("status", "reason", "containment", "steps", "repairs", "attempts", "failing_tests")
    return {
        **execution.model_dump(mode="json", include=set(names)),
        "wrong": {"code": execution.code_wrong, "test": execution.test_wrong, "both": execution.both_wrong},
        "rulings": rulings(audit.attempts),
    }
