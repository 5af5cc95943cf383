"""What the simulated model says of work that is there: remarks, verdicts, and edits that mend it.

A strict reviewer finds something in the first version of everything and nothing in the second; a lenient one is
content with the first.
"""

import re
from collections.abc import Iterator

from benchmarks.simulator.defaults import SETTINGS
from benchmarks.simulator.designs import Json, open_choice, to_json
from benchmarks.simulator.surveys import is_of_a_survey

MENDED = "mended after review"
"""What the second version of everything says of itself."""
UNREAD = SETTINGS[-1][0]
"""The setting that the code of a strict project forgets until it is repaired."""

ANSWER = re.compile(r"<(answer-[0-9a-f]{8})>\n(.*?)\n</\1>", re.DOTALL)
_ITEM = re.compile(r"^- (Q\d+): (.*)$", re.MULTILINE)
_SHOWN_FILE = re.compile(r"### `(?P<path>[^`]+)`.*")
_ACTING_LINE = re.compile(r" *(?P<number>\d+) \|\s+return .*")
_READS = "def settings(config: Dict[str, Any]) -> Dict[str, Any]:"
_BUILDS = "@functools.lru_cache(maxsize=None)"
_COMPLETED = "def completed() -> bool:"


def is_revision(task: str) -> bool:
    return "\n# Revision\n" in task


def mended_design(design: Json) -> Json:
    return design | {"open_choices": [*design["open_choices"], open_choice("what a review found", MENDED)]}


def mended_text(text: str) -> str:
    return f"{text.rstrip()}\n\n{MENDED.capitalize()}.\n"


def mended_code(source: str) -> str:
    return f"{source.rstrip()}\n\n# {MENDED.capitalize()}.\n"


def remarks(task: str, *, strict: bool) -> Json:
    """The critic's: a finding worth a revision only in what has not been mended."""
    low = _remark("low", "A word on the data would help.", "Say it in a sentence.")
    if not strict:
        return {"findings": []}
    if MENDED in ANSWER.findall(task)[-1][1].lower():
        return {"findings": [low]}
    return {"findings": [_remark("medium", "The warm-up is not the paper's.", "Follow the passage."), low]}


def verdicts(prompt: str, *, strict: bool) -> Json:
    """The assessor's, by the first line of the code that does something.

    Met is what the simulated specifier wrote; a strict assessor misses half of it until the code is completed.
    """
    listing = prompt[prompt.rindex("\n# The code") :]
    path, line = next(_acting_lines(listing))
    evidence = {"file": path, "line": line, "reason": "This line does it."}
    code, _, task = listing.rpartition("# Stage:")
    doubtful = strict and _COMPLETED not in code
    items = _ITEM.findall(task)
    return {
        "verdicts": [
            {"id": name, "judgement": "met", **evidence}
            if is_of_a_survey(what) and not (doubtful and number % 2)
            else {"id": name, "judgement": "missing", "reason": "No line does it."}
            for number, (name, what) in enumerate(items)
        ]
    }


def repair(task: str) -> str:
    """An edit that reads the forgotten setting."""
    path = "".join(f'["{part}"]' for part in UNREAD.split("."))
    return _edit(task, _READS, f"{_READS}\n    _ = config{path}")


def completion(task: str) -> str:
    """An edit that puts in what the assessor missed."""
    added = f'{_COMPLETED}\n    """What the paper asks for, too."""\n    return True\n\n\n{_BUILDS}'
    return _edit(task, _BUILDS, added)


def in_json(design: Json, *, bare: bool) -> str:
    text = to_json(design)
    return text if bare else f"```json\n{text}\n```\n"


def _remark(severity: str, problem: str, fix: str) -> Json:
    return {"severity": severity, "problem": problem, "fix": fix}


def _edit(task: str, search: str, replacement: str) -> str:
    """In the first file shown that has the text."""
    if search not in task:
        return "NO EDITS: it stands in no file that is shown.\n"
    shown = task[: task.index(search)]
    path = list(_SHOWN_FILE.finditer(shown))[-1]["path"]
    return f"FILE: {path}\n\n<<<<<<< SEARCH\n{search}\n=======\n{replacement}\n>>>>>>> REPLACE\n"


def _acting_lines(listing: str) -> Iterator[tuple[str, int]]:
    path = ""
    for text in listing.splitlines():
        if shown := _SHOWN_FILE.fullmatch(text):
            path = shown["path"]
        elif path and (line := _ACTING_LINE.fullmatch(text)):
            yield path, int(line["number"])
