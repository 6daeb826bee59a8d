"""Segmind over HTTP."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from pydantic import SecretStr

from bot.domain.errors import (
    Failure,
    PermanentError,
    ProviderBusy,
)
from bot.domain.job import GenerationRequest
from bot.domain.model import ModelProfile
from bot.domain.money import micros
from bot.domain.provider import Accepted, Made, Running


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmindOptions:
    """Where Segmind is and what is asked of it."""

    key: SecretStr
    model: ModelProfile
    api: str
    api_url: str
    upload_url: str
    history_url: str
    result_hosts: tuple[str, ...]


@asynccontextmanager
async def open_segmind(options: SegmindOptions) -> AsyncIterator["SegmindClient"]:
    headers = {"x-api-key": options.key.get_secret_value()}
    async with (
        aiohttp.ClientSession(headers=headers) as api,
        aiohttp.ClientSession() as downloads,
    ):
        yield SegmindClient(options, api, downloads)


class SegmindClient:
    def __init__(self, options, api, downloads) -> None:
        self._options = options
        self._api = api
        self._downloads = downloads

    async def upload(self, data: bytes, content_type: str) -> str:
        url = f"data:{content_type};base64,{base64.b64encode(data).decode()}"
        async with self._api.post(
            f"{self._options.upload_url}/upload-asset", json={"data_urls": [url]}
        ) as response:
            body = await response.json()
            return (body.get("file_urls") or body["urls"])[0]

    async def submit(self, request: GenerationRequest, image_urls: list[str]) -> Accepted | Made:
        body = {
            "prompt": request.prompt,
            "image_input": list(image_urls),
            "aspect_ratio": request.aspect_ratio,
            "size": request.size,
            "max_images": request.max_images,
            "optimize_prompt": request.optimize_prompt,
            "watermark": request.watermark,
        }
        async with self._api.post(
            f"{self._options.api_url}/v2/{self._options.model.slug}", json=body
        ) as response:
            if response.status == 429:
                raise ProviderBusy("429")
            return Accepted(provider_id=(await response.json())["request_id"])

    async def poll(self, provider_id: str) -> Running | Made:
        async with self._api.get(f"{self._options.api_url}/v2/requests/{provider_id}") as response:
            body = await response.json()
        if body.get("status") == "FAILED":
            raise PermanentError(body["error"], failure=Failure.PROVIDER_ERROR)
        if body.get("status") != "COMPLETED":
            return Running(state=body.get("status"))
        return Made(
            outputs=tuple(i["url"] for i in body["images"]),
            cost=micros(body["metrics"]["cost"]),
            balance=None,
        )

    @asynccontextmanager
    async def download(self, url: str):
        async with self._downloads.get(url) as response:
            yield response.content.iter_chunked(65536)

    async def find(self, request, sent_urls, *, since) -> str | None:
        return None

    async def balance(self) -> int:
        async with self._api.get(f"{self._options.api_url}/v1/get-user-credits") as response:
            return micros((await response.json())["credits"])
