"""What runs keep: bodies, checkpoints, manifests and locks, each removed with its run and not before."""

import asyncio
import base64
import hashlib
import os
import random
import signal
import string
import subprocess
import sys
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel

from agents.context import Material
from papercoder.records import run_record
from papercoder.storage.bodies import get_bodies, get_body, get_image, put_body, put_images
from papercoder.storage.database import Database, open_database, serializer
from papercoder.storage.manifests import RunRecord
from state.artifacts import Artifact
from state.body import Body
from state.configuration import FullRun, Presets, PresetValue
from state.context import Context
from state.errors import KeptDamaged, RunLocked
from state.paper import ImageRef
from state.pipeline import PaperSummary, PipelineState, merge
from state.plan import Resource
from state.published import Published

DESIGNED = {
    f"state.{name}" for name in ("architecture", "artifacts", "body", "configuration", "logic", "plan", "published")
}


@pytest.fixture
async def database(tmp_path: Path, database_url: str) -> AsyncIterator[Database]:
    async with open_database(tmp_path, database_url) as opened:
        yield opened


async def checkpoint(database: Database, run: str, **state: Any) -> None:
    """Leaves a checkpoint of this state."""
    graph = StateGraph(PipelineState)
    graph.add_node("reading", lambda _: state)
    graph.add_edge(START, "reading")
    graph.add_edge("reading", END)
    compiled = graph.compile(checkpointer=database.checkpoints, store=database.store)
    await compiled.ainvoke({"source": "x"}, {"configurable": {"thread_id": run}})


async def kept(database: Database, body: Body) -> bool:
    try:
        await get_body(database.store, body)
    except KeptDamaged:
        return False
    return True


@pytest.mark.parametrize("text", ["", "x", "é\0\r\n" * 100, "x" * 1_000_000])
async def test_a_body_is_kept_under_its_hash(database: Database, text: str) -> None:
    body = await put_body(database.store, text)
    assert body == Body(sha256=hashlib.sha256(text.encode()).hexdigest(), characters=len(text))
    assert await get_body(database.store, body) == text
    assert await put_body(database.store, text) == body
    assert await get_bodies(database.store, {"a": body}) == {"a": text}


async def test_a_missing_body_says_what_to_do(database: Database) -> None:
    with pytest.raises(KeptDamaged, match="The text abc, which") as failure:
        await get_body(database.store, Body(sha256="abc", characters=1))
    assert "papercoder resume RUN --afresh" in failure.value.next_step


async def test_a_body_that_another_run_reaches_stays(database: Database) -> None:
    shared, own, lost = [await put_body(database.store, text) for text in ("shared", "own", "lost")]
    summary = {
        "title": "t",
        "format": "latex",
        "sections": 1,
        "equations": 0,
        "tables": 0,
        "algorithms": 0,
        "figures": 0,
    }
    await checkpoint(database, "one", code={"a.py": shared}, analyses={"a.py": lost})
    await checkpoint(database, "two", code={"b.py": shared}, paper=PaperSummary(**summary, references=0, body=own))
    await database.checkpoints.adelete_thread("one")
    await database.sweep()
    assert [await kept(database, body) for body in (shared, own, lost)] == [True, True, False]


async def test_a_body_that_an_earlier_checkpoint_reaches_stays(database: Database) -> None:
    earlier, later = await put_body(database.store, "earlier"), await put_body(database.store, "later")
    await checkpoint(database, "one", code={"a.py": earlier})
    await checkpoint(database, "one", code={"a.py": later})
    await database.sweep()
    assert [await kept(database, body) for body in (earlier, later)] == [True, True]


async def test_a_body_that_was_edited_as_plain_data_stays(database: Database) -> None:
    body = await put_body(database.store, "edited in Studio")
    await checkpoint(database, "one", code={"a.py": body.model_dump()})
    await database.sweep()
    assert await kept(database, body)


async def test_an_image_is_kept_and_removed_as_a_text_is(database: Database) -> None:
    one, two = (ImageRef(sha256=sha256(data).hexdigest(), media_type="image/png", width=1, height=1, bytes=len(data))
                for data in (b"\x89PNG\0\xff", b"two"))  # fmt: skip
    await put_images(database.store, {one.sha256: b"\x89PNG\0\xff", two.sha256: b"two"})
    body = await put_body(database.store, "the paper")
    counts = dict.fromkeys(("sections", "equations", "tables", "algorithms", "figures", "references"), 0)
    await checkpoint(database, "one", paper=PaperSummary(title="t", format="pdf", body=body, images=(one,), **counts))
    await database.sweep()
    assert base64.b64decode(await get_image(database.store, one)) == b"\x89PNG\0\xff"
    with pytest.raises(KeptDamaged, match="missing or damaged"):
        await get_image(database.store, two)
    await database.checkpoints.adelete_thread("one")
    await database.sweep()
    with pytest.raises(KeptDamaged):
        await get_image(database.store, one)


async def test_an_image_that_was_changed_in_the_database_is_not_shown(database: Database) -> None:
    ref = ImageRef(sha256=sha256(b"one").hexdigest(), media_type="image/png", width=1, height=1, bytes=3)
    await put_images(database.store, {ref.sha256: b"another"})
    with pytest.raises(KeptDamaged, match="missing or damaged"):
        await get_image(database.store, ref)


async def test_sweeping_frees_room(database: Database) -> None:
    for n in range(20):
        await put_body(database.store, "".join(random.Random(n).choices(string.printable, k=50_000)))
    before = await database.size()
    await database.sweep()
    assert await database.size() < before - 500_000


def every_artifact(material: Material) -> list[Any]:
    body = Body(sha256="0" * 64, characters=3)
    plan, design, logic, settings = material.plan, material.architecture, material.logic, material.configuration
    assert plan
    assert design
    assert logic
    assert settings
    summary = PaperSummary(
        title="t",
        format="pdf",
        body=body,
        sections=1,
        equations=0,
        tables=0,
        algorithms=0,
        figures=0,
        references=0,
        warnings=("w",),
    )
    return [
        plan,
        plan.method[0],
        plan.expected_results[0],
        plan.open_choices[0],
        Resource(name="digits", kind="dataset", available="package", source=[]),
        design,
        design.files[0],
        design.files[0].symbols[0],
        design.relations[0],
        design.sequence[0],
        logic,
        logic.tasks[0],
        logic.commands[0],
        settings,
        settings.values[0],
        Presets(smoke=[PresetValue(key="a.b", value=[1, 0.5, "c"])]),
        PresetValue(key="a.b", value=None),
        FullRun(hardware="a GPU", gpu_hours=2.5),
        body,
        Published(folder="/x", files=3),
        summary,
    ]


def test_every_artifact_comes_back_from_a_checkpoint_as_what_it_was(material: Material) -> None:
    made = every_artifact(material)
    designed = {model for model in Artifact.__subclasses__() if model.__module__ in DESIGNED}
    assert designed <= {type(artifact) for artifact in made}
    keeper = serializer()
    for artifact in made:
        back = keeper.loads_typed(keeper.dumps_typed({"x": artifact, "list": [artifact]}))
        assert back == {"x": artifact, "list": [artifact]}
        assert type(back["x"]) is type(artifact)


class Stranger(BaseModel):
    x: int = 1


def test_an_unregistered_type_does_not_come_back_from_a_checkpoint() -> None:
    keeper = serializer()
    assert not isinstance(keeper.loads_typed(keeper.dumps_typed(Stranger())), Stranger)


def test_later_bodies_replace_earlier_ones() -> None:
    one, two = (Body(sha256=name, characters=1) for name in "ab")
    assert merge({"x": one, "y": one}, {"x": two}) == {"x": two, "y": one}
    assert merge({"x": one}, None) == {}


def record(run: str, created: str = "2026-11-22T00:00:00+00:00") -> RunRecord:
    return RunRecord(
        id=run,
        status="running",
        stage="reading",
        source="/p.pdf",
        output="/o",
        created=created,
        updated=created,
        context=Context(),
    )


async def test_manifests_are_listed_newest_first(database: Database) -> None:
    manifests = database.manifests
    await manifests.save(record("a", "2026-11-20T00:00:00+00:00"))
    await manifests.save(record("b", "2026-11-22T00:00:00+00:00"))
    await manifests.save(record("c", "2026-11-21T00:00:00+00:00"))
    assert [one.id for one in await manifests.all()] == ["b", "c", "a"]
    await manifests.forget("c")
    assert [one.id for one in await manifests.all()] == ["b", "a"]


async def test_a_manifest_is_updated_in_place(database: Database) -> None:
    await database.manifests.save(record("a"))
    changed = await database.manifests.update("a", status="failed", error="why")
    assert (changed.status, changed.error) == ("failed", "why")
    assert changed.updated > changed.created
    assert await database.manifests.all() == [changed]


async def test_two_processes_may_use_one_database(tmp_path: Path, database_url: str) -> None:
    async with open_database(tmp_path, database_url) as one, open_database(tmp_path, database_url) as two:
        await asyncio.gather(*(put_body(side.store, f"{n}") for n in range(20) for side in (one, two)))
        await asyncio.gather(one.manifests.save(record("a")), two.manifests.save(record("b")))
        assert len(await one.manifests.all()) == 2


HOLD = """
import asyncio, sys, time
from pathlib import Path
from papercoder.storage.database import open_database

async def main():
    async with open_database(Path(sys.argv[1]), sys.argv[2]) as database:
        async with database.locks.hold("run"):
            print("held", flush=True)
            await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def holder(tmp_path: Path, database_url: str) -> Any:
    command = [sys.executable, "-c", HOLD, str(tmp_path), database_url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


async def test_a_second_process_is_refused_politely(database: Database, holder: Any) -> None:
    assert await database.locks.held(["run", "other"]) == {"run"}
    with pytest.raises(RunLocked, match=f"pid {holder.pid}") as refusal:
        async with database.locks.hold("run"):
            pass
    assert "papercoder resume run" in refusal.value.next_step
    async with database.locks.hold("other"):
        assert await database.locks.held(["run", "other"]) == {"run", "other"}


async def test_a_lock_is_gone_with_its_process(database: Database, holder: Any) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    while await database.locks.held(["run"]):  # noqa: ASYNC110 - a server hears of it a moment later
        await asyncio.sleep(0.01)
    async with database.locks.hold("run"):
        assert await database.locks.held(["run"]) == {"run"}
    assert await database.locks.held(["run"]) == set()


async def test_a_process_does_not_hold_a_run_twice(database: Database) -> None:
    async with database.locks.hold("run"):
        with pytest.raises(RunLocked):
            async with database.locks.hold("run"):
                pass
        assert await database.locks.held(["run"]) == {"run"}


async def test_nothing_is_swept_while_anyone_works(tmp_path: Path, database_url: str, database: Database) -> None:
    async with open_database(tmp_path, database_url) as other:
        async with other.locks.hold("run"), database.locks.nobody() as idle:
            assert not idle
        async with database.locks.hold("run"), database.locks.nobody() as idle:
            assert not idle
        async with database.locks.nobody() as idle:
            assert idle
            beginning = asyncio.create_task(enter(other, "run"))
            await asyncio.sleep(0.3)
            assert not beginning.done()
        await beginning


async def enter(database: Database, run: str) -> None:
    async with database.locks.hold(run):
        pass


@pytest.mark.parametrize(("name", "beginning"), [
    ("Pâper Größe 2.tex", "paper-groe-2-"), ("论文.pdf", "paper-"), ("../a b.md", "a-b-"),
])  # fmt: skip
def test_a_run_s_id_can_be_typed_whatever_the_paper_is_called(tmp_path: Path, name: str, beginning: str) -> None:
    (tmp_path / "in").mkdir()
    paper = tmp_path / "in" / name
    paper.write_text("# Words")
    assert run_record(paper, [], tmp_path / "out", None, Context()).id.startswith(beginning)
