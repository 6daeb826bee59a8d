"""`python -m bot demo`: a short evening in a server, told by the real bot, and a page of it."""

import asyncio
import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from bot.domain.errors import BotError
from bot.sandbox.page import render
from bot.sandbox.samples import harbour, ornament
from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import Session, open_session, sandbox_settings
from bot.sandbox.story import Story

RUN_SECONDS = 1.5
PICTURES_AN_HOUR = 15
PROMPT = "the sailing boat of picture 1, as a paper cut in the colours of picture 2"

File = tuple[str, bytes]


async def run_demo(images: Sequence[Path], prompt: str | None, output: Path) -> Path:
    """Run the demo and leave pictures and page in `output`; return the page's path.

    BotError when a picture did not arrive in the thread.
    """
    # simcord's clock stands still, so discord.py would log what it takes for old interactions
    logging.disable(logging.WARNING)
    files = [(path.name, path.read_bytes()) for path in images] or [
        ("harbour.jpg", harbour()),
        ("ornament.jpg", ornament()),
    ]
    console = Console()
    console.print("[bold]Demo[/]: the real bot, a simulated Discord, a local Segmind.\n")
    with tempfile.TemporaryDirectory() as folder:
        async with LocalSegmind(run_seconds=RUN_SECONDS) as segmind:
            settings = sandbox_settings(
                Path(folder), segmind, user_images_per_hour=PICTURES_AN_HOUR
            )
            async with open_session(settings, segmind, run_seconds=RUN_SECONDS) as session:
                return await _tell(session, files, prompt or PROMPT, output, console)


async def _tell(
    session: Session, files: Sequence[File], prompt: str, output: Path, console: Console
) -> Path:
    story = Story(session, console)
    await story.tell(files, prompt)
    pictures = await story.pictures()
    if not pictures:
        raise BotError("no picture arrived in the thread")
    page = await asyncio.to_thread(_leave, output, pictures, render(await story.transcript()))
    console.print(f"\n{len(pictures)} pictures are in {page.parent}", soft_wrap=True)
    console.print(f"The conversation as members saw it:\n{page.as_uri()}", soft_wrap=True)
    return page


def _leave(output: Path, pictures: Mapping[str, bytes], html: str) -> Path:
    output.mkdir(parents=True, exist_ok=True)
    for name, data in pictures.items():
        (output / name).write_bytes(data)
    page = (output / "index.html").absolute()
    page.write_text(html, encoding="utf-8")
    return page
