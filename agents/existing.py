"""A repository that was there before: its files as they are, with as much of a paper and a design as it brings."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, Field, ValidationError

from agents.context import base_text, preamble
from agents.editing import Code, edited
from agents.paper import paper_text
from agents.premises import Premises
from agents.question import Question
from papercoder.models.prices import window_of
from papercoder.models.tokens import cut_to_tokens
from prompts import contract, quoted, render
from state.architecture import Architecture
from state.context import Context
from state.counts import counted
from state.execution import ExecutionReport
from state.paper import Paper
from state.paths import module_name
from state.requirements import Specification
from state.review import Finding

OURS = ".papercoder/"
ARCHITECTURE, SPECIFICATION, PAPER_TEXT = f"{OURS}architecture.json", f"{OURS}specification.json", f"{OURS}paper.md"
MANIFEST = f"{OURS}run.json"
BROUGHT = (ARCHITECTURE, SPECIFICATION, PAPER_TEXT, MANIFEST)
"""What a repository of ours brings of its design."""
TESTS = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
EDITABLE = re.compile(r"\.(py|ya?ml|toml|cfg|ini|json|sh|txt|in)$")
A = TypeVar("A", bound=BaseModel)
LISTING, PAPER = 0.15, 0.5
"""Shares of the window."""
ALREADY_OURS = "tests/test_contracts.py"
"""Written by publication, from the contracts: nobody's word against the code's."""


class Made(BaseModel):
    """How a run made the repository, as its manifest says; whoever wrote that may be anybody."""

    framework: str = Field("", max_length=80, pattern=r"^[\w ,.+&/-]*$")


def brought(files: Mapping[str, str]) -> str:
    """What a repository of ours says of itself, in a few words; empty of any other."""
    specification = _read(Specification, files.get(SPECIFICATION, ""))
    design = _read(Architecture, files.get(ARCHITECTURE, ""))
    parts = [
        "paper" if files.get(PAPER_TEXT) else "",
        counted(len(specification.requirements), "requirement") if specification else "",
        f"contracts of {counted(len(design.files), 'file')}" if design else "",
    ]
    return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class Existing:
    """`files` are all its texts, `.papercoder/` included; `run_it` runs the folder with these texts in it.

    `there` are the paths of everything in the folder.
    """

    context: Context
    files: Mapping[str, str]
    paper: Paper | None
    run_it: Callable[[Code], Awaitable[ExecutionReport]]
    there: Collection[str] = ()

    @property
    def first(self) -> Code:
        """What may be changed: code, settings, packages, and tests if a paper can say whether they are right."""
        return {
            path: text
            for path, text in sorted(self.files.items())
            if EDITABLE.search(path) and not path.startswith(".") and (not TESTS.search(path) or self._is_judged(path))
        }

    async def execute(self, texts: Code) -> ExecutionReport:
        return await self.run_it(texts)

    async def broken(self, texts: Code) -> tuple[Finding, ...]:
        """There is no design to hold it against."""
        return ()

    def premises(self, texts: Code) -> Premises:
        design = _read(Architecture, self.files.get(ARCHITECTURE, ""))
        specification = _read(Specification, self.files.get(SPECIFICATION, ""))
        contracts = {file.path: contract(file) for file in design.files} if design else {}
        tests = {path: text for path, text in texts.items() if self._is_judged(path)}
        return Premises(
            context=self._asked,
            prefix=self._prefix(specification),
            window=self._window,
            tests=tests,
            subjects={test: subject for test in tests if (subject := _subject(test, texts))},
            contracts=contracts,
            requirements=specification.requirements if specification else (),
            owned={file.path: file.requirements for file in design.files} if design else {},
            there=self.there,
        )

    def code(self, texts: Code) -> Code:
        return {path: text for path, text in texts.items() if path.endswith(".py") and not TESTS.search(path)}

    def mending(self, texts: Code, wrong: Sequence[Finding], number: int) -> Question[Code]:
        premises = self.premises(texts)
        named = {finding.file for finding in wrong}
        shown = {path: text for path, text in premises.tests.items() if path in named}
        subjects = [premises.subjects[path] for path in shown if path in premises.subjects]
        task = render(
            "repair_of_tests",
            files=[(path, quoted("file", text)) for path, text in shown.items()],
            contracts="\n\n".join(premises.contracts[path] for path in subjects if path in premises.contracts),
            requirements=[one for path in subjects for one in premises.concerned(path, set())],
            findings=wrong,
        ) + render("edits_form")
        return Question(
            role="tester",
            stage="execution",
            system=preamble(self._asked),
            prefix=premises.prefix,
            task=task,
            round=number,
            parse=edited(dict(premises.tests), shown),
            optional=True,
        )

    def fits(self, texts: Code) -> object:
        return texts

    @property
    def _asked(self) -> Context:
        """The run's settings, with the target that the repository has; of one that is not ours nobody knows it."""
        made = _read(Made, self.files.get(MANIFEST, "")) or Made()
        return self.context.model_copy(update={"framework": made.framework})

    @property
    def _window(self) -> int:
        window = min(window_of(name, self.context) for name in {self.context.model, *self.context.models.values()})
        return max(window - self.context.max_output_tokens, window // 4)

    @property
    def _told_paper(self) -> str:
        """As it was given, or as it was read when the repository was made."""
        most = int(self._window * PAPER)
        return paper_text(self.paper, most)[0] if self.paper else cut_to_tokens(self.files.get(PAPER_TEXT, ""), most)

    def _is_judged(self, path: str) -> bool:
        """Whether an arbiter may find this file of tests wrong: without a paper nobody can."""
        is_test = bool(TESTS.search(path)) and not path.endswith("conftest.py") and path != ALREADY_OURS
        return is_test and bool(self.paper or self.files.get(PAPER_TEXT))

    def _prefix(self, specification: Specification | None) -> str:
        paper = self._told_paper
        whole = render("paper", paper=quoted("paper", paper), linearised=False) if paper else ""
        if specification and specification.requirements:
            whole += render("requirements", specification=specification)
        own = {path: text for path, text in self.files.items() if not path.startswith(".")}
        listing = base_text(own, int(self._window * LISTING))
        return whole + render("repository_to_repair", has_paper=bool(paper), files=listing)


def _subject(test: str, texts: Mapping[str, str]) -> str:
    """The file whose name the tests' file has, or the first one that it imports."""
    name = re.sub(r"^test_|_test$", "", test.rpartition("/")[2].removesuffix(".py"))
    modules = {module: path for path in texts if not TESTS.search(path) and (module := module_name(path))}
    named = [path for module, path in modules.items() if module.rpartition(".")[2] == name]
    imported = re.findall(r"^\s*(?:from|import) ([\w.]+)", texts[test], re.MULTILINE)
    return next(iter([*named, *(modules[m] for m in imported if m in modules)]), "")


def _read(model: type[A], text: str) -> A | None:
    try:
        return model.model_validate_json(text) if text else None
    except ValidationError:  # of another version, or somebody else's
        return None
