"""Running a generated repository and telling what went wrong with it, for a person and for the debugger."""

from papercoder.execution.running import SECONDS, Order, execute

__all__ = ["SECONDS", "Order", "execute"]
