"""One job, step by step, each result saved before the next step.

upload the pictures → note `submitting` → submit → note the provider's id → poll → download →
note `generated`, settle, free lane and gate. A crash resumes at the step it broke; a submit whose
answer is missing is never sent again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TypeVar

from bot.domain.alerts import Condition
from bot.domain.errors import (
    CalledOff,
    CutOff,
    Failure,
    HaltError,
    LeaseLost,
    PermanentError,
    ProviderBusy,
    TransientError,
    UnknownOutcome,
)
from bot.domain.job import Claim, Job, Status, StoredPicture
from bot.domain.pacing import OUTAGE, PollPacer, next_poll, retry_waits
from bot.domain.ports import ImageStore, Provider
from bot.domain.provider import Accepted, Made
from bot.domain.stores import JobStore, WorkQueue
from bot.domain.tasks import whole
from bot.services.alerts import Alerts

log = logging.getLogger(__name__)
T = TypeVar("T")

HALT_SECONDS = 60.0  # then one job asks again whether the owner has mended it
TAKEOVERS = 20  # of a job that breaks whatever works on it
UPLOAD_TRIES = 4
SUBMIT_TRIES = 2  # after an answer that says it was not taken; never after silence
DOWNLOAD_TRIES = 40  # about a quarter of an hour; the file stays for a week


class Processing:
    """Carries claimed jobs to the image store. `deadline` is seconds from submit to result."""

    def __init__(
        self,
        *,
        queue: WorkQueue,
        jobs: JobStore,
        provider: Provider,
        images: ImageStore,
        alerts: Alerts,
        pacer: PollPacer,
        deadline: float,
    ) -> None:
        self._queue = queue
        self._jobs = jobs
        self._provider = provider
        self._images = images
        self._alerts = alerts
        self._pacer = pacer
        self._deadline = deadline

    async def run(self, claim: Claim) -> None:
        """Take a job as far as it goes now; every outcome is written to the queue."""
        try:
            await self._advance(claim)
        except LeaseLost:
            log.warning("job taken over by another worker")
        except CalledOff:
            await self._queue.mark_cancelled(claim)
        except HaltError as error:
            await self._halt(claim, error)
        except ProviderBusy as error:
            await self._back_off(claim, error)
        except PermanentError as error:
            log.warning("job failed: %s", error)
            await self._queue.mark_failed(claim, error.failure)
        except UnknownOutcome as error:
            log.warning("outcome unknown: %s", error)
            await self._queue.mark_unknown(claim)

    async def _halt(self, claim: Claim, error: HaltError) -> None:
        log.error("nothing can be bought: %s", error)
        await self._queue.put_back(claim, error.reason, HALT_SECONDS)
        await self._alerts.begin(Condition(error.reason))

    async def _back_off(self, claim: Claim, error: ProviderBusy) -> None:
        log.warning("not taken at present: %s", error)
        failures = await self._queue.put_back(claim, Condition.OUTAGE, error.retry_after)
        if failures >= OUTAGE:
            await self._alerts.begin(Condition.OUTAGE)

    async def _advance(self, claim: Claim) -> None:
        job = claim.job
        if job.status is Status.SUBMITTING:
            raise UnknownOutcome("the process ended while the request was being sent")
        if job.taken_over > TAKEOVERS:
            await self._give_up(claim)
            return
        if job.status is Status.SUBMITTED and job.provider_id:
            made = await self._wait(claim, job.provider_id)
        else:
            made = await self._submit(claim)
        await self._collect(claim, made)

    async def _give_up(self, claim: Claim) -> None:
        """End a job that breaks its worker again and again; what was submitted counts as paid."""
        job = claim.job
        log.error("taken over too often")
        if job.provider_id:
            await self._queue.mark_failed(claim, Failure.NO_RESULT, job.reserved)
        else:
            await self._queue.mark_failed(claim, Failure.PROVIDER_ERROR)

    async def _submit(self, claim: Claim) -> Made:
        urls = [await self._upload(image) for image in claim.job.request.images]
        answer = await whole(self._buy(claim, urls))
        if closed_for := await self._queue.open_gate():
            await self._alerts.end(Condition(closed_for))
        if isinstance(answer, Accepted):
            return await self._wait(claim, answer.provider_id)
        return answer

    async def _buy(self, claim: Claim, urls: list[str]) -> Accepted | Made:
        """Send the paid call, with a note before it and its answer noted after it."""
        if not await self._queue.mark_submitting(claim, urls):
            raise CalledOff
        try:
            submit = partial(self._provider.submit, claim.job.request, urls)
            answer = await _repeat(submit, SUBMIT_TRIES)
        except ProviderBusy:
            raise
        except TransientError as error:
            raise PermanentError("submit refused twice", failure=Failure.PROVIDER_ERROR) from error
        if isinstance(answer, Accepted):
            await self._queue.mark_submitted(claim, answer.provider_id)
        return answer

    async def _upload(self, image: StoredPicture) -> str:
        try:
            data = await self._images.get(image.key)
            return await _repeat(
                partial(self._provider.upload, data, image.content_type), UPLOAD_TRIES
            )
        except KeyError as error:
            raise PermanentError("an input is gone", failure=Failure.INPUT_LOST) from error
        except TransientError as error:
            raise ProviderBusy("an upload keeps failing") from error

    async def _wait(self, claim: Claim, provider_id: str) -> Made:
        """Poll until the provider is done; a poll that fails never ends the job."""
        forecast = await self._jobs.forecast(claim.job)
        loop = asyncio.get_running_loop()
        begun = loop.time() - (forecast.now - (claim.job.submitted_at or forecast.now))
        while True:
            await asyncio.sleep(next_poll(loop.time() - begun, forecast.usual_seconds))
            await self._pacer.turn()
            with suppress(TransientError, HaltError):
                answer = await self._provider.poll(provider_id)
                if isinstance(answer, Made):
                    return answer
            if loop.time() - begun > self._deadline:
                raise UnknownOutcome(f"no result within {self._deadline:.0f} s")

    async def _collect(self, claim: Claim, made: Made) -> None:
        """Bring every finished picture home, then settle; paid is paid, even for nothing."""
        count = 0
        for position, output in enumerate(made.outputs, start=1):
            with suppress(PermanentError):
                picture = await self._bring_home(claim.job, position, output)
                await self._queue.add_result(claim, position, picture)
                count += 1
        if count:
            await self._queue.mark_generated(claim, made.cost, count)
        else:
            log.error("finished without a usable picture")
            cost = claim.job.reserved if made.cost is None else made.cost
            await self._queue.mark_failed(claim, Failure.NO_RESULT, cost)
        if made.balance is not None:
            await self._alerts.balance(made.balance)

    async def _bring_home(self, job: Job, position: int, output: str | bytes) -> StoredPicture:
        key = f"{job.requester.id}/{job.id}-{position}"
        try:
            return await _repeat(partial(self._store, key, output), DOWNLOAD_TRIES)
        except TransientError as error:
            log.warning("picture %d given up: %s", position, error)
            raise PermanentError("download failed", failure=Failure.NO_RESULT) from error

    async def _store(self, key: str, output: str | bytes) -> StoredPicture:
        if isinstance(output, bytes):
            try:
                return await self._images.put_result(key, _whole(output))
            except CutOff as error:  # the same bytes stay cut off
                raise PermanentError(str(error), failure=Failure.NO_RESULT) from error
        async with self._provider.download(output) as chunks:
            return await self._images.put_result(key, chunks)


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _repeat(step: Callable[[], Awaitable[T]], tries: int) -> T:
    """Try a step that buys nothing; the last TransientError is raised, ProviderBusy at once."""
    for wait in islice(retry_waits(), tries - 1):
        try:
            return await step()
        except ProviderBusy:
            raise
        except TransientError as error:
            log.info("again in %.0f s: %s", error.retry_after or wait, error)
            await asyncio.sleep(error.retry_after or wait)
    return await step()
