"""Does the file parse?"""

import json
from collections.abc import Iterator

import yaml

from papercoder.checks.module import Module, Unreadable, parse
from papercoder.checks.rules import finding
from state.review import Finding


def parsed(path: str, source: str) -> Module | Finding | None:
    """The module, or why it is none; None for what is not Python."""
    if not path.endswith(".py"):
        return None
    try:
        return parse(path, source)
    except Unreadable as error:
        return finding("syntax-error", path, str(error), line=error.line)


def data_findings(path: str, source: str) -> Iterator[Finding]:
    """JSON and YAML that cannot be read."""
    try:
        if path.endswith(".json"):
            json.loads(source)
        elif path.endswith((".yaml", ".yml")):
            list(yaml.compose_all(source, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        yield finding("syntax-error", path, f"{path} is not valid YAML: {error.problem}.", line=line)
    except json.JSONDecodeError as error:
        yield finding("syntax-error", path, f"{path} is not valid JSON: {error.msg}.", line=error.lineno)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        yield finding("syntax-error", path, f"{path} cannot be read: {type(error).__name__}.")
