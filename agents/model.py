"""`ask`: the only door to a model, and the sessions behind it: one for each run that this process works on."""

import asyncio
import os
import weakref
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from langgraph.runtime import Runtime

from agents.question import Question
from agents.session import Session
from papercoder.models.prices import refuse_unknown_price
from papercoder.models.providers import connect
from papercoder.models.recordings import Recorder
from papercoder.models.vision import refuse_blind
from papercoder.policy import Policy, allowed_context
from papercoder.storage.journal import Journal
from papercoder.storage.process import home_folder, process_journal
from papercoder.storage.turns import Turn
from state.context import ROLES, Context

T = TypeVar("T")


async def ask(runtime: Runtime[Context], question: Question[T]) -> T:
    """The parsed answer to a question.

    Raises `AnswerUnusable`, `ProviderError`, `BudgetSpent`, `InputError` or `Interrupted`; whatever was answered
    before stays in the journal.
    """
    session = await _session(runtime)
    async with session.turn():
        return await session.answer(question, runtime.stream_writer)


async def once(runtime: Runtime[Context], digest: str, work: Callable[[], Awaitable[tuple[str, bool]]]) -> str:
    """What work under this digest gives, done once in a run's life as a question is asked once.

    It gives its text, and whether that is to be kept: committed before anyone sees it, found by a resumed run and by a
    copy, gone with the run.  Raises `BudgetSpent` or `Interrupted`, with the work cancelled.
    """
    session = await _session(runtime)
    async with session.turn():
        return await session.once(digest, work)


async def inherit(runtime: Runtime[Context], lineage: Sequence[str]) -> None:
    """Name the runs that this one was copied from: what they were answered is not asked again."""
    session = await _session(runtime)
    session.ancestors = tuple(run for run in lineage if run != session.run)


async def surrender(runtime: Runtime[Context], question: Question[T]) -> None:
    """Where no answer to a optional question could be used, and the run cannot do without one after all."""
    session = await _session(runtime)
    await session.surrender(question)


_sessions: dict[str, Session] = {}
_opening: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = weakref.WeakKeyDictionary()
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


def run_of(runtime: Runtime[Context]) -> str:
    """The run's id, which is its thread's."""
    return (runtime.execution_info and runtime.execution_info.thread_id) or "unsaved"


async def _session(runtime: Runtime[Context]) -> Session:
    """The run's session; in a server, where nobody here began work on it, it is opened by the first who asks."""
    run = run_of(runtime)
    served = (runtime.execution_info and runtime.execution_info.run_id) or "unnamed"
    async with _opening.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        session = _sessions.get(run)
        if session is None or not session.serves(runtime.context, served):
            allowed = await asyncio.to_thread(_allowed, runtime.context)
            await asyncio.to_thread(refuse_blind, allowed)
            journal = await process_journal()
            session = await open_session(run, allowed, journal)
            session.served, session.given = served, runtime.context
            session.turn = Turn(journal.locks, run, session.catch_up)
    return session


def is_served(runtime: Runtime[Context]) -> bool:
    """Whether the run is a server's: nobody in this process began work on it, a client sent it."""
    session = _sessions.get(run_of(runtime))
    return session is None or session.served is not None


def _allowed(context: Context) -> Context:
    return allowed_context(Policy.of(os.environ, home_folder()), context)


def check_providers(context: Context) -> None:
    """Raises `InputError`, before anything is paid for, where a model's provider, key, price or sight is missing."""
    refuse_unknown_price(context)
    refuse_blind(context)
    for role in ROLES:
        connect(role, context)
