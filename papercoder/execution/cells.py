"""Running the cells of a notebook in the sandbox: one interpreter, one namespace, no Jupyter in it."""

import json
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from papercoder.confinement.scratch import temporary
from papercoder.sandbox import Access, Limits, RunReport, Sandbox
from state.walkthrough import CellRun, CellsReport

DRIVER = r"""
import ast, contextlib, io, json, linecache, os, re, sys, traceback, types

mark, most, file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
words = os.fdopen(os.dup(1), "w")  # the cells may do with theirs what they like
here, installed = os.getcwd() + "/", re.compile(r".*/(?:site-packages|python[\d.]+)/")
own, sys.modules["__main__"] = sys.modules["__main__"], types.ModuleType("__main__")
space = vars(sys.modules["__main__"])
sys.argv = ["walkthrough"]

def say(**facts):
    words.write("\n" + mark + json.dumps(facts) + "\n")
    words.flush()

def cut(text):
    return text if len(text) <= most else text[: most // 2] + "\n[…]\n" + text[-most // 2 :]

def run(name, source):
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    tree = compile(source, name, "exec", ast.PyCF_ONLY_AST)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), space)
    value = eval(compile(ast.Expression(last.value), name, "eval"), space) if last else None
    return "" if value is None else repr(value)

def told(error):
    found = traceback.TracebackException.from_exception(error)
    parts, seen = [found], set()
    while parts:
        part = parts.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        part.stack[:] = [frame for frame in part.stack if frame.filename != "<string>"]  # ours
        for frame in part.stack:
            frame.filename = installed.sub("", frame.filename.removeprefix(here))
        parts += [other for other in (part.__cause__, part.__context__) if other]
    line = list(found.format_exception_only())[-1 if isinstance(error, SyntaxError) else 0].strip()
    if line == "AssertionError" and found.stack:
        line += ": " + found.stack[-1].line  # what it was about
    return "".join(found.format()).replace(here, ""), line.replace(here, "")

with open(file, encoding="utf-8") as listing:
    cells = json.load(listing)
for number, source in enumerate(cells, 1):
    say(begun=number)
    printed = io.StringIO()
    facts = {"outcome": "passed"}
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            facts["value"] = cut(run(f"<cell {number}>", source))
    except BaseException as error:
        whole, line = told(error)
        facts = {"outcome": "failed", "error": cut(line), "traceback": cut(whole)}
    say(ended=number, printed=cut(printed.getvalue()), **facts)
"""

SECONDS = 300
MOST_CHARACTERS = 4_000
"""Of what a cell prints, of its value, and of its traceback: the beginning and the end are kept."""
LIMITS = Limits(wall_seconds=SECONDS, cpu_seconds=SECONDS * 4, output_bytes=2_000_000)
FACTS = TypeAdapter(dict[str, int | str])


def run_cells(repository: Path, cells: Sequence[str], *, sandbox: Sandbox, environment: Path) -> CellsReport:
    """What came of each cell, run at the repository's root in its environment.

    Raises `SandboxFailed` if none was run.
    """
    mark = f"papercoder-{uuid4().hex}:"
    with temporary() as scratch:
        (file := scratch / "cells.json").write_text(json.dumps(list(cells)), encoding="utf-8")
        report = sandbox.run(
            ["python", "-c", DRIVER, mark, str(MOST_CHARACTERS), str(file)],
            workdir=repository,
            limits=LIMITS,
            environment=environment,
            access=Access(readable=(file,)),
        )
    ended, begun = _said(report.output, mark)
    runs = [ended.get(number) or _unended(number, begun, report) for number in range(1, len(cells) + 1)]
    return CellsReport(cells=runs, containment=sandbox.name)


def unexecuted(cells: Sequence[str], why: str) -> CellsReport:
    return CellsReport(cells=[CellRun() for _ in cells], unexecuted=why)


def _said(output: str, mark: str) -> tuple[dict[int, CellRun], int]:
    """The cells that ended, and the last that was begun; a cell that forges or breaks its lines is not believed."""
    ended: dict[int, CellRun] = {}
    begun = 0
    for line in output.splitlines():
        _, found, said = line.partition(mark)
        try:
            facts = FACTS.validate_json(said) if found else {}
            if "ended" in facts:
                ended[int(facts["ended"])] = CellRun.model_validate(facts)
            begun = int(facts.get("begun", begun))
        except (ValidationError, ValueError):
            continue
    return ended, begun


def _unended(number: int, begun: int, report: RunReport) -> CellRun:
    """The cell that took the interpreter with it, and those behind it."""
    if number < begun:
        return CellRun(outcome="failed", error="what came of it was lost in what the cells printed")
    if number == begun:
        how = report.stopped or f"the interpreter ended with exit code {report.exit_code}"
        return CellRun(outcome="failed", error=how)
    return CellRun(error=f"cell {begun} ended the interpreter" if begun else "the interpreter did not begin")
