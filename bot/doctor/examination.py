"""Runs every check, whatever the others found, and each with a time limit."""

import asyncio
from collections.abc import Mapping

import discord

from bot.client import RATE_LIMIT_SECONDS
from bot.doctor import discord_side, own_side, places, texts
from bot.doctor.clock import Watch
from bot.doctor.findings import Check, Finding, Row, Status, Subject, broken, unchecked
from bot.domain.errors import BotError
from bot.parts import segmind_options
from bot.segmind.client import open_segmind
from bot.settings import Settings

SECONDS = 20.0
TOKEN, SERVERS, KEY = "Discord token", "servers", "Segmind key"
DATABASE, MIGRATIONS, STORE = "database", "migrations", "image store"

CHECKS = (
    Check(name=TOKEN, run=discord_side.token, todo=texts.DISCORD_STEP),
    Check(name="intents", run=discord_side.intents, todo=texts.DISCORD_STEP, needs=(TOKEN,)),
    Check(
        name="application", run=discord_side.application, todo=texts.DISCORD_STEP, needs=(TOKEN,)
    ),
    Check(name=SERVERS, run=discord_side.servers, todo=texts.DISCORD_STEP, needs=(TOKEN,)),
    Check(
        name="permissions",
        run=places.permissions,
        todo=texts.DISCORD_STEP,
        needs=(TOKEN,),
        patience=6,  # three calls a server, and Discord's rate limits
    ),
    Check(name="commands", run=discord_side.commands, todo=texts.DISCORD_STEP, needs=(TOKEN,)),
    Check(
        name="alert channel",
        run=discord_side.alert_channel,
        todo=texts.DISCORD_STEP,
        needs=(TOKEN,),
    ),
    Check(name=KEY, run=own_side.segmind_key, todo=texts.SEGMIND_STEP),
    Check(
        name="Segmind credit", run=own_side.segmind_credit, todo=texts.SEGMIND_STEP, needs=(KEY,)
    ),
    Check(name=DATABASE, run=own_side.database, todo=texts.DATABASE_STEP),
    Check(name=MIGRATIONS, run=own_side.migrations, todo=texts.DATABASE_STEP, needs=(DATABASE,)),
    Check(name=STORE, run=own_side.image_store, todo=texts.STORE_STEP),
    Check(
        name="store's mark",
        run=own_side.mark,
        todo=texts.STORE_STEP,
        needs=(DATABASE, MIGRATIONS, STORE),
    ),
    Check(name="clock", run=own_side.clock, todo=texts.CLOCK_STEP),
    Check(
        name="database's clock",
        run=own_side.database_clock,
        todo=texts.DATABASE_STEP,
        needs=(DATABASE,),
    ),
)


async def examine(settings: Settings) -> list[Row]:
    """Run all checks, in their order; nothing is changed but a probe that comes and goes."""
    watch = Watch()
    found: dict[str, Finding] = {}
    async with (
        discord.Client(
            intents=discord.Intents.none(),
            max_ratelimit_timeout=RATE_LIMIT_SECONDS,
            http_trace=watch.trace(),
        ) as client,
        open_segmind(segmind_options(settings)) as provider,
    ):
        subject = Subject(settings=settings, client=client, provider=provider, watch=watch)
        for check in CHECKS:
            found[check.name] = await _checked(check, subject, found)
    return [Row(name=name, finding=finding) for name, finding in found.items()]


async def _checked(check: Check, subject: Subject, found: Mapping[str, Finding]) -> Finding:
    if lost := [need for need in check.needs if found[need].status is not Status.OK]:
        return unchecked(texts.NOT_CHECKED.format(needs=", ".join(lost)))
    seconds = SECONDS * check.patience
    try:
        async with asyncio.timeout(seconds):
            return await check.run(subject)
    except TimeoutError:
        return broken(texts.SLOW.format(seconds=seconds), check.todo)
    except (BotError, discord.DiscordException) as error:
        return broken(_said(error), check.todo)


def _said(error: Exception) -> str:
    """Say what an error says, and in one line what it came from, as that has the detail."""
    cause = str(error.__cause__ or "").strip().partition("\n")[0]
    return f"{error} ({cause})" if cause and cause not in str(error) else str(error)
