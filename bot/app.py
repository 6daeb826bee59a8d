"""Runs the roles: gateway, worker or both, from the first log line to SIGTERM."""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import discord

from bot import memory
from bot.client import RATE_LIMIT_SECONDS, StudioBot
from bot.delivery.errors import translated
from bot.domain.errors import BotError
from bot.domain.members import Kept, Left
from bot.domain.money import dollars
from bot.images.store import copy_pictures, open_store
from bot.oversight import overseen, work
from bot.parts import Parts, check_marker, make_erasing, make_store, open_database, open_parts
from bot.roles import make_bot
from bot.settings import Settings, SettingsError
from bot.storage.copying import copy_all
from bot.storage.lock import only_process

log = logging.getLogger(__name__)

STOP_SECONDS = 18.0
Roles = frozenset[str]
ROLES: Roles = frozenset({"gateway", "worker"})


async def run(settings: Settings, roles: Roles = ROLES) -> None:
    """Run gateway, worker or both in this process until SIGTERM or SIGINT."""
    with _sole(settings, roles):
        stop = _signalled()
        async with open_parts(settings) as parts:
            memory.settle()
            if roles == {"worker"}:
                await _run_worker(parts, stop)
            else:
                await _run_gateway(parts, stop, with_worker="worker" in roles)


@contextmanager
def _sole(settings: Settings, roles: Roles) -> Iterator[None]:
    """On SQLite one process has both roles, and is the only one."""
    if not settings.database_url.startswith("sqlite"):
        yield
        return
    if roles != ROLES:
        raise SettingsError(
            "DATABASE_URL is not right: it should be postgresql://… where gateway and worker run "
            "apart"
        )
    with only_process(settings.database_url):
        yield


async def _run_gateway(parts: Parts, stop: asyncio.Event, *, with_worker: bool) -> None:
    async with make_bot(parts) as bot, overseen(parts, bot, with_worker=with_worker):
        await _log_in(bot, parts.settings)
        adopted = 0 if parts.database.shared else await parts.store.adopt_all()
        await parts.store.reconcile()
        await introduce(parts, bot, adopted)
        tasks = [asyncio.create_task(bot.connect(), name="gateway")]
        if with_worker:
            tasks.append(asyncio.create_task(work(parts, bot), name="worker"))
        await _until_stopped(stop, *tasks)


async def _run_worker(parts: Parts, stop: asyncio.Event) -> None:
    """Work without a gateway connection: the client is logged in and posts, but hears nothing."""
    client = discord.Client(
        intents=discord.Intents.none(),
        max_ratelimit_timeout=RATE_LIMIT_SECONDS,
        http_trace=parts.meter.trace("discord"),
    )
    async with client, overseen(parts, None, with_worker=True):
        await _log_in(client, parts.settings)
        log.info("worker of %s; %s", client.user, parts.settings.storage_line)
        await _until_stopped(stop, asyncio.create_task(work(parts, client), name="worker"))


async def copy_installation(
    settings: Settings, *, database_from: str | None, images_from: str | None
) -> tuple[int, int]:
    """Copy a stopped installation into this one; return the jobs and the pictures copied."""
    jobs = pictures = 0
    async with open_database(settings.database_url) as target:
        if database_from:
            async with open_database(database_from, may_be_new=False) as source:
                jobs = await copy_all(source, target)
    if images_from:
        pictures = await copy_pictures(
            open_store(images_from), open_store(settings.image_store_url)
        )
    return jobs, pictures


async def count_kept(settings: Settings, user_id: int) -> Kept:
    """Count what is kept of a member."""
    async with open_database(settings.database_url, may_be_new=False) as database:
        return await make_store(settings, database).kept(user_id)


async def erase_member(settings: Settings, user_id: int) -> Left:
    """Erase a member as far as it goes without Discord; a running bot does the rest."""
    async with open_database(settings.database_url, may_be_new=False) as database:
        store = make_store(settings, database)
        images = open_store(settings.image_store_url)
        await check_marker(store, images)
        erasing = make_erasing(store, images)
        await erasing.ask(user_id)
        await erasing.run()
        return await store.left_of(user_id)


async def _log_in(client: discord.Client, settings: Settings) -> None:
    try:
        with translated():
            await client.login(settings.discord_token.get_secret_value())
    except discord.LoginFailure as error:
        raise SettingsError(
            "DISCORD_TOKEN was refused by Discord: copy it again from the Developer Portal "
            "under Bot → Reset Token"
        ) from error


async def introduce(parts: Parts, bot: StudioBot, adopted: int) -> None:
    """Log who runs, on what, with how much money and which limits."""
    settings = parts.settings
    with translated():
        servers = [guild async for guild in bot.fetch_guilds(limit=200)]
        application = await bot.application_info()
    log.info("%s; servers: %d; jobs taken up again: %d", bot.user, len(servers), adopted)
    log.info("%s", settings.storage_line)
    log.info("%s", await _credit(parts))
    log.info(
        "limits: %d pictures an hour and %d a day each; %s a day a server, %s in all",
        settings.user_images_per_hour,
        settings.user_images_per_day,
        dollars(settings.budgets.guild_day),
        dollars(settings.budgets.all_day),
    )
    if not servers:
        log.info("in no server yet; invite it: %s", bot.invite)
    if application.bot_public and not settings.guild_ids:
        log.warning(
            "anyone can add this bot to their server and spend your credit: set GUILD_IDS, or "
            "turn Public Bot off in the Developer Portal"
        )


async def _credit(parts: Parts) -> str:
    try:
        balance = await parts.provider.balance()
    except BotError as error:
        return f"credit unknown: {error}"
    return f"credit {dollars(balance)}, about {balance // max(1, parts.settings.price)} pictures"


def _signalled() -> asyncio.Event:
    """Make an event that SIGTERM and SIGINT set, from the first moment on."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _until_stopped(stop: asyncio.Event, *roles: asyncio.Task[None]) -> None:
    """Wait for a signal, or for a role to end by itself; then stop them all within 20 s."""
    waiting = asyncio.create_task(stop.wait(), name="signal")
    await asyncio.wait({waiting, *roles}, return_when=asyncio.FIRST_COMPLETED)
    ended = [role for role in roles if role.done()]
    for task in (waiting, *roles):
        task.cancel()
    await asyncio.wait({waiting, *roles}, timeout=STOP_SECONDS)
    for role in ended:
        with suppress(asyncio.CancelledError):
            role.result()
