"""What there is to attack: secrets, listening sockets, a process, files, all made for the purpose and taken away."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

VARIABLE = "PAPERCODER_ATTACKED_KEY"
GONE_SECONDS = 20.0
_IPC_CREAT, _IPC_RMID = 0o1000, 0


@dataclass
class Host:
    """One machine under attack, for one run."""

    folder: Path  # nothing in it may be reached but `repository`
    repository: Path
    secret: str
    home_file: Path
    shared_file: Path
    victim: int
    tcp_port: int
    udp: socket.socket
    unix_path: Path
    abstract: str
    segment: int
    mark: str  # in the command line of everything that the attack starts

    @property
    def outside(self) -> Path:
        return self.folder / "outside"

    @property
    def address(self) -> str:
        """Of this machine in its network; loopback, where it is in none."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))
            except OSError:
                return "127.0.0.1"
            return str(probe.getsockname()[0])

    @property
    def victim_lives(self) -> bool:
        limits = Path(f"/proc/{self.victim}/limits")
        return (
            limits.exists() and "Z" not in Path(f"/proc/{self.victim}/stat").read_text().rpartition(")")[2].split()[0]
        )

    @property
    def victim_limits(self) -> str:
        return Path(f"/proc/{self.victim}/limits").read_text()

    def left(self) -> int:
        """How many processes of the attack are still there after a while."""
        deadline = time.monotonic() + GONE_SECONDS
        while (found := self._count()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def _count(self) -> int:
        count = 0
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                count += self.mark.encode() in (process / "cmdline").read_bytes()
        return count

    def kill_what_is_left(self) -> None:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)


@contextlib.contextmanager
def host() -> Iterator[Host]:
    """Everything in place; afterwards all of it is gone, and what an attack has left behind, too."""
    secret = f"secret-{uuid4().hex}"
    with contextlib.ExitStack() as stack:
        os.environ[VARIABLE] = secret
        stack.callback(os.environ.pop, VARIABLE)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="attacked-"))).resolve()
        folder.chmod(0o755)
        made = Host(
            folder=folder,
            repository=_repository(folder),
            secret=secret,
            home_file=_file(stack, Path.home() / f".papercoder-attacked-{uuid4().hex}", secret),
            shared_file=_file(stack, Path("/dev/shm") / f"papercoder-attacked-{uuid4().hex}", secret),
            victim=_victim(stack, secret),
            tcp_port=_listen(stack, socket.socket(), ("0.0.0.0", 0))[1],
            udp=_udp(stack),
            unix_path=folder / "socket",
            abstract=f"papercoder-{uuid4().hex}",
            segment=_segment(stack),
            mark=f"attack-{uuid4().hex}",
        )
        (folder / "outside").write_text(secret)
        _listen(stack, socket.socket(socket.AF_UNIX), str(made.unix_path))
        _listen(stack, socket.socket(socket.AF_UNIX), f"\0{made.abstract}")
        stack.callback(made.kill_what_is_left)
        yield made


def _repository(folder: Path) -> Path:
    (repository := folder / "repository").mkdir()
    (repository / ".git" / "hooks").mkdir(parents=True)
    (repository / ".git" / "config").write_text("[core]\n")
    (repository / "link").symlink_to(folder / "outside")
    (repository / "upward").symlink_to("../outside")
    return repository


def _file(stack: contextlib.ExitStack, path: Path, text: str) -> Path:
    path.write_text(text)
    stack.callback(path.unlink, missing_ok=True)
    return path


def _victim(stack: contextlib.ExitStack, secret: str) -> int:
    """A process of the same user, with a secret in its command line and its environment."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(10000)", secret])
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process.pid


def _listen(stack: contextlib.ExitStack, server: socket.socket, address: object) -> tuple[str, int]:
    stack.enter_context(server)
    server.bind(address)  # type: ignore[arg-type]
    server.listen()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                server.accept()[0].close()

    threading.Thread(target=accept, daemon=True).start()
    stack.callback(server.shutdown, socket.SHUT_RDWR)
    name = server.getsockname()
    return name if isinstance(name, tuple) else ("", 0)


def _udp(stack: contextlib.ExitStack) -> socket.socket:
    server = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    server.bind(("127.0.0.1", 0))
    server.setblocking(False)
    return server


def _segment(stack: contextlib.ExitStack) -> int:
    """The key of a System V segment of shared memory."""
    key = int(uuid4().hex[:7], 16)
    libc = ctypes.CDLL(None)
    segment = libc.shmget(key, 4096, _IPC_CREAT | 0o600)
    stack.callback(libc.shmctl, segment, _IPC_RMID, None)
    return key
