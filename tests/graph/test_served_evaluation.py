"""An evaluation on a server: what a client may have judged is what its operator allows."""

from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.memory import InMemoryStore

from graph.evaluation import build, evaluation
from state.context import Context
from state.errors import InputError

PAPER = "# A Paper\n\n## 1 Method\n\nThe mean is taken.\n"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("allowed", "private"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.py").write_text("x = 1\n")
    (tmp_path / "private" / "rubric.json").write_text("{}")
    monkeypatch.setenv("PAPERCODER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PAPERCODER_ALLOWED_FOLDERS", str(tmp_path / "allowed"))
    return tmp_path


@pytest.mark.parametrize(
    "asked",
    [
        {"repositories": ["private"]},
        {"repositories": ["allowed"], "gold": "private"},
        {"repositories": ["allowed"], "rubric": "private/rubric.json"},
        {"repositories": ["allowed", "private"]},
    ],
)
async def test_folders_that_nobody_allowed_are_not_read(folders: Path, asked: dict[str, object]) -> None:
    def whole(value: object) -> object:
        return [str(folders / name) for name in value] if isinstance(value, list) else str(folders / str(value))

    graph = build()
    graph.store = InMemoryStore()
    request = {name: whole(value) for name, value in asked.items()}
    with pytest.raises(InputError, match="private"):
        await graph.ainvoke({"text": PAPER, "request": request}, context=Context())


async def test_a_thread_that_judges_anew_knows_nothing_of_before(folders: Path) -> None:
    graph = evaluation().compile(checkpointer=InMemorySaver(), store=InMemoryStore())
    allowed, thread = str(folders / "allowed"), {"configurable": {"thread_id": "thread"}}
    rubric = folders / "allowed" / "rubric.json"
    rubric.write_text('[{"what": "The mean is taken."}]')
    first = {"repositories": [allowed], "gold": allowed, "rubric": str(rubric)}
    for request in (first, {"repositories": [allowed]}):
        given = {"text": PAPER, "request": request}
        state = await graph.ainvoke(given, thread, context=Context(), interrupt_after=["reading"])
        assert bool(state["rubric"]) == bool(state["gold"]) == ("gold" in request)
        assert state["results"] == {}
        await graph.aupdate_state(thread, {"results": {"rubric": state["repositories"][0]}})
