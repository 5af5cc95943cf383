"""The one place where this package opens a connection."""

import re
import time
import zlib
from urllib.parse import urljoin, urlsplit

import httpx

from papercoder.addresses import public_address
from papercoder.documents.errors import DocumentError
from state.errors import InputError

MAX_BYTES = 100_000_000
MAX_SECONDS = 300.0
SILENCE_SECONDS = 30.0
MAX_REDIRECTS = 5
ATTEMPTS = 3
MAX_WAIT = 60.0
BUSY = {429, 502, 503, 504}
MISSING = {404, 410}
HEADERS = {"User-Agent": "papercoder (reads one paper for one person)", "Accept-Encoding": "identity"}
GZIP = b"\x1f\x8b"


class NotThere(DocumentError):
    """The server answers that it has no such thing."""


class Unreachable(DocumentError):
    """No answer, or none that says whether the thing is there: asking for another form of it is no use."""


def download(url: str, hosts: frozenset[str], *, public: bool = False) -> bytes:
    """What an address holds.  Redirects are followed among `hosts` only, and never away from https.

    `public`: every connection goes to the public internet, straight to the address that was looked at.
    """
    deadline = time.monotonic() + MAX_SECONDS
    hooks = {"request": [_pin]} if public else {}
    with httpx.Client(
        timeout=SILENCE_SECONDS, headers=HEADERS, follow_redirects=False, trust_env=not public, event_hooks=hooks
    ) as client:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return _follow(client, url, hosts, deadline)
            except _Busy as busy:
                if attempt == ATTEMPTS or time.monotonic() + busy.wait > deadline:
                    raise Unreachable(f"{url}: {busy}. Try again later, or download it and give the file.") from busy
                time.sleep(busy.wait)
            except httpx.HTTPError as error:
                cause = f"{url}: cannot be fetched ({type(error).__name__}: {error})"
                raise Unreachable(f"{cause}. Check the connection, or download it and give the file.") from error
    raise AssertionError("every attempt returns or raises")


def _pin(request: httpx.Request) -> None:
    """Before each request, redirects too: to the address that its host was found to have, under the host's name."""
    try:
        found = public_address(str(request.url))
    except InputError as error:
        raise DocumentError(str(error)) from error
    request.extensions["sni_hostname"] = found.host
    request.url = request.url.copy_with(host=found.address)  # the Host header was set from the name before


class _Busy(Exception):
    """The server asks for patience."""

    def __init__(self, status: int, wait: float) -> None:
        super().__init__(f"the server is busy (HTTP {status})")
        self.wait = wait


def _follow(client: httpx.Client, url: str, hosts: frozenset[str], deadline: float) -> bytes:
    for _ in range(MAX_REDIRECTS + 1):
        with client.stream("GET", url) as answer:
            if not answer.is_redirect:
                return _content(answer, url, deadline)
            url = _redirected(url, answer.headers.get("location", ""), hosts)
    raise DocumentError(f"{url}: redirected more than {MAX_REDIRECTS} times. Download it and give the file.")


def _redirected(url: str, location: str, hosts: frozenset[str]) -> str:
    target = urljoin(url, location)
    old, new = urlsplit(url), urlsplit(target)
    if new.scheme != old.scheme or new.netloc.lower() not in hosts:
        raise DocumentError(f"{url}: redirects to {target[:200]}, another site. If you trust it, give that address.")
    return target


def _content(answer: httpx.Response, url: str, deadline: float) -> bytes:
    status = answer.status_code
    if status in MISSING:
        raise NotThere(f"{url}: there is no such thing (HTTP {status}). Check the address.")
    if status in BUSY:
        asked = re.fullmatch(r"\d{1,6}", answer.headers.get("retry-after", ""))
        raise _Busy(status, min(float(asked.group()), MAX_WAIT) if asked else 3.0)
    if not answer.is_success:
        raise DocumentError(f"{url}: the server answers with HTTP {status}. Download it and give the file.")
    data = bytearray()
    for chunk in answer.iter_raw():
        data += chunk
        if len(data) > MAX_BYTES:
            raise DocumentError(f"{url}: more than {MAX_BYTES:,} bytes. Download the paper alone.")
        if time.monotonic() > deadline:
            raise DocumentError(f"{url}: not here after {MAX_SECONDS:.0f} s. Download it and give the file.")
    return _decoded(bytes(data), answer.headers.get("content-encoding", ""), url)


def _decoded(data: bytes, encoding: str, url: str) -> bytes:
    """We asked for no encoding; arXiv calls its archives' own compression one."""
    if encoding in ("gzip", "x-gzip") and data.startswith(GZIP):
        try:
            unpacker = zlib.decompressobj(31)
            plain = unpacker.decompress(data, MAX_BYTES)
        except zlib.error as error:
            raise DocumentError(f"{url}: damaged on its way ({error}). Try again.") from error
        if unpacker.unconsumed_tail:
            raise DocumentError(f"{url}: unpacks to more than {MAX_BYTES:,} bytes. Download the paper alone.")
        return plain
    return data
