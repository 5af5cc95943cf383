"""The repository appears whole or not at all, and never over what somebody else has written."""

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.context import Material
from papercoder.publication import check_output, publish
from papercoder.publication.writing import replace_folder
from state.errors import OutputError
from tests.publication.trees import Publish, tree


def overwriting(material: Material) -> Any:
    return material.context.model_copy(update={"overwrite": True})


@pytest.fixture(params=["nothing", "old"])
def before(request: pytest.FixtureRequest, output: Path) -> dict[str, bytes]:
    if request.param == "old":
        output.mkdir(parents=True)
        (output / "old.txt").write_text("old")
    return tree(output)


class Killed(BaseException):
    pass


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


@pytest.mark.parametrize("name", ["/proc/nothing/here", "file/inside"])
def test_where_nothing_can_be_written_it_is_said_before_the_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written to") as refusal:
        check_output(tmp_path / name, overwrite=False)
    assert "--output" in refusal.value.next_step
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_working_folder_can_be_the_output(
    material: Material, code: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    publish(material, code, Path(), "run-1")
    assert (tmp_path / "inside/main.py").is_file()


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
