"""File names that a model proposes never lead out of the repository, or into what is not its content."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.paths import MAX_NAME_BYTES, UnsafePath, check_beside, check_distinct, check_name, confine, folded

HOSTILE = {
    "empty": "",
    "blank": " ",
    "absolute": "/etc/passwd",
    "home": "~/.ssh/id_rsa",
    "another user's home": "~root/x",
    "parent": "../x.py",
    "parent inside": "src/../../x.py",
    "parent at the end": "src/..",
    "here": "./x.py",
    "only here": ".",
    "empty part": "src//x.py",
    "trailing slash": "src/",
    "backslash": "src\\x.py",
    "UNC": "\\\\server\\share",
    "drive": "C:/x.py",
    "drive alone": "C:x.py",
    "stream": "x.py:hidden",
    "device": "con",
    "device with extension": "src/NUL.py",
    "device with two extensions": "aux.tar.gz",
    "device and a space": "con .txt",
    "numbered device": "COM1.log",
    "superscript device": "COM¹",
    "console": "CONIN$",
    "NUL": "x\0.py",
    "line break": "x\ny.py",
    "escape": "x\x1b[31m.py",
    "C1 control": "x\x85y.py",
    "line separator": "x\u2028y.py",
    "bidi override": "x\u202eyp.py",
    "bidi isolate": "x\u2066y.py",
    "zero width": "x\u200by.py",
    "private use": "x\ue000.py",
    "lone surrogate": "x\ud800.py",
    "leading space": " x.py",
    "trailing space": "x.py ",
    "space before slash": "src /x.py",
    "trailing dot": "src./x.py",
    "pipe": "a|b",
    "wild card": "*.py",
    "git": ".git/config",
    "shouted git": ".GIT/config",
    "inner git": "vendor/.git/hooks/post-checkout",
    "git file": "vendor/.git",
    "short name of git": "GIT~1/config",
    "full-width git": ".ｇｉｔ/config",
    "full-width dot": "．git/config",
    "full-width dots": "．．/x.py",
    "two dot leader": "‥/x.py",
    "full-width slash": "..／x.py",
    "full-width backslash": "..＼x.py",
    "zero width git": ".g\u200cit/config",
    "our own folder": ".papercoder/run.json",
    "our own folder shouted": ".PaperCoder/run.json",
    "long": "a/" * 120 + "x.py",
    "long part": "x" * 101,
    "long in bytes": "é" * 51,
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_name_is_refused_with_a_reason(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(UnsafePath, match="file name"):
        check_name(name)
    with pytest.raises(UnsafePath) as refusal:
        confine(tmp_path, name * 4 if "long" in request.node.callspec.id else name)
    str(refusal.value).encode()  # it can be printed, whatever was in the name


@pytest.mark.parametrize(
    "name",
    [
        "main.py",
        "src/model.py",
        ".gitignore",
        ".github/workflows/ci.yml",
        "a b.txt",
        "naïve/Größe.py",
        "x" * 100,
        "console.py",
        "src/...py",
        "data/模型.py",
        "com10.py",
        "a[1].py",
    ],
)
def test_a_plain_name_is_allowed(name: str, tmp_path: Path) -> None:
    assert check_name(name) == name
    assert confine(tmp_path, name) == tmp_path / name


def test_a_name_goes_through_no_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True)
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "real" / "file.py").symlink_to(tmp_path / "outside" / "file.py")
    for name in ("link", "link/x.py", "real/file.py"):
        with pytest.raises(UnsafePath, match="symbolic link"):
            confine(root, name)
    assert confine(root, "real/other.py") == root / "real/other.py"


def test_a_root_may_itself_lie_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to(tmp_path / "real")
    assert confine(tmp_path / "root", "x.py") == tmp_path / "root/x.py"


def test_our_own_folder_is_open_to_us_alone(tmp_path: Path) -> None:
    assert confine(tmp_path, ".papercoder/run.json", private=True) == tmp_path / ".papercoder/run.json"
    assert confine(tmp_path, "main.py", private=True) == tmp_path / "main.py"
    for name in (
        ".papercoder/../x",
        ".papercoder/.git/config",
        ".papercoder/",
        ".papercoder",
        ".papercoder/.papercoder/x",
    ):
        with pytest.raises(UnsafePath):
            confine(tmp_path, name, private=True)


@pytest.mark.parametrize("path", ["x" * 97 + ".py", "/".join(["y" * 59] * 4)])
def test_the_longest_allowed_name_leaves_room_for_what_we_derive_from_it(path: str, tmp_path: Path) -> None:
    check_name(path)
    confine(tmp_path, f".papercoder/analyses/{path}.md", private=True)
    confine(tmp_path, f"configuration/{path}.round-12.sample-10.attempt-30.md")


@given(st.text() | st.text("./\\~:abgit .ｇ．‥／\u200b\x85"))
def test_whatever_the_name_the_path_lies_inside_the_root(name: str) -> None:
    root = Path("/nowhere/at/all")
    try:
        target = confine(root, name)
    except UnsafePath:
        return
    assert target.is_relative_to(root)
    assert target != root
    assert Path(str(target)).resolve() == target
    plain = unicodedata.normalize("NFKC", str(target.relative_to(root))).casefold().split("/")
    assert not {"..", ".", "", ".git", ".papercoder"} & set(plain)
    assert str(target.relative_to(root)) == name
    assert not {unicodedata.category(character) for character in name} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@given(st.text())
def test_folding_twice_is_folding_once(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@pytest.mark.parametrize(
    "names",
    [
        ("a.py", "a.py"),
        ("Model.py", "model.py"),
        ("straße.py", "STRASSE.py"),
        ("é.py", "e\u0301.py"),
        ("ﬁle.py", "file.py"),
        ("model", "model/net.py"),
        ("Model", "model/net.py"),
        ("a/b/c.py", "a"),
    ],
)
def test_names_that_collide_on_some_file_system_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(UnsafePath):
        check_distinct(names)
    with pytest.raises(UnsafePath):
        check_distinct(reversed(names))


def test_names_in_one_folder_do_not_collide() -> None:
    check_distinct(["src/a.py", "src/b.py", "src.py", "Src/c.py"])


@pytest.mark.parametrize("name", ["src", "README.md/x.py", "readme.md", "src/MODEL.py"])
def test_a_new_file_may_not_stand_in_the_way_of_an_existing_one(name: str) -> None:
    with pytest.raises(UnsafePath, match="beside"):
        check_beside([name], ["README.md", "src/model.py"])


def test_a_new_file_may_replace_an_existing_one() -> None:
    check_beside(["src/model.py", "src/new.py", "other/x.py"], ["README.md", "src/model.py"])


def test_a_name_is_measured_in_bytes() -> None:
    check_name("/".join(["x" * 59] * 4))
    with pytest.raises(UnsafePath, match=str(MAX_NAME_BYTES)):
        check_name("/".join(["é" * 40] * 4))
