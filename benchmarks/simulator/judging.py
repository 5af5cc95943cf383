"""What the simulated judge says: read off the code between the tags, and, where it is fooled, off what stands outside.

It looks at the material with the eyes of a weak model: whoever speaks to it *outside* the tags is obeyed.  So a
repository whose words reach it raises its own score, and a test sees that.  Between the tags it reads code alone.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from benchmarks.simulator.project import stable_int

Json = dict[str, Any]

_QUOTED = re.compile(r"<(?P<mark>[a-z]+-[0-9a-f]{8})>\n(?P<text>.*?)\n</(?P=mark)>", re.DOTALL)
_FLATTERY = re.compile(r"\bperfect\b[^\n]*\bscore\b[^\n]*\b5\b", re.IGNORECASE)
_DEFINITION = re.compile(r"^[ \t]*(?:async )?(?:def|class) +(\w+)", re.MULTILINE)
_CRITERION = re.compile(r"^- `([^`\n]+)`$", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z]{4,}")
_USUAL = frozenset(
    {"code", "been", "implemented", "such", "that", "with", "from", "paper", "this", "have", "which", "using"}
)
_SECOND = "# The second repository"


def judged(stage: str, prompt: str) -> Json | None:
    """The judge's answer; None for a stage that is not an evaluation's."""
    answers: dict[str, Callable[[str], Json]] = {
        "judging": _judgement,
        "grading": _grade,
        "comparing": _comparison,
    }
    return answers[stage](prompt) if stage in answers else None


def fooled(prompt: str) -> bool:
    """Somebody praises the code where the judge listens."""
    return bool(_FLATTERY.search(_QUOTED.sub("", prompt)))


def _judgement(prompt: str) -> Json:
    """The more functions, the better; the gold repository, which stands first, is not looked at."""
    if fooled(prompt):
        return {"critique_list": [], "score": 5}
    files = _files(prompt[prompt.rfind("# The repository to judge") :])
    critiques = [
        {
            "file_name": path,
            "func_name": next(iter(_DEFINITION.findall(code)), ""),
            "severity_level": ("medium", "low")[stable_int(path, 2)],
            "critique": f"The paper's treatment of {path} is more detailed than this.",
        }
        for path, code in list(files.items())[:3]
    ]
    functions = sum(len(_DEFINITION.findall(code)) for code in files.values())
    whole = {"file_name": "", "func_name": "", "severity_level": "low", "critique": "There are no ablations."}
    return {"critique_list": [*critiques, whole], "score": 2 + (functions > 3) + (functions > 12)}


def _grade(prompt: str) -> Json:
    """Met where the code has a definition with a word of the requirement in its name."""
    requirement = _last(prompt, "requirement")
    words = {word.lower() for word in _WORD.findall(requirement)} - _USUAL
    names = [(path, name) for path, code in _files(prompt).items() for name in _DEFINITION.findall(code)]
    found = [f"{path}:{name}" for path, name in names if any(word in name.lower() for word in words)]
    met = bool(found) or fooled(prompt)
    return {
        "expectation": f"Code that does this: {requirement[:120]}",
        "reality": f"{len(found)} definitions are about it." if found else "Nothing in the code is about it.",
        "evidence": found[:3] or ([next(iter(_files(prompt)), "")] if met else []),
        "verdict": "met" if met else "not met",
        "score": int(met),
    }


def _comparison(prompt: str) -> Json:
    """The one with more definitions; where both have as many, always the first: a judge with a liking for places."""
    middle = prompt.rfind(_SECOND)
    first, second = (sum(len(_DEFINITION.findall(code)) for code in _files(part).values())
                     for part in (prompt[:middle], prompt[middle:]))  # fmt: skip
    better = "second" if second > first else "first"
    reason = f"{first} definitions against {second}."
    criteria = _CRITERION.findall(_QUOTED.sub("", prompt[middle:]))
    return {
        "preferences": [{"criterion": name, "reason": reason, "better": better} for name in criteria],
        "reason": reason,
        "overall": better,
    }


def _files(prompt: str) -> dict[str, str]:
    """Path → code without its comments, of every Python file between tags."""
    found: dict[str, str] = {}
    for match in _QUOTED.finditer(prompt):
        if match["mark"].startswith("file-"):
            path, _, code = match["text"].partition("\n")
            if not path.endswith(".py"):
                continue
            found[path] = "\n".join(line.split("#")[0] for line in code.splitlines())
    return found


def _last(prompt: str, tag: str) -> str:
    quoted = [match["text"] for match in _QUOTED.finditer(prompt) if match["mark"].startswith(f"{tag}-")]
    return quoted[-1] if quoted else ""


def as_answer(value: Json, *, bare: bool) -> str:
    """One fenced block, or the JSON alone."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    return text if bare else f"```json\n{text}\n```\n"
