"""Environments from requirements.txt, installed from wheels made here, so that no test needs the network."""

import sys
import threading
import zipfile
from pathlib import Path

import pytest

from papercoder.sandbox import InstallError, Limits, RefusedRequirement, Sandbox, create_environment, environment
from papercoder.sandbox.requirements import parse_requirements

CODE = "import os\nprint('side effect of an import')\nVALUE = 42\n"


@pytest.fixture(params=["uv", pytest.param("pip", marks=pytest.mark.long)])
def shelf(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one wheel, `demo-pkg` 1.0, which is all the installer under test can see."""
    if request.param == "pip":
        monkeypatch.setattr(environment, "find_uv", lambda: None)
    elif environment.find_uv() is None:
        pytest.skip("uv is not installed")
    folder = tmp_path / "shelf"
    folder.mkdir()
    details = "demo_pkg-1.0.dist-info"
    with zipfile.ZipFile(folder / "demo_pkg-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("demo_pkg.py", CODE)
        wheel.writestr("demo_pkg.pth", "import pathlib; pathlib.Path('pth-was-executed').touch()\n")
        wheel.writestr(f"{details}/METADATA", "Metadata-Version: 2.1\nName: demo-pkg\nVersion: 1.0\n")
        wheel.writestr(f"{details}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{details}/entry_points.txt", "[console_scripts]\ndemo = demo_pkg:missing\n")
        wheel.writestr(f"{details}/RECORD", "")
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"file://{folder}")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    for prefix in ("UV", "PIP"):
        monkeypatch.setenv(f"{prefix}_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_NO_CACHE", "1")
    return folder


def test_an_installed_package_can_be_used_but_not_changed(
    shelf: Path, sandbox: Sandbox, repository: Path, tmp_path: Path
) -> None:
    venv = create_environment(
        "demo_pkg >= 1.0  # comment\n", tmp_path / "environments", sandbox=sandbox, log=lambda _: None
    )
    script = (
        "import demo_pkg as d, shutil, sys; print(d.VALUE, sys.prefix, shutil.which('demo')); open(d.__file__, 'a')"
    )
    report = sandbox.run(["python", "-c", script], workdir=repository, limits=Limits(), environment=venv)
    assert f"42 {venv} {venv}/bin/demo" in report.output
    assert report.exit_code == 1
    assert "Read-only file system" in report.output or "Permission denied" in report.output
    assert list(venv.rglob(f"demo_pkg.{sys.implementation.cache_tag}.pyc")), "bytecode is compiled beforehand"


def test_installing_executes_nothing_of_the_package(shelf: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    create_environment("demo-pkg", tmp_path / "environments", sandbox=sandbox, log=lambda _: None)
    assert not list(tmp_path.rglob("pth-was-executed"))
    assert not Path("pth-was-executed").exists()


def test_the_same_requirements_are_installed_once(shelf: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    lines: list[str] = []
    first = create_environment("demo-pkg\n", tmp_path / "environments", sandbox=sandbox, log=lines.append)
    assert "demo-pkg" in lines[0]
    assert len(lines) == 2
    assert (
        create_environment("# again\nDemo_Pkg", tmp_path / "environments", sandbox=sandbox, log=lines.append) == first
    )
    assert len(lines) == 2
    assert create_environment("", tmp_path / "environments", sandbox=sandbox, log=lines.append) != first


def test_an_interrupted_installation_is_made_again(shelf: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    venv = create_environment("demo-pkg", tmp_path / "environments", sandbox=sandbox, log=lambda _: None)
    (venv / environment.COMPLETE).unlink()
    (venv / "half-written").touch()
    assert create_environment("demo-pkg", tmp_path / "environments", sandbox=sandbox, log=lambda _: None) == venv
    assert not (venv / "half-written").exists()


def test_two_at_once_install_once(shelf: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    lines: list[str] = []
    threads = [
        threading.Thread(
            target=create_environment,
            args=("demo-pkg", tmp_path / "e"),
            kwargs={"sandbox": sandbox, "log": lines.append},
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([line for line in lines if line.startswith("installing")]) == 1


def test_a_missing_package_fails_with_the_installers_words(shelf: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(InstallError, match=r"(?s)failed:.*no-such-pkg") as caught:
        create_environment("demo-pkg\nno_such_pkg==3", tmp_path / "environments", sandbox=sandbox, log=lambda _: None)
    assert not isinstance(caught.value, RefusedRequirement)


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://evil.example/simple",
        "-i https://evil.example/simple",
        "--extra-index-url=https://evil.example",
        "--find-links /tmp",
        "-r /etc/passwd",
        "-c constraints.txt",
        "-e .",
        "-e git+https://evil.example/x.git#egg=x",
        "numpy --no-binary :all:",
        "numpy --config-settings=x=y",
        "numpy \\",
        "git+https://evil.example/x.git",
        "numpy @ https://evil.example/numpy.whl",
        "numpy @ file:///tmp/numpy.whl",
        "https://evil.example/numpy.whl",
        "./numpy",
        "../numpy.whl",
        "/tmp/numpy.whl",
        "numpy===../../tmp/numpy.whl",
        "$(touch /tmp/x)",
    ],
)
def test_anything_but_a_name_and_versions_is_refused(line: str) -> None:
    with pytest.raises(RefusedRequirement) as caught:
        parse_requirements(f"PyYAML\n{line}\n")
    assert repr(line) in str(caught.value)


def test_plain_requirements_are_accepted() -> None:
    text = """
    # a comment
    torch>=2.0,<3   # why
    Scikit_Learn
    transformers[torch,sentencepiece]~=4.40
    numpy==1.*; python_version < "3.12"
    trap.whl
    torch>=2.0,<3
    """
    assert parse_requirements(text) == [
        'numpy==1.*; python_version < "3.12"',
        "scikit-learn",
        "torch<3,>=2.0",
        "transformers[sentencepiece,torch]~=4.40",
        "trap-whl",
    ]
