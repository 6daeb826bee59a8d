"""Every part, opened and put together: each is handed what it uses."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

import discord

from bot.client import StudioBot
from bot.delivery.entries import Entries
from bot.delivery.owner import DiscordOwner
from bot.delivery.publisher import DiscordPublisher
from bot.delivery.stars import DiscordStars
from bot.domain.model import PROFILES
from bot.domain.pacing import PollPacer
from bot.domain.words import WordFilter
from bot.images.process import PictureProcess
from bot.images.store import PictureStore, open_store
from bot.segmind.client import SegmindClient, SegmindOptions, open_segmind
from bot.services.alerts import Alerts
from bot.services.bundle import Services
from bot.services.delivering import Delivering
from bot.services.erasing import Erasing
from bot.services.export import Export
from bot.services.finished import Finished
from bot.services.housekeeping import Housekeeping
from bot.services.line import Line
from bot.services.privacy import Privacy
from bot.services.processing import Processing
from bot.services.recount import Recount
from bot.services.recovery import Recovery
from bot.services.removal import Removal
from bot.services.rerolls import Rerolls
from bot.services.restyle import Restyle
from bot.services.servers import Servers
from bot.services.showcase import Showcase
from bot.services.showing import Showing
from bot.services.submission import House, Submission
from bot.services.watch import Watch
from bot.settings import Settings, SettingsError
from bot.storage.database import Database
from bot.storage.forecasts import FIRST_GUESS
from bot.storage.migrate import migrate
from bot.storage.store import Store
from bot.storage.submitting import Rules
from bot.worker import Worker

MARKER = "image store"


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
    async with (
        open_database(settings.database_url) as database,
        PictureProcess() as pictures,
        open_segmind(segmind_options(settings)) as provider,
    ):
        store = make_store(settings, database, first_guess)
        images = open_store(settings.image_store_url)
        await check_marker(store, images)
        listening = asyncio.create_task(store.listen(), name="listen") if database.shared else None
        try:
            yield Parts(
                settings=settings,
                database=database,
                store=store,
                images=images,
                pictures=pictures,
                provider=provider,
            )
        finally:
            if listening:
                listening.cancel()
                await asyncio.wait([listening])


async def check_marker(store: Store, images: PictureStore) -> None:
    """Make sure that database and image store belong together: either alone is of no use."""
    known, found = await store.note(MARKER), await images.read_marker()
    if known is None and found is None:
        known = found = secrets.token_hex(16)
        await images.write_marker(known)
        await store.set_note(MARKER, known)
    if known != found:
        raise SettingsError(
            "IMAGE_STORE_URL is not right: it should be the store this database has used so far "
            "(or move the pictures with migrate --copy-images-from)"
        )


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """Open a database and run the missing migrations."""
    database = Database(url)
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


def make_store(settings: Settings, database: Database, first_guess: float = FIRST_GUESS) -> Store:
    """Put a database behind the ports, under a name of this process."""
    return Store(
        database,
        rules=Rules(user=settings.user_limits, budgets=settings.budgets),
        gate=settings.gate_limits,
        worker=f"{socket.gethostname()}:{secrets.token_hex(4)}",
        first_guess=first_guess,
    )


def segmind_options(settings: Settings) -> SegmindOptions:
    """Say where the provider is and as whom it is asked."""
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
        emoji=(settings.reroll_emoji, settings.showcase_emoji),
        threshold=settings.showcase_threshold,
        shards=settings.shards,
    )
    submission = Submission(
        store=parts.store, images=parts.images, pictures=parts.pictures, house=_house(settings)
    )
    bot.services = Services(
        submission=submission,
        rerolls=Rerolls(store=parts.store, submission=submission),
        line=Line(store=parts.store),
        finished=Finished(store=parts.store, images=parts.images, pictures=parts.pictures),
        restyle=Restyle(parts.store),
        removal=Removal(store=parts.store, images=parts.images),
        showcase=Showcase(
            jobs=parts.store,
            boards=parts.store,
            images=parts.images,
            pictures=parts.pictures,
            emoji=settings.showcase_emoji,
        ),
        servers=Servers(parts.store),
        recount=Recount(boards=parts.store, reader=DiscordStars(bot)),
        privacy=Privacy(
            members=parts.store,
            erasing=make_erasing(parts.store, parts.images),
            retention_days=settings.image_retention_days,
        ),
        export=Export(members=parts.store, images=parts.images),
    )
    return bot


def make_erasing(store: Store, images: PictureStore) -> Erasing:
    """Make what erases members."""
    return Erasing(members=store, jobs=store, keeper=store, images=images)


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
    alerts = Alerts(notes=store, owner=owner, price=settings.price)
    return Worker(
        jobs=store,
        queue=store,
        unknowns=store,
        deliveries=store,
        entries=store,
        processing=Processing(
            queue=store,
            jobs=store,
            provider=parts.provider,
            images=parts.images,
            alerts=alerts,
            pacer=pacer,
            deadline=settings.segmind_deadline_seconds,
        ),
        watch=_watch(parts, alerts),
        recovery=Recovery(queue=store, jobs=store, provider=parts.provider),
        showing=Showing(
            queue=store, publisher=Entries(client=client, images=parts.images), notes=store
        ),
        delivering=Delivering(queue=store, jobs=store, publisher=make_publisher(parts, client)),
        pacer=pacer,
        max_running=settings.segmind_max_running,
    )


def _watch(parts: Parts, alerts: Alerts) -> Watch:
    settings, store = parts.settings, parts.store
    return Watch(
        totals=store,
        provider=parts.provider,
        alerts=alerts,
        housekeeping=Housekeeping(
            keeper=store,
            members=store,
            servers=store,
            images=parts.images,
            retention_days=settings.image_retention_days,
        ),
        erasing=make_erasing(store, parts.images),
        budgets=settings.budgets,
    )
