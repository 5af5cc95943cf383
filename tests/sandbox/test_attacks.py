"""The attack suite of the benchmarks: every attack in every containment; a sample of it in each run of the tests."""

import json
import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.attacks.attack import Attack, carry_out
from benchmarks.attacks.host import host
from benchmarks.attacks.installation import carry_out_installation
from benchmarks.attacks.resources import RESOURCES
from benchmarks.attacks.walls import WALLS
from papercoder.sandbox import Sandbox, SandboxUnavailable, environment, find_sandbox

ROOT = Path(__file__).parents[2]
USER = "4321"
SAMPLE = {
    "fork bomb, 300 processes",
    "memory, one process",
    "disk, deleted files held open",
    "files of the home folder",
    "secrets in environments, /proc/*/environ",
    "loopback, TCP",
    "unix socket with a path",
    "writing outside",
    "modes and times of files outside",
    "git hooks and settings",
    "killing papercoder, and whoever started the command",
    "limits of another process",
    "a daemon left behind",
}
NOT_HELD = {("landlock", "shared memory in /dev/shm"), ("landlock-3", "shared memory in /dev/shm")}
"""What docs/sandbox.md says is not held.  If one of them is one day, that is to be said there."""
NOT_HELD_WHILE_INSTALLING = {"installing: loopback, TCP"}

ATTACKS = [
    pytest.param(attack, id=attack.name, marks=[] if attack.name in SAMPLE else pytest.mark.long)
    for attack in (*RESOURCES, *WALLS)
]

LONG = [pytest.param(name, marks=pytest.mark.long) for name in ("wheel", "landlock-3")]
SANDBOXES = pytest.mark.parametrize("sandbox", ["system", "landlock", *LONG], indirect=True)


@SANDBOXES
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_held(attack: Attack, sandbox: Sandbox, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["sandbox"]
    with host() as machine:
        outcome = carry_out(attack, sandbox, machine)
    assert outcome.held == ((name, attack.name) not in NOT_HELD), outcome.by


@pytest.mark.parametrize("attack", [attack for attack in WALLS if attack.name in ("loopback, TCP", "writing outside")])
def test_the_attacks_succeed_where_nothing_holds_them(attack: Attack) -> None:
    with host() as machine:
        assert not carry_out(attack, find_sandbox("none"), machine).held


@SANDBOXES
def test_building_a_package_reaches_nothing_but_its_environment(sandbox: Sandbox) -> None:
    if environment.find_uv() is None:
        pytest.skip("uv is not installed")
    with host() as machine:
        outcomes = list(carry_out_installation(sandbox, machine))
    assert {outcome.attack for outcome in outcomes if not outcome.held} == NOT_HELD_WHILE_INSTALLING


@pytest.mark.long
@pytest.mark.parametrize("name", ["bubblewrap", "landlock"])
@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become somebody else; else all tests are an ordinary user's"
)
def test_an_ordinary_user_is_held_too(name: str, tmp_path: Path) -> None:
    """With the system's Python: root's own may lie in a folder that nobody else can enter."""
    try:
        find_sandbox(name)
    except SandboxUnavailable as unavailable:
        pytest.skip(str(unavailable))
    python, setpriv = shutil.which("python3", path="/usr/bin"), shutil.which("setpriv")
    if not python or not setpriv:
        pytest.skip("no Python or no setpriv in /usr/bin")
    home = Path("/tmp") / f"papercoder-user-{tmp_path.name}-{os.getpid()}"
    home.mkdir()
    try:
        os.chown(home, int(USER), int(USER))
        done = subprocess.run(
            [
                *(setpriv, "--reuid", USER, "--regid", USER, "--clear-groups"),
                *(python, "-m", "benchmarks.attacks", "--sandbox", name, "--json"),
            ],
            cwd=home, capture_output=True, text=True, timeout=600,
            env={"PATH": f"/usr/bin:/bin:{Path(sys.executable).parent}", "HOME": str(home),
                 "PYTHONPATH": os.pathsep.join([str(ROOT), *site.getsitepackages()]), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    finally:
        shutil.rmtree(home)
    if done.returncode:
        pytest.skip(f"the packages here are of no use to {python}: {done.stderr[-300:]}")
    (outcomes,) = json.loads(done.stdout.splitlines()[-1]).values()
    missed = {outcome["attack"] for outcome in outcomes if outcome["held"] is False}
    assert missed == {attack for where, attack in NOT_HELD if where == name} | NOT_HELD_WHILE_INSTALLING
