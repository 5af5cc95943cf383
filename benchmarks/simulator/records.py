"""The request log: a line when a request arrives, when its first token is there, when it is delivered, and its record.

The log can be awaited, so that a test kills its client at an exact moment.
"""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

Moment = Literal["arrival", "first_byte", "delivered"]
MOMENTS: tuple[Moment, ...] = get_args(Moment)


@dataclass
class Record:
    """One request.  Times named `t_…` are wall seconds since the provider started, `sim_…` simulated seconds."""

    id: int
    epoch: float
    t_arrive: float
    stage: str
    file: str
    turn: str
    """`first`, `repair` (the client answers an answer of ours) or `continuation` (of a cut answer)."""
    model: str
    sha: str
    """Digest of the whole request: equal prompts have equal digests."""
    stream: bool = False
    n: int = 1
    images: int = 0
    in_flight: int = 0
    """Other requests in flight at arrival."""
    fault: str = ""
    status: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    billed: bool = False
    delivered: bool = False
    """The whole response was handed to a connection that was still open."""
    sim_ttft: float = 0.0
    sim_total: float = 0.0
    t_start: float | None = None
    t_first: float | None = None
    t_delivered: float | None = None
    t_end: float | None = None
    sdk_retry: int = 0
    agent: str = ""


@dataclass(frozen=True)
class Event:
    """A moment in the life of a request."""

    moment: Moment
    id: int
    t: float
    stage: str
    file: str
    turn: str
    sha: str


@dataclass(frozen=True)
class Awaited:
    """The `nth` event, from 1, of a moment; an empty field matches everything."""

    moment: Moment = "arrival"
    stage: str = ""
    file: str = ""
    turn: str = ""
    nth: int = 1

    def among(self, events: Iterable[Event]) -> Event | None:
        matching = [event for event in events if self._matches(event)]
        return matching[self.nth - 1] if len(matching) >= self.nth else None

    def _matches(self, event: Event) -> bool:
        wanted = (self.stage or event.stage, self.file or event.file, self.turn or event.turn)
        return event.moment == self.moment and wanted == (event.stage, event.file, event.turn)


class RequestLog:
    """Events and records as JSON lines, kept in memory too."""

    def __init__(self, path: str = "") -> None:
        # Open for the provider's life; line by line, so that the log survives a kill.
        self._file = Path(path).open("a", buffering=1, encoding="utf-8") if path else None  # noqa: SIM115
        self._events: list[Event] = []
        self._changed = asyncio.Event()
        self._closing: set[int] = set()
        self.records: list[Record] = []

    def moment(self, moment: Moment, record: Record, t: float) -> None:
        event = Event(moment, record.id, round(t, 5), record.stage, record.file, record.turn, record.sha)
        self._events.append(event)
        if moment == "delivered":
            self._closing.add(record.id)
        self._write({"event": moment, **{key: value for key, value in asdict(event).items() if key != "moment"}})

    def end(self, record: Record) -> None:
        self.records.append(record)
        self._closing.discard(record.id)
        self._write({"event": "end", **asdict(record)})

    async def wait(self, awaited: Awaited) -> Event:
        """The event, once it has happened."""
        while (event := awaited.among(self._events)) is None:
            await self._changed.wait()
        return event

    async def settle(self) -> None:
        """Until every request that was delivered has its record: a client may ask before we have written it."""
        while self._closing:
            await self._changed.wait()

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        if self._file:
            self._file.write(json.dumps(line) + "\n")
        self._changed.set()
        self._changed = asyncio.Event()


def read_log(text: str) -> tuple[list[Event], list[Record]]:
    """The events and the records of a log file's text."""
    lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    kinds = [(line.pop("event"), line) for line in lines]
    events = [Event(moment=kind, **line) for kind, line in kinds if kind != "end"]
    return events, [Record(**line) for kind, line in kinds if kind == "end"]
