"""A revised repository keeps its history, and what its user has done in it."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agents.context import Material
from papercoder.publication import Audit, check_revisable, growing, publish
from state.body import Body
from state.errors import OutputError
from state.published import Published
from state.revision import Deviation, Revision
from tests.git import git

REVISION = Revision(
    remark="Print {more}.\n\nAnd sooner.",
    answer="It prints more.",
    files=("main.py",),
    deviations=(Deviation(paper="It prints little [S2.p1].", here="It prints more.", reason="Print {more}."),),
    before=Body(sha256="0", characters=0),
)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def first(material: Material, code: dict[str, str], output: Path) -> Published:
    return publish(material, code, output, "run-1")


Revise = Callable[..., Published]


@pytest.fixture
def revise(material: Material, code: dict[str, str], output: Path, first: Published) -> Revise:
    """Publishes the revised code, of which one file differs, one is new and one is gone."""

    def act(folder: Path = output, *, force: bool = False, since: Published = first) -> Published:
        context = material.context.model_copy(update={"overwrite": force})
        changed = {**code, "main.py": code["main.py"] + "print('more')\n", "extra.sh": "true\n"}
        del changed["src/data.py"]
        return publish(
            replace(material, context=context), changed, folder, "run-1", Audit(revisions=(REVISION,)), since
        )

    return act


def test_the_history_grows_by_a_commit_that_says_what_was_asked_for(
    revise: Revise, first: Published, output: Path
) -> None:
    done = revise()
    assert git(output, "rev-parse", "HEAD", "HEAD^").split() == [done.commit, first.commit]
    message = git(output, "log", "-1", "--format=%B")
    assert message.startswith("Revision: Print {more}. And sooner.\n\nPrint {more}.\n\nAnd sooner.\n\nIt prints more.")
    assert "The paper: It prints little [S2.p1]. Here: It prints more." in message
    assert git(output, "status", "--porcelain") == ""
    assert not (output / "src" / "data.py").exists()
    assert os.access(output / "extra.sh", os.X_OK)
    assert len(git(output, "ls-files").splitlines()) == done.files
    assert git(output, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_notes_report_and_readme_tell_of_it(revise: Revise, output: Path) -> None:
    revise()
    notes = (output / "REPRODUCTION_NOTES.md").read_text()
    assert "| Print {more}. And sooner. | It prints more. | `main.py` |" in notes
    assert "| It prints little [S2.p1]. | It prints more. | the user: “Print {more}.” |" in notes
    assert "because its user wants it to" in (output / "README.md").read_text()
    assert "What was asked for afterwards" in (output / ".papercoder" / "report.html").read_text()


def test_files_that_do_not_change_are_not_even_touched(revise: Revise, output: Path) -> None:
    before = (output / "src" / "model.py").stat()
    revise()
    assert (output / "src" / "model.py").stat().st_mtime_ns == before.st_mtime_ns


def test_what_is_nobody_s_commit_stays_where_it_is(revise: Revise, output: Path) -> None:
    for path in (".venv/bin/python", "results.json", "notes.txt"):
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_text("mine")
    git(output, "remote", "add", "origin", "https://example.org/mine.git")
    revise()
    assert all((output / path).read_text() == "mine" for path in (".venv/bin/python", "results.json", "notes.txt"))
    assert git(output, "remote") == "origin"


def test_what_is_there_already_is_not_written_again(revise: Revise, output: Path) -> None:
    once = revise()
    assert revise().commit == once.commit
    assert len(git(output, "log", "--format=%h").split()) == 4


@pytest.mark.parametrize("written", [[], ["main.py"], ["main.py", "extra.sh", "README.md"]])
def test_a_kill_between_two_files_is_mended(
    revise: Revise, output: Path, monkeypatch: pytest.MonkeyPatch, written: list[str]
) -> None:
    class Killed(BaseException):
        pass

    real, left = growing._replace, list(written)

    def replacing(target: Path, text: str) -> None:
        if not left:
            raise Killed
        left.pop()
        real(target, text)

    with monkeypatch.context() as patched:
        patched.setattr(growing, "_replace", replacing)
        with pytest.raises(Killed):
            revise()
    revise()
    assert git(output, "status", "--porcelain") == ""
    assert len(git(output, "log", "--format=%h").split()) == 4


def edit(output: Path) -> None:
    (output / "src" / "model.py").write_text("mine = True\n")


def commit(output: Path) -> None:
    edit(output)
    git(output, "commit", "--quiet", "--all", "--message=mine")


def delete(output: Path) -> None:
    (output / "main.py").unlink()


def stand_in_the_way(output: Path) -> None:
    (output / "extra.sh").write_text("mine\n")


def lose_the_history(output: Path) -> None:
    shutil.rmtree(output / ".git")


def link(output: Path) -> None:
    (output / "main.py").unlink()
    (output / "main.py").symlink_to("/etc/passwd")


CHANGES = [
    (edit, "src/model.py is changed since"),
    (commit, "its newest commit is"),
    (delete, "main.py is changed since"),
    (stand_in_the_way, "extra.sh is in the way"),
    (lose_the_history, "it has no history"),
    (link, "main.py is changed since"),
]


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_what_the_user_has_changed_is_not_written_over(
    revise: Revise, output: Path, change: Callable[[Path], None], told: str
) -> None:
    change(output)
    before = {path: path.read_bytes() for path in output.rglob("*") if path.is_file() and ".git" not in path.parts}
    with pytest.raises(OutputError, match=told) as refused:
        revise()
    assert "resume RUN --force" in refused.value.next_step
    after = {path: path.read_bytes() for path in output.rglob("*") if path.is_file() and ".git" not in path.parts}
    assert before == after


@pytest.mark.parametrize("change", [edit, commit, lose_the_history])
def test_with_force_it_is(revise: Revise, output: Path, change: Callable[[Path], None]) -> None:
    change(output)
    done = revise(force=True)
    assert "mine" not in (output / "src" / "model.py").read_text()
    assert git(output, "rev-parse", "HEAD") == done.commit


def test_it_is_refused_before_anything_is_paid_for(first: Published, output: Path, tmp_path: Path) -> None:
    check_revisable(output, first, overwrite=False)
    edit(output)
    with pytest.raises(OutputError, match="is changed since") as refused:
        check_revisable(output, first, overwrite=False)
    assert "--output DIR" in refused.value.next_step
    check_revisable(output, first, overwrite=True)
    check_revisable(tmp_path / "other", first, overwrite=False)


def test_elsewhere_it_has_the_history_so_that_it_can_be_merged(revise: Revise, output: Path, tmp_path: Path) -> None:
    (output / "mine.txt").write_text("mine")
    git(output, "add", "mine.txt")
    git(output, "commit", "--quiet", "--message=mine")
    other = tmp_path / "other"
    done = revise(other)
    assert git(other, "rev-parse", "HEAD") == done.commit
    assert git(other, "status", "--porcelain") == ""
    assert not (other / "mine.txt").exists()
    git(output, "pull", "--quiet", "--no-rebase", "--no-edit", str(other))
    assert (output / "mine.txt").exists()
    assert "more" in (output / "main.py").read_text()


def test_where_the_folder_is_gone_it_is_written_anew(revise: Revise, output: Path) -> None:
    shutil.rmtree(output)
    revise()
    assert "more" in (output / "main.py").read_text()
    assert git(output, "status", "--porcelain") == ""


def test_hooks_and_settings_of_the_repository_run_nothing(revise: Revise, output: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    evil.chmod(0o755)
    for hook in ("post-commit", "reference-transaction", "post-checkout", "pre-commit"):
        (output / ".git" / "hooks").mkdir(exist_ok=True)
        (output / ".git" / "hooks" / hook).symlink_to(evil)
    git(output, "config", "core.fsmonitor", str(evil))
    revise()
    assert not (tmp_path / "ran").exists()
