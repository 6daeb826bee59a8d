"""What cards and results have in common: answering a message, reactions to press."""

import logging
from collections.abc import Iterable
from typing import Any

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.domain.job import Job

log = logging.getLogger(__name__)


def answering(channel_id: int, message_id: int | None) -> dict[str, Any]:
    """Make the keyword of `send` that answers a message, or none; a deleted one is no obstacle."""
    if message_id is None:
        return {}
    return {
        "reference": discord.MessageReference(
            message_id=message_id, channel_id=channel_id, fail_if_not_exists=False
        )
    }


def seeds_of(job: Job, seeds: tuple[str, str]) -> tuple[str, ...]:
    """Choose the reactions to offer: reroll, and a star where others see it to star it."""
    reroll, star = seeds
    if job.place.guild_id is None or job.place.private:
        return (reroll,)
    return reroll, job.place.star or star


async def seed(message: discord.PartialMessage, emoji: Iterable[str]) -> None:
    """Put reactions there to press; a message without them is still a message."""
    for one in emoji:
        try:
            with translated():
                await message.add_reaction(one)
        except PlaceLost as error:
            log.info("no reaction %s: %s", one, error)


def release(files: Iterable[discord.File]) -> None:
    """Let go of pictures that were sent: discord.py leaves each in a cycle with itself."""
    for file in files:
        file.fp.close()
