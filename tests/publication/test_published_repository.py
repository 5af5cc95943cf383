"""The repository appears whole or not at all, keeps what it builds on, and tells how it came about."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.context import Material
from papercoder.publication import check_output, publish
from papercoder.publication.base import read_base
from papercoder.publication.files import Commit
from papercoder.publication.history import commit_all
from papercoder.publication.notes import code_choices
from papercoder.publication.writing import replace_folder
from state.architecture import Architecture
from state.errors import InputError, OutputError
from state.published import Published

Publish = Callable[..., Published]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out" / "repository"


@pytest.fixture
def published(material: Material, code: dict[str, str], output: Path) -> Publish:
    def act(**changes: Any) -> Published:
        return publish(replace(material, **changes), code, output, "run-1")

    return act


def overwriting(material: Material) -> Any:
    return material.context.model_copy(update={"overwrite": True})


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


OURS = {
    "README.md",
    "REPRODUCTION_NOTES.md",
    "config.yaml",
    "requirements.txt",
    "reproduce.sh",
    "tests/test_contracts.py",
    ".gitignore",
}


def test_the_repository_has_its_files(
    published: Publish, output: Path, code: dict[str, str], material: Material
) -> None:
    done = published()
    files = tree(output)
    assert set(files) >= OURS | set(code)
    assert {path for path in files if path.startswith(".papercoder/")} >= {
        ".papercoder/plan.json", ".papercoder/paper.md", ".papercoder/run.json", ".papercoder/analyses/src/model.py.md"
    }  # fmt: skip
    assert done.files == len(files)
    assert done.folder == str(output)
    assert done.warnings == []
    assert {path: files[path].decode() for path in code} == code
    assert yaml.safe_load(files["config.yaml"]) == {
        "data": {"noise": 0.2},
        "model": {"epsilon": 1e-9},
        "seeds": [0, 1, 2, 3, 4],
        "presets": {"smoke": {"seeds": [0]}, "small": {}, "full": {}},
    }
    assert json.loads(files[".papercoder/run.json"])["run"] == "run-1"
    assert os.access(output / "reproduce.sh", os.X_OK)
    assert not list(output.parent.glob(".*"))
    assert material.analyses["main.py"] in (output / ".papercoder/analyses/main.py.md").read_text()


def test_the_notes_name_every_choice_and_source(published: Publish, output: Path) -> None:
    published()
    notes = (output / "REPRODUCTION_NOTES.md").read_text()
    for part in (
        "Which split?",
        "Which solver?",
        "numpy's default generator because the paper names none",
        "Eq. 1 (E1)",
        "`seeds`",
        "one figure could not be read",
    ):
        assert part in notes
    readme = (output / "README.md").read_text()
    assert "| `digits/ridge/accuracy` | accuracy on digits | 93.4 % | Table 1 |" in readme


def test_the_contract_test_runs_and_tells_a_broken_promise(published: Publish, output: Path) -> None:
    published()
    contracts = (output / "tests/test_contracts.py").read_text()
    for path, text in {
        "src/data.py": "def load(): ...",
        "src/model.py": "class Ridge:\n    fit: int",
        "main.py": "",
    }.items():
        (output / path).write_text(text)
    run = [sys.executable, "-m", "unittest", "discover", "tests"]
    assert subprocess.run(run, cwd=output, capture_output=True, timeout=30).returncode == 0
    (output / "src/data.py").write_text("")
    broken = subprocess.run(run, cwd=output, capture_output=True, text=True, timeout=30)
    assert broken.returncode == 1
    assert "src.data lacks load" in broken.stderr
    assert "CONTRACTS" in contracts


def test_the_same_answers_make_the_same_files(published: Publish, output: Path) -> None:
    published()
    first = tree(output)
    shutil.rmtree(output)
    published()
    assert tree(output) == first


def test_a_second_call_finds_the_work_done(published: Publish, output: Path) -> None:
    first = published()
    before = (output / "README.md").stat().st_mtime_ns
    assert published() == first
    assert (output / "README.md").stat().st_mtime_ns == before


def test_a_published_repository_that_was_changed_since_is_not_overwritten(published: Publish, output: Path) -> None:
    published()
    (output / "main.py").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        published()
    assert (output / "main.py").read_text() == "mine"


def test_an_existing_folder_is_refused_unless_overwriting_was_asked_for(
    published: Publish, output: Path, material: Material
) -> None:
    output.mkdir(parents=True)
    (output / "precious.txt").write_text("keep")
    with pytest.raises(OutputError, match="exists and is not empty"):
        published()
    assert [path.name for path in output.parent.rglob("*")] == ["repository", "precious.txt"]
    published(context=overwriting(material))
    assert not (output / "precious.txt").exists()
    assert not list(output.parent.glob(".*"))


def test_an_empty_folder_is_used(published: Publish, output: Path) -> None:
    output.mkdir(parents=True)
    published()
    assert (output / "main.py").is_file()


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_or_a_link_is_never_replaced(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link", "dangling"):
        with pytest.raises(OutputError, match="not a folder"):
            check_output(tmp_path / name, overwrite=overwrite)


def test_the_working_folder_can_be_the_output(
    material: Material, code: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    publish(material, code, Path(), "run-1")
    assert (tmp_path / "inside/main.py").is_file()


# --- failures


@pytest.fixture(params=["nothing", "old"])
def before(request: pytest.FixtureRequest, output: Path) -> dict[str, bytes]:
    if request.param == "old":
        output.mkdir(parents=True)
        (output / "old.txt").write_text("old")
    return tree(output)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), ValueError("bug"), Killed()])
@pytest.mark.parametrize("at", [0, 5, 25])
def test_a_failure_in_the_middle_leaves_the_output_as_it_was(
    published: Publish, output: Path, material: Material, before: dict[str, bytes], error: BaseException, at: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    writes = iter(range(1_000))
    original = Path.write_text

    def write_text(self: Path, *args: Any, **options: Any) -> int:
        if next(writes) == at:
            raise error
        return original(self, *args, **options)

    monkeypatch.setattr(Path, "write_text", write_text)
    expected = OutputError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        published(context=overwriting(material))
    assert tree(output) == before
    assert not list(output.parent.glob(".*"))
    monkeypatch.undo()
    published(context=overwriting(material))
    assert (output / "main.py").is_file()


def test_a_full_disk_says_what_to_do(published: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OutputError, match="No space left on device") as failure:
        published()
    assert "papercoder resume" in failure.value.next_step


def test_an_old_folder_is_put_back_if_the_new_one_cannot_take_its_place(
    published: Publish, output: Path, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    output.mkdir(parents=True)
    (output / "old.txt").write_text("old")
    original = Path.replace

    def swap(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError(errno.EACCES, "Permission denied")
        return original(self, target)

    monkeypatch.setattr(Path, "replace", swap)
    with pytest.raises(OutputError, match="Permission denied"):
        published(context=overwriting(material))
    assert tree(output) == {"old.txt": b"old"}
    assert not list(output.parent.glob(".*"))


KILL = """
import os, sys
from pathlib import Path
from papercoder.publication.writing import replace_folder
original, left = Path.replace, int(sys.argv[2])
def dying(self, target):
    global left
    if left == 0:
        os.kill(os.getpid(), 9)
    left -= 1
    return original(self, target)
Path.replace = dying
with replace_folder(Path(sys.argv[1]), {"a.txt": "new"}, run="r", overwrite=True) as folder:
    if left < 0:
        os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("moment", [-1, 0, 1])
def test_after_a_kill_at_any_moment_the_next_attempt_succeeds_and_tidies_up(tmp_path: Path, moment: int) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "old.txt").write_text("old")
    ended = subprocess.run([sys.executable, "-c", KILL, str(output), str(moment)], capture_output=True, timeout=30)
    assert ended.returncode == -9, ended.stderr
    assert not output.exists() or tree(output) == {"old.txt": b"old"}
    with replace_folder(output, {"a.txt": "new"}, run="r", overwrite=True):
        pass
    assert tree(tmp_path) == {"out/a.txt": b"new"}


@pytest.mark.parametrize("name", ["../x.py", "/tmp/x.py", ".git/hooks/pre-commit", "a\\b.py", ".papercoder/../../x"])
def test_a_hostile_name_is_not_written(material: Material, output: Path, name: str) -> None:
    with pytest.raises(ValueError, match="file name"):
        publish(material, {name: "x"}, output, "run-1")
    assert not output.parent.exists() or not any(output.parent.iterdir())


def test_a_hostile_title_and_hostile_texts_are_only_text(
    material: Material, code: dict[str, str], output: Path
) -> None:
    hostile = "{{ 7*7 }} $(touch pwned) `id` \0 | a\n-- --amend\n```\n</details>"
    paper = material.paper.model_copy(update={"title": hostile, "authors": (hostile,)})
    done = publish(replace(material, paper=paper), {**code, "notes.txt": hostile}, output, "run-1")
    assert done.commit
    assert (output / "notes.txt").read_text() == hostile
    assert "{{ 7*7 }}" in git(output, "log", "--format=%B")
    assert not list(output.rglob("pwned"))


# --- history


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


@pytest.fixture
def broken_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def put(body: str) -> None:
        (tmp_path / "bin").mkdir()
        fake = tmp_path / "bin" / "git"
        fake.write_text(body)
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    return put


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


# --- on a base repository


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    for path, text in {
        "README.md": "# Theirs\n",
        "requirements.txt": "# pinned\nNumPy==1.26.4\n-r more.txt\n",
        ".gitignore": "*.pt\n",
        "lib/util.py": "def util(): ...\n",
        "src/data.py": "old\n",
        "windows.bat": "a\r\nb\r\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    return folder


def test_what_is_there_is_kept_byte_for_byte(
    published: Publish, output: Path, base: Path, code: dict[str, str]
) -> None:
    published(base=read_base(base))
    files = tree(output)
    for path in ("README.md", ".gitignore", "lib/util.py", "windows.bat"):
        assert files[path] == (base / path).read_bytes()
    assert files["src/data.py"].decode() == code["src/data.py"]
    assert files["REPRODUCTION.md"].startswith(b"# Ridge Classifiers under Label Noise")
    assert files["requirements.txt"].decode() == "# pinned\nNumPy==1.26.4\n-r more.txt\npyyaml\n"
    assert git(output, "log", "--reverse", "--format=%s").splitlines()[0] == "The repository to build on"
    assert git(output, "show", "HEAD~2:src/data.py") == "old"


def test_a_base_repository_is_read_without_what_is_not_its_content(base: Path) -> None:
    (base / ".git").mkdir()
    (base / ".git/config").write_text("secret")
    (base / "__pycache__").mkdir()
    (base / "__pycache__/x.pyc").write_text("x")
    (base / "weights.bin").write_bytes(b"\x00\xff")
    (base / "null.txt").write_bytes(b"a\0b")
    (base / "large.txt").write_text("x" * 400_001)
    (base / "link.py").symlink_to("/etc/passwd")
    (base / "dir").symlink_to("/etc")
    (base / "a:b.txt").write_text("x")
    os.mkfifo(base / "pipe")
    assert set(read_base(base)) == {
        "README.md",
        "requirements.txt",
        ".gitignore",
        "lib/util.py",
        "src/data.py",
        "windows.bat",
    }


def test_a_base_repository_that_is_none_is_named(base: Path) -> None:
    for folder in (base / "nowhere", base / "README.md"):
        with pytest.raises(InputError, match="is not a folder"):
            read_base(folder)


def test_a_base_repository_that_is_too_large_is_refused(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("papercoder.publication.base.MAX_FILES", 3)
    with pytest.raises(InputError, match="3 text files"):
        read_base(base)


def test_a_file_of_the_base_that_cannot_be_read_is_named(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match=r"\.gitignore of the base repository cannot be read: Permission denied"):
        read_base(base)


# --- what the files say


@pytest.mark.parametrize("path", ["x" * 97 + ".py", "/".join(["y" * 55] * 4) + "/m.py"])
def test_a_file_with_the_longest_allowed_name_is_published(material: Material, output: Path, path: str) -> None:
    assert material.architecture
    design = Architecture.model_validate(
        {"approach": "a", "files": [{"path": path, "purpose": "p"}], "entry_point": path, "open_choices": []}
    )
    publish(replace(material, architecture=design, analyses={path: "x"}), {path: "x = 1\n"}, output, "run-1")
    assert (output / path).is_file()


def test_choices_in_the_code_are_found_with_their_place() -> None:
    code = {
        "a.py": "x = 1  # Choice: one\n# not part of it\n\n# Choice: two\n# goes on\n#\ny = 2\n"
        "# Choice: three\n#Choice: four\n",
        "b.txt": "no choice",
    }
    found = [(choice.path, choice.line, choice.text.strip()) for choice in code_choices(code)]
    assert found == [("a.py", 1, "one"), ("a.py", 4, "two goes on"), ("a.py", 8, "three"), ("a.py", 9, "four")]


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    assert not [path for path in tmp_path.rglob("*.partial") if path.exists()]
