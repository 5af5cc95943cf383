"""What is told of a finished repository's faithfulness, gathered from the state."""

from collections.abc import Mapping

from langgraph.store.base import BaseStore

from agents.context import Material
from agents.debugger import checked
from graph.execution import attempts_of
from graph.material import critiques_of, typed, walked_of
from graph.revising import revisions_told
from papercoder.checks.citations import citations_of
from papercoder.checks.paper_tests import what_tests_cite
from papercoder.publication import Audit
from state.assessment import Coverage
from state.execution import Execution
from state.pipeline import PipelineState
from state.revision import carried_out


async def audit_of(state: PipelineState, material: Material, code: Mapping[str, str], store: BaseStore) -> Audit:
    """The same for the same state, wherever the repository is written."""
    return Audit(
        critiques=await critiques_of(state, store),
        checks=await checked(material, dict(code)),
        citations=citations_of(code),
        tests=what_tests_cite(material.tests),
        coverage=typed(Coverage, state.get("coverage")),
        execution=typed(Execution, state.get("execution")),
        attempts=tuple(await attempts_of(state, store)),
        revisions=tuple(carried_out(await revisions_told(state, material, store))),
        walked=await walked_of(state, store),
    )
