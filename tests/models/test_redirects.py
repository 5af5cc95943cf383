"""The prompt goes to the endpoint that the user named, and is carried nowhere else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from papercoder.models.providers import connect
from papercoder.models.requests import Message, Request
from papercoder.storage.journal import CallKey
from state.context import Context
from state.errors import InputError, ProviderError

KEY = "sk-canary-0123456789abcdef"
Visit = tuple[str, str, dict[str, str]]


@pytest.fixture
def visits() -> Iterator[tuple[str, list[Visit]]]:
    """An endpoint that sends everybody on to another path of another host name, and who came."""
    seen: list[Visit] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode(), dict(self.headers)))
            self.send_response(int(self.path.split("/")[1]))
            self.send_header("Location", f"http://localhost:{self.server.server_port}/200/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("status", [301, 307, 308])
async def test_a_redirect_is_not_followed(
    status: int, streamed: bool, visits: tuple[str, list[Visit]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    url, seen = visits
    provider = connect("coder", Context(model="openai:o3-mini", base_url=f"{url}/{status}"))
    key = CallKey("r", "coding", "a.py", "coder", 0, 0, 1, "d")
    leader = (lambda: None) if streamed else None
    request = Request(key, (Message("user", "hello"),), max_output_tokens=10, input_tokens=7, on_first_token=leader)
    with pytest.raises(ProviderError, match="sends us elsewhere") as refusal:
        await provider.complete(request)
    assert "--base-url" in refusal.value.next_step
    assert [path for path, _, _ in seen] == [f"/{status}/chat/completions"]


@pytest.mark.parametrize("url", [f"http://user:{KEY}@host/v1", f"http://{KEY}@host/v1", f"http://host/v1?k={KEY}"])
def test_an_address_with_a_key_is_refused_without_repeating_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="OPENAI_API_KEY") as refusal:
        Context(base_url=url)
    assert KEY not in str(refusal.value)
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(InputError, match="OPENAI_BASE_URL") as own:
        connect("coder", Context(model="openai:x"))
    assert KEY not in str(own.value)
