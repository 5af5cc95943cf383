"""What all requests share: cache, answers, faults, limits, log, totals."""

import asyncio
import hashlib
import json
import math
import random
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.simulator.answers import AnswerBook, question
from benchmarks.simulator.clock import Clock
from benchmarks.simulator.faults import FaultRules
from benchmarks.simulator.images import images_in
from benchmarks.simulator.prefix_cache import PrefixCache
from benchmarks.simulator.records import Record, RequestLog
from benchmarks.simulator.settings import Settings
from benchmarks.simulator.throttle import Throttle
from benchmarks.simulator.tokens import Tokenizer


class Provider:
    """The simulated provider, without HTTP."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock(settings.scale)
        self.tokenizer = Tokenizer()
        self.book = AnswerBook(settings.files, settings.layout, settings.reviewer)
        self.log = RequestLog(settings.log)
        self.slots = asyncio.Semaphore(settings.max_concurrency) if settings.max_concurrency else None
        self.in_flight = 0
        self._count = 0
        self.set_faults(settings.faults)
        self.reset()

    def reset(self) -> None:
        """Empties the cache and the buckets and starts the rules and the totals anew; the log stays."""
        self.cache = PrefixCache(self.settings)
        self.throttle = Throttle(self.settings)
        self.set_faults(self._rules)
        self._counted_from = len(self.log.records)

    def set_faults(self, rules: Iterable[Mapping[str, Any]]) -> None:
        """Puts rules in force; rules that make no sense raise and leave the old ones."""
        wanted = [dict(rule) for rule in rules]
        self.faults = FaultRules(wanted, self.settings.seed)
        self._rules = wanted

    def arrive(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Record:
        """The record of a new request, counted and logged."""
        self._count += 1
        asked = question(body["messages"])
        record = Record(
            id=self._count,
            epoch=round(time.time(), 4),
            t_arrive=round(self.clock.wall(), 5),
            stage=asked.stage,
            file=asked.file,
            turn=asked.turn,
            model=str(body.get("model")),
            sha=_digest(body),
            stream=bool(body.get("stream")),
            n=int(body.get("n") or 1),
            images=images_in(body["messages"]),
            in_flight=self.in_flight,
            sdk_retry=int(headers.get("x-stainless-retry-count") or 0),
            agent=headers.get("User-Agent", "")[:60],
        )
        self.in_flight += 1
        self._keep(record, body)
        self.log.moment("arrival", record, record.t_arrive)
        return record

    def leave(self, record: Record) -> None:
        """Ends the record of a request."""
        self.in_flight -= 1
        record.t_end = round(self.clock.wall(), 5)
        self.log.end(record)

    def latency_factor(self, record: Record) -> float:
        """The jitter of a prompt, always the same for the same prompt."""
        if not self.settings.jitter:
            return 1.0
        return math.exp(random.Random(f"{self.settings.seed}{record.sha}").gauss(0, self.settings.jitter))

    def stats(self) -> dict[str, Any]:
        """Totals since the start or the last reset, billed requests only, and the state of the fault rules."""
        records = self.log.records[self._counted_from :]
        billed = [record for record in records if record.billed]
        return {
            "requests": len(records),
            "calls": len(billed),
            "delivered": sum(record.delivered for record in records),
            "repeated": len(records) - len({record.sha for record in records}),
            "input_tokens": sum(record.input_tokens for record in billed),
            "cached_tokens": sum(record.cached_tokens for record in billed),
            "images": sum(record.images for record in billed),
            "output_tokens": sum(record.output_tokens for record in billed),
            "in_flight": self.in_flight,
            "faults": self.faults.state(),
        }

    def _keep(self, record: Record, body: Mapping[str, Any]) -> None:
        if self.settings.prompts:
            folder = Path(self.settings.prompts)
            folder.mkdir(parents=True, exist_ok=True)
            folder.joinpath(f"{record.id:05d}.json").write_text(json.dumps(body), encoding="utf-8")


def _digest(body: Mapping[str, Any]) -> str:
    keys = ("model", "messages", "tools", "response_format", "n")
    canonical = json.dumps([body.get(key) for key in keys], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:24]
