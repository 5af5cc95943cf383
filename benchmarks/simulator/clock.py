"""Wall time, and the simulated time that runs `1 / scale` times as fast."""

import asyncio
import time


class Clock:
    """Seconds since the provider started, on both clocks."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self._start = time.perf_counter()

    def wall(self) -> float:
        return time.perf_counter() - self._start

    def simulated(self) -> float:
        return self.wall() / self.scale

    async def until(self, wall: float) -> None:
        """Deadlines count from a request's arrival, so that the server's own work hides in the simulated time."""
        delay = wall - self.wall()
        if delay > 0:
            await asyncio.sleep(delay)
