"""A Discord gateway of our own: says hello, lets a bot in, answers heartbeats while it likes to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
from aiohttp import web

ME = {"id": "99", "username": "studio", "discriminator": "0", "avatar": None, "bot": True}
APPLICATION = {
    "id": "99", "name": "studio", "icon": None, "description": "", "bot_public": False,
    "bot_require_code_grant": False, "verify_key": "x", "flags": 0, "owner": ME,
}  # fmt: skip
HEARTBEAT, IDENTIFY, HELLO, ACK = 1, 2, 10, 11
BEAT_SECONDS = 0.1


class Gateway:
    """`answers` says whether heartbeats are answered; `limited` how many calls get a 429 first."""

    def __init__(self) -> None:
        self.answers = True
        self.limited = 0

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/v10/users/@me", self._me)
        app.router.add_get("/api/v10/oauth2/applications/@me", self._application)
        app.router.add_get("/api/v10/gateway/bot", self._bot)
        app.router.add_get("/", self._connect)
        return app

    async def _me(self, _: web.Request) -> web.Response:
        if self.limited:
            self.limited -= 1
            body = {"message": "slow down", "retry_after": 0.01, "global": False}
            return _json(body, status=429, headers={"Via": "1.1 google"})
        return _json(ME)

    async def _application(self, _: web.Request) -> web.Response:
        return _json(APPLICATION)

    async def _bot(self, request: web.Request) -> web.Response:
        start = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return _json({"url": _address(request), "shards": 1, "session_start_limit": start})

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": BEAT_SECONDS * 1000}})
        async for message in socket:
            op = json.loads(message.data)["op"]
            if op == HEARTBEAT and self.answers:
                await socket.send_json({"op": ACK})
            elif op == IDENTIFY:
                ready = {
                    "v": 10, "user": ME, "guilds": [], "session_id": "s", "shard": [0, 1],
                    "resume_gateway_url": _address(request),
                    "application": {"id": "99", "flags": 0},
                }  # fmt: skip
                await socket.send_json({"op": 0, "s": 1, "t": "READY", "d": ready})
        return socket


def _address(request: web.Request) -> str:
    return f"ws://{request.host}"


def _json(value: object, **more: object) -> web.Response:
    return web.Response(
        body=json.dumps(value).encode(),
        content_type="application/json",
        **more,  # type: ignore[arg-type]  # status and headers
    )


@asynccontextmanager
async def connected(client: discord.Client) -> AsyncIterator[None]:
    """Log a client in and connect it, until the end of the block."""
    async with client:
        await client.login("x")
        task = asyncio.create_task(client.connect())
        try:
            yield
        finally:
            await client.close()
            await task
