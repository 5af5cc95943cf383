"""What the provider sees of a run's parallel calls: who goes first, how many at once, who waits for whom."""

from collections.abc import Callable

import pytest

from benchmarks.simulator.project import build_project


@pytest.fixture
def wide_desk(desk_at: Callable[..., object], tmp_path):
    """With a provider that designs ten files."""
    return desk_at(tmp_path / "desk", 0.002, files=10)


def of_stage(desk, stage: str):
    return [record for record in desk.requests() if record.stage == stage]


def test_in_analysis_one_call_goes_first_and_the_others_follow_its_first_token(desk) -> None:
    desk.simulator.set_faults([{"stage": "analysis", "kind": "slow", "factor": 100, "times": 1}])
    desk.ends(0, *desk.run_options())
    leader, *followers = of_stage(desk, "analysis")
    assert len(followers) == 4
    assert leader.stream
    assert leader.in_flight == 0
    for follower in followers:
        assert not follower.stream
        assert leader.t_first <= follower.t_arrive <= leader.t_delivered


def test_the_followers_find_the_leaders_prefix_in_the_cache(slow_desk) -> None:
    slow_desk.ends(0, *slow_desk.run_options())
    leader, *followers = of_stage(slow_desk, "analysis")
    assert all(follower.cached_tokens > leader.cached_tokens for follower in followers)


def test_only_leaders_are_streamed(desk) -> None:
    desk.ends(0, *desk.run_options())
    streamed = [record.stage for record in desk.requests() if record.stream]
    assert streamed.count("analysis") == 1
    assert set(streamed) <= {"specification", "analysis", "coding"}


def test_where_the_leader_fails_another_one_leads(desk, reference) -> None:
    desk.simulator.set_faults([{"stage": "analysis", "kind": "http_429", "retry_after": 0.05, "times": 1}])
    desk.ends(0, *desk.run_options())
    failed, leader, *others = of_stage(desk, "analysis")
    assert (failed.status, failed.stream, leader.stream) == (429, True, True)
    assert not any(other.stream for other in others)
    assert all(other.t_arrive >= leader.t_first for other in others)
    assert desk.tree() == reference.tree


@pytest.mark.parametrize("limit", [1, 2])
def test_no_more_calls_are_in_flight_than_the_limit_allows(slow_desk, reference, limit: int) -> None:
    slow_desk.ends(0, *slow_desk.run_options(), "--concurrency", limit)
    assert max(record.in_flight for record in slow_desk.requests()) + 1 == limit
    assert slow_desk.tree() == reference.tree


def test_a_file_is_written_as_soon_as_its_dependencies_are_there(wide_desk) -> None:
    """`utils.py` is slow: what does not need it is written in the meantime, not after the whole wave."""
    wide_desk.simulator.set_faults([{"stage": "coding", "file": "^utils", "kind": "slow", "factor": 100}])
    wide_desk.ends(0, *wide_desk.run_options())
    project = build_project(10)
    written = {record.file: record for record in of_stage(wide_desk, "coding")}
    assert set(written) == set(project.paths)
    for file in project.files:
        for dependency in project.imports(file):
            assert written[file.path].t_arrive >= written[dependency.path].t_delivered
    slow = written["utils.py"]
    assert written["optim.py"].t_arrive < slow.t_delivered
    assert written["optim.py"].t_delivered < slow.t_delivered


def test_a_slow_file_holds_up_nobody_else_in_analysis(desk) -> None:
    desk.simulator.set_faults([{"stage": "analysis", "file": "^model", "kind": "slow", "factor": 100}])
    desk.ends(0, *desk.run_options())
    analyses = {record.file: record for record in of_stage(desk, "analysis")}
    slow = analyses.pop("model.py")
    assert all(other.t_delivered < slow.t_delivered for other in analyses.values())
