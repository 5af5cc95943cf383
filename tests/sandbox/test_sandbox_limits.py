"""What generated code can use up, and that nothing of it outlives its run."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.sandbox import RunReport, Sandbox
from papercoder.sandbox.bubblewrap import Bubblewrap
from papercoder.sandbox.cgroup import process_group

Run = Callable[..., RunReport]

MEGABYTE = 1 << 20


def processes_named(mark: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "cmdline").read_bytes() and int(folder.name) != os.getpid():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def assert_gone(mark: str) -> None:
    deadline = time.monotonic() + 30
    while processes_named(mark):
        assert time.monotonic() < deadline, f"still running: {processes_named(mark)}"
        time.sleep(0.05)


DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 3)
        time.sleep(1000)
    os._exit(0)
print("started", flush=True)
"""


def test_the_wall_clock_kills_the_whole_tree(run: Run) -> None:
    mark = uuid.uuid4().hex
    report = run(DAEMON + "time.sleep(1000)", mark, wall_seconds=2)
    assert report.timed_out
    assert report.stopped == "stopped after 2 seconds"
    assert report.exit_code == 128 + signal.SIGKILL
    assert report.output == "started\n"
    assert_gone(mark)


def test_the_wall_clock_holds_where_output_is_closed_and_signals_ignored(run: Run) -> None:
    mark = uuid.uuid4().hex
    report = run(
        "import os, signal, time\n"
        "for number in range(1, 32):\n"
        "    if number not in (9, 19): signal.signal(number, signal.SIG_IGN)\n"
        "os.closerange(0, 3); time.sleep(1000)",
        mark,
        wall_seconds=2,
    )
    assert report.timed_out
    assert_gone(mark)


def test_a_daemon_ends_with_its_command(run: Run) -> None:
    mark = uuid.uuid4().hex
    report = run(DAEMON, mark)
    assert (report.exit_code, report.output, report.stopped) == (0, "started\n", "")
    assert_gone(mark)


def test_nothing_survives_our_own_death(sandbox: Sandbox, repository: Path) -> None:
    mark = uuid.uuid4().hex
    ours = (
        "import sys; from pathlib import Path; from papercoder.sandbox import *\n"
        "find_sandbox(sys.argv[1]).run(\n"
        "    ['python3', '-c', 'import time; print(open(\"up\", \"w\")); time.sleep(1000)', sys.argv[3]],\n"
        "    workdir=Path(sys.argv[2]), limits=Limits())"
    )
    name = "bubblewrap" if isinstance(sandbox, Bubblewrap) else "landlock"
    command = [sys.executable, "-c", ours, name, str(repository), mark]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}) as process:
        deadline = time.monotonic() + 60
        while not (repository / "up").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
    assert_gone(mark)


def test_endless_output_is_capped_to_its_end(run: Run) -> None:
    report = run("while True: print('x' * 1000)", wall_seconds=3, output_bytes=10_000)
    note, _, kept = report.output.partition("\n")
    assert note.startswith("[the first ")
    assert note.endswith(" bytes of output were dropped]")
    assert len(kept) == 10_000
    assert report.timed_out


def test_the_end_of_long_output_is_kept_exactly(run: Run) -> None:
    report = run("print('a' * 500_000); print('the error is at the end')", output_bytes=24)
    assert report.output.splitlines()[1] == "the error is at the end"
    assert report.exit_code == 0


@pytest.mark.parametrize("bomb", ["os.fork()", "os.fork() or os.setsid()"])
def test_a_fork_bomb_is_bounded(run: Run, bomb: str) -> None:
    """With ``setsid`` each process is a scheduling group of its own, and starves a watch that polls."""
    mark = uuid.uuid4().hex
    report = run(f"import os\nwhile True:\n    {bomb}", mark, processes=64)
    assert report.exit_code != 0
    assert "BlockingIOError" in report.output or report.stopped.startswith("stopped at more than 64 processes")
    assert_gone(mark)


def test_a_fork_bomb_that_persists_ends_with_the_wall_clock(run: Run) -> None:
    mark = uuid.uuid4().hex
    source = (
        "import os\nwhile True:\n    try: os.fork() or os.setsid()\n    except OSError: print(len(os.listdir('.')))"
    )
    report = run(source, mark, processes=64, wall_seconds=3)
    assert report.timed_out or report.stopped.startswith("stopped at more than 64 processes")
    assert_gone(mark)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's runs have a cgroup")
def test_what_a_killed_run_left_is_swept(run: Run) -> None:
    with process_group(1) as group:
        if not group:
            pytest.skip("no writable cgroup")
        hierarchy = Path(group[-1]).parent.parent
    left = hierarchy / f"papercoder-{2**22 + 1}-left"  # above the largest process id there can be
    left.mkdir()
    run("pass")
    assert not left.exists()
    assert not list(hierarchy.glob(f"papercoder-{os.getpid()}-*"))


def test_threads_count_as_processes(run: Run) -> None:
    report = run(
        "import threading, time\n"
        "for _ in range(200): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n"
        "time.sleep(1000)",
        processes=64,
        wall_seconds=60,
    )
    assert report.exit_code != 0
    assert not report.timed_out


def test_a_memory_hog_is_refused_by_the_kernel(run: Run) -> None:
    report = run("x = bytearray(600 << 20)", memory_bytes=300 * MEGABYTE)
    assert report.exit_code == 1
    assert "MemoryError" in report.output


@pytest.mark.parametrize("memory", ["bytearray(b'x') * (100 << 20)", "mapped(100 << 20)"])
def test_memory_is_bounded_over_all_processes_together(run: Run, memory: str) -> None:
    report = run(
        "import mmap, os, time\n"
        "def mapped(size):\n"
        "    shared = mmap.mmap(-1, size)\n"
        "    for page in range(0, size, 4096): shared[page] = 1\n"
        "    return shared\n"
        "for _ in range(8):\n"
        f"    if os.fork() == 0: held = {memory}; time.sleep(1000)\n"
        "time.sleep(1000)",
        memory_bytes=300 * MEGABYTE,
    )
    assert report.stopped == f"stopped at more than {300 * MEGABYTE} bytes of memory"


def test_memory_that_workers_share_is_counted_once(run: Run) -> None:
    report = run(
        "import os, time\n"
        "data = bytearray(b'x') * (200 << 20)\n"
        "workers = [os.fork() or (time.sleep(2), os._exit(0)) for _ in range(4)]\n"
        "for worker in workers: os.waitpid(worker, 0)\n"
        "print('done')",
        memory_bytes=600 * MEGABYTE,
    )
    assert (report.stopped, report.output) == ("", "done\n")


@pytest.mark.parametrize("path", ["big", "TMPDIR/big", "/dev/shm/papercoder-big"])
def test_a_file_cannot_grow_without_bound(run: Run, repository: Path, path: str) -> None:
    report = run(
        "import signal, sys, tempfile; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "file = sys.argv[1].replace('TMPDIR', tempfile.gettempdir())\n"
        "for _ in range(100): open(file, 'ab').write(b'x' * (1 << 20))",
        path,
        file_bytes=20 * MEGABYTE,
    )
    assert report.exit_code == 1
    assert "OSError" in report.output
    if path == "big":
        assert (repository / path).stat().st_size <= 20 * MEGABYTE
    assert not Path("/dev/shm/papercoder-big").exists()


@pytest.mark.parametrize("place", [".", "TMPDIR"])
def test_a_disk_filler_is_stopped(run: Run, place: str) -> None:
    report = run(
        "import sys, tempfile, time; folder = sys.argv[1].replace('TMPDIR', tempfile.gettempdir())\n"
        "for n in range(1000): open(f'{folder}/{n}', 'wb').write(b'x' * (1 << 20)); time.sleep(0.01)",
        place,
        file_bytes=20 * MEGABYTE,
        disk_bytes=20 * MEGABYTE,
    )
    assert report.limit == "disk" or "No space left" in report.output
    assert report.exit_code != 0


def test_deleted_files_that_are_held_open_count(run: Run) -> None:
    report = run(
        "import os, time; held = []\n"
        "for n in range(1000):\n"
        "    held.append(open('held', 'wb')); os.unlink('held'); held[-1].write(b'x' * (1 << 20)); time.sleep(0.01)",
        disk_bytes=20 * MEGABYTE,
    )
    assert (report.limit, report.exit_code) == ("disk", 128 + signal.SIGKILL)
    assert report.stopped == f"stopped at more than {20 * MEGABYTE} bytes on disk"


def test_processor_time_is_bounded(run: Run) -> None:
    report = run("while True: pass", cpu_seconds=1, wall_seconds=60)
    assert report.exit_code in {128 + signal.SIGXCPU, 128 + signal.SIGKILL}
    assert not report.timed_out
