"""Segmind over HTTP: submit, poll, download; v1 where v2 does not offer the model."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import aiohttp
from pydantic import SecretStr

from bot.domain.errors import BotError, TransientError
from bot.domain.job import GenerationRequest
from bot.domain.model import ModelProfile
from bot.domain.provider import Accepted, Made, Running
from bot.segmind import downloads, history
from bot.segmind.errors import SERVER_ERRORS, Call, Trouble, error_for, shortened
from bot.segmind.http import Answer, ask
from bot.segmind.payloads import (
    PICTURE,
    money,
    outcome,
    request_body,
    request_id,
    state_of,
    upload_body,
    uploaded,
)

log = logging.getLogger(__name__)

NOT_OFFERED = {404, 405, 410}
GONE = 404
STATES = {"QUEUED", "PROCESSING", "PENDING"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Seconds a call may take in all, to connect (DNS and TLS included), and without a byte.

    The provider gives a synchronous run up after 60 to 100 s; `synchronous` outlasts that, as an
    answer not waited for is paid all the same.
    """

    connect: float = 10
    submit: float = 60
    synchronous: float = 240
    upload: float = 120
    look: float = 20
    download: float = 300
    stall: float = 30

    def of(self, seconds: float, stall: float | None = None) -> aiohttp.ClientTimeout:
        """Make a call's timeout."""
        return aiohttp.ClientTimeout(total=seconds, connect=self.connect, sock_read=stall)


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
    patience: Patience = field(default_factory=Patience)


@asynccontextmanager
async def open_segmind(
    options: SegmindOptions, *traces: aiohttp.TraceConfig
) -> AsyncIterator["SegmindClient"]:
    """Open a client: a session for the API, one for what is paid, one without the key.

    A paid call takes a fresh connection: on a kept one that the server has just closed, silence
    would look like an unknown outcome. Files come as they are: no compression to unfold. `traces`
    see every call.
    """
    headers = {"x-api-key": options.key.get_secret_value()}
    plain = {"Accept-Encoding": "identity"}
    fresh = aiohttp.TCPConnector(force_close=True)
    session = partial(
        aiohttp.ClientSession, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[*traces]
    )
    async with (
        session(headers=headers) as api,
        session(headers=headers, connector=fresh) as paying,
        session(headers=plain, auto_decompress=False) as bare,
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
        self._patience = options.patience
        self._api = api
        self._paying = paying
        self._bare = bare
        self._v1 = options.api == "v1"

    async def upload(self, data: bytes, content_type: str) -> str:
        """See the port; one file a call, so that no order has to be trusted."""
        answer = await ask(
            self._api,
            Call.UPLOAD,
            "POST",
            f"{self._options.upload_url}/upload-asset",
            data=upload_body(data, content_type),
            headers={"Content-Type": "application/json"},
            timeout=self._patience.of(self._patience.upload),
        )
        if not answer.ok:
            raise answer.error(Call.UPLOAD)
        urls = uploaded(answer.json)
        if len(urls) != 1:
            raise error_for(Call.UPLOAD, Trouble.UNREADABLE, answer.text)
        return urls[0]

    async def submit(self, request: GenerationRequest, image_urls: list[str]) -> Accepted | Made:
        """See the port."""
        body = request_body(request, image_urls)
        if not self._v1:
            answer = await self._post("v2", Call.SUBMIT_V2, body, self._patience.submit)
            if self._options.api == "v2" or answer.status not in NOT_OFFERED:
                return _bought(Call.SUBMIT_V2, answer)
            log.warning("the model is not offered on v2; v1 is used from now on")
            self._v1 = True
        answer = await self._post("v1", Call.SUBMIT_V1, body, self._patience.synchronous)
        return _bought(Call.SUBMIT_V1, answer)

    async def poll(self, provider_id: str) -> Running | Made:
        """See the port; the body's state decides, then the status."""
        url = f"{self._options.api_url}/v2/requests/{provider_id}"
        status = await self._look(Call.POLL, f"{url}/status")
        if status.status == GONE:
            return await self._recall(provider_id)
        answer = _read(status)
        if isinstance(answer, Made):
            answer = _read(await self._look(Call.POLL, url))
        if isinstance(answer, Made) and not answer.outputs:
            return await self._second_opinion(provider_id, answer)
        return answer

    async def find(
        self, request: GenerationRequest, sent_urls: Sequence[str], *, since: float
    ) -> str | None:
        """See the port; TransientError when there is no history to look in."""
        sent = request_body(request, list(sent_urls))
        ours: list[tuple[float, str]] = []
        for page in range(1, history.MOST_PAGES + 1):
            rows = await self._history_page(since, page)
            away = [(history.distance(row, sent, since), row["request_id"]) for row in rows]
            ours += [(far, name) for far, name in away if far is not None]
            if len(rows) < history.ROWS_A_PAGE:
                break
        return min(ours)[1] if ours else None

    async def balance(self) -> int:
        """See the port."""
        answer = await self._look(Call.LOOK, f"{self._options.api_url}/v1/get-user-credits")
        if answer.status == GONE and "credits" in answer.text.lower():
            return 0  # an account that never had any
        if not answer.ok:
            raise answer.error(Call.LOOK)
        body = answer.json if isinstance(answer.json, dict) else {}
        bought = money(body.get("credits"))
        if bought is None:
            raise error_for(Call.LOOK, Trouble.UNREADABLE, answer.text)
        return bought + (money(body.get("free-credits")) or 0)

    @asynccontextmanager
    async def download(self, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """See the port."""
        source = downloads.checked(url, self._options.result_hosts)
        patience = self._patience.of(self._patience.download, self._patience.stall)
        async with downloads.stream(self._bare, source, patience) as chunks:
            yield chunks

    async def _post(self, version: str, call: Call, body: dict[str, Any], seconds: float) -> Answer:
        url = f"{self._options.api_url}/{version}/{self._options.model.slug}"
        patience = self._patience.of(seconds)
        return await ask(self._paying, call, "POST", url, json=body, timeout=patience)

    async def _look(self, call: Call, url: str, **options: Any) -> Answer:
        patience = self._patience.of(self._patience.look)
        return await ask(self._api, call, "GET", url, timeout=patience, **options)

    async def _recall(self, provider_id: str) -> Running | Made:
        """Ask the history: a request's own record lives for about an hour only."""
        url = f"{self._options.history_url}{history.PATH}/{provider_id}"
        found = await self._look(Call.POLL, url)
        if not found.ok:
            raise TransientError(f"poll: no record, and {found.status} from the history")
        return history.answer(found.json, provider_id)

    async def _second_opinion(self, provider_id: str, empty: Made) -> Made:
        """Look in the history for what a finished request does not show: it is paid for."""
        log.warning("request %s is completed without a picture", provider_id)
        try:
            recalled = await self._recall(provider_id)
        except BotError as error:
            log.warning("nor is there one in the history: %s", error)
            return empty
        return recalled if isinstance(recalled, Made) else empty

    async def _history_page(self, since: float, page: int) -> list[Any]:
        found = await self._look(
            Call.LOOK,
            f"{self._options.history_url}{history.PATH}",
            params=history.query(self._options.model.slug, since, page),
        )
        if not found.ok:
            raise found.error(Call.LOOK)
        return list(history.rows(found.json))


def _bought(call: Call, answer: Answer) -> Accepted | Made:
    """Read the answer to a paid call: an id, a picture, or what went wrong."""
    headers = answer.headers
    cost, balance = money(headers.get("x-cost")), money(headers.get("x-remaining-credits"))
    if answer.ok and PICTURE.match(answer.body):
        return Made(outputs=(answer.body,), cost=cost, balance=balance)
    if not answer.ok and not _failed_plainly(answer):
        raise answer.error(call)
    read = outcome(call, answer.json)
    if isinstance(read, Made):
        return Made(
            outputs=read.outputs,
            cost=read.cost if cost is None else cost,
            balance=read.balance if balance is None else balance,
        )
    provider_id = request_id(answer.json)
    if provider_id is None:
        raise error_for(call, Trouble.UNREADABLE, answer.text)
    return Accepted(provider_id=provider_id)


def _failed_plainly(answer: Answer) -> bool:
    """Whether a refused buy says that it ran and failed; the word of a 5xx is not taken."""
    return answer.status < SERVER_ERRORS.start and state_of(answer.json) == "FAILED"


def _read(answer: Answer) -> Running | Made:
    """Read a status or a result: a final state counts even under an error status."""
    if not answer.ok and state_of(answer.json) not in {"COMPLETED", "FAILED"}:
        raise answer.error(Call.POLL)
    read = outcome(Call.POLL, answer.json)
    if isinstance(read, Running):
        _check_state(read.state, answer)
    return read


def _check_state(state: str, answer: Answer) -> None:
    if not state:
        raise error_for(Call.POLL, Trouble.UNREADABLE, answer.text)
    if state not in STATES:
        log.warning("a state nobody documents, taken as running: %s", shortened(state))
