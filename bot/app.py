"""The composition root: opens every part, hands each what it uses, runs the roles, closes all."""

import asyncio
import logging
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal

import discord

from bot.client import StudioBot
from bot.delivery.errors import translated
from bot.delivery.owner import DiscordOwner
from bot.delivery.publisher import DiscordPublisher
from bot.domain.errors import BotError
from bot.domain.model import PROFILES
from bot.domain.money import dollars
from bot.domain.pacing import PollPacer
from bot.domain.words import WordFilter
from bot.images.process import PictureProcess
from bot.images.store import PictureStore, open_store
from bot.segmind.client import SegmindClient, SegmindOptions, open_segmind
from bot.services.alerts import Alerts
from bot.services.bundle import Services
from bot.services.delivering import Delivering
from bot.services.line import Line
from bot.services.processing import Processing
from bot.services.recovery import Recovery
from bot.services.rerolls import Rerolls
from bot.services.showcase import Showcase
from bot.services.submission import House, Submission
from bot.settings import Settings, SettingsError
from bot.storage.database import Database
from bot.storage.forecasts import FIRST_GUESS
from bot.storage.migrate import migrate
from bot.storage.store import Store
from bot.storage.submitting import Rules
from bot.worker import Worker

log = logging.getLogger(__name__)

STOP_SECONDS = 18.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What both roles stand on; open while `open_parts` is."""

    settings: Settings
    database: Database
    store: Store
    images: PictureStore
    pictures: PictureProcess
    provider: SegmindClient


@asynccontextmanager
async def open_parts(
    settings: Settings, *, first_guess: float = FIRST_GUESS
) -> AsyncIterator[Parts]:
    """Open database (brought up to date), image store, picture process and provider."""
    async with open_database(settings) as database, PictureProcess() as pictures:
        images = open_store(settings.image_store_url)
        async with open_segmind(_segmind_options(settings)) as provider:
            yield Parts(
                settings=settings,
                database=database,
                store=_store(settings, database, first_guess),
                images=images,
                pictures=pictures,
                provider=provider,
            )


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database and run the missing migrations."""
    database = Database(settings.database_url)
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


def _store(settings: Settings, database: Database, first_guess: float) -> Store:
    return Store(
        database,
        rules=Rules(user=settings.user_limits, budgets=settings.budgets),
        gate=settings.gate_limits,
        worker=f"{socket.gethostname()}:{secrets.token_hex(4)}",
        first_guess=first_guess,
    )


def _segmind_options(settings: Settings) -> SegmindOptions:
    return SegmindOptions(
        key=settings.segmind_api_key,
        model=PROFILES[settings.segmind_model],
        api=settings.segmind_api,
        api_url=settings.segmind_api_url,
        upload_url=settings.segmind_upload_url,
        history_url=settings.segmind_history_url,
        result_hosts=settings.segmind_result_hosts,
    )


def make_publisher(parts: Parts, client: discord.Client) -> DiscordPublisher:
    """Make the publisher on a client that is (or will be) logged in."""
    settings = parts.settings
    return DiscordPublisher(
        client=client,
        jobs=parts.store,
        queue=parts.store,
        images=parts.images,
        pictures=parts.pictures,
        seeds=(settings.reroll_emoji, settings.showcase_emoji),
    )


def make_bot(parts: Parts) -> StudioBot:
    """Make the gateway's bot with the services its cogs ask for."""
    settings = parts.settings
    bot = StudioBot(
        notes=parts.store,
        emoji=(settings.reroll_emoji, settings.showcase_emoji),
        threshold=settings.showcase_threshold,
    )
    submission = Submission(
        store=parts.store, images=parts.images, pictures=parts.pictures, house=_house(settings)
    )
    bot.services = Services(
        submission=submission,
        rerolls=Rerolls(store=parts.store, submission=submission),
        line=Line(store=parts.store),
        showcase=Showcase(
            jobs=parts.store, boards=parts.store, publisher=make_publisher(parts, bot)
        ),
    )
    return bot


def _house(settings: Settings) -> House:
    return House(
        model=PROFILES[settings.segmind_model],
        price=settings.price,
        guild_ids=settings.guild_ids,
        dms=settings.dm_budget_usd_per_day > Decimal(0),
        words=WordFilter(settings.blocked_words),
    )


def make_worker(parts: Parts, client: discord.Client) -> Worker:
    """Make a worker that publishes through a client."""
    settings, store = parts.settings, parts.store
    pacer = PollPacer(settings.segmind_polls_per_minute)
    owner = DiscordOwner(client=client, channel_id=settings.alert_channel_id)
    return Worker(
        jobs=store,
        queue=store,
        unknowns=store,
        deliveries=store,
        processing=Processing(
            queue=store,
            jobs=store,
            provider=parts.provider,
            images=parts.images,
            alerts=Alerts(notes=store, owner=owner, price=settings.price),
            pacer=pacer,
            deadline=settings.segmind_deadline_seconds,
        ),
        recovery=Recovery(queue=store, jobs=store, provider=parts.provider),
        delivering=Delivering(queue=store, jobs=store, publisher=make_publisher(parts, client)),
        pacer=pacer,
        max_running=settings.segmind_max_running,
    )


async def run(settings: Settings) -> None:
    """Run gateway and worker in this process until SIGTERM or SIGINT."""
    async with open_parts(settings) as parts, make_bot(parts) as bot:
        await _log_in(bot, settings)
        adopted = await parts.store.adopt_all()
        await _introduce(parts, bot, adopted)
        worker = make_worker(parts, bot)
        await _until_stopped(
            asyncio.create_task(bot.connect(), name="gateway"),
            asyncio.create_task(worker.run(), name="worker"),
        )


async def _log_in(client: discord.Client, settings: Settings) -> None:
    try:
        with translated():
            await client.login(settings.discord_token.get_secret_value())
    except discord.LoginFailure as error:
        raise SettingsError(
            "DISCORD_TOKEN was refused by Discord: copy it again from the Developer Portal "
            "under Bot → Reset Token"
        ) from error


async def _introduce(parts: Parts, bot: StudioBot, adopted: int) -> None:
    """Log who runs, on what, with how much money and which limits."""
    settings = parts.settings
    servers = [guild async for guild in bot.fetch_guilds(limit=200)]
    log.info("%s in %d servers, %d jobs taken up again", bot.user, len(servers), adopted)
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
    application = await bot.application_info()
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


async def _until_stopped(*roles: asyncio.Task[None]) -> None:
    """Wait for a signal, or for a role to end by itself; then stop them all within 20 s."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    waiting = asyncio.create_task(stop.wait(), name="signal")
    await asyncio.wait({waiting, *roles}, return_when=asyncio.FIRST_COMPLETED)
    ended = [role for role in roles if role.done()]
    for task in (waiting, *roles):
        task.cancel()
    await asyncio.wait({waiting, *roles}, timeout=STOP_SECONDS)
    for role in ended:
        with suppress(asyncio.CancelledError):
            role.result()
