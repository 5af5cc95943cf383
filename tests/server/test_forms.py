"""What Studio's forms and its drawing are made of."""

import pytest

from state.context import CRITICISED, STAGES, Context
from state.review import GATES


async def test_the_input_form_says_what_goes_where_and_shows_a_paper_that_works(studio) -> None:
    form = (await studio.schemas())["input_schema"]
    assert set(form["properties"]) == {"text", "upload", "source", "supplements", "base", "output", "remark"}
    assert [name for name, field in form["properties"].items() if not field.get("description")] == []
    (example,) = form["properties"]["text"]["examples"]
    told = await studio.run(await studio.thread(), input={"text": example}, context={"approve": ["planning"]})
    assert told.values["paper"]["title"] == "A Small Estimator"
    assert told.request["stage"] == "planning"


async def test_an_assistant_s_settings_are_shown_with_defaults_and_descriptions(studio) -> None:
    fields = (await studio.schemas())["context_schema"]["properties"]
    assert set(fields) == set(Context.model_fields)
    assert [
        name for name, field in fields.items() if "default" not in field and name not in ("models", "approve")
    ] == []
    assert [name for name, field in fields.items() if not field.get("description")] == []
    assert fields["framework"]["default"] == "PyTorch"
    assert fields["critique"]["default"] == list(CRITICISED)


async def test_the_drawing_has_the_stages_the_gates_and_the_way_of_one_file(studio) -> None:
    assistant = await studio.assistant()
    plain = await studio.client.assistants.get_graph(assistant)
    names = {node["id"] for node in plain["nodes"]}
    assert {*STAGES, *(f"{gate}_approval" for gate in GATES)} < names
    inside = await studio.client.assistants.get_graph(assistant, xray=1)
    inner = {f"{stage}:{node}" for stage in ("planning", "coding") for node in ("writing", "critique", "revising")}
    assert inner < {node["id"] for node in inside["nodes"]}


@pytest.mark.long
async def test_assistants_with_different_settings_work_side_by_side(studio, write_paper) -> None:
    """A framework, a gate and a model of its own each."""
    make = studio.client.assistants.create
    jax = await make("papercoder", name="JAX", context={"model": "openai:o3-mini", "framework": "JAX"})
    asking = await make("papercoder", name="asks", context={"model": "openai:gpt-4o", "approve": ["planning"]})
    threads = [await studio.thread(), await studio.thread()]
    for thread, assistant in zip(threads, (jax, asking), strict=True):
        await studio.client.runs.wait(
            thread, assistant["assistant_id"], input={"text": write_paper()}, raise_error=True
        )
    first, second = [await studio.state(thread) for thread in threads]
    assert first["next"] == []
    manifest = studio.server.repository(threads[0]) / ".papercoder" / "run.json"
    assert '"framework": "JAX"' in manifest.read_text(encoding="utf-8")
    assert second["next"] == ["planning_approval"]
    models = {record.model for record in studio.simulator.records()[-15:]}
    assert models == {"o3-mini", "gpt-4o"}


@pytest.mark.parametrize(("settings", "told"), [
    ({"model": "o3-mini"}, "PROVIDER:NAME"),
    pytest.param({"rounds": -1}, "greater than or equal to 0", marks=pytest.mark.long),
])  # fmt: skip
async def test_a_setting_that_cannot_be_is_refused_before_anything_is_asked(studio, settings, told: str) -> None:
    _, run = await studio.begin(context=settings)
    assert told in run.error["message"]
    assert run.requests == []
