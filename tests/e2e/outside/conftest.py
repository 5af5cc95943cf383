"""A stand-in for LangSmith's API on the loopback: a real HTTP server that takes what the real client sends."""

import json
import socket
import struct
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import zstandard

INFO = {
    "version": "0.16.0",
    "instance_flags": {"zstd_compression_enabled": True},
    "batch_ingest_config": {
        "use_multipart_endpoint": True, "scale_up_qsize_trigger": 1000, "scale_up_nthreads_limit": 16,
        "scale_down_nempty_trigger": 4, "size_limit": 100, "size_limit_bytes": 20_971_520,
    },
}  # fmt: skip


@dataclass
class LangSmith:
    """What was sent: every byte of it, decompressed, and the runs that it makes."""

    url: str
    status: int = 200
    seconds: float = 0.0
    location: str = ""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    datasets: list[dict[str, Any]] = field(default_factory=list)

    @property
    def said(self) -> bytes:
        """All bodies and headers but the one that carries the key, as it must."""
        heads = [name + value for _, headers, _ in self.requests for name, value in headers.items()
                 if name.lower() != "x-api-key"]  # fmt: skip
        return "\n".join(heads).encode() + b"\n".join(body for _, _, body in self.requests)

    def made(self, path: str, body: bytes) -> dict[str, Any]:
        """What the service answers to something that was created: the same with an id and a time."""
        name = path.partition("?")[0].strip("/")
        if name not in ("datasets", "examples", "sessions", "feedback"):
            return {}
        times = dict.fromkeys(("created_at", "start_time", "modified_at"), "2026-01-01T00:00:00Z")
        made = {"id": str(uuid.uuid4()), "tenant_id": str(uuid.uuid4()), **times, **json.loads(body)}
        if name == "datasets":
            self.datasets.append(made)
        return made

    def created(self, name: str) -> list[dict[str, Any]]:
        """What was created under this name, in order."""
        posted = [body for path, _, body in list(self.requests) if path.partition("?")[0].strip("/") == name and body]
        return [json.loads(body) for body in posted]

    @property
    def runs(self) -> list[dict[str, Any]]:
        """Each run with its later fields put in, in the order in which they began."""
        made: dict[str, dict[str, Any]] = {}
        for path, headers, body in list(self.requests):
            if path.endswith("/runs/multipart"):
                for name, value in _parts(headers["Content-Type"], body):
                    _, run, *field_name = name.split(".", 2)
                    made.setdefault(run, {}).update({field_name[0]: value} if field_name else value)
        return sorted(made.values(), key=lambda run: str(run.get("dotted_order")))

    def named(self, name: str) -> list[dict[str, Any]]:
        return [run for run in self.runs if run.get("name") == name]


def _parts(content_type: str, body: bytes) -> Iterator[tuple[str, Any]]:
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")
        if name.split(".")[0] in ("post", "patch"):
            yield name, json.loads(part.get_payload(decode=True))


def _handler(langsmith: LangSmith) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/datasets"):
                langsmith.requests.append((self.path, dict(self.headers), b""))
            found: Any = langsmith.datasets if self.path.startswith("/datasets") else INFO
            self._answer(json.dumps(found).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])) if "Content-Length" in self.headers else b""
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = b"".join(self._chunks())
            if self.headers.get("Content-Encoding") == "zstd":
                body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
            langsmith.requests.append((self.path, dict(self.headers), body))
            self._answer(json.dumps(langsmith.made(self.path, body)).encode())

        def _chunks(self) -> Iterator[bytes]:
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()

        def _answer(self, body: bytes) -> None:
            time.sleep(langsmith.seconds)
            self.send_response(langsmith.status)
            if langsmith.location:
                self.send_header("Location", langsmith.location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler


@pytest.fixture
def langsmith_server() -> Iterator[Callable[[], LangSmith]]:
    servers: list[ThreadingHTTPServer] = []

    def start() -> LangSmith:
        made = LangSmith("")
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
        server.daemon_threads = True
        made.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return made

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def langsmith(langsmith_server: Callable[[], LangSmith]) -> LangSmith:
    return langsmith_server()


@dataclass
class EchoingProvider:
    """In front of the simulated provider: it says aloud the key that it was sent.  `mode` says how."""

    base_url: str
    behind: str
    mode: str = "answer"

    def answer(self, key: str, sent: bytes) -> tuple[int, str, bytes]:
        """Status, content type and body; the status 0 resets the connection."""
        told = f"Incorrect API key provided: {key}. You can find your key at https://{key}:{key}@example.org/."
        if self.mode == "401":
            error = {"message": told, "type": "invalid_request_error", "code": "invalid_api_key"}
            return 401, "application/json", json.dumps({"error": error}).encode()
        if self.mode == "html":
            return 200, "text/html", f"<html><body>{told}</body></html>".encode()
        if self.mode == "gateway":
            return 502, "text/html", f"<html>Authorization: Bearer {key}</html>".encode()
        if self.mode == "reset":
            return 0, "", b""
        return self._echoed(key, json.loads(sent))

    def _echoed(self, key: str, body: dict[str, Any]) -> tuple[int, str, bytes]:
        """The simulated model's answer, with the key in it."""
        streamed = body.pop("stream", False)
        body.pop("stream_options", None)
        request = urllib.request.Request(
            f"{self.behind}/chat/completions", json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": "Bearer simulated-key"},
        )  # fmt: skip
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
            made = json.load(response)
        choice = made["choices"][0]
        content = choice["message"]["content"].replace('"summary": "', f'"summary": "{key} ', 1)
        choice["message"]["content"] = content.replace('"""', f'"""{key} ', 1)
        if not streamed:
            return 200, "application/json", json.dumps(made).encode()
        made |= {"object": "chat.completion.chunk"}
        made["choices"] = [{"index": 0, "delta": choice["message"], "finish_reason": choice["finish_reason"]}]
        return 200, "text/event-stream", f"data: {json.dumps(made)}\n\ndata: [DONE]\n\n".encode()


@pytest.fixture
def echoing(desk: Any) -> Iterator[EchoingProvider]:
    made = EchoingProvider("", desk.simulator.base_url)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            key = self.headers["Authorization"].removeprefix("Bearer ")
            status, kind, body = made.answer(key, self.rfile.read(int(self.headers["Content-Length"])))
            if not status:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    made.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()
