"""A walkthrough on its way: written by the guide, its checks run in the sandbox as the repository will be."""

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
from graph.refinement import refined
from papercoder.execution.cells import run_cells, unexecuted
from papercoder.execution.folders import folder_with
from papercoder.publication import Audit
from papercoder.publication.files import commits
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
    files = _repository(material, code)
    work = Guided(runtime, guide(material, code, coverage), partial(_run, runtime, files))
    _, critique = await refined(graph, work)
    return work.versions[critique.best], critique


def _repository(material: Material, code: Mapping[str, str]) -> dict[str, str]:
    """Its files as they will be published, without those that are about it."""
    steps = commits(material, code, "", Audit())
    files = {path: text for step in steps for path, text in step.files.items()}
    return {path: text for path, text in sorted(files.items()) if not path.startswith(".papercoder/")}


async def _run(runtime: Runtime[Context], files: Mapping[str, str], cells: Sequence[str]) -> CellsReport:
    """Kept like an answer: a run that is killed later does not repeat it."""
    digest = hashlib.sha256(json.dumps([files, list(cells)]).encode()).hexdigest()
    stopped = threading.Event()

    async def work() -> tuple[str, bool]:
        try:
            report = await asyncio.to_thread(_in_sandbox, files, cells, stopped)
        except asyncio.CancelledError:
            stopped.set()
            raise
        return report.model_dump_json(), not report.unexecuted

    return CellsReport.model_validate_json(await once(runtime, digest, work))


def _in_sandbox(files: Mapping[str, str], cells: Sequence[str], stopped: threading.Event) -> CellsReport:
    home = home_folder()
    try:
        with stopping_at(stopped), folder_with(files, home / "runs") as folder:
            sandbox = find_sandbox()
            environment = create_environment(  # the one that its tests run in
                files[REQUIREMENTS], home / "environments", sandbox=sandbox, log=lambda _: None, also=["pytest"]
            )
            return run_cells(folder, cells, sandbox=sandbox, environment=environment)
    except (SandboxUnavailable, SandboxFailed, InstallError) as error:
        return unexecuted(cells, str(error).partition("\n")[0])
