"""Critics of several tempers, and a coder who makes a mistake at first: chosen by the name of the model.

`critic-finds` sees the careless coder's mistake; `critic-complains` always finds the same, `critic-carps` always
something else, `critic-flips` twice as much in what was revised; `critic-babbles` says nothing that can be used.  Any
other model is content with everything.  `coder-careless` writes every file with a mistake, and without it when told.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.simulator.project import stable_int
from benchmarks.simulator.tokens import content_of

Json = dict[str, Any]

_MISTAKE = re.compile(r"^ *return sum\(.*\) \* \d+\.0$", re.MULTILINE)
_ANSWER = re.compile(r"<answer-(?P<mark>\w+)>\n(?P<text>.*?)\n</answer-(?P=mark)>", re.DOTALL)
_REVISION = re.compile(r"^# Revision$", re.MULTILINE)


def critique(model: str, messages: Sequence[Mapping[str, Any]]) -> Json | str:
    """What this critic answers; prose from one that babbles."""
    answer = next((found["text"] for m in messages if (found := _ANSWER.search(content_of(m)))), "")
    mistake = _MISTAKE.search(answer)
    match model.removeprefix("critic-"):
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


def is_revision(messages: Sequence[Mapping[str, Any]]) -> bool:
    return any(_REVISION.search(content_of(message)) for message in messages if message.get("role") == "user")


def _findings(*problems: str, evidence: str = "") -> Json:
    """Findings of the worst kind."""
    finding = {"severity": "high", "location": "score", "evidence": evidence, "fix": "Follow the paper."}
    return {"findings": [{**finding, "problem": problem} for problem in problems]}
