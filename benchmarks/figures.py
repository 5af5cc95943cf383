"""From a request log to figures: tokens, cost, makespan, and the critical path of the same calls."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.simulator.prices import cost
from benchmarks.simulator.project import Project
from benchmarks.simulator.records import Record

PLANNING = ("planning", "architecture", "logic", "configuration")
PER_FILE = ("analysis", "coding")


@dataclass(frozen=True)
class Figures:
    """One run; times in simulated seconds."""

    calls: int
    extra_calls: int
    """Calls beyond one for each stage and file: repairs, continuations, critique."""
    repeated_calls: int
    failed_requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    dollars: float
    makespan: float
    critical_path: float
    peak_in_flight: int

    @property
    def cached_share(self) -> float:
        return self.cached_tokens / max(1, self.input_tokens)

    @property
    def ratio(self) -> float:
        return self.makespan / self.critical_path


def figures(records: Sequence[Record], project: Project, wall: float, scale: float) -> Figures:
    """The figures of a run that took `wall` seconds from start to exit of the client."""
    billed = [record for record in records if record.billed]
    basic = {(record.stage, record.file) for record in billed if record.stage in PLANNING + PER_FILE}
    return Figures(
        calls=len(billed),
        extra_calls=len(billed) - len(basic),
        repeated_calls=len(billed) - len({record.sha for record in billed}),
        failed_requests=len(records) - len(billed),
        input_tokens=sum(record.input_tokens for record in billed),
        cached_tokens=sum(record.cached_tokens for record in billed),
        output_tokens=sum(record.output_tokens for record in billed),
        dollars=cost(billed),
        makespan=makespan(records, wall, scale),
        critical_path=critical_path(billed, project),
        peak_in_flight=max((record.in_flight + 1 for record in records), default=0),
    )


def makespan(records: Iterable[Record], wall: float, scale: float) -> float:
    """The run on the unscaled clock: time with a request in flight is simulated, the rest is the client's own work."""
    busy = covered((record.t_arrive, record.t_end or record.t_arrive) for record in records)
    return busy / scale + max(0.0, wall - busy)


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """The length of the union of intervals."""
    total, end = 0.0, -math.inf
    for start, stop in sorted(spans):
        total += max(0.0, stop - max(start, end))
        end = max(end, stop)
    return total


def critical_path(records: Iterable[Record], project: Project) -> float:
    """The least time in which these calls can be made, each with its own simulated duration.

    Planning calls one after the other, every analysis right after them, a file's code once its analysis and the code of
    the files it imports are there.  Several calls for one stage and file follow one another.
    """
    seconds: dict[tuple[str, str], float] = defaultdict(float)
    for record in records:
        seconds[record.stage, record.file] += record.sim_total
    planned = sum(seconds[stage, ""] for stage in PLANNING)
    finished: dict[str, float] = {}
    for file in project.files:
        analysed = planned + seconds["analysis", file.path]
        ready = max([analysed, *(finished[name] for name in file.dependencies)])
        finished[file.name] = ready + seconds["coding", file.path]
    return max(finished.values())


def exponent(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The slope of log y over log x by least squares: y grows as x to this power."""
    logs = [(math.log(x), math.log(y)) for x, y in zip(xs, ys, strict=True)]
    mean_x, mean_y = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    return float(sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread)
