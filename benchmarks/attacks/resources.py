"""Attacks on how much there is: processes, memory, disk, output, time."""

from benchmarks.attacks.attack import LIMITS, Attack
from benchmarks.attacks.host import Host
from papercoder.sandbox import RunReport

OVERSHOOT = 4  # times the limit that may be seen between two looks of the watch


def _bounded_number(report: RunReport, _host: Host) -> bool:
    counts = [int(line.split()[-1]) for line in report.output.splitlines() if line.startswith("STARTED")]
    return max(counts, default=0) <= LIMITS.processes * OVERSHOOT and (bool(report.limit) or report.exit_code != 0)


def _stopped_or_refused(report: RunReport, _host: Host) -> bool:
    return "DONE" not in report.output.splitlines() and (bool(report.limit) or report.exit_code != 0)


def _little_is_written(report: RunReport, host: Host) -> bool:
    written = sum(path.lstat().st_blocks * 512 for path in host.repository.rglob("*"))
    return _stopped_or_refused(report, host) and written <= LIMITS.disk_bytes * OVERSHOOT


RESOURCES = (
    Attack(
        "fork bomb, 300 processes",
        "for n in range(300):\n    if os.fork() == 0: time.sleep(1000)\n    print('STARTED', n + 1, flush=True)",
        held=_bounded_number,
    ),
    Attack(
        "fork bomb that never gives up",
        "end = time.time() + 3\nwhile time.time() < end:\n"
        "    try: os.fork() or os.setsid()\n    except OSError: time.sleep(0.01)\ntime.sleep(1000)",
        held=lambda report, _: bool(report.limit),
        wall_seconds=6,
    ),
    Attack("memory, one process", "x = bytearray(b'x') * (600 << 20); print('DONE')", held=_stopped_or_refused),
    Attack(
        "memory, 8 processes of 200 MB",
        "for _ in range(8):\n    if os.fork() == 0: x = bytearray(b'x') * (200 << 20); time.sleep(1000)\n"
        "time.sleep(20); print('DONE')",
        held=_stopped_or_refused,
    ),
    Attack(
        "disk, 600 MB in files of 10 MB",
        "for n in range(60): open(f'{n}', 'wb').write(b'x' * (10 << 20)); time.sleep(0.02)\nprint('DONE')",
        held=_little_is_written,
    ),
    Attack(
        "disk, deleted files held open",
        "held = []\nfor n in range(60):\n    held.append(open('x', 'wb')); os.unlink('x')\n"
        "    held[-1].write(b'x' * (10 << 20)); held[-1].flush(); time.sleep(0.02)\ntime.sleep(5); print('DONE')",
        held=_stopped_or_refused,
    ),
    Attack(
        "disk, 100,000 empty files",
        "os.mkdir('many')\nfor n in range(100_000): open(f'many/{n}', 'w').close()\ntime.sleep(30); print('DONE')",
        held=_stopped_or_refused,
    ),
    Attack(
        "disk, folders too deep for a path",
        "for n in range(60):\n    os.mkdir('d' * 200); os.chdir('d' * 200)\n"
        "for n in range(60): open(f'{n}', 'wb').write(b'x' * (10 << 20)); time.sleep(0.02)\nprint('DONE')",
        held=_stopped_or_refused,
    ),
    Attack(
        "endless output",
        "while True: print('x' * 1000)",
        held=lambda report, _: report.limit == "time" and len(report.output) < LIMITS.output_bytes + 100,
        wall_seconds=3,
    ),
    Attack(
        "signals ignored, output closed",
        "for n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
        "os.closerange(0, 3); time.sleep(1000)",
        held=lambda report, _: report.limit == "time",
        wall_seconds=2,
    ),
)
