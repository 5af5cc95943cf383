"""What generated code can see and touch in bubblewrap: attacks on everything outside its folder."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.sandbox import RunReport

Run = Callable[..., RunReport]

WHEEL = pytest.param("wheel", marks=pytest.mark.long)
pytestmark = pytest.mark.parametrize("sandbox", ["system", WHEEL], indirect=True)

ATTEMPT = """
import sys
def attempt(action):
    try:
        print("REACHED", action())
    except Exception as error:
        print("refused:", type(error).__name__)
"""


def test_output_and_exit_code_come_back(run: Run) -> None:
    report = run("import sys; print('out'); sys.stderr.write('err\\n'); print('end'); sys.exit(7)")
    assert (report.exit_code, report.output) == (7, "out\nerr\nend\n")
    assert (report.timed_out, report.stopped) == (False, "")
    assert report.command == ("python3", "script.py")
    assert report.containment.startswith("bubblewrap ")


def test_a_signal_gives_the_shells_exit_code(run: Run) -> None:
    assert run("import os; os.kill(os.getpid(), 11)").exit_code == 128 + 11


def test_the_hosts_loopback_is_out_of_reach(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=10).close()
        report = run(
            ATTEMPT + "import socket; attempt(lambda: socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5))",
            str(port),
        )
    assert report.output == "refused: ConnectionRefusedError\n"


def test_the_outside_world_is_out_of_reach(run: Run) -> None:
    report = run(ATTEMPT + "import socket; attempt(lambda: socket.create_connection(('1.1.1.1', 53), 5))")
    assert report.output == "refused: OSError\n"


def test_unix_sockets_of_the_host_are_out_of_reach(run: Run) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0papercoder-test")
        server.listen()
        report = run(
            ATTEMPT
            + "import socket; s = socket.socket(socket.AF_UNIX); attempt(lambda: s.connect('\\0papercoder-test'))"
        )
    assert report.output == "refused: ConnectionRefusedError\n"


def test_home_is_not_visible(run: Run) -> None:
    report = run(
        ATTEMPT + "import os; attempt(lambda: [n for f in sys.argv[1:] for n in os.listdir(f) if n != '.pyenv'])",
        str(Path.home()),
    )
    # The interpreter may live below the home folder; nothing else of it may show.
    assert report.output in {"refused: FileNotFoundError\n", "REACHED []\n", "REACHED ['.local']\n"}


def test_secrets_of_our_environment_are_not_visible(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    report = run(
        "import glob, os; print(os.environ)\n"
        "for file in glob.glob('/proc/[0-9]*/environ'): print(file, open(file, 'rb').read())"
    )
    assert report.exit_code == 0
    assert "/proc/1/environ" in report.output
    assert "sk-very-secret" not in report.output
    assert "OPENAI" not in report.output


def test_processes_of_the_host_are_not_visible(run: Run) -> None:
    report = run("import os; print(sorted(int(name) for name in os.listdir('/proc') if name.isdigit()))")
    assert report.output == "[1, 2]\n"


def test_only_the_repository_and_scratch_can_be_written(run: Run, repository: Path, tmp_path: Path) -> None:
    report = run(
        ATTEMPT + "for name in sys.argv[1:]: attempt(lambda: open(name, 'w').write('x'))",
        "inside.txt", "/tmp/x", "/dev/shm/x",
        f"{tmp_path}/x", "../x", "/x", "/dev/x", "/usr/x", "/etc/x", ".git/config",
    )  # fmt: skip
    assert report.output.splitlines()[:3] == ["REACHED 1"] * 3
    assert "REACHED" not in "".join(report.output.splitlines()[3:])
    assert report.output.count("refused") == 7
    assert (repository / "inside.txt").read_text() == "x"
    assert not (tmp_path / "x").exists()
    assert not Path("/tmp/x").exists()
    assert not Path("/dev/shm/x").exists()


def test_the_kernels_settings_cannot_be_opened_for_writing(run: Run) -> None:
    """Started by root, a process without any capability still owns these files.  Opening alone changes nothing."""
    files = [
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/drop_caches",
        "/proc/sysrq-trigger",
        "/proc/1/oom_score_adj",
    ]
    report = run(ATTEMPT + "import os\nfor name in sys.argv[1:]: attempt(lambda: os.open(name, os.O_WRONLY))", *files)
    assert report.output.count("refused") == len(files)


def test_system_and_interpreter_cannot_be_changed(run: Run) -> None:
    report = run(
        ATTEMPT + "import os\n"
        "for path in ['/usr/bin/env', os.path.realpath(sys.executable), os.__file__]: attempt(lambda: open(path, 'a'))"
    )
    assert report.output.count("refused") == 3
    assert "REACHED" not in report.output


def test_a_symlink_leads_nowhere(run: Run, repository: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("host secret")
    (repository / "absolute").symlink_to(tmp_path / "secret")
    (repository / "relative").symlink_to("../secret")
    report = run(ATTEMPT + "for name in sys.argv[1:]: attempt(lambda: open(name).read())", "absolute", "relative")
    assert report.output == "refused: FileNotFoundError\n" * 2


def test_git_hooks_cannot_be_planted(run: Run, repository: Path) -> None:
    (repository / ".git" / "hooks").mkdir(parents=True)
    report = run(
        ATTEMPT + "import os, shutil\n"
        "attempt(lambda: open('.git/hooks/pre-commit', 'w'))\n"
        "attempt(lambda: os.rename('.git', 'moved'))\n"
        "attempt(lambda: shutil.rmtree('.git'))"
    )
    assert report.output.count("refused") == 3
    assert [path.name for path in (repository / ".git").rglob("*")] == ["hooks"]


def test_no_capabilities_and_no_further_namespaces(run: Run) -> None:
    report = run(
        ATTEMPT + "import ctypes, re\n"
        "print(re.findall('CapEff:.*', open('/proc/self/status').read()))\n"
        "print(ctypes.CDLL(None).unshare(0x10000000))"  # CLONE_NEWUSER
    )
    assert report.output == "['CapEff:\\t0000000000000000']\n-1\n"


def test_multiprocessing_works(run: Run) -> None:
    report = run(
        "import multiprocessing as mp\n"
        "def square(x): return x * x\n"
        "if __name__ == '__main__':\n"
        "    with mp.get_context('spawn').Pool(2) as pool: print(pool.map(square, range(4)))\n"
        "    from multiprocessing.shared_memory import SharedMemory\n"
        "    memory = SharedMemory(create=True, size=1 << 20); memory.buf[-1] = 1; memory.close(); memory.unlink()"
    )
    assert (report.exit_code, report.output) == (0, "[0, 1, 4, 9]\n")


def test_scratch_is_private_to_one_run(run: Run) -> None:
    run("open('/tmp/left', 'w').write('x')")
    assert run("import os; print(os.listdir('/tmp'))").output == "[]\n"
