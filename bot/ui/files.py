"""Pictures as Discord takes them."""

from collections.abc import Sequence
from io import BytesIO

import discord

from bot.domain.job import Job
from bot.domain.pictures import EXTENSIONS, Picture
from bot.domain.showcase import Exhibit
from bot.ui.texts import results, showcase


def result_file(job: Job, position: int, picture: Picture) -> discord.File:
    """Make the file of a result picture: a name of our own, alt text, the spoiler carried on."""
    return discord.File(
        BytesIO(picture.data),
        filename=f"{job.id}-{position}.{EXTENSIONS[picture.content_type]}",
        spoiler=job.request.spoiler,
        description=results.alt(job, position),
    )


def exhibit_file(exhibits: Sequence[Exhibit], place: int) -> discord.File:
    """Make the file of one of several entries' small pictures."""
    job, preview = exhibits[place].shown.job, exhibits[place].preview
    return discord.File(
        BytesIO(preview.data),
        filename=f"{place + 1}-{job.id}.{EXTENSIONS[preview.content_type]}",
        spoiler=job.request.spoiler,
        description=showcase.alt(exhibits[place].shown, place + 1),
    )


def sheet_file(job: Job, sheet: Picture) -> discord.File:
    """Make the file of a job's numbered inputs."""
    return discord.File(
        BytesIO(sheet.data),
        filename=f"inputs-{job.id}.jpg",
        spoiler=job.request.spoiler,
        description=results.sheet_alt(job),
    )
