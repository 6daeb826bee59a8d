"""Pictures as Discord takes them."""

from io import BytesIO

import discord

from bot.domain.job import Job
from bot.domain.pictures import EXTENSIONS, Picture
from bot.ui.texts import results


def result_file(job: Job, position: int, picture: Picture) -> discord.File:
    """Make the file of a result picture: a name of our own, alt text, the spoiler carried on."""
    return discord.File(
        BytesIO(picture.data),
        filename=f"{job.id}-{position}.{EXTENSIONS[picture.content_type]}",
        spoiler=job.request.spoiler,
        description=results.alt(job, position),
    )


def sheet_file(job: Job, sheet: Picture) -> discord.File:
    """Make the file of a job's numbered inputs."""
    return discord.File(
        BytesIO(sheet.data),
        filename=f"inputs-{job.id}.jpg",
        spoiler=job.request.spoiler,
        description=results.sheet_alt(job),
    )
