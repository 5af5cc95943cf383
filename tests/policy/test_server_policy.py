"""What a client of a server may name, and what not: the server's disk, and where its key is sent."""

import os
from pathlib import Path

import pytest

from papercoder.policy import Policy, allowed_context, allowed_input, allowed_output, check_endpoint
from state.context import Context
from state.errors import InputError


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """`papers` is allowed and holds links in and out; `home` is papercoder's own."""
    for name in ("papers/sub", "papers-too", "private", "home/repositories"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("papers/a.pdf", "papers/sub/b.tex", "papers-too/c.pdf", "private/key", "home/papercoder.db"):
        (tmp_path / name).write_text("x")
    (tmp_path / "papers/out").symlink_to(tmp_path / "private")
    (tmp_path / "papers/key.pdf").symlink_to(tmp_path / "private/key")
    (tmp_path / "papers/within").symlink_to(tmp_path / "papers/sub")
    (tmp_path / "way-in").symlink_to(tmp_path / "papers")
    return tmp_path


def policy(disk: Path, folders: str = "papers") -> Policy:
    listed = os.pathsep.join(str(disk / name) for name in folders.split())
    return Policy.of({"PAPERCODER_ALLOWED_FOLDERS": listed}, disk / "home")


@pytest.mark.parametrize(
    ("name", "real"),
    [
        ("papers/a.pdf", "papers/a.pdf"),
        ("papers", "papers"),
        ("papers/within/b.tex", "papers/sub/b.tex"),
        ("papers/sub/../a.pdf", "papers/a.pdf"),
        ("way-in/a.pdf", "papers/a.pdf"),
        ("papers/none.pdf", "papers/none.pdf"),
    ],
)
def test_what_lies_in_a_listed_folder_may_be_read_by_its_real_path(name: str, real: str, disk: Path) -> None:
    assert allowed_input(policy(disk), f"{disk}/{name}") == disk / real


@pytest.mark.parametrize(
    "name",
    [
        "private/key", "papers-too/c.pdf", "papers/../private/key", "papers/key.pdf", "papers/out/key", "papers/out",
        "papers/sub/../../private/key", "papers/within/../../private/key", "home/papercoder.db", "home", "",
    ],
)  # fmt: skip
def test_what_lies_elsewhere_may_not_be_read(name: str, disk: Path) -> None:
    with pytest.raises(InputError) as refusal:
        allowed_input(policy(disk), f"{disk}/{name}")
    assert "PAPERCODER_ALLOWED_FOLDERS" in refusal.value.next_step


@pytest.mark.parametrize("name", ["a.pdf", "papers/a.pdf", "~/a.pdf", "", ".", "/papers\0/a.pdf", "file:///etc/passwd"])
def test_a_path_that_depends_on_the_server_s_folder_is_refused(name: str, disk: Path) -> None:
    with pytest.raises(InputError, match="not an absolute path"):
        allowed_input(policy(disk), name)


def test_nothing_is_allowed_that_is_not_listed(disk: Path) -> None:
    nothing = Policy.of({}, disk / "home")
    for name in ("papers/a.pdf", "home/papercoder.db", "home/repositories/one", "private/key"):
        with pytest.raises(InputError):
            allowed_input(nothing, f"{disk}/{name}")
    with pytest.raises(InputError):
        allowed_output(nothing, f"{disk}/home/repositories/another-client-s-run")


def test_the_home_folder_is_not_read_although_it_lies_in_a_listed_one(disk: Path) -> None:
    with pytest.raises(InputError):
        allowed_input(policy(disk, "."), f"{disk}/home/papercoder.db")


def test_a_folder_that_is_not_absolute_is_the_operator_s_mistake(disk: Path) -> None:
    with pytest.raises(InputError, match="not absolute"):
        Policy.of({"PAPERCODER_ALLOWED_FOLDERS": "papers"}, disk)


@pytest.mark.parametrize("name", ["papers/new", "papers/sub/x/y"])
def test_output_goes_below_listed_folders(name: str, disk: Path) -> None:
    assert allowed_output(policy(disk), f"{disk}/{name}") == disk / name


@pytest.mark.parametrize(
    "name",
    [
        "papers", "papers/out/new", "papers/../private/new", "papers-too/new", "home/new", "home", "home/repositories",
        "home/repositories/../papercoder.db", "home/repositories/run", "private", "",
    ],
)  # fmt: skip
def test_output_goes_nowhere_else(name: str, disk: Path) -> None:
    with pytest.raises(InputError, match="does not write"):
        allowed_output(policy(disk), f"{disk}/{name}")


@pytest.mark.parametrize("name", ["home", "home/locks", "home/repositories"])
def test_output_never_replaces_the_home_folder(name: str, disk: Path) -> None:
    with pytest.raises(InputError, match="does not write"):
        allowed_output(policy(disk, "."), f"{disk}/{name}")


LISTED = "https://api.example.org/v1, http://10.0.0.5:8000,https://[2001:db8::1]:8443/llm/"


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.org/v1",
        "https://api.example.org/v1/",
        "https://api.example.org:443/v1/beta",
        "https://API.example.org/v1",
        "http://10.0.0.5:8000/v1",
        "http://10.0.0.5:8000",
        "https://[2001:db8::1]:8443/llm",
        "http://own:1234/v1",
    ],
)
def test_a_listed_endpoint_is_asked(url: str) -> None:
    check_endpoint(Policy.of({"PAPERCODER_MODEL_URLS": LISTED, "OPENAI_BASE_URL": "http://own:1234/v1"}, Path()), url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.org/v1",
        "https://api.example.org/",
        "https://api.example.org/v10",
        "https://api.example.org/v1/../admin",
        "https://api.example.org/v1/%2e%2e/admin",
        "https://api.example.org/v1?x=1",
        "https://api.example.org/v1#x",
        "https://api.example.org:8443/v1",
        "https://api.example.org.evil.com/v1",
        "https://evil.com/https://api.example.org/v1",
        "https://api.example.org@evil.com/v1",
        "https://user:key@api.example.org/v1",
        "https://api.example.org\\@evil.com/v1",
        "https://evil.com\\.api.example.org/v1",
        "https://api.example.org./v1",
        "https://аpi.example.org/v1",
        "https://api.example.org/v1\n",
        "https://api.example.org\t/v1",
        "http://10.0.0.5/v1",
        "http://10.0.0.5:80000/v1",
        "http://10.0.0.5:0/v1",
        "http://167772165:8000/v1",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:8000",
        "file:///etc/passwd",
        "ftp://10.0.0.5:8000/v1",
        "//api.example.org/v1",
        "",
    ],
)
def test_no_other_endpoint_gets_the_key(url: str) -> None:
    with pytest.raises(InputError) as refusal:
        check_endpoint(Policy.of({"PAPERCODER_MODEL_URLS": LISTED}, Path()), url)
    assert "key" in str(refusal.value)


def test_without_a_list_only_the_operator_s_own_endpoint_is_asked() -> None:
    with pytest.raises(InputError, match="does not send its key") as refusal:
        check_endpoint(Policy.of({}, Path()), "https://api.openai.com/v1")
    assert "PAPERCODER_MODEL_URLS" in refusal.value.next_step


def test_a_client_s_settings_are_held_to_all_of_it(disk: Path) -> None:
    (disk / "papers/recorded").mkdir()
    free = Context(model="openai:gpt-5-mini", models={"coder": "anthropic:claude-x"})
    assert allowed_context(policy(disk), free) == free
    replay = Context(model=f"replay:{disk}/way-in/recorded")
    assert allowed_context(policy(disk), replay).model == f"replay:{disk}/papers/recorded"
    for context in (
        Context(model=f"replay:{disk}/private"),
        Context(model="replay:recordings"),
        Context(models={"coder": f"replay:{disk}/papers/out"}),
        Context(base_url="http://169.254.169.254/v1"),
    ):
        with pytest.raises(InputError):
            allowed_context(policy(disk), context)


@pytest.mark.parametrize(("listed", "name", "allowed"), [
    ("", "auto", True), ("", "bubblewrap", True), ("", "landlock", True), ("", "docker", False), ("", "none", False),
    ("docker, remote", "docker", True), ("docker, remote", "remote", True), ("none", "none", False),
])  # fmt: skip
def test_a_client_chooses_among_contained_sandboxes_and_no_operator_can_allow_none(
    listed: str, name: str, allowed: bool
) -> None:
    operator = Policy.of({"PAPERCODER_SANDBOXES": listed}, Path())
    if allowed:
        assert allowed_context(operator, Context(sandbox=name)).sandbox == name
        return
    with pytest.raises(InputError, match="does not run generated code"):
        allowed_context(operator, Context(sandbox=name))
