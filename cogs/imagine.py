"""`/imagine`: a prompt, up to ten pictures, the model's options."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.model import SEEDREAM_5_LITE
from bot.domain.pictures import SentFile
from bot.services.privacy import Privacy
from bot.services.submission import Ask, Submission
from bot.ui.answers import acknowledge, answer, greet
from bot.ui.reading import place_of, requester_of, sent_file
from bot.ui.texts import cards
from bot.ui.texts import commands as words

if TYPE_CHECKING:
    from bot.client import StudioBot

PARAMETERS = SEEDREAM_5_LITE.parameters
IMAGES = [f"image{number}" for number in range(1, SEEDREAM_5_LITE.max_inputs + 1)]
Picture = discord.Attachment | None


def _choices(name: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=value, value=value) for value in PARAMETERS[name].choices]


class Imagine(commands.Cog):
    """Takes requests."""

    def __init__(self, submission: Submission, privacy: Privacy) -> None:
        self._submission = submission
        self._privacy = privacy

    @app_commands.command(name="imagine", description=words.IMAGINE)
    @app_commands.describe(
        **{name: parameter.description for name, parameter in PARAMETERS.items()},
        **{name: words.image(number) for number, name in enumerate(IMAGES, start=1)},
        private=words.PRIVATE,
    )
    @app_commands.choices(
        **{name: _choices(name) for name, parameter in PARAMETERS.items() if parameter.choices}
    )
    async def imagine(
        self,
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, 4000],
        image1: Picture = None,
        image2: Picture = None,
        image3: Picture = None,
        aspect_ratio: str | None = None,
        max_images: app_commands.Range[int, 1, 15] = 1,
        size: str = "3K",
        private: bool = False,
        image4: Picture = None,
        image5: Picture = None,
        image6: Picture = None,
        image7: Picture = None,
        image8: Picture = None,
        image9: Picture = None,
        image10: Picture = None,
        optimize_prompt: str = "fast",
        watermark: bool = False,
    ) -> None:
        """Acknowledge, submit, say where to look."""
        await acknowledge(interaction)
        await greet(interaction, self._privacy)
        ask = Ask(
            prompt=prompt,
            files=_files(interaction),
            aspect_ratio=aspect_ratio,
            size=size,
            max_images=max_images,
            optimize_prompt=optimize_prompt,
            watermark=watermark,
        )
        job = await self._submission.submit(
            ask,
            key=f"interaction:{interaction.id}",
            requester=requester_of(interaction),
            place=place_of(interaction, private=private),
        )
        await answer(interaction, cards.accepted(job))


def _files(interaction: discord.Interaction) -> list[SentFile]:
    """Collect the attached pictures in the order of their options; a gap closes."""
    attached = vars(interaction.namespace)
    return [sent_file(name, attached[name]) for name in IMAGES if attached.get(name)]


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Imagine(bot.services.submission, bot.services.privacy))
