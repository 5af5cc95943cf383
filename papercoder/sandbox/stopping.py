"""Ending sandboxed work from outside its thread: a run is cancelled, a budget of minutes is spent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class SandboxStopped(RuntimeError):
    """The work was ended on request; everything that it had started is gone."""


_asked: ContextVar[threading.Event | None] = ContextVar("asked to stop", default=None)


@contextmanager
def stopping_at(asked: threading.Event) -> Iterator[None]:
    """What is run in here, in this thread, ends with `SandboxStopped` soon after the event is set."""
    token = _asked.set(asked)
    try:
        yield
    finally:
        _asked.reset(token)


def go_on() -> None:
    """Raises `SandboxStopped` once the work is to end.  For whatever waits."""
    asked = _asked.get()
    if asked and asked.is_set():
        raise SandboxStopped("the sandboxed work was ended on request")
