"""`ty`, the type checker: undefined names, members that modules do not have, calls that do not fit.

It runs in a temporary copy that holds Python files only, so that nothing in a generated repository (`pyproject.toml`,
`ty.toml`, `.gitignore`, `.venv`) can silence it, against an empty environment, so that what is installed here does not
count.  Third-party packages are unknown to it, and what is unknown it lets pass.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from state.errors import PapercoderError
from state.paths import confine

SECONDS = 60.0
RULES = (
    "unresolved-reference",
    "missing-attribute",
    "missing-module-member",
    "missing-argument",
    "unknown-argument",
    "too-many-positional-arguments",
    "parameter-already-assigned",
    "positional-only-parameter-as-kwarg",
)
"""What is asked of it.  Its other rules judge types, which in unannotated code are guesses."""

_SILENCING = re.compile(r"#(\s*)(ty|type|pyright|pyrefly|mypy)(\s*):")
_MAX_OUTPUT = 20_000_000


@dataclass(frozen=True)
class Diagnostic:
    """One of its findings; lines and columns count from 1."""

    rule: str
    path: str
    line: int
    column: int
    text: str


class CheckerFailed(RuntimeError):
    """It could not be run to its end; the message says why."""


def diagnostics(files: Mapping[str, str], roots: Sequence[str] = ("",)) -> list[Diagnostic]:
    """What `ty` finds in the Python files, in order; raises `CheckerFailed`, or `PapercoderError` if it is missing."""
    executable = find_checker()
    with tempfile.TemporaryDirectory(prefix="papercoder-check-") as name:
        folder = Path(name)
        (folder / "code").mkdir()
        for path, source in files.items():
            if path.endswith(".py"):
                target = confine(folder / "code", path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(_SILENCING.sub(r"#\1xx\3:", source), encoding="utf-8", errors="replace")
        return _parsed(_run(executable, folder, roots))


def find_checker() -> str:
    """The program, beside our Python or on the PATH."""
    beside = Path(sys.executable).parent
    if found := shutil.which("ty", path=str(beside)) or shutil.which("ty"):
        return found
    raise PapercoderError("The type checker `ty` is not installed.", "Install papercoder again, or: pip install ty")


def _run(executable: str, folder: Path, roots: Sequence[str]) -> str:
    command = [executable, "check", "--config-file", str(_settings(folder, roots)), "--output-format", "gitlab"]
    command += ["--exit-zero", "--no-progress", "--color", "never", "--python", str(_empty_environment(folder))]
    command += ["--no-respect-ignore-files", "."]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "NO_COLOR": "1", "TY_MAX_PARALLELISM": "2"}
    try:
        ended = subprocess.run(
            command,
            cwd=folder / "code",
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise CheckerFailed(f"ty did not end within {SECONDS:.0f} seconds") from error
    except OSError as error:
        raise CheckerFailed(f"ty could not be started: {error}") from error
    if ended.returncode or len(ended.stdout) > _MAX_OUTPUT:
        words = ended.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise CheckerFailed(f"ty ended with {ended.returncode}: {words[0][:200]}")
    return ended.stdout.decode(errors="replace")


def _settings(folder: Path, roots: Sequence[str]) -> Path:
    """Our own settings, which replace whatever the repository brings."""
    places = ", ".join(json.dumps(f"./{root}".rstrip("/")) for root in roots)
    rules = "\n".join(f'{rule} = "error"' for rule in RULES)
    file = folder / "ty.toml"
    file.write_text(
        f'[environment]\nroot = [{places}]\npython-platform = "all"\n'
        f'python-version = "{sys.version_info[0]}.{sys.version_info[1]}"\n\n[rules]\nall = "ignore"\n{rules}\n'
    )
    return file


def _empty_environment(folder: Path) -> Path:
    """A virtual environment with nothing in it."""
    place = folder / "environment"
    (place / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages").mkdir(parents=True)
    (place / "bin").mkdir()
    (place / "bin" / "python").symlink_to(sys.executable)
    (place / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).parent}\n")
    return place


def _parsed(output: str) -> list[Diagnostic]:
    try:
        found = [_diagnostic(item) for item in json.loads(output)]
    except (ValueError, KeyError, TypeError) as error:
        raise CheckerFailed(f"ty's answer cannot be read: {error}") from error
    return sorted(found, key=lambda d: (d.path, d.line, d.column, d.rule, d.text))


def _diagnostic(item: Any) -> Diagnostic:
    begin = item["location"]["positions"]["begin"]
    text = item["description"].removeprefix(f"{item['check_name']}: ")
    return Diagnostic(item["check_name"], item["location"]["path"], begin["line"], begin["column"], text)
