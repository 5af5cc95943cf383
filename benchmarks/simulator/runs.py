"""What the simulated model says where the repository was run: who is wrong, and edits that mend it.

Mistakes are made on demand, by the name of the model: `coder-slips` writes a `utils.py` that raises when it is used,
and behind that adds one to every score; `coder-hangs` one that never ends, `coder-forgets` one that reads data which
nobody has written, `coder-omits` one that imports a module which nobody has; `guide-hangs` writes a check that never
ends; `designer-dreams` asks for a package that there is not; `tester-errs` claims thrice the score of twice the values;
`debugger-fails` edits, and mends nothing.  All others do their work well.
"""

import re

from benchmarks.simulator.designs import Json

RAISES = 'raise KeyError("weights")'
ADDS = " + 1.0"
HANGS = 'while True: open("beat", "w").close()'
DATA = "data/scale.csv"
FORGETS = f'open("{DATA}").read()'
OMITTED = "from scaling import FACTOR"
DREAMT = "numpy-of-dreams>=3"
THRICE = "3 * once[key]"
_SLIPS = {
    "coder-slips": f"        {RAISES}\n\\g<0>{ADDS}",
    "coder-hangs": f"        {HANGS}\n\\g<0>",
    "coder-forgets": f"        {FORGETS}\n\\g<0>",
    "coder-omits": f"        {OMITTED}\n\\g<0> * FACTOR",
}
_SCORE = re.compile(r"^        return sum\(float\(item\) for item in values\) / (?P<divisor>\d+)\.0$", re.MULTILINE)
_SHOWN_FILE = re.compile(r"^### `(?P<path>[^`]+)`$", re.MULTILINE)
_FAILING = re.compile(r"^## (?P<test>tests/\S+)$", re.MULTILINE)


def in_character(model: str, stage: str, prompt: str, answer: str) -> str:
    """The answer as this model gives it; any other's stays as it is."""
    if stage == "coding" and answer.startswith("FILE: utils.py"):
        return _SCORE.sub(_SLIPS[model], answer) if model in _SLIPS else answer
    if stage == "logic" and model == "designer-dreams":
        return answer.replace('"packages": []', f'"packages": ["{DREAMT}"]')
    if stage == "walkthrough" and model == "guide-hangs":
        return answer.replace("print(score)\n", f"print(score)\n{HANGS}\n", 1)
    if stage == "testing" and model == "tester-errs":
        return answer.replace("2 * once[key]", THRICE)
    if stage == "repair" and model == "debugger-fails":
        return _edit(prompt, RAISES, f"{RAISES}  # looked at {prompt.count('Tried already')} times")
    return answer


def rulings(task: str) -> Json:
    """The arbiter's: a test that claims thrice is wrong, everything else is the code's fault."""
    tests = list(dict.fromkeys(_FAILING.findall(task)))
    wrong = [test for test in tests if THRICE in task and test.endswith("test_scores_grow_with_their_values")]
    broken = RAISES in task or ADDS in task
    return {
        "rulings": [
            _ruling(test, "both" if broken else "test") if test in wrong else _ruling(test, "code") for test in tests
        ]
    }


def repair(task: str) -> str:
    """An edit that mends the first mistake that is there."""
    if added := addition(task):
        return added
    for wrong, right in ((DREAMT, ""), (RAISES, "pass"), (HANGS, "pass"), (ADDS, ""), (THRICE, "2 * once[key]")):
        if wrong in task and _editable(task, wrong):
            return _edit(task, wrong, right) if wrong != THRICE else _edits(task, wrong, right)
    return "NO EDITS\n\nNothing of this is the code's.\n"


def addition(task: str) -> str:
    """The file that somebody has forgotten to write; empty if nobody has."""
    for sign, path, text in ((FORGETS, DATA, "scale\n1.0\n"), (OMITTED, "scaling.py", "FACTOR = 1.0\n")):
        if sign in task and f"### `{path}`" not in task:
            return f"FILE: {path}\n\n<<<<<<< SEARCH\n=======\n{text}>>>>>>> REPLACE\n"
    return ""


def _edits(task: str, wrong: str, right: str) -> str:
    """In every file that is shown."""
    edits, left = [], task
    while wrong in left:
        edits.append(_edit(left, wrong, right))
        left = left[: left.rindex(wrong)]
    return "\n".join(dict.fromkeys(edits))


def _ruling(test: str, wrong: str) -> Json:
    changes = {"code_change": "Follow the passage.", "test_change": "Claim twice the score."}
    return {"test": test, "wrong": wrong, "reason": "A score is linear in its values.", "source": [], **changes}


def _editable(task: str, text: str) -> str:
    """The last file shown that has the text in its code; traces and diffs stand before it."""
    start = task.rindex(text)
    shown = [match["path"] for match in _SHOWN_FILE.finditer(task[:start])]
    return shown[-1] if shown else ""


def _edit(task: str, wrong: str, right: str) -> str:
    """The whole line is searched for, so that it is found once."""
    start = task.rindex(wrong)
    line = task[task.rindex("\n", 0, start) + 1 : task.index("\n", start)]
    return (
        f"FILE: {_editable(task, wrong)}\n\n"
        f"<<<<<<< SEARCH\n{line}\n=======\n{line.replace(wrong, right)}\n>>>>>>> REPLACE\n"
    )
