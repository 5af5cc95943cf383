"""The requests of one run to its providers.

Each is reserved, on record, sent, answered and committed, in this order; what may pass is tried again, and every try is
a row of the ledger.
"""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from langgraph.types import StreamWriter

from agents.events import emit_event
from agents.question import Question
from papercoder.models.budget import BudgetKeeper
from papercoder.models.prices import dollars, price_of, window_of
from papercoder.models.providers import Provider, Transient, connect
from papercoder.models.recordings import Recorder, Replay
from papercoder.models.requests import Message, Messages, Request, digest
from papercoder.models.tokens import MESSAGE_OVERHEAD, count_tokens
from papercoder.models.vision import shown_tokens
from papercoder.models.warmth import Warmth
from papercoder.storage.journal import CallKey, Completion, Journal
from state.context import AnyRole, Context
from state.errors import BudgetSpent, InputError, Interrupted, OutputError, ProviderError
from state.events import CallFinished, CallStarted, Waiting, Warned
from state.ledger import LedgerEntry, Totals, Usage

LONGEST_WAIT = 300.0
"""Seconds: a provider that asks for more has no capacity for this run today."""

COMMIT_PATIENCE = 30.0
"""Seconds that an answer waits for room on a full disk before the run stops without it."""


@dataclass
class Bill:
    """What a call costs: what was reserved for it, until more is known."""

    usage: Usage
    dollars: float | None


class Exchange:
    """What the requests of one run share in this process: providers, concurrency, budget, ledger."""

    def __init__(
        self, context: Context, journal: Journal, ledger: list[LedgerEntry], stopped: asyncio.Event,
        recorder: Recorder | None,
    ) -> None:  # fmt: skip
        self.budget = BudgetKeeper(context.budget, ledger)
        self.totals = Totals.of(ledger)  # added to call by call: there may be thousands
        self._context = context
        self._journal = journal
        self._recorder = recorder
        self._stopped = stopped
        self._slots = asyncio.Semaphore(context.concurrency)
        self._warmth = Warmth()
        self._providers: dict[str, Provider] = {}
        self._keeping = asyncio.Lock()
        self._unkept: OutputError | None = None  # why an answer could not be committed

    def count(self, ledger: list[LedgerEntry]) -> None:
        """What another process has spent in the meantime counts, too."""
        self.totals = Totals.of(ledger)
        self.budget.count(ledger)

    async def completion(
        self, question: Question[Any], key: CallKey, messages: Messages, emit: StreamWriter
    ) -> Completion:
        """The provider's answer, which is in the journal when this returns."""
        provider = self._provider(question.role, key)
        request = self._request(question, provider, key, messages)
        return await self._call(provider, request, question, emit)

    def _provider(self, role: AnyRole, key: CallKey) -> Provider:
        if self._recorder and self._recorder.only_drifted and self._recorder.recordings.is_current(key):
            return Replay(self._recorder.recordings)
        model = self._context.model_for(role)
        if model not in self._providers:
            self._providers[model] = connect(role, self._context)
        return self._providers[model]

    def _request(self, question: Question[Any], provider: Provider, key: CallKey, messages: Messages) -> Request:
        texts = [question.system, question.prefix, question.task, *(message.text for message in messages[2:])]
        size = sum(MESSAGE_OVERHEAD + count_tokens(text) for text in texts)
        size += shown_tokens(provider.model, question.images)
        window, answer = window_of(provider.model, self._context), self._context.max_output_tokens
        if size + answer > window:
            raise InputError(
                f"The prompt for {question.about} has {size:,} tokens; with {answer:,} for the answer "
                f"it exceeds the window of {window:,}.",
                "Lower --max-output-tokens, correct --context-window, or choose a model that reads more.",
            )
        structured = self._context.structured_output == "json_schema" and question.schema is not None
        schema = question.schema.model_json_schema() if structured and question.schema else None
        return Request(key, messages, answer, size, schema)

    async def _call(
        self, provider: Provider, request: Request, question: Question[Any], emit: StreamWriter
    ) -> Completion:
        """Requests until one is answered; each is a row of the ledger."""
        for retry in range(self._context.retries + 1):
            try:
                return await self._request_once(provider, request, question, emit)
            except Transient as error:
                wait = error.retry_after if error.retry_after is not None else _back_off(retry)
                if retry == self._context.retries or wait > LONGEST_WAIT:
                    raise ProviderError(
                        f"The provider failed {retry + 1} times at {question.about}; the last time: {error}",
                        "When it is well again: papercoder resume",
                    ) from error
                emit_event(emit, Waiting(stage=question.stage, file=question.file, reason=str(error), seconds=wait))
                async with self.budget.in_time():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._stopped.wait(), wait)
        raise AssertionError("unreachable: the last retry returns or raises")

    async def _request_once(
        self, provider: Provider, request: Request, question: Question[Any], emit: StreamWriter
    ) -> Completion:
        beginnings = (
            [*question.heads, *(question.prefix + part for part in ("", *question.shared))] if question.fan_out else []
        )
        prefixes = [(provider.model, digest((Message("user", text, question.images),))) for text in beginnings]
        async with self._warmth.turn(prefixes) as on_first_token, self._slots:
            if self._stopped.is_set():
                raise Interrupted("The run was stopped.", "Go on with: papercoder resume")
            return await self._send(provider, replace(request, on_first_token=on_first_token), emit)

    async def _send(self, provider: Provider, request: Request, emit: StreamWriter) -> Completion:
        """One request: reserved, on record, sent, answered and committed, in this order."""
        asked = Usage(input=request.input_tokens, output=request.max_output_tokens)
        most = self.budget.most(asked)
        bill = Bill(most, dollars(most, price_of(provider.model, self._context)))
        ticket = await self.budget.reserve(bill.usage, bill.dollars)
        try:
            completion = await self._round_trip(provider, request, bill, emit)
            self.budget.learn(asked, completion.usage)
            return completion
        finally:
            await self.budget.settle(ticket, bill.usage, bill.dollars)

    async def _round_trip(self, provider: Provider, request: Request, bill: Bill, emit: StreamWriter) -> Completion:
        key, started = request.key, time.monotonic()
        row = await self._open(key, provider.model, bill)
        emit_event(emit, _started(key))
        try:
            async with self.budget.in_time():
                completion = await provider.complete(request)
        except (Transient, ProviderError, BudgetSpent) as error:
            free = isinstance(error, ProviderError) or (isinstance(error, Transient) and error.free)
            bill.usage, bill.dollars = (Usage(), None) if free else (bill.usage, bill.dollars)
            seconds = time.monotonic() - started
            await self._journal.fail(row, str(error), seconds, free=free)
            self._note(key, bill, emit, model=provider.model, state="failed", error=str(error), seconds=seconds)
            raise
        bill.usage, bill.dollars = completion.usage, completion.dollars
        await self._commit(row, completion, emit)
        self._note(
            key, bill, emit, model=completion.model, state="answered", seconds=completion.seconds,
            finish_reason=completion.finish_reason,
        )  # fmt: skip
        if completion.note:
            emit_event(emit, Warned(text=completion.note))
        return completion

    async def _open(self, key: CallKey, model: str, bill: Bill) -> int:
        async with self._keeping:
            if self._unkept:
                raise self._unkept
            return await self._journal.open(key, model, bill.usage, bill.dollars)

    async def _commit(self, row: int, completion: Completion, emit: StreamWriter) -> None:
        """An answer is paid for: it waits for room on the disk, and no call begins whose answer might wait, too."""
        async with self._keeping:
            latest = time.monotonic() + (0.0 if self._unkept else COMMIT_PATIENCE)
            warn = True
            while True:
                try:
                    return await self._journal.answer(row, completion)
                except OutputError as error:
                    if self._stopped.is_set() or time.monotonic() > latest:
                        self._unkept = error
                        raise
                    if warn:
                        emit_event(emit, Warned(text=f"{error.cause} An answer waits for {COMMIT_PATIENCE:g} s."))
                    warn = False
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), 1.0)

    def _note(self, key: CallKey, bill: Bill, emit: StreamWriter, **outcome: Any) -> None:
        entry = LedgerEntry(
            stage=key.stage, file=key.file, role=key.role, round=key.round, sample=key.sample, attempt=key.attempt,
            usage=bill.usage, dollars=bill.dollars, trimmed=key.trimmed, **outcome,
        )  # fmt: skip
        self.totals += Totals.of([entry])
        emit_event(emit, CallFinished(entry=entry, totals=self.totals))


def _started(key: CallKey) -> CallStarted:
    return CallStarted(stage=key.stage, file=key.file, role=key.role, sample=key.sample, attempt=key.attempt)


def _back_off(retry: int) -> float:
    return float(min(60.0, 2.0**retry) * random.uniform(0.5, 1.0))
