"""Runs that are kept in PostgreSQL: shared by machines, and safe from a server that goes away."""

import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from benchmarks.postgres import Server

FILES = 5
CALLS_BEFORE = {"planning": 2, "analysis": 6, "coding": 6 + FILES}
AT_MOST_A_SECOND = {"PAPERCODER_DATABASE_PATIENCE": "1"}


def committed(desk) -> set[str]:
    """The questions whose answers are in the journal, now that whoever was at work is gone."""
    with psycopg.connect(desk.url, autocommit=True) as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'papercoder %'"
        while connection.execute(others).fetchone() != (0,):
            time.sleep(0.01)
    return {call.digest for call in desk.calls("answered")}


def asked_for_nothing_twice(desk, reference, before: set[str], requests: int) -> None:
    """After a resume: the questions that had no answer were asked, and no others; the repository is the same."""
    again = [desk.digest_of(record) for record in desk.requests(after=requests)]
    assert not before.intersection(again)
    assert sorted(again) == sorted(reference.digests - before)
    assert desk.tree() == reference.tree


def test_a_run_leaves_the_same_repository_and_nothing_in_its_home_folder(
    postgres_desk, reference, tmp_path: Path
) -> None:
    run = postgres_desk.ends(0, *postgres_desk.run_options()).run
    assert postgres_desk.tree() == reference.tree
    assert sorted(path.name for path in postgres_desk.folder.iterdir()) == ["out", "paper.md"]
    elsewhere = postgres_desk.ends(0, "runs", "--json", "--home", tmp_path / "another")
    assert [(record["id"], record["status"]) for record in elsewhere.document] == [(run, "finished")]


@pytest.mark.parametrize(("stage", "nth", "moment"), [
    ("analysis", 3, "delivered"),
    pytest.param("planning", 1, "delivered", marks=pytest.mark.long),
    pytest.param("configuration", 1, "arrival", marks=pytest.mark.long),
    *(
        pytest.param(stage, nth, moment, marks=pytest.mark.long)
        for stage, nth in (("analysis", 1), ("analysis", 5), ("coding", 1), ("coding", 3), ("coding", 5))
        for moment in ("arrival", "delivered")
    ),
])  # fmt: skip
def test_a_killed_process_repeats_no_committed_call(
    slow_postgres_desk, reference, stage: str, nth: int, moment: str
) -> None:
    process = slow_postgres_desk.start(*slow_postgres_desk.run_options())
    slow_postgres_desk.wait_for(moment, stage, nth)
    process.kill()
    before, requests = committed(slow_postgres_desk), len(slow_postgres_desk.requests())
    assert slow_postgres_desk.ends(0, "show", process.run, "--json").document["status"] == "stopped"
    slow_postgres_desk.ends(0, "resume", process.run, "--json")
    asked_for_nothing_twice(slow_postgres_desk, reference, before, requests)


@pytest.mark.parametrize(("stage", "nth", "moment"), [
    ("analysis", 3, "delivered"),
    *(
        pytest.param(stage, nth, moment, marks=pytest.mark.long)
        for stage, nth in (("planning", 1), ("architecture", 1), ("analysis", 1), ("coding", 1), ("coding", 4))
        for moment in ("arrival", "delivered")
    ),
])  # fmt: skip
def test_a_server_that_restarts_in_mid_run_costs_nothing(
    slow_postgres_desk, reference, server: Server, stage: str, nth: int, moment: str
) -> None:
    process = slow_postgres_desk.start(*slow_postgres_desk.run_options())
    slow_postgres_desk.wait_for(moment, stage, nth)
    server.stop(at_once=True)
    time.sleep(0.3)
    server.start()
    assert process.wait() == 0, process.out[-2000:] + process.err
    assert process.err == ""
    asked = Counter(slow_postgres_desk.digest_of(record) for record in slow_postgres_desk.requests())
    assert asked == Counter(reference.digests)
    assert slow_postgres_desk.tree() == reference.tree


@pytest.mark.parametrize(("stage", "nth", "moment"), [
    ("coding", 2, "delivered"),
    pytest.param("planning", 1, "arrival", marks=pytest.mark.long),
    pytest.param("planning", 1, "delivered", marks=pytest.mark.long),
    pytest.param("analysis", 1, "arrival", marks=pytest.mark.long),
    pytest.param("analysis", 4, "delivered", marks=pytest.mark.long),
    pytest.param("coding", 5, "delivered", marks=pytest.mark.long),
])  # fmt: skip
def test_a_server_that_stays_away_ends_the_run_with_7_and_it_can_be_resumed(
    slow_postgres_desk, reference, server: Server, canary: str, stage: str, nth: int, moment: str
) -> None:
    process = slow_postgres_desk.start(*slow_postgres_desk.run_options(), **AT_MOST_A_SECOND)
    slow_postgres_desk.wait_for(moment, stage, nth)
    server.stop(at_once=True)
    try:
        assert process.wait() == 7, process.out[-2000:] + process.err
        slow_postgres_desk.ends(7, "resume", process.run, "--json", "--debug")
    finally:
        server.start()
    assert "Traceback" not in process.out + process.err
    assert all(text in process.err for text in ("went away", "127.0.0.1", "papercoder resume"))
    assert process.event("run_failed")["totals"]["calls"] >= CALLS_BEFORE[stage]
    before, requests = committed(slow_postgres_desk), len(slow_postgres_desk.requests())
    slow_postgres_desk.ends(0, "resume", process.run, "--json")
    asked_for_nothing_twice(slow_postgres_desk, reference, before, requests)
    nowhere(canary, slow_postgres_desk.folder.parent)


def test_of_two_processes_on_two_machines_one_loses_politely(postgres_desk, reference, tmp_path: Path) -> None:
    run = postgres_desk.ends(10, *postgres_desk.run_options(), "--until", "configuration").run
    postgres_desk.simulator.set_faults([{"stage": "analysis", "kind": "slow", "factor": 300, "times": 1}])
    winner = postgres_desk.start("resume", run, "--json")
    postgres_desk.wait_for("arrival", "analysis")
    loser = postgres_desk.ends(8, "resume", run, "--json", PAPERCODER_HOME=str(tmp_path / "other"))
    assert f"pid {winner.pid} on " in loser.err
    postgres_desk.ends(8, "rm", run, "--yes")
    assert [record["status"] for record in postgres_desk.ends(0, "runs", "--json").document] == ["running"]
    assert winner.wait() == 0
    assert postgres_desk.tree() == reference.tree


@pytest.mark.long
def test_two_processes_that_make_the_same_database_take_turns(slow_postgres_desk, reference) -> None:
    both = [slow_postgres_desk.start(*slow_postgres_desk.run_options(output=name)) for name in ("one", "two")]
    assert [process.wait() for process in both] == [0, 0]
    assert slow_postgres_desk.tree("one") == slow_postgres_desk.tree("two") == reference.tree


@pytest.mark.long
def test_a_process_whose_run_was_taken_while_the_server_was_away_gives_it_up(
    slow_postgres_desk, reference, server: Server
) -> None:
    process = slow_postgres_desk.start(*slow_postgres_desk.run_options())
    slow_postgres_desk.simulator.set_faults([{"stage": "coding", "kind": "slow", "factor": 20, "times": 1}])
    slow_postgres_desk.wait_for("arrival", "coding")
    with psycopg.connect(slow_postgres_desk.url, autocommit=True) as thief:
        (key,) = thief.execute("""SELECT classid::bigint << 32 | objid::bigint FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock'""").fetchone() or (0,)
        ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'papercoder %'"
        thief.execute(ours)
        thief.execute("SELECT pg_advisory_lock(%s)", (key,))
        assert process.wait() == 8, process.out[-2000:] + process.err
    before, requests = committed(slow_postgres_desk), len(slow_postgres_desk.requests())
    slow_postgres_desk.ends(0, "resume", process.run, "--json")
    asked_for_nothing_twice(slow_postgres_desk, reference, before, requests)


def test_a_forgotten_run_takes_its_bodies_with_it_and_no_others(postgres_desk, reference) -> None:
    one = postgres_desk.ends(0, *postgres_desk.run_options(output="one")).run
    two = postgres_desk.ends(10, *postgres_desk.run_options(output="two"), "--until", "analysis").run
    count = "SELECT count(*) FROM store WHERE prefix = 'bodies'"
    told = postgres_desk.ends(0, "rm", one, "--yes").out
    assert one in told
    assert " 0 B freed" not in told
    kept = 1 + FILES + 1  # the paper, the analyses, and what the reviews found, which was nothing
    assert postgres_desk.query(count) == [(kept,)]
    assert {row[0] for row in postgres_desk.query("SELECT DISTINCT run FROM calls")} == {two}
    postgres_desk.ends(0, "resume", two, "--json")
    assert postgres_desk.tree("two") == reference.tree
    postgres_desk.ends(0, "rm", two, "--yes")
    for table in ("calls", "store", "checkpoints", "checkpoint_blobs", "checkpoint_writes", "runs"):
        assert postgres_desk.query(f"SELECT count(*) FROM {table}") == [(0,)]


def test_the_password_is_nowhere_to_be_found(postgres_desk, canary: str) -> None:
    desk, url = postgres_desk, postgres_desk.url
    run = desk.ends(10, *desk.run_options(), "--until", "planning", "--database", url, "--debug").run
    desk.simulator.set_faults([{"kind": "http_401"}])
    refused = desk.ends(5, "resume", run, "--database", url, "--debug")
    assert "--database postgresql://papercoder@127.0.0.1" in refused.err
    wrong = url.replace("127.0.0.1", "127.0.0.1:1,127.0.0.2").replace("papers_", "papers%5F")
    for command in (["runs"], ["show", run, "--json"], ["doctor"], ["run", "--help"], ["show", "nothing", "--debug"]):
        desk.command(*command)
        desk.command(*command, PAPERCODER_DATABASE=wrong)
    rows = desk.query("SELECT manifest FROM runs")
    assert canary not in str(rows)
    nowhere(canary, desk.folder.parent)


def nowhere(secret: str, folder: Path) -> None:
    """Neither in whole nor in part."""
    parts = [secret, "ca%2Fna", "na:ry", "na%3Ary", "p%ss word", "p%25ss"]
    for path in (path for path in folder.rglob("*") if path.is_file()):
        found = [part for part in parts if part.encode() in path.read_bytes()]
        assert not found, (path, found)
