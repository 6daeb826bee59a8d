"""Memory with eight 3K jobs in flight: `python -m tests.bench.bench_memory`.

Segmind runs in a process of its own. The simulated Discord lives with the bot, and what it keeps of
every upload is counted here though a real one would keep it elsewhere.
"""

import asyncio
import os
import tempfile
from pathlib import Path

from PIL import Image

from bot.images.process import PictureProcess
from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import open_session, sandbox_settings
from tests.bench.apart import segmind_apart
from tests.pictures import encoded

MEMBERS = 8
RUN_SECONDS = 4.0
HUGE = (6000, 6000)


def resident(pid: int, name: str) -> float:
    """Read a figure of a process in MB: VmRSS now, VmHWM at most so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


async def eight_jobs() -> tuple[float, float]:
    """Run eight jobs at once; return the bot's memory before and its highest meanwhile."""
    photo = encoded(Image.effect_noise((1600, 1200), 60).convert("RGB"), "JPEG")
    with tempfile.TemporaryDirectory() as folder:
        async with segmind_apart(RUN_SECONDS) as apart:
            segmind = LocalSegmind()
            for name, value in apart.items():
                if name != "result_hosts":
                    setattr(segmind, name, value)
            settings = sandbox_settings(
                Path(folder), segmind, segmind_result_hosts=tuple(apart["result_hosts"])
            )
            async with open_session(settings, segmind, run_seconds=RUN_SECONDS) as session:
                guild = session.env.create_guild(name="Studio")
                channel = guild.create_text_channel("art")
                before = most = resident(os.getpid(), "VmRSS")
                for number in range(MEMBERS):
                    member = guild.add_member(session.env.create_user(f"m{number}"))
                    files = {"image1": ("a.jpg", photo)}
                    await member.slash(channel, "imagine", prompt=f"fox {number}", **files)
                async with asyncio.timeout(60):
                    while len(channel.threads) < MEMBERS:
                        most = max(most, resident(os.getpid(), "VmRSS"))
                        await asyncio.sleep(0.02)
                return before, max(most, resident(os.getpid(), "VmRSS"))


async def huge_picture() -> float:
    """Take in a picture of 36 megapixels; return the picture process's highest memory."""
    data = encoded(
        Image.effect_noise((1500, 1500), 60).resize(HUGE).convert("RGB"), "JPEG", quality=85
    )
    async with PictureProcess() as pictures:
        await pictures.normalise(data, name="huge.jpg", option="image1")
        assert pictures.pid is not None
        return resident(pictures.pid, "VmHWM")


async def main() -> None:
    before, most = await eight_jobs()
    print(f"bot at rest {before:.0f} MB, eight 3K jobs in flight {most:.0f} MB; target <= 250 MB")
    print(f"picture process at 36 megapixels {await huge_picture():.0f} MB; target <= 500 MB")


if __name__ == "__main__":
    asyncio.run(main())
