"""What the local Segmind answers, route by route; faults come first."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.domain.model import SEEDREAM_5_LITE
from bot.sandbox.segmind import history, shapes
from bot.sandbox.segmind.behaviour import Fault, Mishap, Route
from bot.sandbox.segmind.faults import SPOILING, error, mishap, spoiled
from bot.sandbox.segmind.jobs import Run, wrong_value
from bot.sandbox.segmind.server import LocalSegmind, Recorded

NO_KEY = "Missing Authorization or x-api-key in header"
WRONG_KEY = "Unauthorized. API key is invalid or may have expired"
AT_ONCE = {Mishap.DROP, Mishap.STATUS, Mishap.HTML, Mishap.REDIRECT}
AFTER = {Mishap.DROP_AFTER, Mishap.STATUS_AFTER, Mishap.HTML_AFTER}
MINUTE = 60.0
V1_CREDITS = 406


def hosts(segmind: LocalSegmind) -> list[list[web.RouteDef]]:
    """List the routes of the four hosts: API, upload, history, files."""
    answers = Answers(segmind)
    past = "/inference-request/request-history"
    return [
        [
            web.post("/v2/{slug}", answers.submit_v2),
            web.post("/v1/{slug}", answers.submit_v1),
            web.get("/v2/requests/{id}/status", answers.status),
            web.get("/v2/requests/{id}", answers.result),
            web.get("/v1/requests/{id}", answers.result),
            web.get("/v1/get-user-credits", answers.credits),
        ],
        [web.post("/upload-asset", answers.upload)],
        [web.get(past, answers.past), web.get(past + "/{id}", answers.past_request)],
        [web.get("/assets/{name}", answers.asset), web.get("/generations/{name}", answers.file)],
    ]


class Answers:
    """One method a route."""

    def __init__(self, segmind: LocalSegmind) -> None:
        self._segmind = segmind
        self._behaviour = segmind.behaviour

    async def submit_v2(self, request: web.Request) -> web.StreamResponse:
        """Take a request, or say why not."""
        recorded, fault = await self._record(Route.SUBMIT, request)
        if fault and fault.mishap in AT_ONCE:
            return mishap(request, fault)
        if not self._behaviour.offered_on_v2:
            return error(self._behaviour.not_offered_status, "Model not found")
        if refused := self._refused(request, recorded.body, self._behaviour.credits_http):
            return refused
        run = self._accept(recorded)
        await asyncio.sleep(self._behaviour.answer_seconds)
        if fault and fault.mishap in AFTER:
            return mishap(request, fault)
        body = shapes.submitted(run, self._segmind.api_url)
        if fault and fault.mishap is Mishap.NO_REQUEST_ID:
            del body["request_id"]
        if fault and fault.mishap is Mishap.HOSTILE_URLS:
            body |= {"status_url": "https://evil.example/x", "response_url": "https://evil.example"}
        return web.json_response(body)

    async def submit_v1(self, request: web.Request) -> web.StreamResponse:
        """Take a request and answer with its picture once it is made."""
        recorded, fault = await self._record(Route.SUBMIT, request)
        if fault and fault.mishap in AT_ONCE:
            return mishap(request, fault)
        if refused := self._refused(request, recorded.body, V1_CREDITS):
            return refused
        run = self._accept(recorded)
        if run.task:
            await asyncio.wait([run.task])
        if fault and fault.mishap in AFTER:
            return mishap(request, fault)
        if run.state == "FAILED":
            return error(400, run.error)
        if fault and fault.mishap in SPOILING:
            return await spoiled(request, fault, self._segmind.files[run.files[0]][1])
        return self._v1_answer(run)

    def _v1_answer(self, run: Run) -> web.Response:
        headers = {
            "x-cost": f"{run.cost / 1e6}",
            "x-remaining-credits": f"{self._behaviour.balance / 1e6}",
        }
        pictures = [self._segmind.files[name][1] for name in run.files]
        if self._behaviour.v1_body == "image":
            return web.Response(body=pictures[0], headers=headers, content_type="image/jpeg")
        if self._behaviour.v1_body == "json_base64":
            return web.json_response(shapes.inline(pictures), headers=headers)
        urls = [self._segmind.url_of(name) for name in run.files]
        return web.json_response(shapes.result(run, urls, self._behaviour), headers=headers)

    async def status(self, request: web.Request) -> web.StreamResponse:
        """Say how far a run is."""
        _, fault = await self._record(Route.STATUS, request)
        run = self._on_record(request)
        if fault and fault.mishap is Mishap.UNKNOWN_STATE:
            return web.json_response({"status": "WARMING_UP", "request_id": "x", "metrics": {}})
        if fault:
            return mishap(request, fault)
        if denied := self._denied(request):
            return denied
        if self._behaviour.polls_count_for_rate and (limited := self._limited()):
            return limited
        if run is None:
            return error(404, f"Request {request.match_info['id']} not found")
        code = self._behaviour.failed_http if run.state == "FAILED" else 200
        return web.json_response(shapes.status(run), status=code)

    async def result(self, request: web.Request) -> web.StreamResponse:
        """Hand out what was made."""
        _, fault = await self._record(Route.RESULT, request)
        run = self._on_record(request)
        if fault and fault.mishap not in {Mishap.NO_URL, Mishap.FOREIGN_URL}:
            return mishap(request, fault)
        if denied := self._denied(request):
            return denied
        if run is None:
            return error(404, f"Request {request.match_info['id']} not found")
        if run.state != "COMPLETED":
            code = self._behaviour.failed_http if run.state == "FAILED" else 200
            return web.json_response(shapes.status(run), status=code)
        urls = [self._segmind.url_of(name) for name in run.files]
        if fault:
            urls = ["https://evil.example/x.jpg"] if fault.mishap is Mishap.FOREIGN_URL else []
        return web.json_response(shapes.result(run, urls, self._behaviour))

    async def credits(self, request: web.Request) -> web.StreamResponse:
        """Tell the balance."""
        _, fault = await self._record(Route.CREDITS, request)
        if fault:
            return mishap(request, fault)
        if denied := self._denied(request):
            return denied
        return web.json_response({"credits": self._behaviour.balance / 1e6, "free-credits": 0})

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Keep input pictures."""
        recorded, fault = await self._record(Route.UPLOAD, request)
        if fault:
            return mishap(request, fault)
        if denied := self._denied(request):
            return denied
        uris = recorded.body.get("data_urls")
        if not isinstance(uris, list) or not all(str(uri).startswith("data:") for uri in uris):
            return error(400, "data_urls must be a list of data URLs")
        names = [self._segmind.store(await self._segmind.read_input(uri)) for uri in uris]
        urls = [f"{self._segmind.files_url}/assets/{name}.jpg" for name in names]
        return web.json_response({self._behaviour.upload_key: urls})

    async def past(self, request: web.Request) -> web.StreamResponse:
        """List runs."""
        if refused := await self._without_history(request):
            return refused
        rows = [row for run in self._segmind.runs.values() for row in self._rows(run)]
        return web.json_response(history.page_of(rows, request.query))

    async def past_request(self, request: web.Request) -> web.StreamResponse:
        """Tell of one run, however old."""
        if refused := await self._without_history(request):
            return refused
        run = self._segmind.runs.get(request.match_info["id"])
        if run is None:
            return error(404, "Not found")
        return web.json_response(history.page_of(self._rows(run), {"per_page": "100"}))

    async def _without_history(self, request: web.Request) -> web.Response | None:
        _, fault = await self._record(Route.HISTORY, request)
        if fault:
            return mishap(request, fault)
        if denied := self._denied(request):
            return denied
        return None if self._behaviour.history else error(404, "Not found")

    def _rows(self, run: Run) -> list[history.Row]:
        return history.rows_of(run, self._segmind.url_of)

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """Serve an upload: only this Segmind's own workers ask for them, so it is not recorded."""
        _, data = self._segmind.files.get(_name(request), (0.0, b""))
        return web.Response(body=data) if data else error(404, "Not found")

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Serve a picture, as it should be or as it should not."""
        _, fault = await self._record(Route.DOWNLOAD, request)
        at, data = self._segmind.files.get(_name(request), (0.0, b""))
        if time.time() - at > self._behaviour.file_seconds or not data:
            return error(404, "Not found")
        if fault:
            return await spoiled(request, fault, data)
        return web.Response(body=data, content_type="image/jpeg")

    async def _record(self, route: Route, request: web.Request) -> tuple[Recorded, Fault | None]:
        try:
            read = await request.json() if request.can_read_body else {}
        except ValueError:
            read = {}
        body = read if isinstance(read, dict) else {}
        recorded = Recorded(route=route, host=request.host, headers=request.headers, body=body)
        self._segmind.requests.append(recorded)
        return recorded, self._behaviour.take(route)

    def _accept(self, recorded: Recorded) -> Run:
        recorded.accepted = True
        return self._segmind.runner.start(recorded.body)

    def _on_record(self, request: web.Request) -> Run | None:
        run = self._segmind.runs.get(request.match_info["id"])
        fresh = run and time.time() - run.accepted_at < self._behaviour.record_seconds
        return run if fresh else None

    def _denied(self, request: web.Request) -> web.Response | None:
        key = request.headers.get("x-api-key")
        if key is None:
            return error(401, NO_KEY)
        return None if key == self._segmind.key else error(401, WRONG_KEY)

    def _refused(
        self, request: web.Request, body: Mapping[str, Any], credits_http: int
    ) -> web.Response | None:
        behaviour = self._behaviour
        if denied := self._denied(request):
            return denied
        if request.content_type != "application/json":
            return error(406, "Invalid content type")
        if not body:
            return error(400, "Malformed body")
        if request.match_info["slug"] != SEEDREAM_5_LITE.slug:
            return error(404, "Model not found")
        if limited := self._limited():
            return limited
        if behaviour.balance < behaviour.price:
            return error(credits_http, "Insufficient credits")
        if behaviour.enum_violation == "at_once" and (wrong := wrong_value(body)):
            return error(406, wrong)
        return None

    def _limited(self) -> web.Response | None:
        now = time.time()
        counted = self._segmind.submits
        counted[:] = [at for at in counted if at > now - MINUTE]
        if len(counted) >= self._behaviour.requests_per_minute:
            return error(429, "rate_limit_exceeded", {"x-rate-limit-reset-at-utc": "2"})
        counted.append(now)
        return None


def _name(request: web.Request) -> str:
    return request.match_info["name"].partition(".")[0]
