"""Edit and go on, go back, fork, copy: only questions that now read differently are asked."""

import pytest

STAGES_AFTER_PLANNING = {"architecture", "logic", "configuration"}


@pytest.mark.long
async def test_an_edited_plan_is_gone_on_with_and_only_what_reads_it_is_asked_again(studio) -> None:
    thread, done = await studio.begin()
    plan = done.values["plan"] | {"summary": "Only the scaled mean."}
    await studio.edit(thread, "planning", plan=plan)
    again = await studio.run(thread, input=None, interrupt_before=["analysis"])
    assert set(again.requests) == STAGES_AFTER_PLANNING
    await studio.edit(thread, "planning", plan=done.values["plan"])
    back = await studio.run(thread, input=None)
    assert back.requests == []
    assert back.state["next"] == []


async def test_a_copied_thread_and_a_copy_of_the_copy_pay_for_nothing_twice(studio) -> None:
    thread, done = await studio.begin()
    copy = (await studio.client.threads.copy(thread))["thread_id"]
    plan = done.values["plan"] | {"summary": "The copy's own."}
    await studio.edit(copy, "planning", plan=plan)
    own = await studio.run(copy, input=None, interrupt_before=["logic"])
    assert own.requests == ["architecture"]
    await studio.edit(copy, "planning", plan=done.values["plan"])
    assert (await studio.run(copy, input=None)).requests == []

    second = (await studio.client.threads.copy(copy))["thread_id"]
    await studio.edit(second, "planning", plan=plan)
    assert (await studio.run(second, input=None, interrupt_before=["logic"])).requests == []
    assert studio.server.calls(thread) == {"answered": studio.calls}
    assert studio.server.calls(copy) == {"answered": 1}
    assert studio.server.calls(second) == {}


@pytest.mark.long
async def test_an_unedited_fork_from_every_checkpoint_pays_for_nothing(studio) -> None:
    thread, _ = await studio.begin()
    for node in ("planning", "architecture", "logic", "configuration", "analysis", "coding", "publication"):
        checkpoint = await studio.before(thread, node)
        told = await studio.run(thread, input=None, checkpoint=checkpoint)
        assert not told.error, node
        assert told.requests == [], node
        assert told.state["next"] == [], node


@pytest.mark.long
async def test_a_fork_with_an_edit_leaves_the_other_branch_as_it_was(studio) -> None:
    thread, done = await studio.begin()
    checkpoint = await studio.before(thread, "analysis")
    settings = done.values["configuration"]
    settings["values"][0]["value"] = 4321
    await studio.edit(thread, "configuration", checkpoint, configuration=settings)
    told = await studio.run(thread, input=None)
    assert {request.split()[0] for request in told.requests} <= {"analysis", "coding"}
    assert told.values["configuration"]["values"][0]["value"] == 4321
    older = await studio.client.threads.get_state(thread, checkpoint=done.state["checkpoint"])
    assert older["values"]["configuration"]["values"][0]["value"] != 4321


@pytest.mark.long
async def test_an_edited_contract_is_asked_for_where_it_is_read(studio) -> None:
    thread, done = await studio.begin()
    design = done.values["architecture"]
    design["files"][0]["symbols"].append(
        {"name": "VERSION", "signature": "VERSION: str", "purpose": "which", "source": []}
    )
    await studio.edit(thread, "architecture", architecture=design)
    told = await studio.run(thread, input=None)
    assert not told.error
    assert "planning" not in told.requests
    assert "architecture" not in told.requests
    assert f"coding {design['files'][0]['path']}" in told.requests


@pytest.mark.long
async def test_an_edit_that_is_no_artifact_is_told_and_can_be_mended(studio) -> None:
    thread, waiting = await studio.begin(interrupt_before=["architecture"])
    await studio.edit(thread, "planning_approval", plan={"summary": 1})
    told = await studio.run(thread, input=None)
    assert told.error["error"] == "KeptDamaged"
    assert "The state's Plan cannot be used: summary" in told.error["message"]
    assert told.requests == []
    await studio.edit(thread, "planning_approval", plan=waiting.values["plan"])
    assert (await studio.run(thread, input=None, interrupt_before=["logic"])).requests == ["architecture"]


@pytest.mark.long
async def test_a_file_that_an_edited_design_has_no_more_is_not_published(studio) -> None:
    thread, done = await studio.begin()
    design, logic = done.values["architecture"], done.values["logic"]
    logic["tasks"] = [task for task in logic["tasks"] if task["path"] != "main.py"]
    await studio.edit(thread, "logic", logic=logic)
    told = await studio.run(thread, input=None)
    assert "The state's logic does not fit its architecture" in told.error["message"]
    assert told.requests == []

    design |= {"entry_point": "trainer.py", "relations": [], "sequence": []}
    design["files"] = [file for file in design["files"] if file["path"] != "main.py"]
    await studio.edit(thread, "logic", logic=logic, architecture=design)
    told = await studio.run(thread, input=None)
    assert not told.error
    published = studio.server.repository(thread)
    assert (published / "trainer.py").is_file()
    assert not (published / "main.py").exists()
    assert not (published / ".papercoder" / "analyses" / "main.py.md").exists()


@pytest.mark.long
async def test_a_second_paper_in_a_thread_is_a_run_of_its_own(studio, write_paper) -> None:
    thread, _ = await studio.begin("The First Paper")
    told = await studio.run(thread, input={"text": write_paper("The Second Paper")})
    assert len(told.requests) == studio.calls
    shown = (studio.server.repository(thread) / ".papercoder" / "paper.md").read_text(encoding="utf-8")
    assert "The Second Paper" in shown
    assert "The First Paper" not in shown


async def test_a_remark_to_a_finished_thread_is_carried_out_and_nothing_else_is_asked(studio) -> None:
    thread, done = await studio.begin()
    code = done.values["code"]
    told = await studio.run(thread, input={"remark": "model.py, please"})
    assert not told.error
    assert told.requests == ["revision", "coding model.py"]
    changed = {path for path in code if code[path] != told.values["code"][path]}
    assert changed == {"model.py"}
    (revision,) = told.values["revisions"]
    assert (revision["files"], revision["published"]) == (["model.py"], True)
    notes = (studio.server.repository(thread) / "REPRODUCTION_NOTES.md").read_text(encoding="utf-8")
    assert "model.py, please" in notes
    praised = await studio.run(thread, input={"remark": "Well done."})
    assert praised.requests == ["revision"]
    assert praised.state["next"] == []


async def test_a_remark_to_a_thread_that_is_not_finished_is_refused_and_the_way_on_is_told(studio) -> None:
    thread, _ = await studio.begin(interrupt_before=["architecture"])
    told = await studio.run(thread, input={"remark": "model.py, please"})
    assert told.error["error"] == "InputError"
    assert "no finished repository" in told.error["message"]
    assert told.requests == []
    checkpoint = await studio.before(thread, "architecture")
    on = await studio.run(thread, input=None, checkpoint=checkpoint)
    assert not on.error
    assert on.state["next"] == []
