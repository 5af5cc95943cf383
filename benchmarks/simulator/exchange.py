"""One request, from its arrival to the last byte of its answer."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, NoReturn

from aiohttp import web

from benchmarks.simulator import completion
from benchmarks.simulator.completion import Choice
from benchmarks.simulator.faults import NO_FAULT, Fault
from benchmarks.simulator.images import TOKEN_BYTES, BadImage
from benchmarks.simulator.prefix_cache import digests
from benchmarks.simulator.provider import Provider
from benchmarks.simulator.records import Record

CLIENT_GONE = 499
HANGING = 598
BROKEN_OFF = 599
_RESET_GRACE = 0.02  # wall seconds, so that the client has read what was sent before the reset discards it


class Exchange:
    """Answers one request and fills in its record on the way."""

    def __init__(self, provider: Provider, request: web.Request, body: Mapping[str, Any], record: Record) -> None:
        self._provider = provider
        self._request = request
        self._body = body
        self._record = record
        self._fault = provider.faults.pick(record.stage, record.file, record.turn, record.model) or NO_FAULT
        self._base = record.t_arrive
        self._first_token = 0.0
        if self._fault is not NO_FAULT:
            record.fault = self._fault.kind

    async def run(self) -> web.StreamResponse:
        """The response, sent; a connection that breaks off on the way is an ordinary end."""
        try:
            return await self._run()
        except ConnectionError:
            self._gone()
            return web.Response(status=CLIENT_GONE)
        except asyncio.CancelledError:
            self._gone()
            raise

    def _gone(self) -> None:
        if self._record.status != BROKEN_OFF:
            self._record.status = CLIENT_GONE
            self._record.fault = self._record.fault or "client_gone"

    async def _run(self) -> web.StreamResponse:
        try:
            prompt = self._provider.tokenizer.render(self._body)
        except BadImage as error:
            return self._error(400, f"an image cannot be read: {error}", "invalid_image")
        self._record.input_tokens = len(prompt) // TOKEN_BYTES
        if refused := await self._refusal():
            return refused
        async with AsyncExitStack() as stack:
            await self._queue(stack)
            choices = self._bill(prompt)
            if self._body.get("stream"):
                return await self._stream(choices)
            return await self._send(choices)

    # --- before an answer: errors, which cost nothing

    async def _refusal(self) -> web.Response | None:
        fault, settings = self._fault, self._provider.settings
        if fault.http_status:
            return await self._http_fault(fault, fault.http_status)
        if fault.kind == "reset_before":
            self._reset()
        if fault.kind == "hang":
            self._record.status = HANGING
            await asyncio.sleep(fault.wall_s)
        if fault.kind == "context_length" or 0 < settings.context_limit < self._record.input_tokens:
            return self._too_long(settings.context_limit)
        wait = self._provider.throttle.wait(self._record.input_tokens, self._provider.clock.simulated())
        return self._throttled(wait * settings.scale) if wait > 0 else None

    async def _http_fault(self, fault: Fault, status: int) -> web.Response:
        await self._until(fault.after_s)
        told = status == 429 and fault.retry_after is not None
        headers = {"Retry-After": f"{fault.retry_after:g}"} if told else None
        code = fault.code or ("rate_limit_exceeded" if status == 429 else "server_error")
        return self._error(status, "simulated fault", code, headers)

    def _too_long(self, limit: int) -> web.Response:
        length = f"the messages have {self._record.input_tokens} tokens"
        message = f"This model's maximum context length is {limit} tokens, but {length}."
        return self._error(400, message, "context_length_exceeded")

    def _throttled(self, seconds: float) -> web.Response:
        self._record.fault = "throttled"
        return self._error(429, "rate limit", "rate_limit_exceeded", {"Retry-After": f"{max(seconds, 0.001):.3f}"})

    def _error(self, status: int, message: str, code: str, headers: dict[str, str] | None = None) -> web.Response:
        self._record.status = status
        error = {"message": message, "type": code, "param": None, "code": code}
        return web.json_response({"error": error}, status=status, headers=headers)

    # --- the answer, its tokens and its times

    async def _queue(self, stack: AsyncExitStack) -> None:
        """Waits for a free slot.  Only that wait delays the answer: parsing and counting take no simulated time."""
        asked = self._provider.clock.wall()
        if self._provider.slots:
            await stack.enter_async_context(self._provider.slots)
            self._base += self._provider.clock.wall() - asked
        self._record.t_start = round(self._base, 5)

    def _bill(self, prompt: bytes) -> list[Choice]:
        """From here on the provider bills the whole answer, whether it arrives or not."""
        record, provider, settings = self._record, self._provider, self._provider.settings
        blocks = digests(record.model, prompt, settings.cache_step)
        record.cached_tokens = min(provider.cache.lookup(blocks, provider.clock.simulated()), record.input_tokens)
        choices = completion.choose(provider.book.reply(self._body), self._body, self._fault, provider.tokenizer)
        visible = [choice.tokens for choice in choices]
        ratio = self._fault.factor - 1 if self._fault.kind == "overrun" else settings.reasoning_ratio
        hidden = [int(tokens * ratio) for tokens in visible]
        record.output_tokens, record.reasoning_tokens = sum(visible) + sum(hidden), sum(hidden)
        self._time(longest=max(map(sum, zip(visible, hidden, strict=True))), hidden=max(hidden))
        prefill = 0 if settings.cache_visible == "arrival" else record.sim_ttft
        provider.cache.insert(blocks, self._base / settings.scale + prefill)
        record.billed = True
        return [] if self._fault.kind == "no_choices" else choices

    def _time(self, longest: int, hidden: int) -> None:
        """Choices decode side by side: the longest counts."""
        record, settings = self._record, self._provider.settings
        factor = self._provider.latency_factor(record) * (self._fault.factor if self._fault.kind == "slow" else 1)
        fresh = record.input_tokens - record.cached_tokens
        record.sim_ttft = factor * (settings.ttft_base + settings.ttft_per_uncached_token * fresh)
        record.sim_total = record.sim_ttft + factor * settings.decode_per_token * longest
        self._first_token = record.sim_ttft + factor * settings.decode_per_token * hidden

    # --- delivery

    async def _send(self, choices: list[Choice]) -> web.StreamResponse:
        fault = self._fault
        data = completion.document(self._record, choices, fault)
        await self._until(self._first_token)
        self._first_byte()
        if fault.kind == "reset":
            await self._reset_in_body(data)
        cut = fault.kind == "truncated_body"
        await self._until(self._record.sim_total)
        body = data[: int(len(data) * fault.frac)] if cut else data
        response = web.Response(body=body, content_type="application/json")
        await response.prepare(self._request)
        await response.write_eof()
        self._delivered(whole=not cut)
        return response

    async def _stream(self, choices: list[Choice]) -> web.StreamResponse:
        """Pieces spread evenly over the decoding time."""
        fault, settings = self._fault, self._provider.settings
        with_usage = bool((self._body.get("stream_options") or {}).get("include_usage"))
        parts = completion.stream(self._record, choices, fault, settings.tokens_per_event, with_usage=with_usage)
        breaks = fault.kind in ("reset", "truncated_body")
        sent = parts.pieces[: int(len(parts.pieces) * fault.frac)] if breaks else parts.pieces
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await self._until(self._first_token)
        await response.prepare(self._request)
        await response.write(parts.opening)
        self._first_byte()
        decoding = (self._record.sim_total - self._first_token) / max(1, len(parts.pieces))
        for number, piece in enumerate(sent, start=1):
            await self._until(self._first_token + decoding * number)
            await response.write(piece)
        if breaks:
            return await self._break_off(response)
        await response.write(parts.closing)
        await response.write_eof()
        self._delivered()
        return response

    async def _break_off(self, response: web.StreamResponse) -> web.StreamResponse:
        self._record.status = BROKEN_OFF
        if self._fault.kind == "reset":
            await asyncio.sleep(_RESET_GRACE)
            self._reset()
        await response.write(b'data: {"id": "chatcmpl-si')
        await response.write_eof()
        return response

    async def _reset_in_body(self, data: bytes) -> None:
        """Headers and part of the body, then a reset."""
        length = str(len(data))
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": length})
        await self._until(self._record.sim_total * self._fault.frac)
        await response.prepare(self._request)
        await response.write(data[: int(len(data) * self._fault.frac)])
        await asyncio.sleep(_RESET_GRACE)
        self._reset()

    def _reset(self) -> NoReturn:
        """Ends the connection with RST rather than FIN."""
        self._record.status = BROKEN_OFF
        transport = self._request.transport
        if transport is not None:
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        raise ConnectionResetError

    def _first_byte(self) -> None:
        now = self._provider.clock.wall()
        self._record.t_first = round(now, 5)
        self._provider.log.moment("first_byte", self._record, now)

    def _delivered(self, *, whole: bool = True) -> None:
        """The answer is in the hands of the connection; a body that was cut on purpose does not count."""
        now = self._provider.clock.wall()
        self._record.status, self._record.t_delivered = 200, round(now, 5)
        self._record.delivered = whole
        self._provider.log.moment("delivered", self._record, now)

    async def _until(self, simulated: float) -> None:
        await self._provider.clock.until(self._base + simulated * self._provider.settings.scale)
