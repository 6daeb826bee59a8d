"""What Discord refuses and simcord lets through, and troubles of the line that pass.

Both of simcord's transports call `router.dispatch`: there the rules stand. Troubles stand before
it, and what discord.py repeats by itself is repeated here, but at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import partial
from typing import Any
from urllib.parse import unquote

import aiohttp
import discord
import pytest
import simcord
from simcord.backend import Backend
from simcord.backend.errors import BackendError
from simcord.backend.models import Channel
from simcord.http import FakeHTTPClient, FakeWebhookAdapter, router

TIER_BYTES = (10 << 20, 10 << 20, 50 << 20, 100 << 20)
REQUEST_BYTES = 25 << 20
NONCE_SECONDS = 180.0  # "the past few minutes"
LIBRARY_TRIES = 5
LIBRARY_REPEATS = {500, 502, 504, 524}
Send = Callable[..., Awaitable[object]]


@dataclass(kw_only=True)
class Trouble:
    """What happens to the next `times` requests of a route (fnmatch; `inf`: to all of them).

    One of: `status` (answered so), `drop` (the connection ends), `limit` (a wait too long for
    discord.py), `hold` (no answer until it is set). `after`: Discord had taken the request.
    """

    method: str
    path: str
    times: float = 1
    after: bool = False
    status: int = 0
    drop: bool = False
    limit: float = 0.0
    hold: asyncio.Event | None = None

    def takes(self, method: str, path: str) -> bool:
        takes = self.times > 0 and fnmatch(f"{method} {path}", f"{self.method} {self.path}")
        self.times -= takes
        return takes

    async def happen(self) -> None:
        """Wait, or raise what discord.py would; a status it repeats is not raised."""
        if self.hold:
            await self.hold.wait()
        if self.drop:
            raise aiohttp.ServerDisconnectedError
        if self.limit:
            raise discord.RateLimited(self.limit)
        if self.status and self.status not in LIBRARY_REPEATS:
            raise _error(self.status)


def _error(status: int) -> discord.HTTPException:
    response = type("Response", (), {"status": status, "reason": "trouble", "headers": {}})()
    kind = discord.DiscordServerError if status >= 500 else discord.HTTPException
    return kind(response, {"code": 0, "message": "trouble"})


@dataclass
class Strict:
    """Discord's rules on a running Env.

    `tiers` are boost tiers by server, `limit` is a file limit of a test's own, `troubles` what
    the line does, `sent` what came in.
    """

    backend: Backend
    tiers: dict[int, int] = field(default_factory=dict)
    limit: int | None = None
    troubles: list[Trouble] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    nonces: dict[str | None, tuple[float, dict[str, Any]]] = field(default_factory=dict)

    def trouble(self, method: str, path: str, **what: Any) -> None:
        self.troubles.append(Trouble(method=method, path=path, **what))

    def kick(self, guild_id: int) -> None:
        """Remove the bot from a server: it sees none of its channels any more."""
        guild = self.backend.get_guild(guild_id)
        self.gone |= {*guild.channel_ids, *guild.thread_ids}
        self.backend.remove_guild(guild_id)

    async def request(self, send: Send, name: tuple[str, str], files: Sequence[Any]) -> object:
        """Send as discord.py does, which repeats some answers with the same nonce."""
        for tries in range(LIBRARY_TRIES):
            for file in files:
                file.reset(seek=tries)
            met = next((one for one in self.troubles if one.takes(*name)), None)
            if met is None:
                return await send()
            answer = await send() if met.after else None
            await met.happen()
            if not met.status:
                return answer if met.after else await send()
        raise _error(500)

    def dispatch(self, real: Callable[..., Any], *to: Any, **what: Any) -> object:
        """Refuse what Discord refuses; post once what has one nonce."""
        backend, method, path = to
        self.sent.append(f"{method} {path}")
        self._check([method, *path.strip("/").split("/")], what.get("files") or [])
        body = what.get("json")
        nonce = body.get("enforce_nonce") and body["nonce"] if isinstance(body, dict) else None
        posted, first = self.nonces.get(nonce, (-NONCE_SECONDS, {}))
        if backend.clock.elapsed - posted < NONCE_SECONDS:  # the author's: in whatever channel
            backend.get_message(int(first["channel_id"]), int(first["id"]))  # unless deleted
            return first
        answer = real(*to, **what)
        if nonce:
            self.nonces[nonce] = backend.clock.elapsed, answer
        return answer

    def _check(self, call: list[str], files: Sequence[Any]) -> None:
        backend = self.backend
        match call:
            case [_, "webhooks", _, token, *_] if token in backend.interaction_tokens:
                asked = backend.interactions[backend.interaction_tokens[token]]
                if (asked.expires_at or "") <= backend.now_iso():
                    raise BackendError(401, 50027, "Invalid Webhook Token")
                self._check_files(backend.channels[asked.channel_id], files)
            case [method, "channels", channel_id, *rest]:
                if int(channel_id) in self.gone:
                    raise BackendError(403, 50001, "Missing Access")
                if channel := backend.channels.get(int(channel_id)):
                    self._check_channel(channel, [method, *rest])
                    self._check_files(channel, files)
                if [method, *rest[::2]] == ["PUT", "messages", "reactions", "@me"]:
                    self._check_reactions(int(channel_id), int(rest[1]), rest[3])

    def _check_channel(self, channel: Channel, call: list[str]) -> None:
        thread = channel.thread_metadata
        match call:
            case ["POST", "messages"]:
                if channel.guild_id is None and not self._share_a_server(channel.recipient_ids):
                    raise BackendError(403, 50007, "Cannot send messages to this user")
                if thread and thread.archived and thread.locked:
                    raise BackendError(403, 160005, "Thread is locked")
                if thread:
                    thread.archived = False  # a message wakes it
            case ["POST", "messages", message_id, "threads"]:
                if int(message_id) in self.backend.channels:
                    raise BackendError(400, 160004, "A thread was already created")
            case ["PATCH", "messages", _] | ["PUT", "messages", _, "reactions", *_]:
                if thread and thread.archived:
                    raise BackendError(400, 50083, "Thread is archived")

    def _check_reactions(self, channel_id: int, message_id: int, emoji: str) -> None:
        there = {one.emoji for one in self.backend.get_message(channel_id, message_id).reactions}
        if len(there) >= 20 and unquote(emoji) not in there:
            raise BackendError(403, 30010, "Maximum number of reactions reached (20)")

    def _check_files(self, channel: Channel, files: Sequence[Any]) -> None:
        if not files:
            return
        guild_id, bot_id = channel.guild_id, self.backend.bot_user.id
        self.backend.require_permissions(guild_id, bot_id, channel.id, "attach_files")
        if len(files) > 10:
            raise BackendError(400, 50035, "Invalid Form Body: at most 10 files")
        sizes = [file.fp.getbuffer().nbytes for file in files]
        limit = self.limit or TIER_BYTES[self.tiers.get(guild_id or 0, 0)]
        if max(sizes) > limit or sum(sizes) > REQUEST_BYTES:
            raise BackendError(413, 40005, "Request entity too large")

    def _share_a_server(self, user_ids: list[int]) -> bool:
        return any(set(user_ids) <= set(guild.members) for guild in self.backend.guilds.values())


@contextmanager
def strict(env: simcord.Env) -> Iterator[Strict]:
    """Lay Discord's rules over a running Env."""
    layer = Strict(env.backend)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(router, "dispatch", partial(layer.dispatch, router.dispatch))
        for transport in (FakeHTTPClient, FakeWebhookAdapter):
            patch.setattr(transport, "request", _wrapped(layer, transport.request))
        yield layer


def _wrapped(layer: Strict, real: Send) -> Send:
    async def request(*args: Any, **options: Any) -> object:
        path = args[1].url.split("?")[0].partition("/api/v10")[2]
        send = partial(real, *args, **options)
        return await layer.request(send, (args[1].method, path), options.get("files") or [])

    return request
