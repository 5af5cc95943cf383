"""Installing packages, inside the sandbox: with the network, but without a home, secrets, or the repository.

First from wheels alone, with the user's package cache: none of that is executed.  What has no wheel is built in a
second attempt, and building runs the package's own code: it gets no cache that another environment would install
from, no address with a password in it, and can write to nothing but its own environment and scratch.
"""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from papercoder.confinement.scratch import temporary
from papercoder.sandbox.interface import Access, Limits, RunReport, Sandbox
from papercoder.sandbox.requirements import InstallError

LIMITS = Limits(
    wall_seconds=3600, cpu_seconds=3600, memory_bytes=8 << 30, file_bytes=8 << 30, disk_bytes=40 << 30,
    output_bytes=20_000,
)  # fmt: skip
KEPT_CHARACTERS = 4000
INDEXES = (
    *("INDEX_URL", "EXTRA_INDEX_URL", "DEFAULT_INDEX", "INDEX", "FIND_LINKS", "NO_INDEX", "OFFLINE", "NO_CACHE"),
    *(
        "INDEX_STRATEGY",
        "TORCH_BACKEND",
        "EXCLUDE_NEWER",
        "SYSTEM_CERTS",
        "INSECURE_HOST",
        "HTTP_TIMEOUT",
        "HTTP_RETRIES",
        "DEFAULT_TIMEOUT",
        "CERT",
    ),
)
CONNECTIONS = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
USER_AND_PASSWORD = re.compile(r"(?<=://)[^/\s@]*@")
NO_WHEEL = re.compile(
    r"no usable wheels|no wheels with|--no-build|building from source is disabled|only-binary|no-binary"
)
NO_CPU_INDEX = "download.pytorch.org"


@dataclass(frozen=True)
class Installation:
    wanted: Sequence[str]
    target: Path
    uv: Path | None
    sandbox: Sandbox
    log: Callable[[str], None]

    def run(self) -> None:
        """Fill the environment; `InstallError` with the installer's words if that fails."""
        report = self._attempt(build=False, cpu=bool(self.uv))
        if report.exit_code and NO_CPU_INDEX in report.output:
            self.log("the CPU builds of PyTorch cannot be reached: taking those of the index, which are large")
            report = self._attempt(build=False, cpu=False)
        if report.exit_code and not report.limit and self._may_lack_wheels(report):
            self.log("not every package comes as a wheel: building from source, in the sandbox, without a cache")
            report = self._attempt(build=True, cpu=False)
        if report.exit_code:
            raise InstallError(f"installing {', '.join(self.wanted)} failed:\n{_words(report)}")
        self._compile()
        _make_executable(self.target / "bin")

    def _may_lack_wheels(self, report: RunReport) -> bool:
        """pip says of a package without wheels just that there is none."""
        return bool(NO_WHEEL.search(report.output)) or (self.uv is None and "No matching distribution" in report.output)

    def _attempt(self, *, build: bool, cpu: bool) -> RunReport:
        with TemporaryDirectory(prefix=f"{self.target.name}-", dir=self.target.parent) as scratch:
            (listing := Path(scratch, "requirements.txt")).write_text("\n".join(self.wanted) + "\n")
            own = Path(scratch, "cache")
            cache = own if build else self._shared_cache() or own
            cache.mkdir(parents=True, exist_ok=True)
            return self.sandbox.run(
                [*self._command(cache), *([] if build else ["--only-binary", ":all:"]), "-r", str(listing)],
                workdir=Path(scratch),
                limits=LIMITS,
                access=Access(
                    network=True,
                    readable=self._readable(build),
                    writable=(self.target, Path(scratch), cache),
                    variables={**_variables(build), "TMPDIR": scratch, **({"UV_TORCH_BACKEND": "cpu"} if cpu else {})},
                ),
            )

    def _command(self, cache: Path) -> list[str]:
        python = str(self.target / "bin" / "python")
        if self.uv:
            # Copies, since what is linked to the cache could be changed there through the environment.
            options = ["--link-mode", "copy", "--no-progress", "--cache-dir", str(cache)]
            return [str(self.uv), "pip", "install", "--python", python, *options]
        options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--cache-dir", str(cache)]
        return [python, "-I", "-m", "pip", "install", *options]

    def _shared_cache(self) -> Path | None:
        if not self.uv:
            return None
        done = subprocess.run([self.uv, "cache", "dir"], capture_output=True, text=True, timeout=60, check=False)
        return Path(done.stdout.strip()) if not done.returncode and done.stdout.strip() else None

    def _readable(self, build: bool) -> tuple[Path, ...]:
        files = [self.uv] if self.uv else []
        files += [Path(value) for value in _variables(build).values() if value.startswith("/")]
        return tuple(path.resolve() for path in files if path.exists())

    def _compile(self) -> None:
        """Read-only later, it could never keep its bytecode.  The venv's own interpreter would run its `.pth` files."""
        command = ["python3", "-I", "-m", "compileall", "-qq", "-j0", str(self.target / "lib")]
        with temporary() as scratch:
            self.sandbox.run(
                command, workdir=scratch, limits=LIMITS, access=Access(writable=(self.target,))
            )  # what does not compile will be said by whoever imports it


def find_uv() -> Path | None:
    """The one beside our Python, or on the PATH."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    return Path(found) if found else None


def _variables(build: bool) -> Mapping[str, str]:
    """Where packages come from.  Code that is built does not get to see a password."""
    names = [f"{tool}_{index}" for tool in ("UV", "PIP") for index in INDEXES]
    names += [case for name in CONNECTIONS for case in (name, name.lower())]
    found = {name: os.environ[name] for name in names if os.environ.get(name)}
    if not build:
        files = {"UV_CONFIG_FILE": ("uv/uv.toml",), "PIP_CONFIG_FILE": ("pip/pip.conf",)}
        found |= {name: str(path) for name, ends in files.items() for path in _settings(name, *ends)}
    return {name: USER_AND_PASSWORD.sub("", value) for name, value in found.items()} if build else found


def _settings(variable: str, end: str) -> list[Path]:
    """The user's own file, which the installer would not find without the user's home."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    named = os.environ.get(variable)
    return [path for path in ([Path(named)] if named else [home / end]) if path.is_file()]


def _make_executable(programs: Path) -> None:
    """Where modes cannot be changed inside the sandbox, the installer's own attempt came to nothing."""
    for path in programs.iterdir():
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
            path.chmod(0o755)


def _words(report: RunReport) -> str:
    return f"{report.stopped}\n{report.output[-KEPT_CHARACTERS:].strip()}".strip()
