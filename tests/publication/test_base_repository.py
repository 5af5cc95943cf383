"""A repository to build on is kept as it is where nothing is to be changed."""

import errno
import os
from pathlib import Path

import pytest

from papercoder.publication.base import read_base
from state.errors import InputError
from tests.git import git
from tests.publication.trees import Publish, tree


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
