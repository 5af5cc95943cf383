"""Commits tell how the repository came about; git is nothing that it depends on."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.context import Material
from papercoder.publication.files import Commit
from papercoder.publication.history import commit_all
from tests.git import git
from tests.publication.trees import OURS, Publish, tree


@pytest.fixture
def broken_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def put(body: str) -> None:
        (tmp_path / "bin").mkdir()
        fake = tmp_path / "bin" / "git"
        fake.write_text(body)
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    return put


def test_commits_tell_the_story(published: Publish, output: Path) -> None:
    done = published()
    assert git(output, "rev-parse", "HEAD") == done.commit
    assert git(output, "status", "--porcelain") == ""
    assert git(output, "log", "--reverse", "--format=%an %s").splitlines() == [
        "papercoder Plan and design of a reproduction of “Ridge Classifiers under Label Noise”",
        "papercoder Code: 3 files",
        "papercoder How to run it, and what the paper left open",
    ]


def test_without_git_the_repository_is_complete_but_says_so(
    published: Publish, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("papercoder.publication.git.shutil.which", lambda name: None)
    done = published()
    assert done.commit == ""
    assert done.warnings == ["git is not installed: the repository has no history"]
    assert set(tree(output)) >= OURS
    assert published().commit == ""


@pytest.mark.parametrize(
    "body",
    ["#!/bin/sh\necho 'unknown option \\377' >&2; exit 129\n", "#!/nowhere/at/all\n",
     '#!/bin/sh\nfor a in "$@"; do [ "$a" = commit ] && { echo no >&2; exit 1; }; done\nexit 0\n'],
    ids=["old", "not executable", "no commits"],
)  # fmt: skip
def test_where_git_fails_every_file_is_in_its_last_version(
    published: Publish, output: Path, material: Material, body: str, broken_git: Callable[[str], None]
) -> None:
    broken_git(body)
    done = published(base={"requirements.txt": "torch==2.0\n", "config.yaml": "old: 1\n", "lib.py": "x = 1\n"})
    assert done.commit == ""
    assert done.warnings[0].startswith("git failed, so the repository has no complete history: ")
    assert (output / "requirements.txt").read_text() == "torch==2.0\nnumpy>=1.26\npyyaml\n"
    assert "old" not in (output / "config.yaml").read_text()
    assert (output / "lib.py").read_text() == "x = 1\n"


def test_nothing_of_the_user_s_git_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    evil.chmod(0o755)
    config = f"[core]\n\tfsmonitor = {evil}\n\thooksPath = {tmp_path}\n"
    config += f'[commit]\n\tgpgSign = true\n[filter "x"]\n\tclean = {evil}\n'
    (tmp_path / ".gitconfig").write_text(config)
    (tmp_path / "pre-commit").symlink_to(evil)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / ".gitconfig"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    folder = tmp_path / "repository"
    folder.mkdir()
    files = {".gitconfig": config, ".gitattributes": "* filter=x\n", "a[1].py": "x", "a1.py": "y", ".gitignore": "*\n"}
    commit, problem = commit_all(folder, [Commit("one", files)])
    assert problem == ""
    assert len(commit) == 40
    assert not (tmp_path / "ran").exists()
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    assert set(git(folder, "ls-files").splitlines()) == set(files)


def test_an_attribute_that_git_cannot_follow_does_not_cost_the_files(tmp_path: Path) -> None:
    files = {".gitattributes": "*.txt working-tree-encoding=UTF-16\n", "a.txt": "odd"}
    commit_all(tmp_path, [Commit("one", files), Commit("two", {"a.txt": "last"})])
    assert (tmp_path / "a.txt").read_text() == "last"
