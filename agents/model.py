"""`ask`: the only place that calls a model.

A question goes through the journal first; only what is not there goes to the provider.  An answer is committed before
it is looked at, then parsed; one that cannot be used goes back with the reason, a few times.
"""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from langgraph.runtime import Runtime
from langgraph.types import StreamWriter
from pydantic import BaseModel

from papercoder.models.answers import AnswerError, Parser, fences, strip_reasoning, without_reasoning
from papercoder.models.budget import BudgetKeeper
from papercoder.models.prices import dollars, price_of, window_of
from papercoder.models.providers import Provider, Transient, connect
from papercoder.models.recordings import Recordings, Replay
from papercoder.models.requests import Message, Messages, Request, digest
from papercoder.models.tokens import MESSAGE_OVERHEAD, count_tokens
from papercoder.models.warmth import Warmth
from papercoder.storage.journal import CallKey, Completion, Journal
from papercoder.storage.process import process_journal
from papercoder.storage.turns import Turn
from prompts import render
from state.context import ROLES, Context, Role, Stage
from state.errors import AnswerUnusable, InputError, Interrupted, ProviderError
from state.events import CallFinished, CallRecalled, CallStarted, RunEvent, Waiting, Warned
from state.ledger import LedgerEntry, Totals, Usage

T = TypeVar("T")

LONGEST_WAIT = 300.0
"""Seconds: a provider that asks for more has no capacity for this run today."""


def _no_objection(_: object) -> str:
    return ""


@dataclass(frozen=True)
class Question(Generic[T]):
    """One question to one role.  `prefix` is what its siblings share, `task` what is its own."""

    role: Role
    stage: Stage
    system: str
    prefix: str
    task: str
    parse: Parser[T]
    file: str = ""
    round: int = 0
    sample: int = 0
    fan_out: bool = False  # one of many that share the prefix and are asked at once
    shared: tuple[str, ...] = ()  # beginnings of `task` that some of them share, too, the shortest first
    schema: type[BaseModel] | None = None
    objections: Callable[[T], str] = _no_objection  # sent back once; if they stand, accepted with a warning
    trimmed: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        return f"{self.stage} of {self.file}" if self.file else self.stage


async def ask(runtime: Runtime[Context], question: Question[T]) -> T:
    """The parsed answer to a question.

    Raises `AnswerUnusable`, `ProviderError`, `BudgetSpent`, `InputError` or `Interrupted`; whatever was answered
    before stays in the journal.
    """
    session = await _session(runtime)
    async with session.turn():
        return await session.answer(question, runtime.stream_writer)


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
        self._journal = journal
        self._ledger = ledger
        self._recorder = recorder
        self._budget = BudgetKeeper(context.budget, ledger)
        self._slots = asyncio.Semaphore(context.concurrency)
        self._warmth = Warmth()
        self._providers: dict[str, Provider] = {}
        self._asked: dict[tuple[str, int, int], asyncio.Lock] = {}
        self._stopped = asyncio.Event()
        self.turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext  # a `Home` holds its run throughout
        _refuse_unknown_price(context)

    async def catch_up(self) -> None:
        """At the beginning of our turn: what is open was in flight when another's ended, and all it spent counts."""
        await self._journal.abandon_open(self.run)
        self._ledger[:] = await self._journal.ledger(self.run)
        self._budget.count(self._ledger)

    def stop(self) -> None:
        """Let calls in flight finish; refuse new ones with `Interrupted`."""
        self._stopped.set()

    @property
    def totals(self) -> Totals:
        return Totals.of(self._ledger)

    async def answer(self, question: Question[T], emit: StreamWriter) -> T:
        """Attempts until one parses: a cut answer is continued, an unusable one sent back with the reason."""
        first: Messages = (Message("system", question.system), Message("user", question.prefix + "\n" + question.task))
        surrendered = await self._journal.surrenders(self.run, digest(first))
        messages, partial, problem = first, "", ""
        accepted: list[tuple[T, str]] = []  # the usable answer that was sent back, and why
        for attempt in range(1, self.context.attempts * (1 + surrendered) + 1):
            completion = await self._complete(question, messages, attempt, emit)
            text = _joined(partial, completion.text)
            if completion.truncated and strip_reasoning(text):
                partial, problem = _whole_lines(text), "it was cut off by its length limit"
                messages = _continued(first, partial)
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
            partial, messages = "", _sent_back(first, text, problem)
        if accepted:  # a usable answer is never given up for the ones after it
            value, objection = accepted[-1]
            emit_event(emit, Warned(text=f"{question.about}: accepted in spite of this: {objection}"))
            return value
        await self._journal.surrender(self.run, digest(first))
        raise AnswerUnusable(
            f"No answer for {question.about} could be used; the last one: {problem}",
            "Ask again, perhaps with another model: papercoder resume --model PROVIDER:NAME",
        )

    async def _complete(
        self, question: Question[T], messages: Messages, attempt: int, emit: StreamWriter
    ) -> Completion:
        """The journal's answer, else the provider's, which is in the journal when this returns."""
        key = CallKey(
            self.run, question.stage, question.file, question.role, question.round, question.sample, attempt,
            digest(messages), question.trimmed,
        )  # fmt: skip
        async with self._asked.setdefault((key.digest, key.sample, key.attempt), asyncio.Lock()):
            completion = await self._journal.find(key)
            if completion:  # always so for the second of two that ask the same at once
                emit_event(emit, CallRecalled(stage=question.stage, file=question.file))
            else:
                provider = self._provider(question.role, key)
                request = self._request(question, provider, key, messages)
                completion = await self._call(provider, request, question, emit)
        if self._recorder:
            await asyncio.to_thread(self._recorder.recordings.write, key, completion)
        return completion

    def _provider(self, role: Role, key: CallKey) -> Provider:
        if self._recorder and self._recorder.only_drifted and self._recorder.recordings.is_current(key):
            return Replay(self._recorder.recordings)
        model = self.context.model_for(role)
        if model not in self._providers:
            self._providers[model] = connect(role, self.context)
        return self._providers[model]

    def _request(self, question: Question[T], provider: Provider, key: CallKey, messages: Messages) -> Request:
        texts = [question.system, question.prefix, question.task, *(message.text for message in messages[2:])]
        size = sum(MESSAGE_OVERHEAD + count_tokens(text) for text in texts)
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
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), wait)
        raise AssertionError("unreachable: the last retry returns or raises")

    async def _request_once(
        self, provider: Provider, request: Request, question: Question[T], emit: StreamWriter
    ) -> Completion:
        beginnings = [question.prefix + part for part in ("", *question.shared)] if question.fan_out else []
        prefixes = [(provider.model, digest((Message("user", text),))) for text in beginnings]
        async with self._warmth.turn(prefixes) as on_first_token, self._slots:
            if self._stopped.is_set():
                raise Interrupted("The run was stopped.", "Go on with: papercoder resume")
            return await self._send(provider, replace(request, on_first_token=on_first_token), emit)

    async def _send(self, provider: Provider, request: Request, emit: StreamWriter) -> Completion:
        """One request: reserved, on record, sent, answered and committed, in this order."""
        most = Usage(input=request.input_tokens, output=request.max_output_tokens)
        price = price_of(provider.model, self.context)
        ticket = await self._budget.reserve(most, dollars(most, price))
        spent, cost = Usage(), 0.0
        started = time.monotonic()
        try:
            row = await self._journal.open(request.key, provider.model, most, dollars(most, price))
            key = request.key
            emit_event(emit, CallStarted(stage=key.stage, file=key.file, role=key.role, attempt=key.attempt))
            try:
                completion = await provider.complete(request)
            except (Transient, ProviderError) as error:
                seconds = time.monotonic() - started
                await self._journal.fail(row, str(error), seconds)
                self._note(request.key, provider.model, None, emit, error=str(error), seconds=seconds)
                raise
            spent, cost = completion.usage, completion.dollars or 0.0
            await self._journal.answer(row, completion)
            self._note(request.key, completion.model, completion, emit)
            if completion.note:
                emit_event(emit, Warned(text=completion.note))
            return completion
        finally:
            await self._budget.settle(ticket, spent, cost)

    def _note(
        self, key: CallKey, model: str, completion: Completion | None, emit: StreamWriter, *, error: str = "",
        seconds: float = 0.0,
    ) -> None:  # fmt: skip
        entry = LedgerEntry(
            stage=key.stage, file=key.file, role=key.role, round=key.round, sample=key.sample, attempt=key.attempt,
            model=model, state="answered" if completion else "failed", error=error, trimmed=key.trimmed,
            usage=completion.usage if completion else Usage(), seconds=completion.seconds if completion else seconds,
            dollars=completion.dollars if completion else None,
            finish_reason=completion.finish_reason if completion else "",
        )  # fmt: skip
        self._ledger.append(entry)
        emit_event(emit, CallFinished(entry=entry, totals=self.totals))


_sessions: dict[str, Session] = {}
_MOST_SESSIONS = 256


async def open_session(run: str, context: Context, journal: Journal, recorder: Recorder | None = None) -> Session:
    """Makes the calls of `run` go through this journal; nodes find the session by their thread's id."""
    ledger = await journal.ledger(run)
    session = Session(run, context, journal, ledger, recorder)
    _sessions.pop(run, None)
    _sessions[run] = session
    while len(_sessions) > _MOST_SESSIONS:
        del _sessions[next(iter(_sessions))]
    return session


def close_session(run: str) -> None:
    _sessions.pop(run, None)


async def _session(runtime: Runtime[Context]) -> Session:
    run = (runtime.execution_info and runtime.execution_info.thread_id) or "unsaved"
    session = _sessions.get(run)
    if session is None or session.context != runtime.context:
        journal = await process_journal()
        session = await open_session(run, runtime.context, journal)
        session.turn = Turn(journal.locks, run, session.catch_up)
    return session


def check_providers(context: Context) -> None:
    """Raises `InputError`, before anything is paid for, where a model's provider, key or price is missing."""
    _refuse_unknown_price(context)
    for role in ROLES:
        connect(role, context)


def _refuse_unknown_price(context: Context) -> None:
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


def _continued(first: Messages, partial: str) -> Messages:
    tail = "\n".join(partial.rstrip("\n").split("\n")[-3:])
    return (*first, Message("assistant", partial), Message("user", render("continue", tail=tail)))


def _whole_lines(text: str) -> str:
    """Without the unfinished last line, which is asked for again; a text of one line stays as it is."""
    end = text.rfind("\n") + 1
    return text[:end] if end > len(text) // 2 else text


def _joined(partial: str, text: str) -> str:
    """A cut answer and its continuation, which sometimes opens the fence a second time."""
    if not partial:
        return text
    first, line_end, rest = without_reasoning(text).lstrip("\n").partition("\n")
    if (
        line_end
        and first.startswith(("```", "~~~"))
        and (first.strip("`~ ") or not all(b.closed for b in fences(rest)))
    ):
        return partial + rest
    return partial + first + line_end + rest


def _sent_back(first: Messages, text: str, problem: str) -> Messages:
    if not text.strip():
        return first  # nothing to quote: the same question, asked again
    return (*first, Message("assistant", text), Message("user", render("repair", problem=problem)))
