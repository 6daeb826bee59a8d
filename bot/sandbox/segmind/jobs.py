"""Jobs of the local Segmind: they queue, run, work on pictures, and cost when they succeed."""

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.errors import BotError
from bot.domain.model import SEEDREAM_5_LITE
from bot.sandbox.segmind.behaviour import Behaviour
from bot.sandbox.segmind.painter import paint

FEWER = 2


@dataclass
class Run:
    """One accepted request and what has become of it."""

    body: Mapping[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "QUEUED"
    error: str = ""
    files: list[str] = field(default_factory=list)
    cost: int = 0
    accepted_at: float = field(default_factory=time.time)
    task: asyncio.Task[None] | None = None


def complaint(body: Mapping[str, Any], data_uri: str) -> str | None:
    """Say what a worker would not take of a body."""
    prompt, inputs, asked = body.get("prompt"), body.get("image_input"), body.get("max_images")
    if not isinstance(prompt, str) or not prompt.strip():
        return "Prompt is Mandatory and must be string"
    if not isinstance(inputs, list) or not isinstance(asked, int):
        return "Validation error in image_input or max_images: wrong type"
    if len(inputs) > SEEDREAM_5_LITE.max_inputs:
        return "Validation error in image_input: at most 10 items"
    if len(inputs) + asked > SEEDREAM_5_LITE.max_together:
        return "Validation error in max_images: inputs and outputs exceed 15"
    allowed = ("http://", "https://") + (("data:",) if data_uri == "accept" else ())
    if not all(str(url).startswith(allowed) for url in inputs):
        return "Reference media rejected: URL must be a valid HTTP or HTTPS URL."
    return None


def wrong_value(body: Mapping[str, Any]) -> str | None:
    """Name a parameter with a value that is not offered."""
    for name, parameter in SEEDREAM_5_LITE.parameters.items():
        if parameter.choices and body.get(name, parameter.choices[0]) not in parameter.choices:
            return f"Invalid value for {name}"
    return None


class Runner:
    """Carries runs out; `store` keeps a picture and returns its name, `fetch` gets an input."""

    def __init__(
        self,
        behaviour: Behaviour,
        *,
        fetch: Callable[[str], Awaitable[bytes]],
        store: Callable[[bytes], str],
    ) -> None:
        self._behaviour = behaviour
        self._fetch = fetch
        self._store = store
        self.runs: dict[str, Run] = {}
        self.charged = 0

    def start(self, body: Mapping[str, Any]) -> Run:
        """Accept a request."""
        run = Run(body=body)
        self.runs[run.id] = run
        run.task = asyncio.create_task(self._carry(run), name=f"run {run.id}")
        return run

    async def stop(self) -> None:
        """End what still runs."""
        tasks = [run.task for run in self.runs.values() if run.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, run: Run) -> None:
        await asyncio.sleep(self._behaviour.queue_seconds)
        run.state = "PROCESSING"
        fault = self._behaviour.take_failed_run()
        await asyncio.sleep(self._behaviour.seconds())
        run.error = fault.text if fault else self._refusal(run.body) or ""
        if run.error:
            run.state = "FAILED"
            return
        try:
            await self._make(run)
        except (BotError, OSError) as error:  # an address without a file, a file without a picture
            run.error = f"Reference media rejected: {error}"
            run.state = "FAILED"
            return
        run.cost = self._cost(run)
        self.charged += run.cost
        self._behaviour.balance -= run.cost
        run.state = "COMPLETED"

    def _refusal(self, body: Mapping[str, Any]) -> str | None:
        return complaint(body, self._behaviour.data_uri) or wrong_value(body)

    async def _make(self, run: Run) -> None:
        inputs = [await self._fetch(url) for url in run.body.get("image_input") or []]
        size = SEEDREAM_5_LITE.pixels[run.body.get("size", "3K")][
            run.body.get("aspect_ratio", "16:9")
        ]
        for number in range(self._count(run.body.get("max_images", 1))):
            seed = _seed(run, number)
            data = await asyncio.to_thread(paint, inputs, str(run.body["prompt"]), size, seed)
            run.files.append(self._store(data))

    def _count(self, asked: int) -> int:
        match self._behaviour.multi_count:
            case "first_only":
                return 1
            case "fewer":
                return min(asked, FEWER)
            case "partial_error":  # the last one is refused
                return max(asked - 1, 1)
            case "all":
                return asked

    def _cost(self, run: Run) -> int:
        per_request = self._behaviour.cost_mode == "per_request"
        return self._behaviour.price * (1 if per_request else len(run.files))


def _seed(run: Run, number: int) -> int:
    digest = hashlib.sha256(f"{run.id}{number}{json.dumps(run.body)}".encode()).digest()
    return int.from_bytes(digest[:8], "big")
