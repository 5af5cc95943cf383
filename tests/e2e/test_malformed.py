"""Answers that are not what was asked for, and providers that misbehave.

Whatever comes back, a run ends with a sound repository or with a documented exit code, never with a traceback, and
never with a broken file that it passes off as written.
"""

import ast
import re
from pathlib import Path

import pytest

from benchmarks.simulator.malform import HOSTILE_PATHS, VARIANTS

DESIGNS = ("planning", "architecture", "logic", "configuration")
STAGES = {
    "any": (*DESIGNS, "analysis", "coding"),
    "json": DESIGNS,
    "files": ("architecture",),
    "tasks": ("logic",),
    "values": ("configuration",),
    "code": ("coding",),
}
"""Where a variant of each kind can go wrong."""

FILES = ("utils.py", "dataset_loader.py", "model.py", "trainer.py", "main.py")
ATTEMPTS = 3

SAMPLE = {
    *("think_unclosed", "truncated_half", "single_quotes", "deep_nesting"),
    *("tasks_one_string", "task_omitted", "values_as_map"),
    *("code_nested_fences", "code_syntax_error", "code_empty_block"),
}

REASONS = {
    "path_absolute": "is absolute",
    "path_home": "is absolute",
    "path_parent": "'.', '..'",
    "path_parent_inside": "'.', '..'",
    "path_dot": "'.', '..'",
    "path_backslash": "contains '\\\\'",
    "path_drive": "contains ':'",
    "path_unc": "is absolute",
    "path_device": "device name",
    "path_nul": "contains '\\x00'",
    "path_newline": "contains '\\n'",
    "path_too_long": "longer than 240 bytes",
    "path_part_too_long": "longer than 240 bytes",
    "path_git": "reaches into '.git'",
    "path_git_upper_case": "reaches into '.GIT'",
    "path_empty": "is empty",
    "path_trailing_dot": "ends with a dot",
    "path_invisible": "invisible or invalid",
    "path_right_to_left": "invisible or invalid",
    "path_surrogate": "invisible or invalid",
    "path_stream": "contains ':'",
    "path_wildcard": "contains '*'",
    "path_case_collision": "the same file but for case",
    "path_file_and_folder": "cannot be a file and the folder of",
}
HOSTILE_SAMPLE = {
    *("path_absolute", "path_parent", "path_device", "path_git", "path_case_collision"),
}


def sampled(names, sample) -> list[object]:
    return [pytest.param(name, marks=() if name in sample else pytest.mark.long) for name in sorted(names)]


def at(stage: str) -> list[dict[str, object]]:
    """Rules that concern a stage: one for each of its calls."""
    if stage in DESIGNS:
        return [{"stage": stage}]
    return [{"stage": stage, "file": f"^{re.escape(file)}$"} for file in FILES]


def once(stages, **fault: object) -> list[dict[str, object]]:
    return [{**rule, **fault, "turn": "first", "times": 1} for stage in stages for rule in at(stage)]


def is_sound(desk, reference) -> None:
    """All planned files are there; the Python ones compile and are not empty."""
    tree = desk.tree()
    assert set(tree) == set(reference.tree)
    for path in (path for path in tree if path.endswith(".py")):
        assert ast.parse(tree[path], path).body, path


def names_of(desk, path: str) -> set[str]:
    """What a file of the repository defines at its top level."""
    return {getattr(node, "name", "") for node in ast.parse(desk.tree()[path]).body}


def everything_below(folder: Path) -> set[str]:
    paths = [path for path in folder.rglob("*") if not path.is_relative_to(folder / "desk")]
    return {path.relative_to(folder).as_posix() for path in paths}


@pytest.mark.parametrize("variant", sampled(VARIANTS.keys() - HOSTILE_PATHS.keys() - REASONS.keys() - {"ok"}, SAMPLE))
def test_an_answer_that_went_wrong_once_is_mended(desk, reference, variant: str) -> None:
    desk.simulator.set_faults(once(STAGES[VARIANTS[variant].kind], kind="malformed", variant=variant))
    desk.ends(0, *desk.run_options())
    is_sound(desk, reference)
    hit = sum(record.fault == "malformed" for record in desk.requests())
    assert hit == sum(len(at(stage)) for stage in STAGES[VARIANTS[variant].kind])
    assert all("build" in names_of(desk, path) for path in FILES)


def test_a_file_that_lacks_what_its_contract_promises_is_not_accepted(desk) -> None:
    desk.simulator.set_faults(once(["coding"], kind="malformed", variant="code_placeholder"))
    desk.ends(0, *desk.run_options(), "--rounds", "1", "--critique", "none")  # checks are enough
    assert all("build" in names_of(desk, path) for path in FILES)


ODD = [name for name, variant in VARIANTS.items() if variant.whole and variant.kind in ("json", "code", "files")]
LIKE_A_CUT_ANSWER = {"code_no_fence", "code_only", "code_unterminated_fence"}
"""Whole, but nothing in them says so: asking once more is right."""


@pytest.mark.parametrize("variant", sampled(set(ODD) - LIKE_A_CUT_ANSWER, SAMPLE))
def test_an_answer_that_is_only_wrapped_oddly_is_not_asked_for_twice(desk, reference, variant: str) -> None:
    desk.simulator.set_faults(once(STAGES[VARIANTS[variant].kind], kind="malformed", variant=variant))
    desk.ends(0, *desk.run_options())
    assert len(desk.requests()) == reference.requests


@pytest.mark.parametrize(("stage", "variant"), [
    ("planning", "prose_only"),
    ("architecture", "path_parent"),
    ("logic", "cycle"),
    pytest.param("configuration", "values_missing", marks=pytest.mark.long),
    pytest.param("analysis", "empty", marks=pytest.mark.long),
    ("coding", "code_syntax_error"),
    pytest.param("coding", "code_empty_block", marks=pytest.mark.long),
])  # fmt: skip
def test_answers_that_stay_wrong_end_the_run_with_6_and_it_can_be_resumed(
    desk, reference, stage: str, variant: str
) -> None:
    rule = at(stage)[0]
    desk.simulator.set_faults([{**rule, "kind": "malformed", "variant": variant}])
    ended = desk.ends(6, *desk.run_options())
    assert not desk.output.exists()
    assert "papercoder resume" in ended.err
    wrong = [record for record in desk.requests() if record.fault]
    assert len(wrong) == ATTEMPTS
    before, committed = len(desk.requests()), {(call.digest, call.attempt) for call in desk.calls("answered")}

    desk.simulator.set_faults([])
    desk.ends(0, "resume", "--json")
    assert len(desk.requests(after=before)) == reference.requests - (before - ATTEMPTS)
    assert committed < {(call.digest, call.attempt) for call in desk.calls("answered")}
    assert len(desk.calls()) == len(desk.requests())
    assert desk.tree() == reference.tree


# --- file names


@pytest.mark.parametrize("variant", sampled(REASONS, HOSTILE_SAMPLE))
def test_a_hostile_file_name_is_refused_with_its_reason(desk, reference, tmp_path: Path, variant: str) -> None:
    before = everything_below(tmp_path)
    home = tmp_path / "desk" / "home"
    home.mkdir()
    desk.simulator.set_faults(once(["architecture"], kind="malformed", variant=variant))
    desk.ends(0, *desk.run_options(), HOME=str(home))
    first, repair = [record for record in desk.requests() if record.stage == "architecture"]
    quoted = desk.body_of(repair)["messages"][-1]["content"]
    assert (first.fault, repair.turn) == ("malformed", "repair")
    assert REASONS[variant] in quoted
    assert desk.tree() == reference.tree
    nothing_lies_outside(desk, tmp_path, before)


@pytest.mark.parametrize("variant", sampled(HOSTILE_PATHS, {"path_parent"}))
def test_a_model_that_insists_on_a_hostile_file_name_writes_nothing(desk, tmp_path: Path, variant: str) -> None:
    before = everything_below(tmp_path)
    home = tmp_path / "desk" / "home"
    home.mkdir()
    desk.simulator.set_faults([{"stage": "architecture", "kind": "malformed", "variant": variant}])
    desk.ends(6, *desk.run_options(), HOME=str(home))
    assert not desk.output.exists()
    nothing_lies_outside(desk, tmp_path, before)


def nothing_lies_outside(desk, tmp_path: Path, before: set[str]) -> None:
    assert {name for name in everything_below(tmp_path) - before if not name.startswith("desk-")} == set()
    assert {path.name for path in desk.folder.iterdir()} <= {"paper.md", ".papercoder", "out", "home"}
    assert not list((desk.folder / "home").iterdir())
    assert not Path("/etc/cron.d/model.py").exists()


# --- the provider


@pytest.mark.parametrize("kind", sampled(
    ["empty_content", "null_content", "refusal", "no_choices", "html_body", "truncated_body", "reset", "reset_before",
     "http_429", "http_500", "http_503", "no_usage", "no_usage_details"],
    {"null_content", "http_429"},
))  # fmt: skip
def test_a_provider_that_fails_once_at_every_stage_changes_nothing(desk, reference, kind: str) -> None:
    files = [("analysis", "^utils"), ("analysis", "^main"), ("coding", "^m")]
    rules = [*({"stage": stage} for stage in DESIGNS), *({"stage": stage, "file": file} for stage, file in files)]
    desk.simulator.set_faults([{**rule, "kind": kind, "retry_after": 0.01, "times": 1} for rule in rules])
    desk.ends(0, *desk.run_options())
    assert desk.tree() == reference.tree
    assert sum(record.fault == kind for record in desk.requests()) == len(rules)
    if kind not in ("no_usage", "no_usage_details"):
        assert len(desk.requests()) == reference.requests + len(rules)


@pytest.mark.parametrize("stage", ["planning", "architecture", "coding"])
def test_an_answer_cut_by_its_length_limit_is_continued(desk, reference, stage: str) -> None:
    desk.simulator.set_faults([{"kind": "length", "stage": stage, "turn": "first", "frac": 0.6}])
    desk.ends(0, *desk.run_options())
    assert desk.tree() == reference.tree
    turns = [record.turn for record in desk.requests() if record.stage == stage]
    assert turns.count("first") == turns.count("continuation") == len(at(stage))


def test_answers_longer_than_the_limit_come_in_pieces(desk, reference) -> None:
    desk.ends(0, *desk.run_options(), "--max-output-tokens", 1000)
    assert desk.tree() == reference.tree
    assert len(desk.requests()) > 1.5 * reference.requests
    assert max(record.output_tokens for record in desk.requests()) <= 1000


@pytest.mark.parametrize(("fault", "advice"), [
    ({"kind": "http_401"}, "API key"),
    ({"kind": "context_length"}, "--context-window"),
    pytest.param({"kind": "http_400"}, "provider's message", marks=pytest.mark.long),
    pytest.param({"kind": "http_403"}, "--model", marks=pytest.mark.long),
    pytest.param({"kind": "http_404"}, "--base-url", marks=pytest.mark.long),
    pytest.param({"kind": "http_429", "code": "insufficient_quota"}, "credit", marks=pytest.mark.long),
])  # fmt: skip
def test_a_refusal_by_the_provider_ends_the_run_at_once_and_says_what_to_do(
    desk, reference, fault: dict[str, str], advice: str
) -> None:
    desk.simulator.set_faults([{"stage": "logic", **fault}])
    ended = desk.ends(5, *desk.run_options())
    assert advice in ended.event("run_failed")["next_step"]
    assert sum(record.stage == "logic" for record in desk.requests()) == 1

    desk.simulator.set_faults([])
    desk.ends(0, "resume", "--json")
    assert len(desk.requests()) == reference.requests + 1
    assert desk.tree() == reference.tree


def test_a_provider_that_keeps_failing_ends_the_run_with_5_and_it_can_be_resumed(desk, reference) -> None:
    desk.simulator.set_faults([{"stage": "coding", "file": "^model", "kind": "http_429", "retry_after": 0.01}])
    ended = desk.ends(5, *desk.run_options())
    assert "papercoder resume" in ended.err
    refused = [record for record in desk.requests() if record.fault]
    assert len(refused) == len([event for event in ended.events if event["kind"] == "waiting"]) + 1

    desk.simulator.set_faults([])
    desk.ends(0, "resume", "--json")
    assert len(desk.requests()) == reference.requests + len(refused)
    assert desk.tree() == reference.tree
