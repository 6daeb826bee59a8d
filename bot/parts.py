"""Every part, opened and put together: each is handed what it uses."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.domain.model import PROFILES
from bot.domain.operations import Pulse
from bot.images.process import PictureProcess
from bot.images.store import PictureStore, open_store
from bot.operations.meter import PrometheusMeter
from bot.segmind.client import SegmindClient, SegmindOptions, open_segmind
from bot.services.erasing import Erasing
from bot.settings import Settings, SettingsError
from bot.storage.database import Database, missing_file
from bot.storage.forecasts import FIRST_GUESS
from bot.storage.migrate import migrate
from bot.storage.operations import DatabaseOperations
from bot.storage.store import Store
from bot.storage.submitting import Rules

MARKER = "image store"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What both roles stand on; open while `open_parts` is. `turns` beats with the worker."""

    settings: Settings
    database: Database
    store: Store
    images: PictureStore
    pictures: PictureProcess
    provider: SegmindClient
    operations: DatabaseOperations
    meter: PrometheusMeter
    turns: Pulse


@asynccontextmanager
async def open_parts(
    settings: Settings, *, first_guess: float = FIRST_GUESS
) -> AsyncIterator[Parts]:
    """Open database (brought up to date), image store, picture process and provider."""
    meter = PrometheusMeter()
    async with (
        open_database(settings.database_url) as database,
        PictureProcess() as pictures,
        open_segmind(segmind_options(settings), meter.trace("segmind")) as provider,
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
                operations=DatabaseOperations(database),
                meter=meter,
                turns=Pulse(),
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
async def open_database(url: str, *, may_be_new: bool = True) -> AsyncIterator[Database]:
    """Open a database and run the missing migrations.

    SettingsError where it is to be one there is already, and is none.
    """
    missing = None if may_be_new else missing_file(url)
    if missing:
        raise SettingsError(f"there is no file {missing}: is this the folder the bot runs in?")
    try:
        database = Database(url)
    except ModuleNotFoundError as error:
        raise SettingsError(
            "DATABASE_URL: PostgreSQL needs an extra: .venv/bin/pip install '.[postgres]'"
        ) from error
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


def make_erasing(store: Store, images: PictureStore) -> Erasing:
    """Make what erases members."""
    return Erasing(members=store, jobs=store, keeper=store, images=images)
