"""With --figures, models see the figures of the method: paid once, cached as the text is, and kept by their hashes."""

import base64
import json
import shutil

import pytest

from papercoder.models.vision import ASSUMED
from tests.images import png, write

WIDTH, HEIGHT = 1024, 512
RED = png(WIDTH, HEIGHT, (255, 0, 0))
TOKENS = ASSUMED.tokens(WIDTH, HEIGHT)
CACHE_STEP = 128
MODEL = "openai:seer"
"""No table knows it, so the user says what it can and costs, and the simulated provider's rule is the assumed one."""
SEEING = ("--vision", "--price", "1,0.5,4", "--context-window", "200k", "--rounds", "0", "--no-execute", "--no-assess")
FIGURES = """
Figure 1 shows the estimator.

![Figure 1: Overview of the estimator.](overview.png)

![Figure 2: Accuracy of the estimators.](results.png)

"""


@pytest.fixture
def pictured(desk):
    """A desk whose paper has two figures, of which one says how the method works."""
    return with_figures(desk)


def with_figures(desk):
    paper = desk.folder / "paper.md"
    paper.write_text(paper.read_text().replace("## 2 Exp", FIGURES + "## 2 Exp"))
    write(desk.folder / "overview.png", RED)
    write(desk.folder / "results.png", png(WIDTH, HEIGHT, (0, 0, 255)))
    return desk


def options(desk, *more: object, model: str = MODEL, output: str = "out") -> list[object]:
    return [*desk.run_options(model=model, output=output), "--figures", *SEEING, *more]


def images_of(desk, record) -> list[str]:
    """What the provider got before the first long text of a request."""
    content = desk.body_of(record)["messages"][1]["content"]
    assert [part["type"] for part in content] == ["text", "image_url", "text"]
    return [part["image_url"]["url"] for part in content if part["type"] == "image_url"]


def test_every_call_sees_the_figures_of_the_method_and_no_results(pictured) -> None:
    finished = pictured.ends(0, *options(pictured)).event("run_finished")
    records = pictured.requests()
    assert {record.images for record in records} == {1}
    (url,) = {url for record in records for url in images_of(pictured, record)}
    head, _, body = url.partition(",")
    assert head == "data:image/png;base64" and len(base64.b64decode(body)) > 0
    labels = {pictured.body_of(record)["messages"][1]["content"][0]["text"] for record in records}
    assert labels == {"[F1] of the paper below:"}
    assert "models see F1" in pictured.processes[-1].out
    assert finished["totals"]["usage"]["input"] == sum(record.input_tokens for record in records)


def test_without_the_option_no_prompt_has_an_image(pictured) -> None:
    pictured.ends(10, *pictured.run_options(), "--until", "planning")
    bodies = [pictured.body_of(record) for record in pictured.requests()]
    assert all(isinstance(turn["content"], str) for body in bodies for turn in body["messages"])


def test_the_next_stage_finds_the_images_in_the_cache(pictured) -> None:
    pictured.ends(10, *options(pictured, "--until", "architecture"))
    pictured.simulator.reset()
    pictured.ends(10, *pictured.run_options(model=MODEL, output="blind"), *SEEING, "--until", "architecture")
    seeing, blind = (record for record in pictured.requests() if record.stage == "architecture")
    assert seeing.cached_tokens - blind.cached_tokens >= TOKENS - CACHE_STEP


def test_the_estimate_counts_the_images(pictured) -> None:
    def expected(*more: str) -> dict:
        arguments = ["run", "paper.md", "--model", MODEL, *SEEING, *more, "--estimate", "--json"]
        return pictured.ends(0, *arguments).document

    blind, seeing = expected(), expected("--figures")
    added = seeing["input"]["expected"] - blind["input"]["expected"]
    assert added / seeing["calls"]["expected"] == pytest.approx(TOKENS, rel=0.1)  # calls are told as whole numbers
    assert any("1 image with every call: F1" in text for text in seeing["basis"])
    assert any("assumed" in text for text in seeing["basis"])
    assert not pictured.requests()


def test_what_is_set_aside_and_told_fits_what_the_provider_counts(pictured) -> None:
    pictured.ends(10, *options(pictured, "--until", "planning"))
    pictured.ends(10, *pictured.run_options(model=MODEL, output="blind"), *SEEING, "--until", "planning")
    seeing, blind = (record for record in pictured.requests() if record.stage == "planning")
    assert seeing.input_tokens - blind.input_tokens == pytest.approx(TOKENS, abs=20)  # the image and its label


@pytest.mark.long
def test_a_killed_run_pays_for_no_figure_twice(desk_at, tmp_path) -> None:
    desk = with_figures(desk_at(tmp_path / "desk", 0.01))
    process = desk.start(*options(desk))
    desk.wait_for("delivered", "coding")
    process.kill()
    committed = {call.digest for call in desk.calls("answered")}
    before = len(desk.requests())
    desk.ends(0, "resume", "--json")
    again = desk.requests(after=before)
    assert not committed & {desk.digest_of(record) for record in again}
    assert all(record.images == 1 for record in again)


def test_a_recording_knows_figures_by_their_hashes(pictured) -> None:
    until = ("--until", "architecture")
    pictured.ends(10, *options(pictured, "--record", "recorded", *until))
    texts = [path.read_text() for path in (pictured.folder / "recorded").rglob("*.md")]
    assert len(texts) == len(pictured.requests()) and not any("base64" in text for text in texts)
    nobody = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_KEY": ""}
    replay = pictured.run_options(model="replay:recorded", output="again")
    pictured.ends(10, *replay, "--figures", *until, **nobody)
    write(pictured.folder / "overview.png", png(WIDTH, HEIGHT, (0, 255, 0)))
    drifted = pictured.ends(5, *pictured.run_options(model="replay:recorded", output="other"), "--figures", **nobody)
    assert "has drifted" in drifted.out


def test_images_are_kept_once_beside_the_checkpoints_and_go_with_the_run(pictured) -> None:
    run = pictured.ends(10, *options(pictured, "--until", "planning")).run
    kept = base64.b64encode(RED)
    rows = pictured.query("SELECT CAST(value AS TEXT) FROM store WHERE CAST(value AS TEXT) LIKE '%base64%'")
    assert len(rows) == len({row[0] for row in rows}) == 3  # both figures as they are, and one as models see it
    assert any(kept.decode() in str(row[0]) for row in rows)
    for table, column in (("checkpoints", "checkpoint"), ("writes", "value"), ("calls", "text")):
        assert not [row for row in pictured.query(f"SELECT {column} FROM {table}") if kept[:60] in _bytes(row[0])]
    pictured.ends(0, "rm", run, "--yes")
    assert pictured.query("SELECT count(*) FROM store") == [(0,)]


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.mark.long
def test_images_of_a_run_that_stays_are_not_removed_with_another(pictured) -> None:
    first = pictured.ends(10, *options(pictured, "--until", "planning")).run
    second = pictured.ends(10, *options(pictured, "--until", "planning", output="two")).run
    pictured.ends(0, "rm", first, "--yes")
    before = len(pictured.requests())
    pictured.ends(0, "resume", second, "--json")
    assert all(record.images == 1 for record in pictured.requests(after=before))


@pytest.mark.parametrize("more", [("--model", "openai:o3-mini"), ("--model", MODEL), ("--model", MODEL, "--no-vision")])
def test_a_model_that_sees_nothing_is_refused_before_anything_is_paid(pictured, more: tuple[str, ...]) -> None:
    process = pictured.ends(3, "run", "paper.md", *more, "--figures", "--json")
    assert "sees images" in process.out + process.err or "does not see images" in process.out + process.err
    assert not pictured.requests()


def test_a_run_goes_on_with_another_model_only_if_that_sees(pictured) -> None:
    pictured.ends(10, *options(pictured, "--until", "planning"))
    resume = ("resume", "--model", "openai:another", "--until", "architecture", "--json")
    assert "does not see images" in pictured.ends(3, *resume, "--no-vision").out
    pictured.ends(10, *resume, "--vision")
    assert {record.images for record in pictured.requests()} == {1}


def test_a_paper_without_such_figures_says_so_and_runs(desk) -> None:
    process = desk.ends(10, *options(desk, "--until", "planning"))
    assert any("the models are shown none" in json.dumps(event) for event in process.events)
    assert not sum(record.images for record in desk.requests())


def test_read_writes_the_figures_out(pictured) -> None:
    process = pictured.ends(0, "read", "paper.md", "--figures", "figures")
    assert "of 2 of 2 figures" in process.out
    assert (pictured.folder / "figures" / "F1.png").read_bytes() == RED
    shutil.rmtree(pictured.folder / "figures")
    document = pictured.ends(0, "read", "paper.md", "--json").document
    images = [image for section in document["sections"] for block in section["blocks"] for image in block["images"]]
    assert [(image["width"], image["height"]) for image in images] == [(WIDTH, HEIGHT)] * 2
