"""Critics of several tempers, and a coder who makes a mistake at first: chosen by the name of the model.

`critic-finds` sees the careless coder's mistake; `critic-complains` always finds the same, `critic-carps` always
something else, `critic-flips` twice as much in what was revised; `critic-babbles` says nothing that can be used.  Any
other model is content with everything.  `coder-careless` writes every file with a mistake, and without it when told.
Of runs: see `runs.py`.
"""

import re

from benchmarks.simulator import runs
from benchmarks.simulator.designs import Json
from benchmarks.simulator.project import stable_int
from benchmarks.simulator.reviews import ANSWER, in_json, is_revision

_MISTAKE = re.compile(r"^ *return sum\(.*\) \* \d+\.0$", re.MULTILINE)


def in_character(model: str, stage: str, prompt: str, answer: str, *, bare: bool) -> str:
    """The answer as this model gives it; any other's stays as it is."""
    if model == "coder-careless" and stage == "coding" and not is_revision(prompt):
        return careless(answer)
    if stage in ("logic", "coding", "testing", "repair", "walkthrough"):
        return runs.in_character(model, stage, prompt, answer)
    if not model.startswith("critic-") or stage != "critique":
        return answer
    remarks = _remarks(model.removeprefix("critic-"), ANSWER.findall(prompt)[-1][1])
    return remarks if isinstance(remarks, str) else in_json(remarks, bare=bare)


def _remarks(temper: str, answer: str) -> Json | str:
    """What this critic says of an answer; prose from one that babbles."""
    mistake = _MISTAKE.search(answer)
    match temper:
        case "babbles":
            return "I have looked at it and it seems mostly fine to me."
        case "complains":
            return _findings("It is not as the paper says.")
        case "carps":
            return _findings(f"Objection {stable_int(answer, 10**6)} of many.")
        case "flips":
            return _findings("A quotient is wanted.") if mistake else _findings("A product is wanted.", "And a sum.")
        case "finds" if mistake:
            return _findings("The score is a mean: divide.", evidence=mistake[0].strip())
    return {"findings": []}


def careless(source: str) -> str:
    """The file with a product where the quotient belongs."""
    return re.sub(r"(return sum\(.*\)) / (\d+\.0)$", r"\1 * \2", source, flags=re.MULTILINE)


def _findings(*problems: str, evidence: str = "") -> Json:
    """Findings of the worst kind."""
    finding = {"severity": "high", "location": "score", "evidence": evidence, "fix": "Follow the paper."}
    return {"findings": [{**finding, "problem": problem} for problem in problems]}
