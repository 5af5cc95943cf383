"""Where a measured number comes from: command, commit, seeds, and the line of the log that speaks of it."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from papercoder.results import Comparison, Provenance

GIT_SECONDS = 60
MAX_BYTES = 10_000_000
MAX_TEXT = 200
SEEDS = re.compile(r"^\s*(?:[\w.]+_)?seeds?\s*:\s*(?P<seeds>[^#\n]+)", re.MULTILINE)
GIT = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")


def traced(
    comparisons: Sequence[Comparison], results: Mapping[str, Any], repository: Path, run: Provenance
) -> list[Comparison]:
    """Each measured number with what it goes back to; ``run`` is what all of them share."""
    lines = _text(Path(run.log)).splitlines() if run.log else []
    common = run.model_copy(update={"commit": commit(repository), "seeds": _seeds(repository)})
    return [_traced(comparison, results, lines, common) for comparison in comparisons]


def commit(repository: Path) -> str:
    """The one that is checked out, with `+changes` if files of it have been changed; empty without git."""
    head = _git(repository, "rev-parse", "HEAD").strip()
    changed = head and _git(repository, "status", "--porcelain", "--untracked-files=no").strip()
    return f"{head}+changes" if changed else head


def _traced(comparison: Comparison, results: Mapping[str, Any], lines: Sequence[str], common: Provenance) -> Comparison:
    if comparison.measured is None:
        return comparison
    entry = results.get(comparison.expected.id)
    seeds = entry.get("seeds") if isinstance(entry, Mapping) else None
    number, text = _line(lines, comparison.expected.id, comparison.measured)
    own: dict[str, Any] = {"line": number, "text": text}
    if isinstance(seeds, list):
        own["seeds"] = ", ".join(map(str, seeds))[:MAX_TEXT]
    return comparison.model_copy(update={"provenance": common.model_copy(update=own)})


def _line(lines: Sequence[str], key: str, value: float) -> tuple[int, str]:
    """The last line with the key, or else the last with the number as it may have been printed."""
    whole = re.compile(rf"(?<![\w./-]){re.escape(key)}(?![\w./-])")
    forms = {f"{value:.{digits}f}" for digits in range(2, 7)} | {f"{value:.{digits}g}" for digits in range(4, 8)}
    printed = re.compile(rf"(?<![\d.])(?:{'|'.join(map(re.escape, sorted(forms)))})(?!\d)")
    for pattern in (whole, printed):
        for number in range(len(lines), 0, -1):
            if pattern.search(lines[number - 1]):
                return number, lines[number - 1].strip()[:MAX_TEXT]
    return 0, ""


def _seeds(repository: Path) -> str:
    """Of config.yaml, read as text: a program that has just run may have made anything of it."""
    found = [match["seeds"].strip() for match in SEEDS.finditer(_text(repository / "config.yaml"))]
    return "; ".join(dict.fromkeys(found))[:MAX_TEXT]


def _text(file: Path) -> str:
    if file.is_symlink() or not file.is_file() or file.stat().st_size > MAX_BYTES:
        return ""
    return file.read_text(encoding="utf-8", errors="replace")


def _git(repository: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            [*GIT, "-C", str(repository), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=GIT_SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
