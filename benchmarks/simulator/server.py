"""The HTTP side of the simulated provider.

| request | what |
|---|---|
| `POST /v1/chat/completions` | stream and non-stream, `n`, `response_format`, `max_tokens`, usage |
| `GET /v1/models` | the models' names |
| `GET /_sim/stats` | totals so far |
| `GET /_sim/wait?stage=&file=&turn=&nth=&moment=&timeout=` | long-poll for an event of the log, else 408 |
| `GET /_sim/settle` | answers when every delivered request has its record in the log |
| `POST /_sim/faults` | replaces the fault rules (a JSON list) |
| `POST /_sim/reset` | empties the cache, the rules' counters and the totals |
"""

import asyncio
import json
import os
import signal
import sys
from dataclasses import asdict

from aiohttp import web

from benchmarks.simulator.exchange import Exchange
from benchmarks.simulator.provider import Provider
from benchmarks.simulator.records import MOMENTS, Awaited
from benchmarks.simulator.settings import Settings

_MAX_BODY = 256 * 2**20


class Server:
    """Routes requests to a provider."""

    def __init__(self, settings: Settings) -> None:
        self.provider = Provider(settings)

    def application(self) -> web.Application:
        """The routes of the table above."""
        app = web.Application(client_max_size=_MAX_BODY)
        for prefix in ("/v1", ""):
            app.router.add_post(prefix + "/chat/completions", self.chat)
            app.router.add_get(prefix + "/models", self.models)
        app.router.add_get("/_sim/stats", self.stats)
        app.router.add_get("/_sim/wait", self.wait)
        app.router.add_get("/_sim/settle", self.settle)
        app.router.add_post("/_sim/faults", self.set_faults)
        app.router.add_post("/_sim/reset", self.reset)
        return app

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """A chat completion."""
        body = await request.json()
        record = self.provider.arrive(body, request.headers)
        try:
            return await Exchange(self.provider, request, body, record).run()
        finally:
            self.provider.leave(record)

    async def models(self, _request: web.Request) -> web.Response:
        """The list of models."""
        names = self.provider.settings.models
        data = [{"id": name, "object": "model", "created": 1700000000, "owned_by": "simulator"} for name in names]
        return web.json_response({"object": "list", "data": data})

    async def stats(self, _request: web.Request) -> web.Response:
        """Totals so far."""
        await self.provider.log.settle()
        return web.json_response(self.provider.stats())

    async def wait(self, request: web.Request) -> web.Response:
        """The event that the query names, once it has happened."""
        query = request.query
        moment = query.get("moment", "arrival")
        if moment not in MOMENTS:
            raise web.HTTPBadRequest(text=f"moment must be one of {', '.join(MOMENTS)}")
        stage, file, turn = (query.get(key, "") for key in ("stage", "file", "turn"))
        awaited = Awaited(moment, stage, file, turn, int(query.get("nth", "1")))
        try:
            async with asyncio.timeout(float(query.get("timeout", "60"))):
                return web.json_response(asdict(await self.provider.log.wait(awaited)))
        except TimeoutError:
            return web.json_response(None, status=408)

    async def settle(self, _request: web.Request) -> web.Response:
        """Nothing but the time at which the log is complete."""
        await self.provider.log.settle()
        return web.json_response({"records": len(self.provider.log.records)})

    async def set_faults(self, request: web.Request) -> web.Response:
        """New rules; 400 says what is wrong with them."""
        try:
            self.provider.set_faults(await request.json())
        except (TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response({"rules": len(self.provider.faults.rules)})

    async def reset(self, _request: web.Request) -> web.Response:
        """An empty cache and new counts."""
        self.provider.reset()
        return web.json_response({"ok": True})


async def serve(settings: Settings) -> None:
    """Runs until a signal, or until standard input closes if the settings say so; prints one JSON line when ready."""
    server = Server(settings)
    runner = web.AppRunner(server.application(), handler_cancellation=True, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port).start()
    port = runner.addresses[0][1]
    ready = {"ready": True, "base_url": f"http://{settings.host}:{port}/v1", "pid": os.getpid()}
    print(json.dumps(ready), flush=True)
    await _stopped(settings)
    await asyncio.wait_for(runner.cleanup(), 5)
    server.provider.log.close()


async def _stopped(settings: Settings) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if settings.stop_with_stdin:
        loop.add_reader(sys.stdin.fileno(), stop.set)
    await stop.wait()
    if settings.stop_with_stdin:
        loop.remove_reader(sys.stdin.fileno())
