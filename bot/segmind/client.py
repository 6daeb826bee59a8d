"""Segmind over HTTP: submit, poll, download; v1 where v2 does not offer the model."""

import base64
import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp
from pydantic import SecretStr

from bot.domain.errors import TransientError, UnknownOutcome
from bot.domain.job import GenerationRequest
from bot.domain.model import ModelProfile
from bot.domain.provider import Accepted, Made, Running
from bot.segmind import downloads, history
from bot.segmind.errors import Call
from bot.segmind.http import Answer, ask
from bot.segmind.payloads import MAGIC, money, outcome, request_body, whole_answer

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10
SUBMIT = aiohttp.ClientTimeout(total=60, sock_connect=CONNECT_SECONDS)
WAIT = aiohttp.ClientTimeout(total=240, sock_connect=CONNECT_SECONDS)  # v1 takes 100 s and more
LOOK = aiohttp.ClientTimeout(total=20, sock_connect=CONNECT_SECONDS)
SEND = aiohttp.ClientTimeout(total=120, sock_connect=CONNECT_SECONDS)
FETCH = aiohttp.ClientTimeout(total=300, sock_connect=CONNECT_SECONDS, sock_read=30)
REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")
NOT_OFFERED = {404, 405, 410}
GONE = 404


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmindOptions:
    """Where Segmind is, and as whom and for what it is asked."""

    key: SecretStr
    model: ModelProfile
    api: Literal["auto", "v2", "v1"]
    api_url: str
    upload_url: str
    history_url: str
    result_hosts: tuple[str, ...]


@asynccontextmanager
async def open_segmind(options: SegmindOptions) -> AsyncIterator["SegmindClient"]:
    """Open a client: a session for the API, one for what is paid, one without the key.

    A paid call takes a fresh connection: on a kept one that the server has just closed, silence
    would look like an unknown outcome.
    """
    headers = {"x-api-key": options.key.get_secret_value()}
    fresh = aiohttp.TCPConnector(force_close=True)
    async with (
        aiohttp.ClientSession(headers=headers) as api,
        aiohttp.ClientSession(headers=headers, connector=fresh) as paying,
        aiohttp.ClientSession(timeout=FETCH) as bare,
    ):
        yield SegmindClient(options, api=api, paying=paying, bare=bare)


class SegmindClient:
    """Implements `bot.domain.ports.Provider`."""

    def __init__(
        self,
        options: SegmindOptions,
        *,
        api: aiohttp.ClientSession,
        paying: aiohttp.ClientSession,
        bare: aiohttp.ClientSession,
    ) -> None:
        self._options = options
        self._api = api
        self._paying = paying
        self._bare = bare
        self._v1 = options.api == "v1"

    async def upload(self, data: bytes, content_type: str) -> str:
        """See the port; one file a call, so that no order has to be trusted."""
        uri = f"data:{content_type};base64,{base64.b64encode(data).decode()}"
        url = f"{self._options.upload_url}/upload-asset"
        body = {"data_urls": [uri]}
        answer = await ask(self._api, Call.UPLOAD, "POST", url, json=body, timeout=SEND)
        if not answer.ok:
            raise answer.error(Call.UPLOAD)
        urls = _uploaded(answer.json)
        if len(urls) != 1 or not urls[0].startswith(("https://", "http://")):
            raise TransientError("upload: an answer without one address")
        return urls[0]

    async def submit(self, request: GenerationRequest, image_urls: list[str]) -> Accepted | Made:
        """See the port."""
        body = request_body(request, image_urls)
        if self._v1:
            return await self._submit_v1(body)
        answer = await self._post("v2", Call.SUBMIT_V2, body, SUBMIT)
        if self._options.api == "auto" and answer.status in NOT_OFFERED:
            log.warning("the model is not offered on v2; v1 is used from now on")
            self._v1 = True
            return await self._submit_v1(body)
        if not answer.ok:
            raise answer.error(Call.SUBMIT_V2)
        provider_id = answer.json.get("request_id") if isinstance(answer.json, dict) else None
        if not isinstance(provider_id, str) or not REQUEST_ID.fullmatch(provider_id):
            raise UnknownOutcome("accepted, but without a request id")
        return Accepted(provider_id=provider_id)

    async def _submit_v1(self, body: dict[str, Any]) -> Made:
        answer = await self._post("v1", Call.SUBMIT_V1, body, WAIT)
        if not answer.ok:
            raise answer.error(Call.SUBMIT_V1)
        cost = money(answer.headers.get("x-cost"))
        balance = money(answer.headers.get("x-remaining-credits"))
        if answer.body.startswith(MAGIC):
            return Made(outputs=(answer.body,), cost=cost, balance=balance)
        made = whole_answer(answer.json)
        return Made(
            outputs=made.outputs,
            cost=made.cost if cost is None else cost,
            balance=made.balance if balance is None else balance,
        )

    async def _post(
        self, version: str, call: Call, body: dict[str, Any], patience: aiohttp.ClientTimeout
    ) -> Answer:
        url = f"{self._options.api_url}/{version}/{self._options.model.slug}"
        return await ask(self._paying, call, "POST", url, json=body, timeout=patience)

    async def poll(self, provider_id: str) -> Running | Made:
        """See the port; the body's state decides, then the status."""
        url = f"{self._options.api_url}/v2/requests/{provider_id}"
        state = await self._look(f"{url}/status")
        if state.status == GONE:
            return await self._poll_history(provider_id)
        answer = _read_outcome(state)
        return _read_outcome(await self._look(url)) if isinstance(answer, Made) else answer

    async def _poll_history(self, provider_id: str) -> Running | Made:
        """Ask the history: a request's own record lives for about an hour only."""
        url = f"{self._options.history_url}{history.PATH}/{provider_id}"
        found = await self._look(url)
        if not found.ok:
            raise TransientError(f"poll: {found.status} for a request that is not on record")
        return history.answer(found.json)

    async def find(
        self, request: GenerationRequest, sent_urls: Sequence[str], *, since: float
    ) -> str | None:
        """See the port; TransientError when there is no history to look in."""
        found = await self._look(
            f"{self._options.history_url}{history.PATH}",
            params=history.query(self._options.model.slug, since),
        )
        if not found.ok:
            raise found.error(Call.LOOK)
        return history.find(found.json, request, sent_urls, since)

    async def balance(self) -> int:
        """See the port."""
        answer = await self._look(f"{self._options.api_url}/v1/get-user-credits")
        if not answer.ok:
            raise answer.error(Call.LOOK)
        body = answer.json if isinstance(answer.json, dict) else {}
        parts = [money(body.get(name)) for name in ("credits", "free-credits")]
        if parts[0] is None:
            raise TransientError("balance: an answer without credits")
        return sum(part or 0 for part in parts)

    @asynccontextmanager
    async def download(self, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """See the port."""
        downloads.check_source(url, self._options.result_hosts)
        async with downloads.stream(self._bare, url) as chunks:
            yield chunks

    async def _look(self, url: str, **options: Any) -> Answer:
        return await ask(self._api, Call.LOOK, "GET", url, timeout=LOOK, **options)


def _read_outcome(answer: Answer) -> Running | Made:
    """Read a state where there is one, even under an error status."""
    if isinstance(answer.json, dict) and "status" in answer.json:
        return outcome(answer.json)
    if not answer.ok:
        raise answer.error(Call.LOOK)
    raise TransientError("poll: an answer without a state")


def _uploaded(body: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """Read the addresses: the SDK has `file_urls`, the documentation `urls`."""
    if not isinstance(body, dict):
        return []
    urls = body.get("file_urls") or body.get("urls") or []
    return [str(url) for url in urls] if isinstance(urls, list) else []
