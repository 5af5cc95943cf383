"""Attacks on what there is outside: secrets, network, files, processes."""

import os

from benchmarks.attacks.attack import Attack, nothing_reached, received_nothing
from benchmarks.attacks.host import VARIABLE, Host
from papercoder.sandbox import RunReport

FINISHED = "print('FINISHED')"


def _not_told(report: RunReport, host: Host) -> bool:
    return "FINISHED" in report.output and host.secret not in report.output


def _unchanged(report: RunReport, host: Host) -> bool:
    names = {path.name for path in host.folder.iterdir()}
    return host.outside.read_text() == host.secret and names == {"outside", "repository", "socket"}


def _mode_unchanged(_report: RunReport, host: Host) -> bool:
    status = host.outside.stat()
    return status.st_mode & 0o777 != 0o777 and status.st_mtime > 1


def _no_hook(_report: RunReport, host: Host) -> bool:
    git = host.repository / ".git"
    hooks = list((git / "hooks").iterdir()) if (git / "hooks").is_dir() else []
    return not hooks and (git / "config").read_text() == "[core]\n"


def _limits_unchanged(_report: RunReport, host: Host) -> bool:
    return "12345" not in host.victim_limits


def _as_before(_report: RunReport, _host: Host) -> bool:
    return True  # what counts is checked after every attack: the victim lives, nothing is left running


WALLS = (
    Attack(
        "files of the home folder",
        "attempt(lambda: open(told[0]).read())\nattempt(lambda: open(told[0], 'a'))",
        lambda host: [host.home_file],
    ),
    Attack(
        "secrets in environments, /proc/*/environ",
        "print(os.environ.get(told[0]))\nfor f in glob.glob('/proc/*/environ'):\n"
        "    try: text = open(f, 'rb').read()\n    except OSError: continue\n"
        "    if told[0].encode() in text: print(text)\n" + FINISHED,
        lambda _: [VARIABLE],
        held=_not_told,
    ),
    Attack(
        "command lines of other processes",
        "for f in glob.glob('/proc/*/cmdline'):\n    try: text = open(f, 'rb').read()\n    except OSError: continue\n"
        "    if b'secret-' in text: print(text)\n" + FINISHED,
        held=_not_told,
    ),
    Attack(
        "shared memory in /dev/shm",
        "attempt(lambda: open(told[0]).read())",
        lambda host: [host.shared_file],
    ),
    Attack(
        "shared memory, System V",
        "def get():\n    found = ctypes.CDLL(None).shmget(int(told[0]), 4096, 0)\n"
        "    if found < 0: raise OSError('no segment')\n    return found\nattempt(get)",
        lambda host: [host.segment],
    ),
    Attack(
        "loopback, TCP",
        "attempt(lambda: socket.create_connection(('127.0.0.1', int(told[0])), 5))",
        lambda host: [host.tcp_port],
    ),
    Attack(
        "loopback, UDP",
        "attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', int(told[0]))))"
        "\ntime.sleep(0.2)",
        lambda host: [host.udp.getsockname()[1]],
        received_nothing,
    ),
    Attack(
        "outward, by this machine's address",
        "attempt(lambda: socket.create_connection((told[0], int(told[1])), 5))",
        lambda host: [host.address, host.tcp_port],
    ),
    Attack(
        "unix socket with a path",
        "def get():\n    s = socket.socket(socket.AF_UNIX); s.connect(told[0]); return s\nattempt(get)",
        lambda host: [host.unix_path],
    ),
    Attack(
        "unix socket, abstract",
        "def get():\n    s = socket.socket(socket.AF_UNIX); s.connect('\\0' + told[0]); return s\nattempt(get)",
        lambda host: [host.abstract],
    ),
    Attack(
        "writing outside",
        "for path in [*told, '../x']:\n    attempt(lambda: open(path, 'w').write('x'))",
        lambda host: [host.outside, f"{host.folder}/x"],
        lambda report, host: _unchanged(report, host) and nothing_reached(report, host),
    ),
    Attack(
        "deleting and truncating outside",
        "attempt(lambda: os.unlink(told[0]))\nattempt(lambda: os.truncate(told[0], 0))\n"
        "attempt(lambda: os.rename('attack.py', told[0]))\nattempt(lambda: os.open(told[0], os.O_TRUNC))",
        lambda host: [host.outside],
        _unchanged,
    ),
    Attack(
        "modes and times of files outside",
        "attempt(lambda: os.chmod(told[0], 0o777))\nattempt(lambda: os.utime(told[0], (1, 1)))",
        lambda host: [host.outside],
        _mode_unchanged,
    ),
    Attack(
        "links out of the folder, symbolic",
        "attempt(lambda: open('link').read())\nattempt(lambda: open('upward').read())\n"
        "os.symlink(told[0], 'made')\nattempt(lambda: open('made', 'w').write('x'))\n",
        lambda host: [host.outside],
        lambda report, host: _unchanged(report, host) and host.secret not in report.output,
    ),
    Attack(
        "links out of the folder, hard",
        "def get():\n    os.link(told[0], 'hard'); return open('hard').read()\nattempt(get)",
        lambda host: [host.outside],
    ),
    Attack(
        "git hooks and settings",
        "import shutil\nos.umask(0)\n"
        "attempt(lambda: open('.git/hooks/post-checkout', 'w').write('#!/bin/sh'))\n"
        "attempt(lambda: open('.git/config', 'a').write('[core]\\n fsmonitor = evil'))\n"
        "attempt(lambda: os.rename('.git', 'moved'))\nattempt(lambda: os.mkdir('.git'))\n"
        "attempt(lambda: os.mkdir('.git/hooks'))\nattempt(lambda: open('.git/hooks/pre-commit', 'w').write('x'))",
        held=_no_hook,
    ),
    Attack(
        "killing another process",
        "attempt(lambda: os.kill(int(told[0]), signal.SIGKILL))",
        lambda host: [host.victim],
    ),
    Attack(
        "killing papercoder, and whoever started the command",
        "for pid in [*map(int, told), os.getppid()]:\n"
        "    try: os.kill(pid, signal.SIGKILL)\n    except OSError: pass\n" + FINISHED,
        lambda host: [os.getpid()],
        lambda report, _: "FINISHED" in report.output and report.exit_code == 0,
        contained_only=True,
    ),
    Attack(
        "limits of another process",
        "attempt(lambda: resource.prlimit(int(told[0]), resource.RLIMIT_CPU, (12345, 12345)))",
        lambda host: [host.victim],
        _limits_unchanged,
    ),
    Attack(
        "memory of another process",
        "attempt(lambda: open(f'/proc/{told[0]}/mem', 'rb'))\n"
        "attempt(lambda: open(f'/proc/{told[0]}/maps').read())\n"
        "def trace():\n    if ctypes.CDLL(None).ptrace(16, int(told[0]), 0, 0): raise OSError('ptrace')\n"
        "attempt(trace)",
        lambda host: [host.victim],
    ),
    Attack(
        "new namespaces, with capabilities in them",
        "def make():\n    if ctypes.CDLL(None).unshare(0x10000000): raise OSError('unshare')\nattempt(make)",
    ),
    Attack(
        "a daemon left behind",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        signal.signal(15, signal.SIG_IGN); os.closerange(0, 3); time.sleep(1000)\n    os._exit(0)",
        held=_as_before,
    ),
)
