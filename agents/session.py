"""The questions of one run in this process.

A question goes through the journal first; only what is not there goes to the provider.  An answer is committed before
it is looked at, then parsed; one that cannot be used goes back with the reason, a few times.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from typing import TypeVar

from langgraph.types import StreamWriter

from agents.events import emit_event
from agents.exchange import Exchange
from agents.question import Question
from agents.turns import continued, joined, sent_back, whole_lines
from papercoder.models.answers import AnswerError, strip_reasoning
from papercoder.models.prices import refuse_unknown_price
from papercoder.models.recordings import Recorder
from papercoder.models.requests import Messages, digest
from papercoder.storage.journal import CallKey, Completion, Journal
from papercoder.tracing.labels import note_recalled
from state.context import Context
from state.errors import AnswerUnusable, Interrupted
from state.events import CallRecalled, Warned
from state.ledger import LedgerEntry, Totals

T = TypeVar("T")


class Session:
    """What the questions of one run share in this process: journal, exchange, and that each is asked once."""

    def __init__(
        self, run: str, context: Context, journal: Journal, ledger: list[LedgerEntry], recorder: Recorder | None = None
    ) -> None:
        self.run = run
        self.context = context
        self.served: str | None = None  # which run of a server's it was opened for; None: work began here
        self.given = context  # as the client gave it, before the policy
        self._journal = journal
        self._recorder = recorder
        self._stopped = asyncio.Event()
        self._exchange = Exchange(context, journal, ledger, self._stopped, recorder)
        self._asked: dict[tuple[str, int, int], asyncio.Lock] = {}
        self._loop = asyncio.get_running_loop()
        self.ancestors: tuple[str, ...] = ()
        self.turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext  # whoever began work here has the run
        refuse_unknown_price(context)

    @property
    def totals(self) -> Totals:
        return self._exchange.totals

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
        self._exchange.count(await self._journal.ledger(self.run))

    def stop(self) -> None:
        """Let calls in flight finish; refuse new ones with `Interrupted`."""
        self._stopped.set()

    async def answer(self, question: Question[T], emit: StreamWriter) -> T:
        """Attempts until one parses: a cut answer is continued, an unusable one sent back with the reason."""
        first = question.opening
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
            async with self._exchange.budget.in_time():
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
        await self._journal.surrender(self.run, digest(question.opening))

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
                completion = await self._exchange.completion(question, key, messages, emit)
        if self._recorder:
            await asyncio.to_thread(self._recorder.recordings.write, key, completion)
        return completion

    async def _recalled(self, key: CallKey) -> Completion | None:
        """The journal's answer: the run's own, else that of a run it was copied from."""
        for run in (self.run, *self.ancestors):
            if completion := await self._journal.find(replace(key, run=run)):
                return completion
        return None
