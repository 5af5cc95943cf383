"""Files that a repair may add to a repository: code that is missing, and small texts that stand in for data.

Never tests, which are somebody else's word against the code's; nothing that decides which tests run, or what Python
does before a program begins; nothing that publication or a run of the repository writes.
"""

import sys
from collections.abc import Callable, Collection

from agents.editable_texts import CONFIG, REQUIREMENTS
from papercoder.checks.distributions import WELL_KNOWN
from papercoder.execution.copying import SKIPPED
from state.architecture import RESERVED_FILES
from state.paths import check_beside, folded

KINDS = (".py", ".csv", ".tsv", ".json", ".jsonl", ".txt", ".yaml", ".yml")
RUNNER = {"pytest", "_pytest", "pluggy"}
STEERING = ("conftest.py", "setup.py", "sitecustomize.py", "usercustomize.py")
WRITTEN = frozenset(folded(name) for name in RESERVED_FILES if name not in (CONFIG, REQUIREMENTS))
"""Of a repository that has no settings or no list of packages, both may be what is missing."""


def addable(there: Collection[str]) -> Callable[[str], None]:
    """Raises ValueError for the name of a file that may not be added, in words for the model.

    `there` are all paths that the repository has.
    """

    def check(path: str) -> None:
        if path in there:
            raise ValueError("this file is there, and may not be changed here")
        if refusal := _refusal(path):
            raise ValueError(f"it would be a new file, and {refusal}")
        check_beside([path], there)

    return check


def _refusal(path: str) -> str:
    *folders, name = folded(path).split("/")
    top = (folders or [name.removesuffix(".py")])[0]
    if not name.endswith(KINDS):
        return f"only files with these endings may be added: {', '.join(KINDS)}"
    if name.startswith("test_") or name.endswith("_test.py") or {"test", "tests"} & {*folders}:
        return "tests are not added here"
    if name in STEERING or folded(path) in WRITTEN:
        return f"{name} is not added here"
    if any(part.startswith(".") or part in SKIPPED for part in (*folders, name)):
        return "it would lie where the repository's own files do not"
    if (name.endswith(".py") or folders) and top in sys.stdlib_module_names | WELL_KNOWN | RUNNER:
        return f"it would hide the module {top} from whoever imports that"
    return ""
