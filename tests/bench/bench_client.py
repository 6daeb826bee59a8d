"""What a job costs the bot beside the picture's own bytes: `python -m tests.bench.bench_client`."""

import asyncio
import time
from statistics import median
from typing import Any

from pydantic import SecretStr

from bot.domain.job import GenerationRequest
from bot.domain.model import SEEDREAM_5_LITE
from bot.domain.provider import Accepted, Made, Running
from bot.segmind.client import SegmindClient, SegmindOptions, open_segmind
from tests.bench.apart import segmind_apart
from tests.pictures import jpeg

JOBS = 40
POLLS = 8
REQUEST = GenerationRequest(
    prompt="a fox in the rain",
    images=(),
    aspect_ratio="1:1",
    size="2K",
    max_images=1,
    optimize_prompt="fast",
    watermark=False,
)


async def one_job(client: SegmindClient, photo: bytes) -> float:
    """Run one job as the worker does; return its CPU seconds, the download left out."""
    begun = time.process_time()
    url = await client.upload(photo, "image/jpeg")
    accepted = await client.submit(REQUEST, [url])
    assert isinstance(accepted, Accepted)
    for _ in range(POLLS - 1):
        assert isinstance(await client.poll(accepted.provider_id), Running | Made)
    spent = time.process_time() - begun
    made: Running | Made = Running(state="")
    while isinstance(made, Running):
        await asyncio.sleep(0.05)
        begun = time.process_time()
        made = await client.poll(accepted.provider_id)
    return spent + time.process_time() - begun


def options(apart: dict[str, Any]) -> SegmindOptions:
    return SegmindOptions(
        key=SecretStr(apart["key"]),
        model=SEEDREAM_5_LITE,
        api="auto",
        api_url=apart["api_url"],
        upload_url=apart["upload_url"],
        history_url=apart["history_url"],
        result_hosts=tuple(apart["result_hosts"]),
    )


async def main() -> None:
    photo = jpeg(1600, 1200)
    async with segmind_apart(0.0) as apart, open_segmind(options(apart)) as client:
        await one_job(client, photo)
        spent = [await one_job(client, photo) for _ in range(JOBS)]
    print(f"CPU a job: upload of {len(photo) // 1000} kB, submit, {POLLS} polls, on loopback")
    print(
        f"p50 {median(spent) * 1000:.1f} ms, most {max(spent) * 1000:.1f} ms; target p50 <= 30 ms"
    )


if __name__ == "__main__":
    asyncio.run(main())
