"""The calls of one run in this process.

A question goes through the journal first; only what is not there goes to the provider.  An answer is committed before
it is looked at, then parsed; one that cannot be used goes back with the reason, a few times.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from langgraph.types import StreamWriter
from pydantic import BaseModel

from agents.turns import continued, joined, sent_back, whole_lines
from papercoder.models.answers import AnswerError, Parser, strip_reasoning
from papercoder.models.budget import BudgetKeeper
from papercoder.models.prices import dollars, price_of, window_of
from papercoder.models.providers import Provider, Transient, connect
from papercoder.models.recordings import Recordings, Replay
from papercoder.models.requests import Image, Message, Messages, Request, digest
from papercoder.models.tokens import MESSAGE_OVERHEAD, count_tokens
from papercoder.models.vision import shown_tokens
from papercoder.models.warmth import Warmth
from papercoder.storage.journal import CallKey, Completion, Journal
from papercoder.tracing.labels import note_recalled
from state.context import ROLES, AnyRole, AnyStage, Context
from state.errors import AnswerUnusable, BudgetSpent, InputError, Interrupted, OutputError, ProviderError
from state.events import CallFinished, CallRecalled, CallStarted, RunEvent, Waiting, Warned
from state.ledger import LedgerEntry, Totals, Usage

T = TypeVar("T")

LONGEST_WAIT = 300.0
"""Seconds: a provider that asks for more has no capacity for this run today."""

COMMIT_PATIENCE = 30.0
"""Seconds that an answer waits for room on a full disk before the run stops without it."""


def _no_objection(_: object) -> str:
    return ""


@dataclass(frozen=True)
class Question(Generic[T]):
    """One question to one role.  `prefix` is what its siblings share, `task` what is its own."""

    role: AnyRole
    stage: AnyStage
    system: str
    prefix: str
    task: str
    parse: Parser[T]
    file: str = ""
    round: int = 0
    sample: int = 0
    images: tuple[Image, ...] = ()  # before the prefix, the same for all of a run's questions
    fan_out: bool = False  # one of many that share the prefix and are asked at once
    shared: tuple[str, ...] = ()  # beginnings of `task` that some of them share, too, the shortest first
    heads: tuple[str, ...] = ()  # beginnings of `prefix` that others share which have another prefix
    schema: type[BaseModel] | None = None
    objections: Callable[[T], str] = _no_objection  # sent back once; if they stand, accepted with a warning
    trimmed: tuple[str, ...] = ()
    optional: bool = False  # the run goes on without an answer, and does not ask more often when it is resumed

    @property
    def about(self) -> str:
        return f"{self.stage} of {self.file}" if self.file else self.stage


@dataclass
class Bill:
    """What a call costs: what was reserved for it, until more is known."""

    usage: Usage
    dollars: float | None


@dataclass(frozen=True)
class Recorder:
    """Where answers are recorded; with `only_drifted`, recordings whose prompts are unchanged stand."""

    recordings: Recordings
    only_drifted: bool = False


class Session:
    """What the calls of one run share in this process: journal, providers, budget, concurrency."""

    def __init__(
        self, run: str, context: Context, journal: Journal, ledger: list[LedgerEntry], recorder: Recorder | None = None
    ) -> None:
        self.run = run
        self.context = context
        self.served: str | None = None  # which run of a server's it was opened for; None: work began here
        self.given = context  # as the client gave it, before the policy
        self._journal = journal
        self.totals = Totals.of(ledger)  # added to call by call: there may be thousands
        self._recorder = recorder
        self._budget = BudgetKeeper(context.budget, ledger)
        self._slots = asyncio.Semaphore(context.concurrency)
        self._warmth = Warmth()
        self._providers: dict[str, Provider] = {}
        self._asked: dict[tuple[str, int, int], asyncio.Lock] = {}
        self._stopped = asyncio.Event()
        self._keeping = asyncio.Lock()
        self._unkept: OutputError | None = None  # why an answer could not be committed
        self._loop = asyncio.get_running_loop()
        self.ancestors: tuple[str, ...] = ()
        self.turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext  # whoever began work here has the run
        refuse_unknown_price(context)

    def serves(self, context: Context, served: str | None) -> bool:
        """Whether it was opened with these settings, on this event loop, for this run of a server's.

        A server may run one thread several times: each time the minutes of its budget are counted anew, and nothing
        that an event loop has ended with is used on the next.
        """
        same = self.given == context and self._loop is asyncio.get_running_loop()
        return same and self.served in (None, served)

    async def catch_up(self) -> None:
        """At the beginning of our turn: what is open was in flight when another's ended, and all it spent counts."""
        await self._journal.abandon_open(self.run)
        ledger = await self._journal.ledger(self.run)
        self.totals = Totals.of(ledger)
        self._budget.count(ledger)

    def stop(self) -> None:
        """Let calls in flight finish; refuse new ones with `Interrupted`."""
        self._stopped.set()

    async def answer(self, question: Question[T], emit: StreamWriter) -> T:
        """Attempts until one parses: a cut answer is continued, an unusable one sent back with the reason."""
        first = _opening(question)
        runs = (self.run, *self.ancestors)
        surrendered = sum([await self._journal.surrenders(run, digest(first)) for run in runs])
        messages, partial, problem = first, "", ""
        accepted: list[tuple[T, str]] = []  # the usable answer that was sent back, and why
        for attempt in range(1, self.context.attempts * (1 + surrendered) + 1):
            completion = await self._complete(question, messages, attempt, emit)
            text = joined(partial, completion.text)
            if completion.truncated and strip_reasoning(text):
                partial, problem = whole_lines(text), "it was cut off by its length limit"
                messages = continued(first, partial)
                continue
            try:
                value = question.parse(text)
            except AnswerError as error:
                problem = str(error)
            else:
                problem = question.objections(value)
                if not problem:
                    return value
                accepted.append((value, problem))
                if len(accepted) > 1:
                    break
            partial, messages = "", sent_back(first, text, problem)
        if accepted:  # a usable answer is never given up for the ones after it
            value, objection = accepted[-1]
            emit_event(emit, Warned(text=f"{question.about}: accepted in spite of this: {objection}"))
            return value
        if not question.optional:
            await self.surrender(question)
        raise AnswerUnusable(
            f"No answer for {question.about} could be used; the last one: {problem}",
            "Ask again, perhaps with another model: papercoder resume --model PROVIDER:NAME",
        )

    async def once(self, digest: str, work: Callable[[], Awaitable[tuple[str, bool]]]) -> str:
        """What this work gives: done now, or found where the run, or one that it was copied from, has done it.

        The work says with its text whether that is worth keeping.  It is cancelled when the run is stopped, or its
        time is spent.
        """
        async with self._asked.setdefault((digest, 0, 0), asyncio.Lock()):
            for run in (self.run, *self.ancestors):
                if (found := await self._journal.recall(run, digest)) is not None:
                    return found
            async with self._budget.in_time():
                text, is_final = await self._unless_stopped(work())
            if is_final:
                await self._journal.keep(self.run, digest, text)
            return text

    async def _unless_stopped(self, work: Awaitable[T]) -> T:
        doing, stopped = asyncio.ensure_future(work), asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait((doing, stopped), return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise Interrupted("The run was stopped.", "Go on with: papercoder resume")
        finally:
            for task in (doing, stopped):
                task.cancel()
            await asyncio.gather(doing, stopped, return_exceptions=True)  # until what it started is gone

    async def surrender(self, question: Question[T]) -> None:
        """No answer to it could be used: a resumed run asks as often again."""
        await self._journal.surrender(self.run, digest(_opening(question)))

    async def _complete(
        self, question: Question[T], messages: Messages, attempt: int, emit: StreamWriter
    ) -> Completion:
        """The journal's answer, else the provider's, which is in the journal when this returns."""
        key = CallKey(
            self.run, question.stage, question.file, question.role, question.round, question.sample, attempt,
            digest(messages), question.trimmed,
        )  # fmt: skip
        async with self._asked.setdefault((key.digest, key.sample, key.attempt), asyncio.Lock()):
            completion = await self._recalled(key)
            if completion:  # always so for the second of two that ask the same at once
                emit_event(emit, CallRecalled(stage=question.stage, file=question.file))
                await note_recalled(key, completion)
            else:
                provider = self._provider(question.role, key)
                request = self._request(question, provider, key, messages)
                completion = await self._call(provider, request, question, emit)
        if self._recorder:
            await asyncio.to_thread(self._recorder.recordings.write, key, completion)
        return completion

    async def _recalled(self, key: CallKey) -> Completion | None:
        """The journal's answer: the run's own, else that of a run it was copied from."""
        for run in (self.run, *self.ancestors):
            if completion := await self._journal.find(replace(key, run=run)):
                return completion
        return None

    def _provider(self, role: AnyRole, key: CallKey) -> Provider:
        if self._recorder and self._recorder.only_drifted and self._recorder.recordings.is_current(key):
            return Replay(self._recorder.recordings)
        model = self.context.model_for(role)
        if model not in self._providers:
            self._providers[model] = connect(role, self.context)
        return self._providers[model]

    def _request(self, question: Question[T], provider: Provider, key: CallKey, messages: Messages) -> Request:
        texts = [question.system, question.prefix, question.task, *(message.text for message in messages[2:])]
        size = sum(MESSAGE_OVERHEAD + count_tokens(text) for text in texts)
        size += shown_tokens(provider.model, question.images)
        window = window_of(provider.model, self.context)
        if size + self.context.max_output_tokens > window:
            raise InputError(
                f"The prompt for {question.about} has {size:,} tokens; with {self.context.max_output_tokens:,} for the "
                f"answer it exceeds the window of {window:,}.",
                "Lower --max-output-tokens, correct --context-window, or choose a model that reads more.",
            )
        structured = self.context.structured_output == "json_schema" and question.schema is not None
        schema = question.schema.model_json_schema() if structured and question.schema else None
        return Request(key, messages, self.context.max_output_tokens, size, schema)

    async def _call(
        self, provider: Provider, request: Request, question: Question[T], emit: StreamWriter
    ) -> Completion:
        """Requests until one is answered; each is a row of the ledger."""
        for retry in range(self.context.retries + 1):
            try:
                return await self._request_once(provider, request, question, emit)
            except Transient as error:
                wait = error.retry_after if error.retry_after is not None else _back_off(retry)
                if retry == self.context.retries or wait > LONGEST_WAIT:
                    raise ProviderError(
                        f"The provider failed {retry + 1} times at {question.about}; the last time: {error}",
                        "When it is well again: papercoder resume",
                    ) from error
                emit_event(emit, Waiting(stage=question.stage, file=question.file, reason=str(error), seconds=wait))
                async with self._budget.in_time():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._stopped.wait(), wait)
        raise AssertionError("unreachable: the last retry returns or raises")

    async def _request_once(
        self, provider: Provider, request: Request, question: Question[T], emit: StreamWriter
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
        most = self._budget.most(asked)
        bill = Bill(most, dollars(most, price_of(provider.model, self.context)))
        ticket = await self._budget.reserve(bill.usage, bill.dollars)
        try:
            completion = await self._exchange(provider, request, bill, emit)
            self._budget.learn(asked, completion.usage)
            return completion
        finally:
            await self._budget.settle(ticket, bill.usage, bill.dollars)

    async def _exchange(self, provider: Provider, request: Request, bill: Bill, emit: StreamWriter) -> Completion:
        key, started = request.key, time.monotonic()
        row = await self._open(key, provider.model, bill)
        emit_event(emit, _started(key))
        try:
            async with self._budget.in_time():
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


def _opening(question: Question[T]) -> Messages:
    """The messages that a question begins with."""
    return Message("system", question.system), Message("user", question.prefix + "\n" + question.task, question.images)


def _started(key: CallKey) -> CallStarted:
    return CallStarted(stage=key.stage, file=key.file, role=key.role, sample=key.sample, attempt=key.attempt)


def refuse_unknown_price(context: Context) -> None:
    if context.budget.dollars is None:
        return
    for model in {context.model_for(role) for role in ROLES}:
        if price_of(model, context) is None:
            raise InputError(
                f"The price of {model} is unknown, so a budget in dollars cannot be kept.",
                "Give it in dollars per million tokens: --price INPUT,OUTPUT (or INPUT,CACHED,OUTPUT).",
            )


def emit_event(emit: StreamWriter, event: RunEvent) -> None:
    emit(event.model_dump(mode="json"))


def _back_off(retry: int) -> float:
    return float(min(60.0, 2.0**retry) * random.uniform(0.5, 1.0))
