"""The simulated Discord behind a real port: for clients that are no simulated ones."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import discord
from aiohttp import web
from aiohttp.test_utils import TestServer
from simcord.backend import Backend
from simcord.backend.errors import BackendError
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType
from simcord.http import dispatch

from bot.client import PERMISSIONS

TOKEN = "MTIz.the-very-secret-token"
BASE = "/api/v10"


@dataclass
class Discord:
    """One server with the channels #art and #showcase, and the bot in it with all it needs.

    `application` overrides what Discord says of the application, `ahead` its clock (seconds);
    `status` is answered to everything.
    """

    backend: Backend = field(default_factory=Backend)
    application: dict[str, Any] = field(default_factory=lambda: {"bot_public": False})
    ahead: float = 0.0
    status: int = 0
    base: str = ""

    def __post_init__(self) -> None:
        self.guild = self.backend.create_guild("Studio")
        bot = self.backend.bot_user.id
        role = self.backend.create_role(self.guild.id, "Bot", permissions=PERMISSIONS.value)
        self.guild.members[bot].role_ids = [role.id]
        self.guild.roles[self.guild.id].permissions = 0
        self.art = self.backend.create_channel(self.guild.id, "art").id
        self.board = self.backend.create_channel(self.guild.id, "showcase").id

    def deny(self, channel_id: int, **rights: bool) -> None:
        """Take rights from the bot in one channel."""
        denied = Overwrite(
            target_id=self.backend.bot_user.id,
            type=OverwriteType.MEMBER,
            deny=discord.Permissions(**rights).value,
        )
        self.backend.set_overwrite(channel_id, denied)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as the simulation would, with a date of our own."""
        status, body = await self._answer(request)
        return web.Response(
            status=status,
            body=json.dumps(body).encode(),
            content_type="application/json",
            headers={"Date": formatdate(time.time() + self.ahead, usegmt=True)},
        )

    async def _answer(self, request: web.Request) -> tuple[int, Any]:
        if request.headers.get("Authorization") != f"Bot {TOKEN}":
            return 401, {"message": "401: Unauthorized", "code": 0}
        if self.status:
            return self.status, {"message": "trouble", "code": 0}
        path = request.path.removeprefix(BASE)
        sent = await request.json() if request.can_read_body else None
        try:
            found = dispatch(
                self.backend, request.method, path, json=sent, params=dict(request.query)
            )
        except BackendError as error:
            return error.status, error.to_json()
        return 200, found | self.application if path == "/oauth2/applications/@me" else found


@asynccontextmanager
async def served() -> AsyncIterator[Discord]:
    """Serve a Discord on the loopback; its address is `base`."""
    simulated = Discord()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", simulated.answer)
    async with TestServer(app) as server:
        simulated.base = str(server.make_url(BASE))
        yield simulated
