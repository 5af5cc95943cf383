"""From a request log to figures: tokens, cost, makespan, and the critical path of the same calls."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.simulator.prices import cost
from benchmarks.simulator.project import Project
from benchmarks.simulator.records import Record

PLANNING = ("planning", "architecture", "logic", "configuration")
PER_FILE = ("analysis", "coding")
SPECIFICATION = ("specification", "consolidation")
SAME_CALLS = PLANNING + PER_FILE
"""The calls that the original makes, too."""


@dataclass(frozen=True)
class Figures:
    """One run; times in simulated seconds."""

    calls: int
    extra_calls: int
    """Calls beyond one for each stage and file: repairs, continuations, reviews."""
    repeated_calls: int
    failed_requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    dollars: float
    makespan: float
    critical_path: float
    peak_in_flight: int
    spent: Mapping[str, "Spent"] = field(default_factory=dict)
    """What for: a stage, or the critique of one."""

    @property
    def same_calls(self) -> "Spent":
        """Of the stages that the original has, without reviews."""
        return sum((self.spent[name] for name in SAME_CALLS if name in self.spent), Spent())

    @property
    def cached_share(self) -> float:
        return self.cached_tokens / max(1, self.input_tokens)

    @property
    def ratio(self) -> float:
        return self.makespan / self.critical_path


@dataclass(frozen=True)
class Spent:
    calls: int = 0
    input_tokens: int = 0
    dollars: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        sums = (self.calls + other.calls, self.input_tokens + other.input_tokens, self.dollars + other.dollars)
        return Spent(*sums)


def figures(records: Sequence[Record], project: Project, wall: float, scale: float) -> Figures:
    """The figures of a run that took `wall` seconds from start to exit of the client."""
    billed = [record for record in records if record.billed]
    basic = {(record.stage, record.file) for record in billed if record.stage in (*SPECIFICATION, *SAME_CALLS)}
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
        spent=spent(billed),
    )


def spent(billed: Iterable[Record]) -> dict[str, Spent]:
    """By what the calls were for, in the order of their first."""
    sums: dict[str, Spent] = defaultdict(Spent)
    for record in sorted(billed, key=lambda record: record.id):
        sums[_purpose(record)] += Spent(1, record.input_tokens, cost([record]))
    return dict(sums)


def _purpose(record: Record) -> str:
    if record.stage == "critique":
        return f"critique of {record.file.partition(' of ')[0]}"
    return {"consolidation": "specification", "repair": "integration"}.get(record.stage, record.stage)


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

    The parts of the paper side by side, planning calls one after the other, analyses and tests right after, a file's
    code once its analysis and the code of the files it imports are there; at the end what concerns the code as a whole.
    Several calls for one stage and file, critique included, follow one another.
    """
    seconds: dict[str, float] = defaultdict(float)
    for record in records:
        seconds[_subject(record)] += record.sim_total
    planned = _longest(seconds, "specification of ") + sum(seconds[stage] for stage in ("consolidation", *PLANNING))
    finished: dict[str, float] = {}
    for file in project.files:
        analysed = planned + seconds[f"analysis of {file.path}"]
        ready = max([analysed, *(finished[name] for name in file.dependencies)])
        finished[file.name] = ready + seconds[f"coding of {file.path}"]
    mended = seconds["repair of the code"] + seconds["completion of the code"]
    tested = planned + _longest(seconds, "testing of ")
    return max(tested, *finished.values()) + mended + _longest(seconds, "assessment of ")


def _subject(record: Record) -> str:
    """What a call writes, or reviews."""
    about = f"{record.stage} of {record.file}" if record.file else record.stage
    return about.removeprefix("critique of ")


def _longest(seconds: Mapping[str, float], beginning: str) -> float:
    return max((time for subject, time in seconds.items() if subject.startswith(beginning)), default=0.0)


def exponent(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The slope of log y over log x by least squares: y grows as x to this power."""
    logs = [(math.log(x), math.log(y)) for x, y in zip(xs, ys, strict=True)]
    mean_x, mean_y = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    return float(sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread)
