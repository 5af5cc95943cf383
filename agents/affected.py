"""Which files a revised design concerns, and why: all others stay as they are."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.context import Material
from agents.debugger import beyond
from papercoder.checks import Design, Stage, check_repository, check_stage
from state.architecture import FileContract
from state.review import Finding


@dataclass(frozen=True)
class Asked:
    """What the remark wants of files and of their tests, by the file."""

    files: Mapping[str, Sequence[Finding]]
    tests: Mapping[str, Sequence[Finding]]


@dataclass(frozen=True)
class Affected:
    """`findings` says of each file that is written again what has to be different; `new` files are just written.

    What is `redesigned` is thought through again, too.
    """

    findings: Mapping[str, tuple[Finding, ...]]
    tests: Mapping[str, tuple[Finding, ...]]  # by the file that they are of
    redesigned: frozenset[str]
    new: tuple[str, ...]
    removed: tuple[str, ...]


def affected(
    before: Material, after: Material, code: Mapping[str, str], asked: Asked, requirements: Sequence[str]
) -> Affected:
    """`requirements` are the ids of those that read otherwise now."""
    kept = {path: text for path, text in code.items() if path in after.paths}
    why = defaultdict(list, {path: list(found) for path, found in asked.files.items()})
    tests = defaultdict(list, {path: list(found) for path, found in asked.tests.items()})
    redesigned = set()
    for path in kept:
        promised = [*_promised(before, after, path), *_required(after, path, requirements)]
        tests[path] += promised
        if found := [*promised, *_ordered(before, after, path)]:
            redesigned.add(path)
            why[path] += found
        why[path] += _used(before, after, path, kept[path])
    for finding in _new(check_repository(code, before.design, types=False),
                                check_repository(kept, after.design, types=False)):  # fmt: skip
        if finding.file in kept:
            why[finding.file].append(finding)
    return Affected(
        findings={path: tuple(why[path]) for path in kept if why[path]},
        tests={path: tuple(tests[path]) for path in after.paths if tests[path] or path not in code},
        redesigned=frozenset(redesigned),
        new=tuple(path for path in after.paths if path not in code),
        removed=tuple(path for path in code if path not in after.paths),
    )


def misfits(stage: Stage, before: Design, after: Design) -> tuple[Finding, ...]:
    """What a stage's checks find in the revised design that they did not find before."""
    return _new(check_stage(stage, before), check_stage(stage, after))


def _new(before: Sequence[Finding], after: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in beyond(before, after) if not finding.is_note)


def _promised(before: Material, after: Material, path: str) -> list[Finding]:
    was, now = _contract(before, path), after.contract(path)
    gone = _gone(was, now)
    signatures = {symbol.name: (symbol.signature, _plain(symbol.purpose)) for symbol in was.symbols} if was else {}
    other = [s for s in now.symbols if signatures.get(s.name) != (s.signature, _plain(s.purpose))]
    return [
        *(Finding(location=name, problem=f"The contract does not promise {name} any more.") for name in gone),
        *(Finding(location=s.name, problem=f"The contract promises now: `{s.signature}`: {s.purpose}") for s in other),
    ]


def _ordered(before: Material, after: Material, path: str) -> list[Finding]:
    assert before.logic and after.logic
    was = next((task for task in before.logic.tasks if task.path == path), None)
    now = after.logic.task(path)
    if was and _plain(was.logic) == _plain(now.logic) and set(was.depends_on) == set(now.depends_on):
        return []
    return [Finding(problem="The work order, which stands above, is another one now; so may be what it imports from.")]


def _required(after: Material, path: str, changed: Sequence[str]) -> list[Finding]:
    return [
        Finding(location=one.id, requirement=one.id, problem=f"{one.id} asks for this now: {one.whole}")
        for one in after.owned(path)
        if one.id in changed
    ]


def _used(before: Material, after: Material, path: str, text: str) -> list[Finding]:
    """Names of files it depends on, that it uses and that are offered otherwise or not at all now."""
    assert after.logic
    found = []
    for other in after.logic.task(path).depends_on:
        if (was := _contract(before, other)) and other in after.paths:
            now = after.contract(other)
            signatures = {symbol.name: symbol.signature for symbol in now.symbols}
            for symbol in was.symbols:
                changed = signatures.get(symbol.name) != symbol.signature
                if changed and re.search(rf"\b{re.escape(symbol.name.rpartition('.')[2])}\b", text):
                    offer = signatures.get(symbol.name)
                    found.append(
                        Finding(
                            location=symbol.name,
                            problem=f"{other} offers `{offer}` now." if offer else f"{other} offers it no more.",
                        )
                    )
    return found


def _contract(material: Material, path: str) -> FileContract | None:
    return material.contract(path) if path in material.paths else None


def _gone(was: FileContract | None, now: FileContract) -> list[str]:
    names = {symbol.name for symbol in now.symbols}
    return [symbol.name for symbol in was.symbols if symbol.name not in names] if was else []


def _plain(text: str) -> str:
    return " ".join(text.split())
