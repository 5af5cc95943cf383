"""Limits of requests and input tokens a simulated minute, as token buckets that start full."""

from benchmarks.simulator.settings import Settings


class Throttle:
    """Both buckets; 0 means no limit."""

    def __init__(self, settings: Settings) -> None:
        self._rpm, self._tpm = settings.rpm, settings.tpm
        self._requests, self._tokens, self._at = self._rpm, self._tpm, 0.0

    def wait(self, tokens: int, now: float) -> float:
        """Takes the request out of the buckets and returns 0, or the simulated seconds until it will fit."""
        minutes, self._at = (now - self._at) / 60, now
        self._requests = min(self._rpm, self._requests + minutes * self._rpm)
        self._tokens = min(self._tpm, self._tokens + minutes * self._tpm)
        needed = min(tokens, self._tpm)
        if self._rpm and self._requests < 1:
            return (1 - self._requests) * 60 / self._rpm
        if self._tpm and self._tokens < needed:
            return (needed - self._tokens) * 60 / self._tpm
        self._requests -= 1
        self._tokens -= tokens
        return 0.0
