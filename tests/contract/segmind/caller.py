"""Asks a local Segmind as anybody might, without the client."""

import json
from typing import Any

import aiohttp

from bot.domain.model import SEEDREAM_5_LITE
from bot.sandbox.segmind import LocalSegmind

SLUG = SEEDREAM_5_LITE.slug
BODY = {
    "prompt": "a fox",
    "image_input": [],
    "aspect_ratio": "16:9",
    "size": "2K",
    "max_images": 1,
    "optimize_prompt": "fast",
    "watermark": False,
}


class Caller:
    """Asks a local Segmind as anybody might; an answer is all of it, or its status and JSON."""

    def __init__(self, segmind: LocalSegmind, session: aiohttp.ClientSession) -> None:
        self.segmind = segmind
        self.session = session
        self.key = {"x-api-key": segmind.key}

    async def ask(self, method: str, url: str, **options: Any) -> tuple[int, Any, bytes]:
        headers = options.pop("headers", self.key)
        async with self.session.request(
            method, url, headers=headers, allow_redirects=False, **options
        ) as answer:
            return answer.status, answer.headers, await answer.read()

    async def json(self, method: str, url: str, **options: Any) -> tuple[int, Any]:
        status, _, body = await self.ask(method, url, **options)
        return status, json.loads(body)

    async def submit(self, version: str = "v2", **changes: Any) -> tuple[int, Any]:
        url = f"{self.segmind.api_url}/{version}/{SLUG}"
        return await self.json("POST", url, json=BODY | changes)

    async def status(self, name: str) -> tuple[int, Any]:
        return await self.json("GET", f"{self.segmind.api_url}/v2/requests/{name}/status")

    async def result(self, name: str) -> tuple[int, Any]:
        return await self.json("GET", f"{self.segmind.api_url}/v2/requests/{name}")

    async def done(self, **changes: Any) -> str:
        """Submit and wait until the run is over."""
        _, body = await self.submit(**changes)
        task = self.segmind.runs[body["request_id"]].task
        assert task is not None
        await task
        return str(body["request_id"])
