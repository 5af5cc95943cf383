"""What a repository offers to run: modules, tests, an entry point, `reproduce.sh`.  Nothing of it is trusted."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from state.architecture import Architecture
from state.paths import module_name

MAX_FILES = 20_000
MAX_BYTES = 1 << 20
IGNORED = {"__pycache__", "node_modules", "venv", "env", "build", "dist", "site-packages"}
NOT_MODULES = {"setup.py", "conftest.py", "__main__.py"}
TESTS = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")
USUAL_ENTRY_POINTS = ("main.py", "run.py", "train.py", "reproduce.py", "src/main.py")


@dataclass(frozen=True)
class Repository:
    folder: Path

    @cached_property
    def files(self) -> frozenset[str]:
        """Regular files, links left out, hidden folders too."""
        return frozenset(_files(self.folder))

    @property
    def modules(self) -> list[str]:
        """The files that can be imported, tests left out."""
        python = sorted(path for path in self.files if path.endswith(".py") and module_name(path))
        return [path for path in python if not self._is_test(path) and path.rpartition("/")[2] not in NOT_MODULES]

    @property
    def top_names(self) -> frozenset[str]:
        """What an import may begin with, from whichever of its folders a program is started."""
        parts = {part for path in self.files if path.endswith(".py") for part in path.removesuffix(".py").split("/")}
        return frozenset(parts)

    @property
    def has_tests(self) -> bool:
        return any(TESTS.search(path) for path in self.files)

    @property
    def entry_point(self) -> str:
        """As the design names it, or by its usual name; empty if there is none."""
        names = [self._designed(), *USUAL_ENTRY_POINTS]
        return next((name for name in names if name in self.files), "")

    def text(self, name: str) -> str:
        """A file's text; empty if there is none, or too much of it."""
        path = self.folder / name
        if name not in self.files or path.stat().st_size > MAX_BYTES:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")

    def _designed(self) -> str:
        file = self.folder / ".papercoder" / "architecture.json"
        try:
            return Architecture.model_validate_json(file.read_bytes()).entry_point
        except (OSError, ValidationError):  # of another version, or not written by papercoder
            return ""

    def _is_test(self, path: str) -> bool:
        return bool(TESTS.search(path)) or path.startswith(("tests/", "test/"))


def _files(folder: Path) -> Iterator[str]:
    count = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in IGNORED)
        for name in sorted(names):
            path = Path(root, name)
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix()
                count += 1
                if count >= MAX_FILES:
                    return
