"""A walkthrough on its way: written by the guide, its checks run in the sandbox as the repository is."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from langgraph.runtime import Runtime

from agents.context import Material
from agents.guide import guide
from agents.guiding import Guided
from agents.model import once
from agents.running import stoppable
from graph.refinement import refined
from papercoder.execution.cells import run_cells, unexecuted
from papercoder.execution.folders import folder_with
from papercoder.publication import runnable
from papercoder.sandbox import (
    InstallError,
    SandboxFailed,
    SandboxUnavailable,
    create_environment,
    find_sandbox,
    stopping_at,
)
from papercoder.storage.process import home_folder
from state.assessment import Coverage
from state.context import Context
from state.critique import Critique
from state.walkthrough import CellsReport, Walked

REQUIREMENTS = "requirements.txt"


async def walk(
    runtime: Runtime[Context], material: Material, code: Mapping[str, str], coverage: Coverage | None, graph: Any
) -> tuple[Walked, Critique]:
    """The best version, and how it came about.  Raises `AnswerUnusable` where the guide has none."""
    files = await asyncio.to_thread(runnable, material, code)
    work = Guided(runtime, guide(material, code, coverage), partial(_run, runtime, files))
    _, critique = await refined(graph, work)
    return work.versions[critique.best], critique


async def _run(runtime: Runtime[Context], files: Mapping[str, str], cells: Sequence[str]) -> CellsReport:
    """Kept like an answer: a run that is killed later does not repeat it."""
    context = runtime.context
    if not context.execute:
        return unexecuted(cells, "nothing was to be executed")

    async def work() -> tuple[str, bool]:
        report = await stoppable(partial(_in_sandbox, files, cells, context.sandbox))
        return report.model_dump_json(), not report.unexecuted

    whole = json.dumps([context.sandbox, sorted(files.items()), list(cells)]).encode("utf-8", "surrogatepass")
    return CellsReport.model_validate_json(await once(runtime, f"cells of {hashlib.sha256(whole).hexdigest()}", work))


def _in_sandbox(files: Mapping[str, str], cells: Sequence[str], name: str, stop: threading.Event) -> CellsReport:
    home = home_folder().absolute()
    try:
        with stopping_at(stop), folder_with(files, home / "work") as folder:
            sandbox = find_sandbox(name)
            environment = create_environment(  # the one that its tests run in
                files[REQUIREMENTS], home / "environments", sandbox=sandbox, log=lambda _: None, also=["pytest"]
            )
            return run_cells(folder, cells, sandbox=sandbox, environment=environment)
    except (SandboxUnavailable, SandboxFailed, InstallError) as error:
        return unexecuted(cells, str(error).partition("\n")[0])
