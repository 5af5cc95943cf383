"""What the simulated model makes of a remark: it understands a few turns of phrase and takes the rest for praise.

`model.py` (a file of the project), `set KEY to VALUE` (a setting), `promise NAME in FILE` (a contract), `R3` (a
requirement); `against the paper` makes it a deviation.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from benchmarks.simulator.designs import Json

_REMARK = re.compile(r"<(remark-[0-9a-f]{8})>\n(.*?)\n</\1>", re.DOTALL)
_ANSWER = re.compile(r"<(answer-[0-9a-f]{8})>\n(.*?)\n</\1>", re.DOTALL)
_SETTING = re.compile(r"\bset ([\w.]+) to ([\w.]+\w)")
_PROMISE = re.compile(r"\bpromise (\w+) in ([\w/]+\.py)")
_REQUIREMENT = re.compile(r"\bR\d+\b")
_PROMISED = re.compile(r"promises now: `def (\w+)\(\) -> float`")
_FUNCTION = '''

def {name}() -> float:
    """Promised since."""
    return sum((0.5, 0.5))
'''
_FENCE = "```\n"
AGAINST = "against the paper"
PAPER = "The passage says otherwise [E1]."


def changes(prompt: str, paths: Sequence[str]) -> Json:
    """The reviser's answer."""
    remark = _REMARK.findall(prompt)[-1][1]
    found = list(_places(remark, paths))
    if AGAINST in remark:
        found = [change | {"paper": PAPER} for change in found]
    return {"answer": "It will be so." if found else "Say what shall be different.", "changes": found}


def _places(remark: str, paths: Sequence[str]) -> list[Json]:
    settings = [_change("configuration", m[0], location=m[1]) for m in _SETTING.finditer(remark)]
    promises = [_change("architecture", m[0], location=m[1]) for m in _PROMISE.finditer(remark)]
    required = [_change("requirement", remark, location=id) for id in _REQUIREMENT.findall(remark)]
    rest = _PROMISE.sub("", remark)
    named = [path for path in paths if re.search(rf"(?<!\w){re.escape(path)}", rest)]
    files = [_change("file", "Do it differently.", file=path) for path in named]
    return [*settings, *promises, *required, *files]


def _change(place: str, fix: str, **more: str) -> Json:
    return {"place": place, "problem": "The user wants it otherwise.", "fix": fix, **more}


def revised_design(task: str) -> Json | None:
    """The artifact that was answered before, with what the findings ask for; None where they ask for nothing of it."""
    before, findings = _ANSWER.findall(task)[-1][1], task.rpartition("A review found:")[2]
    settings = {match[1]: _value(match[2]) for match in _SETTING.finditer(findings)}
    promises = [(match[1], match[2]) for match in _PROMISE.finditer(findings)]
    if not (settings or promises):
        return None
    design: Json = json.loads(before)
    for value in design.get("values", []):
        value["value"] = settings.get(value["key"], value["value"])
    for file in design.get("files", []):
        file["symbols"] += [_symbol(name, file) for name, path in promises if path == file["path"]]
    return design


def revised_code(task: str, answer: str) -> str:
    """The file with the functions that its contract promises since."""
    added = "".join(_FUNCTION.format(name=name) for name in _PROMISED.findall(task.rpartition("A review found:")[2]))
    return f"{answer.removesuffix(_FENCE)}{added}{_FENCE}" if added else answer


def _symbol(name: str, file: Json) -> Json:
    source: Any = file["symbols"][0]["source"]
    return {"name": name, "signature": f"def {name}() -> float", "purpose": "A number.", "source": source}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
