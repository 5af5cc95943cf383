"""The connection to LangSmith: short time-outs, no redirects, and an end."""

from typing import Any

import requests

_TIMEOUTS = (3.0, 5.0)
"""Seconds to connect, and without a byte: a run's end waits for what is under way."""

_PATIENCE = 3
"""Failures in a row after which nothing more is sent."""


class BoundedSession(requests.Session):
    """Refuses at once, without the network, what comes after its end or after too many failures."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = False
        self.under_way = 0
        self._failures = 0

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        if self.ended or self._failures >= _PATIENCE:
            raise requests.ConnectionError("given up")
        options |= {"timeout": _TIMEOUTS, "allow_redirects": False}  # a redirect would carry the key along
        self._failures += 1
        self.under_way += 1
        try:
            response = super().request(method, url, **options)
        finally:
            self.under_way -= 1
        if response.is_redirect:
            raise requests.ConnectionError("the endpoint redirects to another address")
        if response.ok:
            self._failures = 0
        return response
