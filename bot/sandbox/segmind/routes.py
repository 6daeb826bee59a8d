"""What the local Segmind answers, route by route; faults come first."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from bot.domain.model import SEEDREAM_5_LITE
from bot.sandbox.segmind import shapes
from bot.sandbox.segmind.behaviour import Fault, Mishap, Route
from bot.sandbox.segmind.jobs import Run, history_rows, wrong_value
from bot.sandbox.segmind.server import LocalSegmind, Recorded

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HTML = "<html><body><h1>Bad gateway</h1></body></html>"
NO_KEY = "Missing Authorization or x-api-key in header"
WRONG_KEY = "Unauthorized. API key is invalid or may have expired"
AT_ONCE = {Mishap.DROP, Mishap.STATUS, Mishap.HTML}
AFTER = {Mishap.DROP_AFTER, Mishap.STATUS_AFTER, Mishap.HTML_AFTER}
MINUTE = 60.0
V1_CREDITS = 406


def hosts(segmind: LocalSegmind) -> list[list[web.RouteDef]]:
    """List the routes of the four hosts: API, upload, history, files."""
    answers = Answers(segmind)
    history = "/inference-request/request-history"
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
        [web.get(history, answers.history), web.get(history + "/{id}", answers.history)],
        [web.get("/{folder}/{name}", answers.file)],
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
            return _mishap(request, fault)
        if not self._behaviour.offered_on_v2:
            return _error(self._behaviour.not_offered_status, "Model not found")
        if refused := self._refused(request, recorded.body, self._behaviour.credits_http):
            return refused
        run = self._accept(recorded)
        await asyncio.sleep(self._behaviour.answer_seconds)
        if fault and fault.mishap in AFTER:
            return _mishap(request, fault)
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
            return _mishap(request, fault)
        if refused := self._refused(request, recorded.body, V1_CREDITS):
            return refused
        run = self._accept(recorded)
        if run.task:
            await asyncio.wait([run.task])
        if fault and fault.mishap in AFTER:
            return _mishap(request, fault)
        if run.state == "FAILED":
            return _error(400, run.error)
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
            return _mishap(request, fault)
        if self._behaviour.polls_count_for_rate and (limited := self._limited()):
            return limited
        if run is None:
            return _error(404, f"Request {request.match_info['id']} not found")
        code = self._behaviour.failed_http if run.state == "FAILED" else 200
        return web.json_response(shapes.status(run), status=code)

    async def result(self, request: web.Request) -> web.StreamResponse:
        """Hand out what was made."""
        _, fault = await self._record(Route.RESULT, request)
        run = self._on_record(request)
        if fault and fault.mishap not in {Mishap.NO_URL, Mishap.FOREIGN_URL}:
            return _mishap(request, fault)
        if run is None:
            return _error(404, f"Request {request.match_info['id']} not found")
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
            return _mishap(request, fault)
        if denied := self._denied(request):
            return denied
        return web.json_response({"credits": self._behaviour.balance / 1e6, "free-credits": 0})

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Keep input pictures."""
        recorded, fault = await self._record(Route.UPLOAD, request)
        if fault:
            return _mishap(request, fault)
        if denied := self._denied(request):
            return denied
        urls = []
        for uri in recorded.body["data_urls"]:
            name = self._segmind.store(await self._segmind.read_input(uri))
            urls.append(f"{self._segmind.files_url}/assets/{name}.jpg")
        return web.json_response({self._behaviour.upload_key: urls})

    async def history(self, request: web.Request) -> web.StreamResponse:
        """List runs, or one."""
        _, fault = await self._record(Route.HISTORY, request)
        if fault:
            return _mishap(request, fault)
        if denied := self._denied(request):
            return denied
        wanted = request.match_info.get("id")
        runs = [run for run in self._segmind.runs.values() if wanted in {None, run.id}]
        if not self._behaviour.history or (wanted and not runs):
            return _error(404, "Not found")
        rows = [row for run in runs for row in history_rows(run, self._segmind.url_of)]
        return web.json_response({"data": rows, "total": len(rows)})

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Serve a picture, as it should be or as it should not."""
        _, fault = await self._record(Route.DOWNLOAD, request)
        name = request.match_info["name"].partition(".")[0]
        at, data = self._segmind.files.get(name, (0.0, b""))
        if time.time() - at > self._behaviour.file_seconds or not data:
            return _error(404, "Not found")
        if fault:
            return await _spoiled(request, fault, data)
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
            return _error(401, NO_KEY)
        return None if key == self._segmind.key else _error(401, WRONG_KEY)

    def _refused(
        self, request: web.Request, body: Mapping[str, Any], credits_http: int
    ) -> web.Response | None:
        behaviour = self._behaviour
        if denied := self._denied(request):
            return denied
        if request.content_type != "application/json":
            return _error(406, "Invalid content type")
        if not body:
            return _error(400, "Malformed body")
        if request.match_info["slug"] != SEEDREAM_5_LITE.slug:
            return _error(404, "Model not found")
        if limited := self._limited():
            return limited
        if behaviour.balance < behaviour.price:
            return _error(credits_http, "Insufficient credits")
        if behaviour.enum_violation == "at_once" and (wrong := wrong_value(body)):
            return _error(406, wrong)
        return None

    def _limited(self) -> web.Response | None:
        now = time.time()
        counted = self._segmind.submits
        counted[:] = [at for at in counted if at > now - MINUTE]
        if len(counted) >= self._behaviour.requests_per_minute:
            return _error(429, "rate_limit_exceeded", {"x-rate-limit-reset-at-utc": "2"})
        counted.append(now)
        return None


def _error(status: int, text: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"error": text}, status=status, headers=headers)


def _mishap(request: web.Request, fault: Fault) -> web.Response:
    match fault.mishap:
        case Mishap.DROP | Mishap.DROP_AFTER:
            if request.transport:
                request.transport.abort()
            return web.Response()
        case Mishap.HTML | Mishap.HTML_AFTER:
            return web.Response(text=HTML, content_type="text/html", status=fault.status)
        case _:
            return _error(fault.status, fault.text, fault.headers)


async def _spoiled(request: web.Request, fault: Fault, data: bytes) -> web.StreamResponse:
    match fault.mishap:
        case Mishap.TRUNCATED:  # fewer bytes than announced, then gone
            response = web.StreamResponse(headers={"Content-Length": str(len(data))})
            await response.prepare(request)
            await response.write(data[: len(data) // 2])
            return _mishap(request, Fault(fault.route, Mishap.DROP))
        case Mishap.CUT_SHORT:  # a whole answer with half a picture
            return web.Response(body=data[: len(data) // 2], content_type="image/jpeg")
        case Mishap.WRONG_TYPE:
            return web.Response(body=data, content_type="text/plain")
        case Mishap.NOT_A_PICTURE:
            return web.Response(body=b"no picture " * 50, content_type="image/jpeg")
        case Mishap.REDIRECT:
            return web.Response(status=302, headers={"Location": "https://evil.example/"})
        case Mishap.SLOW_BODY:
            response = web.StreamResponse()
            await response.prepare(request)
            for start in range(0, len(data), 65536):
                await response.write(data[start : start + 65536])
                await asyncio.sleep(0)
            return response
        case _:
            return _mishap(request, fault)
