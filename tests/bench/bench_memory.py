"""Memory with eight 3K jobs in flight: `python -m tests.bench.bench_memory`. Linux only.

Segmind runs in a process of its own. The simulated Discord lives with the bot: what it keeps of
every upload is counted here, though a real one would keep it elsewhere.
"""

import asyncio
import os

from bot.domain.job import Status
from bot.images.process import PictureProcess
from tests.bench.bench_intake import photos
from tests.bench.bench_pictures import MEGABYTE, high_water, lower_mark, photo
from tests.bench.session import all_are, feed, imagine_event, row, whole_bot

JOBS = 8
RUN_SECONDS = 8.0  # longer than eight photos take to come in, so that all are in flight together
SIDE = 6000
FORMATS: dict[str, dict[str, int]] = {
    "JPEG": {"quality": 90},
    "PNG": {"compress_level": 1},  # so large that an attachment of it would not be read at all
    "WEBP": {"quality": 80, "method": 0},
}


async def eight_jobs() -> tuple[float, float, float]:
    """Carry eight jobs from command to result; the bot's MB before, most in flight, most in all."""
    [picture] = photos(1)
    bot = os.getpid()
    async with whole_bot(RUN_SECONDS) as session:
        guild = session.env.create_guild(name="Studio")
        channel = guild.create_text_channel("art")
        before = lower_mark(bot)
        for number in range(JOBS):
            member = guild.add_member(session.env.create_user(f"member{number}"))
            options = {"prompt": f"fox {number}", "image1": ("me.jpg", picture)}
            feed(session, imagine_event(session, member, channel, **options)[1])
        await all_are(session, Status.SUBMITTED, JOBS)
        in_flight = high_water(bot)
        await all_are(session, Status.DELIVERED, JOBS)
        return before, in_flight, high_water(bot)


async def huge_picture(form: str) -> tuple[float, float]:
    """Take in 36 megapixels; return the file's size and the picture process's most (MB)."""
    data = photo(SIDE, SIDE, form, **FORMATS[form])
    async with PictureProcess() as pictures:
        await pictures.normalise(data, name="huge", option="image1")
        assert pictures.pid is not None
        return len(data) / MEGABYTE, high_water(pictures.pid)


async def main() -> None:
    before, in_flight, most = await eight_jobs()
    print("memory of the bot (the simulated Discord included)")
    row("at rest", f"{before:.0f} MB")
    row("most until eight 3K jobs with a 12-megapixel photo are in flight", f"{in_flight:.0f} MB")
    row("most until all eight are delivered", f"{most:.0f} MB", "target <= 250 MB")
    print("memory of the picture process at 36 megapixels")
    for form in FORMATS:
        size, most = await huge_picture(form)
        row(f"{form} of {size:.1f} MB", f"{most:.0f} MB", "target <= 500 MB")


if __name__ == "__main__":
    asyncio.run(main())
