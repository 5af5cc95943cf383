"""Keys stay in the environment: whatever an endpoint does with them, they are in no file, no message and no trace."""

import pytest

OPENAI = "sk-proj-canary-0123456789abcdefghij"
SMITH = "lsv2_pt_canary9876543210fedcba"
OTHER = "wandb-canary-5544332211aabbccddee"


@pytest.fixture
def environment(echoing, langsmith) -> dict[str, str]:
    return {
        "OPENAI_API_KEY": OPENAI, "OPENAI_BASE_URL": echoing.base_url, "WANDB_API_KEY": OTHER,
        "LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": SMITH, "LANGSMITH_ENDPOINT": langsmith.url,
    }  # fmt: skip


def no_key_anywhere(desk, langsmith) -> None:
    """In every byte of the working folder, of what commands wrote, and of what was traced."""
    logs = desk.folder.with_name(desk.folder.name + "-logs")
    files = [path for folder in (desk.folder, logs) for path in folder.rglob("*") if path.is_file()]
    assert any(path.name.startswith("papercoder.db") for path in files)
    assert langsmith.said
    places = {str(path): path.read_bytes() for path in files} | {"traces": langsmith.said}
    for key in (OPENAI, SMITH, OTHER):
        assert [where for where, text in places.items() if key.encode() in text] == []


def test_an_answer_that_repeats_the_key_is_published_without_it(desk, langsmith, echoing, environment) -> None:
    process = desk.ends(0, *desk.run_options(), "--record", "recordings", **environment)
    assert b"[OPENAI_API_KEY]" in desk.tree()["main.py"]
    assert b"[OPENAI_API_KEY]" in langsmith.said
    desk.ends(0, "show", process.run, "--stage", "planning", **environment)
    no_key_anywhere(desk, langsmith)


@pytest.mark.parametrize("mode", ["401", pytest.param("html", marks=pytest.mark.long),
                                  pytest.param("gateway", marks=pytest.mark.long),
                                  pytest.param("reset", marks=pytest.mark.long)])  # fmt: skip
def test_a_failure_that_repeats_the_key_is_told_without_it(mode: str, desk, langsmith, echoing, environment) -> None:
    echoing.mode = mode
    process = desk.start(*desk.run_options(), PAPERCODER_DEBUG="1", **environment)
    if mode == "401":
        assert process.wait() == 5
        assert "Incorrect API key provided" in process.err
        assert any("Incorrect API key provided" in str(run.get("error")) for run in langsmith.runs)
    else:
        process.until(lambda: '"kind":"waiting"' in process.out)
        process.signal(2)
        process.wait()
    desk.ends(0, "show", process.run, "--calls", "--json", **environment)
    no_key_anywhere(desk, langsmith)


@pytest.mark.parametrize("address", [f"http://user:{OPENAI}@127.0.0.1:1/v1", f"http://127.0.0.1:1/v1?key={OPENAI}"])
def test_a_key_in_an_address_is_refused_without_repeating_it(address: str, desk) -> None:
    told = desk.command(*desk.run_options(), "--base-url", address)
    assert told.wait() == 2
    assert "OPENAI_API_KEY" in told.err
    assert OPENAI not in told.err + told.out
    told = desk.command(*desk.run_options(), OPENAI_BASE_URL=address)
    assert told.wait() == 2
    assert OPENAI not in told.err + told.out
