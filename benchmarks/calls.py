"""`python -m benchmarks.calls`: what one model call costs the client in CPU, streamed and not.

Everything between a question and its answer is real: budget, journal in SQLite, HTTP to the simulated provider, ledger.
"""

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

from agents.model import open_session
from agents.question import Question
from benchmarks.paper import paper_text
from benchmarks.simulator.process import Simulator
from benchmarks.tables import table
from papercoder.models.answers import text_answer
from papercoder.storage.database import open_journal
from state.context import Context

WARM_UP = 5
"""Calls before the clock starts: the first ones import the SDK and load the tokenizer."""


def question(number: int, prefix: str, *, streamed: bool) -> Question[str]:
    """Of many that share a prefix the first is streamed; so a streamed one gets a prefix of its own."""
    return Question(
        role="analyst",
        stage="analysis",
        file=f"file_{number}.py",
        system="You answer.",
        prefix=f"{number}\n{prefix}" if streamed else prefix,
        task=f"# Stage: analysis of file_{number}.py\n",
        parse=text_answer(),
        fan_out=streamed,
    )


async def cpu_of_a_call(calls: int, base_url: str, *, streamed: bool) -> float:
    """Seconds of the processor a call, of `calls` in sequence."""
    prefix = paper_text()
    with tempfile.TemporaryDirectory(prefix="papercoder-") as folder:
        async with open_journal(Path(folder)) as journal:
            session = await open_session("run", Context(model="openai:o3-mini", base_url=base_url), journal)
            for number in range(-WARM_UP, 0):
                await session.answer(question(number, prefix, streamed=streamed), lambda _: None)
            before = time.process_time()
            for number in range(calls):
                await session.answer(question(number, prefix, streamed=streamed), lambda _: None)
            return (time.process_time() - before) / calls


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls", description=__doc__)
    parser.add_argument("--calls", type=int, default=100, help="of each kind; default: %(default)s")
    arguments = parser.parse_args()
    rows = []
    with Simulator(files=10, scale=0.001) as simulator:
        os.environ |= simulator.environment()
        for streamed in (False, True):
            seconds = asyncio.run(cpu_of_a_call(arguments.calls, simulator.base_url, streamed=streamed))
            rows.append(["streamed" if streamed else "not streamed", f"{1000 * seconds:.1f} ms"])
    print(table(["a call", "the client's CPU"], rows))


if __name__ == "__main__":
    main()
