"""Whether and where traces go is read as LangSmith reads it; `doctor` says the same."""

import itertools

import pytest
from langsmith import utils

from papercoder.tracing.destination import ENDPOINT, SWITCHES, Destination, destination

VALUES = ("", "true", "false", "True", "1", " ")


@pytest.mark.parametrize("count", [1, 2])
def test_the_switches_mean_what_they_mean_to_langsmith(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for names in itertools.combinations(SWITCHES, count):
        for values in itertools.product(VALUES, repeat=count):
            for name in SWITCHES:
                monkeypatch.delenv(name, raising=False)
            given = dict(zip(names, values, strict=True))
            for name, value in given.items():
                monkeypatch.setenv(name, value)
            utils.get_env_var.cache_clear()
            assert bool(destination(given)) == utils.tracing_is_enabled(), given
    utils.get_env_var.cache_clear()


def test_a_key_alone_turns_nothing_on() -> None:
    assert destination({"LANGSMITH_API_KEY": "k", "LANGSMITH_PROJECT": "p", "LANGSMITH_ENDPOINT": "http://x"}) is None


def test_where_traces_go() -> None:
    on = {"LANGSMITH_TRACING": "true"}
    assert destination(on) == Destination("LANGSMITH_TRACING", ENDPOINT, "default", "")
    own = {"LANGSMITH_ENDPOINT": '"http://x/"', "LANGCHAIN_PROJECT": "p", "LANGCHAIN_API_KEY": " k "}
    assert destination(on | own) == Destination("LANGSMITH_TRACING", "http://x", "p", "k")
    assert "k" not in repr(destination(on | {"LANGSMITH_API_KEY": "k"})).replace("langchain", "")
