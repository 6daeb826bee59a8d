"""Answers made of a text, buttons and pictures; shared by commands and buttons."""

from collections.abc import Sequence
from io import BytesIO

import discord

from bot.domain.job import FinishedPage, Job
from bot.domain.pictures import Picture
from bot.domain.showcase import Best, Exhibit, Span
from bot.ui.buttons import page_buttons
from bot.ui.files import exhibit_file, result_file, sheet_file
from bot.ui.texts import results, showcase

Answer = tuple[str, discord.ui.View | None, list[discord.File]]
Shown = tuple[FinishedPage, dict[int, Picture]]


def page_answer(shown: Shown | None, job_id: str | None) -> Answer:
    """Show one of a member's results; say so when there is none (by that id)."""
    if shown is None:
        return results.no_such_result(job_id) if job_id else results.NO_RESULTS, None, []
    page, pictures = shown
    more = len(page.job.results) > max(pictures, default=len(page.job.results))
    return results.page(page), page_buttons(page, more=more), _files(page.job, pictures)


def more_answer(shown: Shown | None, job_id: str) -> Answer:
    """Show the pictures that did not fit beside the first ones."""
    if shown is None:
        return results.no_such_result(job_id), None, []
    page, pictures = shown
    return results.more(page.job), None, _files(page.job, pictures)


def details_answer(job: Job, sheet: Picture | None, consent: discord.ui.View | None) -> Answer:
    """Show everything about a job; a prompt too long for a message comes whole as a file."""
    files = [sheet_file(job, sheet)] if sheet else []
    prompt = job.request.prompt
    if len(prompt) > results.PROMPT_SHOWN:
        files.append(discord.File(BytesIO(prompt.encode()), filename=f"prompt-{job.id}.txt"))
    return results.details(job), consent, files


def best_answer(found: Best, span: Span, exhibits: Sequence[Exhibit]) -> Answer:
    """Show a server's best: a list with credit, a gallery of small pictures in the same order."""
    files = [exhibit_file(exhibits, place) for place in range(len(exhibits))]
    return showcase.best(found, span), None, files


def exhibit_answer(exhibit: Exhibit) -> Answer:
    """Show one entry."""
    return showcase.one(exhibit.shown), None, [exhibit_file([exhibit], 0)]


def _files(job: Job, pictures: dict[int, Picture]) -> list[discord.File]:
    return [result_file(job, position, picture) for position, picture in pictures.items()]
