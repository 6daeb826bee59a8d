"""temporary"""

import asyncio
import base64
import hashlib
import io
import random
import time
import uuid
from dataclasses import dataclass

from aiohttp import ClientSession, web
from PIL import Image, ImageDraw, ImageOps

from bot.domain.model import SEEDREAM_5_LITE


@dataclass
class Behaviour:
    run_seconds: float = 1.0


@dataclass
class Rec:
    route: str
    body: dict


class LocalSegmind:
    def __init__(self, run_seconds=1.0):
        self.behaviour = Behaviour(run_seconds)
        self.requests = []
        self.accepted = []
        self.charged = 0
        self.key = "SG_0123456789abcdef"
        self.jobs = {}
        self.assets = {}

    async def __aenter__(self):
        app = web.Application(client_max_size=200_000_000)
        app.router.add_post("/upload-asset", self.up)
        app.router.add_post("/v2/{slug}", self.submit)
        app.router.add_get("/v2/requests/{id}", self.get)
        app.router.add_get("/files/{id}", self.file)
        app.router.add_get("/v1/get-user-credits", self.credits)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        port = self.runner.addresses[0][1]
        self.api_url = self.upload_url = self.history_url = f"http://127.0.0.1:{port}"
        self.result_hosts = (f"127.0.0.1:{port}",)
        return self

    async def __aexit__(self, *a):
        await self.runner.cleanup()

    async def credits(self, r):
        return web.json_response({"credits": 12.3, "free-credits": 0})

    async def up(self, r):
        self.requests.append(Rec("upload", {}))
        d = (await r.json())["data_urls"][0]
        i = uuid.uuid4().hex
        self.assets[i] = base64.b64decode(d.split(",")[1])
        return web.json_response({"file_urls": [f"{self.api_url}/files/{i}"]})

    async def submit(self, r):
        b = await r.json()
        rec = Rec("submit", b)
        self.requests.append(rec)
        self.accepted.append(rec)
        i = str(uuid.uuid4())
        self.jobs[i] = (time.monotonic() + self.behaviour.run_seconds, b)
        return web.json_response({"request_id": i, "status": "QUEUED"})

    async def get(self, r):
        at, b = self.jobs[r.match_info["id"]]
        if time.monotonic() < at:
            return web.json_response({"status": "PROCESSING"})
        n = b["max_images"]
        out = []
        for k in range(n):
            i = f"{r.match_info['id']}-{k}"
            if i not in self.assets:
                w, h = SEEDREAM_5_LITE.pixels[b["size"]][b["aspect_ratio"]]
                im = Image.new("RGB", (w, h), (random.randrange(255), 90, 90))
                for q, u in enumerate(b["image_input"]):
                    s = ImageOps.fit(
                        Image.open(io.BytesIO(self.assets[u.split("/")[-1]])).convert("RGB"),
                        (w // len(b["image_input"]), h),
                    )
                    im.paste(s, (q * w // len(b["image_input"]), 0))
                o = io.BytesIO()
                im.save(o, "JPEG")
                self.assets[i] = o.getvalue()
            out.append({"url": f"{self.api_url}/files/{i}"})
        self.charged += 35000 * n
        return web.json_response(
            {"status": "COMPLETED", "images": out, "metrics": {"cost": 0.035 * n}}
        )

    async def file(self, r):
        return web.Response(body=self.assets[r.match_info["id"]], content_type="image/jpeg")
